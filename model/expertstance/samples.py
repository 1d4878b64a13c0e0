"""Statements to try a model on: a list that comes with the package, or a file of the user's own.

The list is invented, 200 statements of 2 to 248 words on 25 matters, some of them with the matter as context; nothing
is labelled. ``expertstance doctor`` and the gate of ``expertstance export`` use it.
"""

from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from expertstance.errors import InputError
from expertstance.json_rows import read_models

if TYPE_CHECKING:
    from expertstance.classifier import StanceClassifier

FILE_NAME = "sample_statements.jsonl"


class Sample(BaseModel):
    """One row of a file of statements; other columns are passed over.

    Attributes:
        text: The statement.
        context: Its second segment, or None for none.
    """

    model_config = ConfigDict(frozen=True, strict=True)

    text: str
    context: str | None = None


def builtin_samples() -> list[Sample]:
    """The list that comes with the package."""
    return read_samples(Path(str(files("expertstance"))) / FILE_NAME)


def read_samples(path: Path) -> list[Sample]:
    """Read a JSONL file with ``text`` and, where a row has one, ``context``.

    Raises:
        InputError: The file cannot be read, holds no statement, or a line is no such object.
    """
    samples = [sample for _, sample in read_models(path, Sample)]
    if not samples:
        raise InputError(f"{path} holds no statement; give at least one line with a text")
    return samples


def sample_probabilities(classifier: "StanceClassifier", samples: Sequence[Sample]) -> NDArray[np.float64]:
    """Calibrated probabilities of shape (samples, labels) in the order of ``samples``; NaN where a model gives that."""
    logits = classifier.decision_function([s.text for s in samples], context=[s.context for s in samples])
    return classifier.calibration.probabilities(logits)
