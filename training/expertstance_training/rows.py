"""Labelled statements from JSON lines, checked row by row."""

import hashlib
import math
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, field_validator

from expertstance.errors import InputError
from expertstance.json_rows import read_models

CORPUS_PREFIX = "corpus:"


class LabelledRow(BaseModel):
    """One labelled statement; further columns of a file are left alone.

    Attributes:
        text: The statement.
        label: Its label.
        second: Another label about as likely, where the annotator saw one.
        context: Second segment: a proposition, a mention, the sentence before.
        article_id: The article that it stands in.
        topic: What it is about; beside ``article_id`` of no effect.
        probabilities: A model's distribution over the labels, in place of ``label``; never taken for validation.
    """

    model_config = ConfigDict(extra="ignore", frozen=True)

    text: str = Field(min_length=1)
    label: str
    second: str | None = None
    context: str | None = None
    article_id: str | None = None
    topic: str | None = None
    probabilities: dict[str, float] | None = None

    @field_validator("context")
    @classmethod
    def _blank_is_none(cls, value: str | None) -> str | None:
        return value if value and value.strip() else None

    @field_validator("probabilities")
    @classmethod
    def _is_a_distribution(cls, values: dict[str, float] | None) -> dict[str, float] | None:
        if values is not None and (
            min(values.values(), default=0) < 0 or not math.isclose(sum(values.values()), 1, abs_tol=0.02)
        ):
            raise ValueError(f"shares are at least 0 and sum to 1, within 0.02 for rounding, not {values}")
        return values

    @property
    def group(self) -> str:
        """What must stay together in a split: the article, else the topic, else the text."""
        return self.article_id or self.topic or self.text


def locate(source: str) -> Path:
    """The file behind a data source: ``corpus:train`` is the project's own corpus, everything else a path.

    Raises:
        InputError: There is no such file.
    """
    if source.startswith(CORPUS_PREFIX):
        path = Path(str(files("expertstance_training"))) / "data" / f"{source.removeprefix(CORPUS_PREFIX)}.jsonl"
    else:
        path = Path(source)
    if not path.is_file():
        raise InputError(f"data {source!r}: no such file ({path}); paths are taken from the current folder")
    return path


def read_rows(source: str, *, labels: Sequence[str]) -> list[LabelledRow]:
    """All rows of a source.

    Raises:
        InputError: A line is no JSON object, lacks a column, or has a label that is not in ``labels``.
    """
    path = locate(source)
    rows: list[LabelledRow] = []
    for number, row in read_models(path, LabelledRow):
        check_labels(row, labels, f"{path}, line {number}")
        rows.append(row)
    if not rows:
        raise InputError(f"{path}: no rows in it; give a file of labelled statements")
    return rows


def check_labels(row: LabelledRow, labels: Sequence[str], where: str) -> None:
    """Raise InputError, beginning with ``where``, if the row names another label than ``labels``."""
    for label in filter(None, (row.label, row.second, *(row.probabilities or ()))):
        if label not in labels:
            raise InputError(
                f"{where}: label {label!r} is not one of {list(labels)}; mend it, or name it among the labels"
            )


def data_hash(rows: Sequence[LabelledRow]) -> str:
    """SHA-256 over all that training sees of the rows, in order."""
    digest = hashlib.sha256()
    for row in rows:
        digest.update(row.model_dump_json().encode())
        digest.update(b"\n")
    return digest.hexdigest()


def split_groups(
    rows: Sequence[LabelledRow], *, holdout: float, seed: int
) -> tuple[list[LabelledRow], list[LabelledRow]]:
    """Hold out about that share of the rows, whole groups at a time.

    A group's place depends on the seed and its own name alone, so adding data moves no other group.
    """

    def held_out(row: LabelledRow) -> bool:
        digest = hashlib.sha256(f"{seed}:{row.group}".encode()).digest()
        return int.from_bytes(digest[:8], "big") < holdout * 2**64

    kept = [row for row in rows if not held_out(row)]
    return kept, [row for row in rows if held_out(row)]
