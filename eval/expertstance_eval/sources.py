"""Rows to score, streamed from JSON lines and checked one by one."""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from expertstance.errors import InputError
from expertstance.json_rows import read_objects
from expertstance.scoring.columns import TAKEN_PREFIX
from expertstance_eval.config import LENGTH_SLICE, Dataset

NOT_GIVEN = "(not given)"
OTHER = "(other)"
LENGTH_BANDS = ((10, "1-10 words"), (25, "11-25 words"), (50, "26-50 words"))
LONGEST_BAND = "over 50 words"
SLICE_VALUES = 100
"""Most values of a slice; more make no table."""
_SLICE_VALUE_LIMIT = 60


@dataclass(frozen=True, slots=True)
class Sample:
    """One labelled row.

    Attributes:
        id: Its id in the file.
        text: The statement.
        context: Second segment, or None.
        gold: Evaluation label.
        group: Digest of what the bootstrap draws together, so that no text of the file is kept.
        slices: Slice name to value.
        probabilities: Ready probabilities in the order of the evaluation labels, or None.
    """

    id: str
    text: str
    context: str | None
    gold: str
    group: str
    slices: dict[str, str]
    probabilities: NDArray[np.float64] | None = None

    @property
    def text_sha256(self) -> str:
        """First 16 hexadecimal digits of the SHA-256 of text and context."""
        return digest(self.text if self.context is None else f"{self.text}\n{self.context}")


def digest(text: str) -> str:
    """First 16 hexadecimal digits of the SHA-256 of a text."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def read_samples(dataset: Dataset, *, labels: list[str]) -> Iterator[Sample]:
    """The rows of a data set in file order, those with a dropped label left out.

    Raises:
        InputError: A file is missing; a row lacks a column, repeats an id, or has an unknown label; a slice has more
            than ``SLICE_VALUES`` values; or the file of predictions does not go row by row with the data.
    """
    path = Path(dataset.path)
    seen: set[str] = set()
    values = {name: set[str]() for name in dataset.slices}
    rows = read_objects(path)
    ready = read_objects(Path(dataset.predictions)) if dataset.predictions is not None else None
    for entry, prediction in zip_longest(rows, ready) if ready is not None else ((row, None) for row in rows):
        if entry is None:
            raise InputError(f"{dataset.predictions} has more rows than {path}; give the predictions of these rows")
        number, row = entry
        place = f"{path}, line {number}"
        key = _text(row, dataset.id_column, place)
        if key in seen:
            raise InputError(f"{place}: id {key!r} stands twice; ids tell rows apart, make them unique")
        seen.add(key)
        gold = _label(row, dataset, labels, place)
        probabilities = None
        if ready is not None:
            probabilities = _probabilities(prediction, key, dataset, labels, place)
        if gold is None:
            continue
        text = _text(row, dataset.text_column, place)
        slices = {name: _slice(row, name, text, dataset.slice_words.get(name), place) for name in dataset.slices}
        for name, value in slices.items():
            values[name].add(value)
            if len(values[name]) > SLICE_VALUES:
                raise InputError(
                    f"{place}: slice {name!r} has more than {SLICE_VALUES} values; slice by another column"
                )
        yield Sample(
            id=key,
            text=text,
            context=_context(row, dataset.context_column, place),
            gold=gold,
            group=_group(row, dataset.group_column, key, place),
            slices=slices,
            probabilities=probabilities,
        )


def _context(row: dict[str, Any], column: str | None, place: str) -> str | None:
    if column is None or (column in row and row[column] is None):
        return None
    return _text(row, column, place)


def _text(row: dict[str, Any], column: str, place: str) -> str:
    if column not in row:
        raise InputError(f"{place}: no column {column!r}; columns: {sorted(row)}")
    value = row[column]
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, str):
        raise InputError(f"{place}: column {column!r} must be a string, got {json.dumps(value)}; name another column")
    return _whole(value, column, place)


def _whole(value: str, column: str, place: str) -> str:
    """The value, which can be written."""
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise InputError(
            f"{place}: column {column!r} holds half of a surrogate pair, which is no text; mend or remove the line"
        ) from error
    return value


def _label(row: dict[str, Any], dataset: Dataset, labels: list[str], place: str) -> str | None:
    if dataset.label_column == "label" and (own := f"{TAKEN_PREFIX}label") in row:
        raise InputError(
            f"{place}: 'label' is what expertstance score predicted, {own!r} what stood there before; "
            f"give label_column: {own}"
        )
    label = _text(row, dataset.label_column, place)
    mapped = dataset.label_map.get(label, label)
    if mapped is not None and mapped not in labels:
        raise InputError(f"{place}: label {label!r} is not one of {labels}; name it in label_map (null drops the row)")
    return mapped


def _group(row: dict[str, Any], column: str | None, key: str, place: str) -> str:
    if column is None or (column in row and row[column] in (None, "")):
        return digest(f"row {key}")
    return digest(f"group {_text(row, column, place)}")


def _slice(row: dict[str, Any], name: str, text: str, words: Mapping[str, list[str]] | None, place: str) -> str:
    if name == LENGTH_SLICE and name not in row:
        n_words = len(text.split())
        return next((band for limit, band in LENGTH_BANDS if n_words <= limit), LONGEST_BAND)
    if name not in row:
        raise InputError(f"{place}: no column {name!r} to slice by; columns: {sorted(row)}")
    value = row[name]
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value is None or value == "":
        return NOT_GIVEN
    if words is not None:
        found = set(re.findall(r"\w+", str(value).lower()))
        return next((group for group, names in words.items() if found.intersection(names)), OTHER)
    if not isinstance(value, str | int) or len(str(value)) > _SLICE_VALUE_LIMIT:
        raise InputError(f"{place}: column {name!r} is no category ({str(value)[:40]!r} …); slice by another column")
    return _whole(str(value), name, place)


def _probabilities(
    entry: tuple[int, dict[str, Any]] | None, key: str, dataset: Dataset, labels: list[str], place: str
) -> NDArray[np.float64]:
    if entry is None:
        raise InputError(f"{place}: {dataset.predictions} ends before this row; score the whole file")
    number, row = entry
    here = f"{dataset.predictions}, line {number}"
    found = _text(row, dataset.id_column, here)
    if found != key:
        raise InputError(f"{here}: id {found!r} where {place} has {key!r}; predictions must keep the rows' order")
    values = [row.get(dataset.probability_prefix + label) for label in labels]
    if not all(isinstance(v, int | float) and not isinstance(v, bool) and 0 <= v <= 1 for v in values):
        columns = [dataset.probability_prefix + label for label in labels]
        raise InputError(f"{here}: columns {columns} must be probabilities, got {values}")
    probabilities = np.array(values, dtype=np.float64)
    if abs(probabilities.sum() - 1) > 1e-3:
        raise InputError(f"{here}: probabilities sum to {probabilities.sum():.4f}, not 1; check the columns")
    return np.asarray(probabilities / probabilities.sum())
