"""``predictions.jsonl``: one line per scored row, without its text, and what reads it back into arrays."""

import json
from array import array
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from expertstance.calibration import Calibration
from expertstance.errors import InputError
from expertstance.json_rows import read_objects
from expertstance_eval.sources import Sample

FILE_NAME = "predictions.jsonl"
DIGITS = 7
"""Significant digits of a stored number, as many as float32 has; reports are kept, so their size counts."""
PROBABILITY_TOLERANCE = 1e-6
"""Largest difference of a stored probability from that of the logits beside it, but for the rounding of those."""


@dataclass(frozen=True, slots=True)
class Table:
    """The scored rows of one data set as arrays; n rows, k labels.

    Attributes:
        ids: n ids in file order.
        texts: n digests of the texts.
        gold: n label indices.
        logits: Shape (n, k); minus infinity where the model lacks the label.
        probabilities: Shape (n, k), calibrated.
        groups: n indices of the groups that the bootstrap draws.
        slices: Slice name to n indices and the values they stand for, in alphabetical order.
        baselines: Baseline name to probabilities of shape (n, k).
    """

    ids: list[str]
    texts: list[str]
    gold: NDArray[np.intp]
    logits: NDArray[np.float64]
    probabilities: NDArray[np.float64]
    groups: NDArray[np.intp]
    slices: dict[str, tuple[NDArray[np.intp], list[str]]]
    baselines: dict[str, NDArray[np.float64]]


def write_records(
    file: IO[str],
    dataset: str,
    samples: Sequence[Sample],
    logits: NDArray[np.float64],
    probabilities: NDArray[np.float64],
    baselines: dict[str, NDArray[np.float64]],
) -> None:
    """Append one line per sample."""
    for k, sample in enumerate(samples):
        record = {
            "dataset": dataset,
            "id": sample.id,
            "text_sha256": sample.text_sha256,
            "group": sample.group,
            "gold": sample.gold,
            "logits": stored(logits[k]),
            "probabilities": stored(probabilities[k]),
            "slices": sample.slices,
            "baselines": {name: stored(rows[k]) for name, rows in baselines.items()},
        }
        file.write(json.dumps(record, ensure_ascii=False) + "\n")


def stored(values: NDArray[np.float64]) -> list[float | None]:
    """The numbers as they stand in ``predictions.jsonl``; null is minus infinity."""
    return [float(f"{v:.{DIGITS}g}") if np.isfinite(v) else None for v in values]


def probability_faults(row: dict[str, Any], calibration: Calibration) -> Iterator[str]:
    """Whether the probabilities of a line are those of its logits, of which null is minus infinity."""
    logits = np.atleast_2d(np.array(row["logits"], dtype=np.float64))  # null becomes nan
    expected = calibration.probabilities(np.where(np.isnan(logits), -np.inf, logits))
    gap = np.abs(expected - row["probabilities"]).max()
    # half a step up or down in each logit moves no probability by more than a quarter of a step
    rounding = _step(np.nanmax(np.abs(logits))) / calibration.temperature / 4
    if not gap <= PROBABILITY_TOLERANCE + rounding:  # a gap that is nan is a fault, too
        yield f"probabilities are {gap:.2g} away from softmax(logits / {calibration.temperature:.4f})"


def _step(value: float) -> float:
    """Distance of two neighbouring stored numbers about as large as a value."""
    return float(10.0 ** (np.floor(np.log10(value)) + 1 - DIGITS)) if value > 0 else 0.0


@contextmanager
def as_written(path: Path, number: int) -> Iterator[None]:
    """Name the file and its line where the block finds a row of ``predictions.jsonl`` to be another than written."""
    try:
        yield
    except (KeyError, ValueError, TypeError, AttributeError, IndexError) as error:
        raise InputError(f"{path}, line {number}: {error!r}; the file is not as evaluate wrote it") from error


@dataclass(slots=True)
class _Columns:
    """Columns of one data set while they grow; compact arrays, so that a million rows fit."""

    ids: list[str] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    gold: "array[int]" = field(default_factory=lambda: array("q"))
    logits: "array[float]" = field(default_factory=lambda: array("d"))
    probabilities: "array[float]" = field(default_factory=lambda: array("d"))
    groups: "array[int]" = field(default_factory=lambda: array("q"))
    group_codes: dict[str, int] = field(default_factory=dict)
    slices: dict[str, "array[int]"] = field(default_factory=dict)
    slice_codes: dict[str, dict[str, int]] = field(default_factory=dict)
    baselines: dict[str, "array[float]"] = field(default_factory=dict)

    def add(self, row: dict[str, Any], labels: Sequence[str]) -> None:
        for name in ("logits", "probabilities"):
            if len(row[name]) != len(labels):
                raise ValueError(f"{name} holds {len(row[name])} numbers for {len(labels)} labels")
        self.gold.append(list(labels).index(row["gold"]))
        self.ids.append(row["id"])
        self.texts.append(row["text_sha256"])
        self.logits.extend(-np.inf if v is None else float(v) for v in row["logits"])
        self.probabilities.extend(float(v) for v in row["probabilities"])
        self.groups.append(self.group_codes.setdefault(row["group"], len(self.group_codes)))
        for name, value in row["slices"].items():
            codes = self.slice_codes.setdefault(name, {})
            self.slices.setdefault(name, array("q")).append(codes.setdefault(value, len(codes)))
        for name, values in row["baselines"].items():
            if len(values) != len(labels):
                raise ValueError(f"baseline {name!r} holds {len(values)} numbers for {len(labels)} labels")
            self.baselines.setdefault(name, array("d")).extend(float(v) for v in values)

    def table(self, k: int) -> Table:
        n = len(self.ids)
        for name, codes in self.slices.items():
            if len(codes) != n:
                raise ValueError(f"slice {name!r} is in {len(codes)} of {n} rows")
        for name, values in self.baselines.items():
            if len(values) != n * k:
                raise ValueError(f"baseline {name!r} is in {len(values) // k} of {n} rows")
        return Table(
            ids=self.ids,
            texts=self.texts,
            gold=np.array(self.gold, dtype=np.intp),
            logits=np.array(self.logits).reshape(n, k),
            probabilities=_distributions(self.probabilities, k),
            groups=np.array(self.groups, dtype=np.intp),
            slices={name: _sorted_codes(codes, self.slice_codes[name]) for name, codes in self.slices.items()},
            baselines={name: _distributions(values, k) for name, values in self.baselines.items()},
        )


def _distributions(values: "array[float]", k: int) -> NDArray[np.float64]:
    """Rows of k probabilities that sum to one again, which stored in ``DIGITS`` digits they may miss by a little."""
    rows: NDArray[np.float64] = np.array(values).reshape(-1, k)
    rows /= rows.sum(axis=1, keepdims=True)
    return rows


def _sorted_codes(codes: "array[int]", values: dict[str, int]) -> tuple[NDArray[np.intp], list[str]]:
    order = sorted(values)
    place = np.empty(len(order), dtype=np.intp)
    for new, value in enumerate(order):
        place[values[value]] = new
    return place[np.array(codes, dtype=np.intp)], order


def read_tables(path: Path, *, datasets: Iterable[str], labels: Sequence[str]) -> dict[str, Table]:
    """Read ``predictions.jsonl`` line by line into one table per data set.

    Raises:
        InputError: A line is not what ``write_records`` writes, or a data set has no rows.
    """
    columns = {name: _Columns() for name in datasets}
    for number, row in read_objects(path):
        with as_written(path, number):
            columns[row["dataset"]].add(row, labels)
    empty = [name for name, content in columns.items() if not content.ids]
    if empty:
        raise InputError(f"{path}: no rows of the data sets {empty}")
    try:
        return {name: content.table(len(labels)) for name, content in columns.items()}
    except ValueError as error:
        raise InputError(f"{path}: {error}; the file is not as evaluate wrote it") from error
