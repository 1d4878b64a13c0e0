"""Evaluation of labels: score data sets into ``predictions.jsonl``, and every figure from that file alone."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from itertools import islice, zip_longest
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import softmax

from expertstance.calibration import Calibration
from expertstance.errors import InputError
from expertstance.hub import sha256
from expertstance.json_rows import read_objects
from expertstance_eval.baselines import build_baselines
from expertstance_eval.bootstrap import Floats, Resampling, group_sums, intervals, paired, ratio_intervals
from expertstance_eval.config import ClassificationConfig
from expertstance_eval.metrics import agreement, cost_matrix, probability_quality, reliability, selective
from expertstance_eval.records import Table, probability_faults, read_tables, write_records
from expertstance_eval.sources import Sample, read_samples
from expertstance_eval.systems import System, load_system

CHUNK = 1024
"""Rows scored, and held with their texts, at a time."""
COVERAGES = (0.25, 0.5, 0.75, 1.0)
IDS_LISTED = 10_000
"""Sample ids are listed in ``results.json`` up to this many rows; beyond, only their digest."""


def write_predictions(config: ClassificationConfig, file: IO[str], advance: Callable[[int], None]) -> dict[str, Any]:
    """Score every row of every data set, a chunk at a time.

    Args:
        config: What to score.
        file: ``predictions.jsonl``, open for writing.
        advance: Called with the number of rows done.

    Returns:
        What went in: the model's facts, each file with its SHA-256, and optional baselines left out, with the reason.

    Raises:
        InputError: A row or file cannot be used.
        ModelError: The model is not to be had.
        ConfigError: The labels of model and configuration differ.
    """
    system = None if config.model is None else load_system(config.model, labels=config.labels)
    baselines = build_baselines(config.baselines, labels=config.labels, seed=config.seed)
    for name, dataset in config.datasets.items():
        rows = 0
        for samples in _chunks(read_samples(dataset, labels=config.labels)):
            rows += len(samples)
            logits, probabilities = _score(system, samples)
            write_records(file, name, samples, logits, probabilities, baselines.score(samples))
            advance(len(samples))
        if not rows:
            raise InputError(f"{dataset.path}: data set {name!r} has no row to score; give a file with rows")
    inputs: dict[str, Any] = {"model": None if system is None else system.facts, "files": input_files(config)}
    return {**inputs, "left_out": baselines.left_out} if baselines.left_out else inputs


def input_files(config: ClassificationConfig) -> dict[str, str]:
    """SHA-256 of every file that goes in, by path; files that are not here are left out."""
    paths = [path for d in config.datasets.values() for path in (d.path, d.predictions) if path is not None]
    paths.extend(config.baselines.train if config.baselines is not None else [])
    return {path: sha256(Path(path)) for path in dict.fromkeys(paths) if Path(path).is_file()}


def _chunks(samples: Iterator[Sample]) -> Iterator[list[Sample]]:
    while chunk := list(islice(samples, CHUNK)):
        yield chunk


def _score(system: System | None, samples: Sequence[Sample]) -> tuple[Floats, Floats]:
    if system is not None:
        logits = system.logits(samples)
        return logits, system.probabilities(logits)
    probabilities = np.array([s.probabilities for s in samples], dtype=np.float64)
    with np.errstate(divide="ignore"):
        return np.log(probabilities), probabilities


def summarise(config: ClassificationConfig, predictions: Path) -> dict[str, Any]:
    """Every figure of the report, from ``predictions.jsonl`` alone.

    Raises:
        InputError: The file is not as ``write_predictions`` writes it.
    """
    tables = read_tables(predictions, datasets=config.datasets, labels=config.labels)
    return {"datasets": {name: _dataset_figures(config, table) for name, table in tables.items()}}


def _dataset_figures(config: ClassificationConfig, table: Table) -> dict[str, Any]:
    costs = cost_matrix(config.labels, config.ordinal)
    sampling = Resampling(resamples=config.resamples, seed=config.seed, confidence=config.confidence)
    model = _system_figures(config, table, table.probabilities, costs, sampling)
    predicted = table.probabilities.argmax(axis=1)
    figures: dict[str, Any] = {
        "n": len(table.ids),
        "groups": int(table.groups.max()) + 1,
        "model": model,
        "calibration": _calibration(config, table),
        "selective": selective(table.gold, table.probabilities, coverages=COVERAGES),
        "slices": {name: _slices(name, table, config, costs, sampling) for name in table.slices},
        "baselines": {
            name: {
                **_system_figures(config, table, rows, costs, sampling),
                "model_minus_baseline": paired(
                    table.gold, predicted, rows.argmax(axis=1), table.groups, costs=costs, sampling=sampling
                ),
            }
            for name, rows in table.baselines.items()
        },
    }
    if config.no_outlook_label is not None:
        figures["outlooks_only"] = _outlooks_only(config, table, costs, sampling)
    figures["samples"] = _samples(table)
    return figures


def _system_figures(
    config: ClassificationConfig, table: Table, probabilities: Floats, costs: Floats, sampling: Resampling
) -> dict[str, Any]:
    predicted = probabilities.argmax(axis=1)
    hard = bool(np.isin(probabilities, (0.0, 1.0)).all())
    quality = None if hard else probability_quality(table.gold, probabilities, bins=config.bins)
    spans = intervals(table.gold, predicted, table.groups, costs=costs, sampling=sampling)
    if not hard:
        spans |= _probability_intervals(table, probabilities, sampling)
    return {
        **agreement(table.gold, predicted, labels=config.labels, costs=costs),
        "probabilities": quality,
        "intervals": spans,
    }


def _probability_intervals(table: Table, probabilities: Floats, sampling: Resampling) -> dict[str, list[float]]:
    hits = np.eye(probabilities.shape[1])[table.gold]
    own = np.clip((probabilities * hits).sum(axis=1), np.finfo(np.float64).eps, 1)
    rows = np.column_stack([np.ones(len(own)), -np.log(own), ((probabilities - hits) ** 2).sum(axis=1)])

    def means(totals: Floats) -> dict[str, Floats]:
        return {"log_loss": totals[:, 1] / totals[:, 0], "brier": totals[:, 2] / totals[:, 0]}

    return dict(ratio_intervals(group_sums(table.groups, rows), means, sampling))


def _calibration(config: ClassificationConfig, table: Table) -> dict[str, Any]:
    """Probabilities before and after the model's temperature; no ``before`` where probabilities came ready."""
    after = {
        **probability_quality(table.gold, table.probabilities, bins=config.bins),
        "reliability": reliability(table.gold, table.probabilities, bins=config.bins),
    }
    if config.model is None:
        return {"before": None, "after": after}
    raw = np.asarray(softmax(table.logits, axis=1))
    before = {
        **probability_quality(table.gold, raw, bins=config.bins),
        "reliability": reliability(table.gold, raw, bins=config.bins),
    }
    return {"before": before, "after": after}


def _slices(
    name: str, table: Table, config: ClassificationConfig, costs: Floats, sampling: Resampling
) -> dict[str, Any]:
    codes, values = table.slices[name]
    return {value: _slice_figures(table, codes == k, config, costs, sampling) for k, value in enumerate(values)}


def _slice_figures(
    table: Table, rows: NDArray[np.bool_], config: ClassificationConfig, costs: Floats, sampling: Resampling
) -> dict[str, Any]:
    gold, predicted = table.gold[rows], table.probabilities[rows].argmax(axis=1)
    figures = agreement(gold, predicted, labels=config.labels, costs=costs)
    spans = intervals(gold, predicted, table.groups[rows], costs=costs, sampling=sampling)
    kept = ("accuracy", "macro_f1", "ordinal_cost")
    return {
        "n": figures["n"],
        **{name: figures[name] for name in kept},
        "intervals": {name: spans[name] for name in kept if name in spans},
    }


def _outlooks_only(
    config: ClassificationConfig, table: Table, costs: Floats, sampling: Resampling
) -> dict[str, Any] | None:
    """Rows whose gold is an outlook, predicted by the best of the outlooks; None where there is no such row."""
    kept = [k for k, label in enumerate(config.labels) if label != config.no_outlook_label]
    rows = np.isin(table.gold, kept)
    if not rows.any():
        return None
    gold = np.searchsorted(kept, table.gold[rows])
    predicted = table.probabilities[rows][:, kept].argmax(axis=1)
    inner = costs[np.ix_(kept, kept)]
    return {
        **agreement(gold, predicted, labels=[config.labels[k] for k in kept], costs=inner),
        "intervals": intervals(gold, predicted, table.groups[rows], costs=inner, sampling=sampling),
    }


def _samples(table: Table) -> dict[str, Any]:
    joined = hashlib.sha256("\n".join(table.ids).encode("utf-8", "surrogatepass")).hexdigest()
    return {"ids_sha256": joined, "ids": table.ids if len(table.ids) <= IDS_LISTED else None}


def check_rows(config: ClassificationConfig, predictions: Path, temperature: float | None) -> Iterator[str]:
    """What is wrong with single rows of ``predictions.jsonl``.

    Rows are compared with the data sets, where those are here, and probabilities with the logits beside them, where a
    model's temperature is known.
    """
    here = {name: d for name, d in config.datasets.items() if Path(d.path).is_file()}
    expected = ((name, sample) for name, d in here.items() for sample in read_samples(d, labels=config.labels))
    rows = (entry for entry in read_objects(predictions) if entry[1].get("dataset") in here)
    for entry, pair in zip_longest(rows, expected):
        if entry is None:
            name, sample = pair
            yield f"{predictions.name}: row {sample.id!r} of {name} is missing"
            return
        number, row = entry
        if pair is None or (row["dataset"], row["id"]) != (pair[0], pair[1].id):
            wanted = "no more rows" if pair is None else f"{pair[1].id!r} of {pair[0]}"
            yield f"{predictions.name}, line {number}: row {row['id']!r} of {row['dataset']}, the data has {wanted}"
            return
        sample = pair[1]
        for column in ("gold", "text_sha256", "group", "slices"):
            if row[column] != getattr(sample, column):
                wanted = getattr(sample, column)
                yield f"{predictions.name}, line {number}: {column} is {row[column]!r}, the data has {wanted!r}"
    if temperature is not None:
        calibration = Calibration(temperature=temperature)
        for number, row in read_objects(predictions):
            yield from (f"{predictions.name}, line {number}: {fault}" for fault in probability_faults(row, calibration))
