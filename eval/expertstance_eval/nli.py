"""Zero-shot labels from a model of natural language inference: which label's description follows from the text?"""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.special import softmax

from expertstance.errors import ConfigError
from expertstance.hub import resolve_model

ENTAILMENT = "entailment"

Floats = NDArray[np.float64]


def zero_shot_nli(
    source: str, *, revision: str | None, descriptions: Sequence[str]
) -> Callable[[Sequence[str]], Floats]:
    """A scorer from texts to probabilities of shape (n, descriptions).

    The text is the premise, each description a hypothesis; the softmax runs over the logits of entailment (Yin et al.,
    "Benchmarking Zero-shot Text Classification", 2019).

    Args:
        source: Model folder or hub id of a sequence classifier with a label ``entailment`` and safetensors weights.
        revision: Commit of a hub id.
        descriptions: One sentence per label.

    Raises:
        ModelError: The model is not to be had.
        ConfigError: It has no label ``entailment``.
    """
    from expertstance.classifier import StanceClassifier

    folder = resolve_model(source, revision=revision)
    classifier = StanceClassifier.from_pretrained(folder, device="cpu", precision="fp32")
    own = [str(label).lower() for label in classifier.classes_]
    if ENTAILMENT not in own:
        raise ConfigError(f"baselines.nli_model {source!r} has the labels {own}; a model with 'entailment' is needed")
    column = own.index(ENTAILMENT)

    def score(texts: Sequence[str]) -> Floats:
        logits = [classifier.decision_function(texts, context=text)[:, column] for text in descriptions]
        return np.asarray(softmax(np.stack(logits, axis=1), axis=1))

    return score
