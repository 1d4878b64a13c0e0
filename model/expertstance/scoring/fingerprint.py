"""What the bytes of an output depend on: inputs, parameters, model. A run goes on only where none of it has changed."""

import hashlib
from collections.abc import Sequence
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from expertstance.errors import InputError
from expertstance.scoring.formats import open_binary
from expertstance.scoring.sources import Source

if TYPE_CHECKING:
    from expertstance.classifier import StanceClassifier


def input_facts(sources: Sequence[Source]) -> dict[str, str]:
    """SHA-256 of every input file by its name."""
    facts = {}
    for source in sources:
        digest = hashlib.sha256()
        with open_binary(source.path) as file:
            while block := file.read(2**20):
                digest.update(block)
        facts[source.path] = digest.hexdigest()
    return facts


def model_facts(classifier: "StanceClassifier") -> dict[str, Any]:
    """Everything of the classifier that its probabilities depend on."""
    facts = {
        "name": classifier.name,
        "revision": classifier.revision,
        "labels": [str(label) for label in classifier.classes_],
        "calibration": classifier.calibration.model_dump(),
        "tokenizer": classifier.tokenizer_hash(),
        "device": classifier.device.type,
        "precision": classifier.precision,
        "backend": classifier.backend,
        "torch": version("torch"),
        "expertstance": version("expertstance"),
    }
    return facts | ({"openvino": version("openvino")} if classifier.backend == "openvino" else {})


def check_unchanged(before: dict[str, Any], now: dict[str, Any], *, output: str) -> None:
    """Compare the facts of a run with those of its beginning.

    Args:
        before: Facts by group (``inputs``, ``parameters``, ``model``) when the run began.
        now: The same now.
        output: Name of the output, for the message.

    Raises:
        InputError: They differ; the message names the first difference.
    """
    for group, facts in now.items():
        old = before.get(group, {})
        for name in sorted({*facts, *old}):
            if old.get(name) != facts.get(name):
                raise InputError(
                    f"{output}: cannot be resumed, {_difference(group, name, old.get(name), facts.get(name))}; "
                    "restore it, or start again with --overwrite"
                )


def _difference(group: str, name: str, old: Any, new: Any) -> str:
    if group == "inputs":
        if old is None or new is None:
            return f"the input {name} {'was not there when the run began' if old is None else 'is no longer named'}"
        return f"the input {name} has changed since the run began"
    return f"the {group.removesuffix('s')} value {name!r} was {old!r} when the run began and is {new!r} now"
