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
from pydantic import BaseModel, ConfigDict, ValidationError

from expertstance.errors import InputError

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
    try:
        lines = path.read_text(encoding="utf-8-sig").split("\n")  # splitlines would split inside of strings
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            f"{path} cannot be read ({error}); give a UTF-8 file of JSON lines with a text each"
        ) from error
    samples = []
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                samples.append(Sample.model_validate_json(line))
            except ValidationError as error:
                first = error.errors()[0]
                place = ".".join(str(part) for part in first["loc"]) or "the line"
                raise InputError(
                    f'{path}, line {number}: {place}: {first["msg"]}; a line looks like {{"text": "…"}}'
                ) from error
    if not samples:
        raise InputError(f"{path} holds no statement; give at least one line with a text")
    return samples


def sample_probabilities(classifier: "StanceClassifier", samples: Sequence[Sample]) -> NDArray[np.float64]:
    """Calibrated probabilities of shape (samples, labels), the rows in the order of ``samples``."""
    out = np.zeros((len(samples), len(classifier.classes_)))
    for with_context in (False, True):  # an empty second segment is not the same as none
        rows = [k for k, sample in enumerate(samples) if (sample.context is not None) is with_context]
        texts = [samples[k].text for k in rows]
        contexts = [samples[k].context or "" for k in rows] if with_context else None
        if rows:
            out[rows] = classifier.predict_proba(texts, context=contexts)
    return out
