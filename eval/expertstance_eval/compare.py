"""Two reports side by side, where they measure the same thing: ``expertstance report compare A B``."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from expertstance.errors import InputError
from expertstance.hub import sha256
from expertstance_eval import records
from expertstance_eval.bootstrap import Resampling, paired
from expertstance_eval.config import ClassificationConfig, parse_config
from expertstance_eval.metrics import cost_matrix
from expertstance_eval.records import Table, read_tables
from expertstance_eval.run import RESULTS_NAME, read_results


@dataclass(frozen=True, slots=True)
class Comparison:
    """What two reports on labels have in common.

    Attributes:
        compared: Data set to both systems' macro-F1 and accuracy, and the differences, first minus second, with
            intervals and McNemar's test.
        refused: Why something was not compared, one sentence each.
    """

    compared: dict[str, dict[str, Any]]
    refused: list[str]


def compare(first: Path, second: Path) -> Comparison:
    """Compare two reports on the data sets that are row by row the same.

    Raises:
        InputError: A folder holds no report, or its predictions were changed after it.
        ConfigError: A report's configuration is broken.
    """
    results = [read_results(folder) for folder in (first, second)]
    tasks = [r["task"] for r in results]
    if tasks != ["classification", "classification"]:
        return Comparison({}, [f"only reports on labels have a paired test; these are {tasks[0]} and {tasks[1]}"])
    configs = [_config(r, folder) for r, folder in zip(results, (first, second), strict=True)]
    if reasons := list(_setting_differences(*configs)):
        return Comparison({}, reasons)
    tables = [
        _tables(folder, result, config)
        for folder, result, config in zip((first, second), results, configs, strict=True)
    ]
    compared: dict[str, dict[str, Any]] = {}
    refused: list[str] = []
    for name in dict.fromkeys([*tables[0], *tables[1]]):
        if (reason := _data_difference(name, tables)) is not None:
            refused.append(reason)
            continue
        compared[name] = _paired(tables[0][name], tables[1][name], configs[0], results, name)
    return Comparison(compared, refused)


def _config(results: dict[str, Any], folder: Path) -> ClassificationConfig:
    config = parse_config(results["config"], place=f"{folder / RESULTS_NAME}, config")
    if not isinstance(config, ClassificationConfig):
        raise InputError(f"{folder / RESULTS_NAME}: task and configuration differ; evaluate again")
    return config


def _setting_differences(first: ClassificationConfig, second: ClassificationConfig) -> Iterator[str]:
    for name in ("labels", "no_outlook_label", "ordinal", "resamples", "seed", "confidence"):
        a, b = getattr(first, name), getattr(second, name)
        if a != b:
            yield f"{name}: {a} in the first report, {b} in the second"


def _tables(folder: Path, results: dict[str, Any], config: ClassificationConfig) -> dict[str, Table]:
    path = folder / records.FILE_NAME
    if not path.is_file() or sha256(path) != results["predictions_sha256"]:
        raise InputError(f"{path} is not the file that the report was made from; see: expertstance report verify")
    return read_tables(path, datasets=config.datasets, labels=config.labels)


def _data_difference(name: str, tables: list[dict[str, Table]]) -> str | None:
    for place, side in (("first", 0), ("second", 1)):
        if name not in tables[side]:
            return f"{name}: not in the {place} report"
    a, b = tables[0][name], tables[1][name]
    if a.ids != b.ids:
        return f"{name}: not the same rows ({len(a.ids)} and {len(b.ids)}, {len(set(a.ids) & set(b.ids))} in common)"
    if not np.array_equal(a.gold, b.gold):
        return f"{name}: {int(np.sum(a.gold != b.gold))} rows have another gold label"
    if a.texts != b.texts:
        return f"{name}: {sum(x != y for x, y in zip(a.texts, b.texts, strict=True))} rows have another text"
    if not np.array_equal(a.groups, b.groups):
        return f"{name}: rows are grouped in another way"
    return None


def _paired(
    a: Table, b: Table, config: ClassificationConfig, results: list[dict[str, Any]], name: str
) -> dict[str, Any]:
    sampling = Resampling(resamples=config.resamples, seed=config.seed, confidence=config.confidence)
    systems = [r["figures"]["datasets"][name]["model"] for r in results]
    return {
        "n": len(a.ids),
        **{
            place: {key: system[key] for key in ("macro_f1", "accuracy")}
            for place, system in zip(("first", "second"), systems, strict=True)
        },
        "first_minus_second": paired(
            a.gold,
            a.probabilities.argmax(axis=1),
            b.probabilities.argmax(axis=1),
            a.groups,
            costs=cost_matrix(config.labels, config.ordinal),
            sampling=sampling,
        ),
    }
