"""The classifier under test, in the order of the evaluation labels."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from expertstance.errors import ConfigError, ModelError
from expertstance.hub import resolve_model, sha256
from expertstance_eval.config import ModelSource
from expertstance_eval.sources import Sample

if TYPE_CHECKING:
    from expertstance.classifier import StanceClassifier

SHIPPED = "shipped"
_HASHED = ("config.json", "tokenizer.json", "tokenizer_config.json", "calibration.json")


@dataclass(frozen=True, slots=True)
class System:
    """A loaded classifier and where its outputs go.

    Attributes:
        classifier: The model.
        columns: For each of the model's labels, the index of its evaluation label.
        labels: Evaluation labels.
        facts: What a report says of the model.
    """

    classifier: "StanceClassifier"
    columns: list[int]
    labels: list[str]
    facts: dict[str, Any]

    def logits(self, samples: Sequence[Sample]) -> NDArray[np.float64]:
        """Raw logits of shape (n, evaluation labels); minus infinity for labels that the model lacks."""
        return self.text_logits([s.text for s in samples], [s.context for s in samples])

    def text_logits(self, texts: Sequence[str], contexts: Sequence[str | None] | None = None) -> NDArray[np.float64]:
        """The same for texts.

        Raises:
            ModelError: A logit is not a number, or infinite.
        """
        own = self.classifier.decision_function(texts, context=contexts)
        for k in np.flatnonzero(~(own < np.inf).all(axis=1))[:1]:
            raise ModelError(
                f"model {self.classifier.name!r} gives the logits {own[k].tolist()} for {texts[k][:40]!r}; give "
                "sound weights, or another precision"
            )
        out = np.full((len(texts), len(self.labels)), -np.inf)
        out[:, self.columns] = own
        return out

    def probabilities(self, logits: NDArray[np.float64]) -> NDArray[np.float64]:
        """Calibrated probabilities of logits of shape (n, evaluation labels)."""
        return self.classifier.calibration.probabilities(logits)


def load_system(source: ModelSource, *, labels: Sequence[str] | None) -> System:
    """Load the classifier; without evaluation labels, its own are taken.

    Raises:
        ConfigError: A label of the model is not among the evaluation labels, the map names one that it lacks, or two of
            its labels become one.
        ModelError: The model is missing or damaged.
    """
    from expertstance.classifier import StanceClassifier

    folder = resolve_model(source.source, revision=source.revision)
    classifier = StanceClassifier.from_pretrained(folder, device=source.device, precision=source.precision)
    own = [str(label) for label in classifier.classes_]
    if unknown := [label for label in source.label_map if label not in own]:
        raise ConfigError(f"model.label_map names {unknown}; the model {classifier.name!r} has the labels {own}")
    mapped = [source.label_map.get(label, label) for label in own]
    _refuse_two_in_one(own, mapped, classifier.name)
    wanted = mapped if labels is None else list(labels)
    if outside := [label for label in mapped if label not in wanted]:
        raise ConfigError(
            f"model {classifier.name!r} has the labels {outside} that are not in {wanted}; name them in model.label_map"
        )
    return System(
        classifier=classifier,
        columns=[wanted.index(label) for label in mapped],
        labels=wanted,
        facts=_facts(source, classifier, folder),
    )


def _refuse_two_in_one(own: Sequence[str], mapped: Sequence[str], name: str) -> None:
    """Two labels with one column would overwrite each other."""
    for target in mapped:
        together = [label for label, to in zip(own, mapped, strict=True) if to == target]
        if len(together) > 1:
            raise ConfigError(
                f"model.label_map sends the labels {together} of the model {name!r} to one label, {target!r}; "
                "give each a label of its own"
            )


def _facts(source: ModelSource, classifier: "StanceClassifier", folder: Path) -> dict[str, Any]:
    from expertstance.weights import find_weights

    weights = find_weights(folder)
    files = [weights, *(folder / name for name in _HASHED if (folder / name).is_file())]
    return {
        "source": source.source or SHIPPED,
        "name": classifier.name,
        "revision": classifier.revision,
        "labels": [str(label) for label in classifier.classes_],
        "temperature": classifier.calibration.temperature,
        "device": str(classifier.device),
        "precision": str(classifier.dtype).removeprefix("torch."),
        "files": {path.name: sha256(path) for path in files},
        "tokenizer_sha256": classifier.tokenizer_hash(),
    }
