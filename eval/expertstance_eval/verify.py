"""Is a report what its predictions, its data and its model say? ``expertstance report verify DIR``."""

import tempfile
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import islice, zip_longest
from pathlib import Path
from typing import Any

import numpy as np

from expertstance.errors import ExpertstanceError, InputError
from expertstance.hub import sha256
from expertstance.json_rows import read_objects
from expertstance_eval import records
from expertstance_eval.config import EvalConfig, load_config, parse_config
from expertstance_eval.render import HTML_NAME, MARKDOWN_NAME, render_html, render_markdown, without_charts
from expertstance_eval.run import CONFIG_NAME, RESULTS_NAME, read_results
from expertstance_eval.tasks import Advance, Task, task_of

FIGURE_TOLERANCE = 2e-6
"""Figures are kept to six decimals; another machine may round the last one the other way."""
TOLERANCES = {"float32": 1e-4, "bfloat16": 3e-2, "float16": 5e-3, "int8": 5e-2}
"""Largest difference of a calibrated probability when a model of that precision predicts again."""
BASELINE_TOLERANCE = 1e-3
ROWS_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a check of a report found.

    Attributes:
        faults: What is not as the report says; none is a report that holds.
        notes: What could not be checked here.
        figures: Number of figures recomputed.
    """

    faults: list[str]
    notes: list[str]
    figures: int


def verify(folder: Path, *, rerun: bool = False, advance: Advance = lambda _: None) -> Verdict:
    """Recompute every figure from ``predictions.jsonl``, compare rows and files with the data, render again.

    Args:
        folder: Report folder.
        rerun: Also predict again and compare: labels equal, probabilities within ``TOLERANCES``.
        advance: Called with the number of rows predicted again.

    Raises:
        InputError: The folder holds no report.
        ConfigError: The report's own configuration is broken.
    """
    results = read_results(folder)
    config = parse_config(results.get("config"), place=f"{folder / RESULTS_NAME}, config")
    task = task_of(config)
    predictions = folder / records.FILE_NAME
    notes: list[str] = []
    faults = list(_config_faults(folder, config))
    figures = 0
    try:
        if sha256(predictions) != results["predictions_sha256"]:
            faults.append(f"{records.FILE_NAME}: the file has changed (SHA-256 differs from {RESULTS_NAME})")
        recomputed = task.summarise(config, predictions)
        figures = sum(1 for _ in _leaves(recomputed))
        faults.extend(_differences(results.get("figures"), recomputed))
        faults.extend(_input_faults(task, config, results, notes))
        faults.extend(_some(task.check_rows(config, predictions, _temperature(results))))
    except (InputError, OSError, KeyError, TypeError, ValueError) as error:
        faults.append(f"cannot be recomputed: {error}")
    faults.extend(_page_faults(folder, results, notes))
    if rerun and not faults:
        faults.extend(_rerun_faults(task, config, results, predictions, notes, advance))
    elif rerun:
        notes.append("not predicted again, because of the faults above")
    return Verdict(faults=faults, notes=notes, figures=figures)


def _temperature(results: dict[str, Any]) -> float | None:
    model = results["inputs"]["model"]
    return None if model is None else float(model["temperature"])


def _config_faults(folder: Path, config: EvalConfig) -> Iterator[str]:
    try:
        if load_config(folder / CONFIG_NAME) != config:
            yield f"{CONFIG_NAME}: not the configuration in {RESULTS_NAME}"
    except ExpertstanceError as error:
        yield str(error)


def _input_faults(task: Task, config: EvalConfig, results: dict[str, Any], notes: list[str]) -> Iterator[str]:
    now = task.input_files(config)
    for path, recorded in results["inputs"]["files"].items():
        if path not in now:
            notes.append(f"{path} is not here: its rows were not compared with the report")
        elif now[path] != recorded:
            yield f"{path}: SHA-256 is {now[path]}, the report was made from {recorded}"
    for path in now:
        if path not in results["inputs"]["files"]:
            yield f"{path}: the report does not name it among its files"


def _leaves(value: Any, place: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _leaves(inner, f"{place}.{key}" if place else str(key))
    elif isinstance(value, list):
        for k, inner in enumerate(value):
            yield from _leaves(inner, f"{place}[{k}]")
    else:
        yield place, value


def _differences(reported: Any, recomputed: Any) -> Iterator[str]:
    old, new = dict(_leaves(reported)), dict(_leaves(recomputed))
    for place in [*old, *(p for p in new if p not in old)]:
        if place not in new:
            yield f"figure {place}: the report has it, the predictions do not give it"
        elif place not in old:
            yield f"figure {place}: the predictions give it, the report lacks it"
        elif not _same(old[place], new[place], FIGURE_TOLERANCE):
            yield f"figure {place}: the report says {old[place]!r}, the predictions give {new[place]!r}"


def _same(a: Any, b: Any, tolerance: float) -> bool:
    if isinstance(a, float) or isinstance(b, float):
        numbers = all(isinstance(v, int | float) and not isinstance(v, bool) for v in (a, b))
        return numbers and abs(a - b) <= tolerance
    return type(a) is type(b) and bool(a == b)


def _some(faults: Iterator[str]) -> Iterator[str]:
    yield from islice(faults, ROWS_SHOWN)
    if next(faults, None) is not None:
        yield f"… and further rows (the first {ROWS_SHOWN} are shown)"


def _page_faults(folder: Path, results: dict[str, Any], notes: list[str]) -> Iterator[str]:
    import matplotlib

    same_charts = results["provenance"].get("packages", {}).get("matplotlib") == matplotlib.__version__
    if not same_charts:
        notes.append("report.html was drawn by another matplotlib: charts were not compared")
    for name, render in ((MARKDOWN_NAME, render_markdown), (HTML_NAME, render_html)):
        try:
            found, expected = (folder / name).read_text(encoding="utf-8"), render(results)
        except (OSError, UnicodeDecodeError) as error:
            yield f"{name} cannot be read ({error})"
            continue
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            yield f"{name} cannot be rendered from {RESULTS_NAME}: {error!r}"
            continue
        if not same_charts:
            found, expected = without_charts(found), without_charts(expected)
        if found != expected:
            yield f"{name}: not what {RESULTS_NAME} renders to"


def _rerun_faults(
    task: Task, config: EvalConfig, results: dict[str, Any], predictions: Path, notes: list[str], advance: Advance
) -> Iterator[str]:
    with tempfile.TemporaryDirectory() as temporary:
        again = Path(temporary) / records.FILE_NAME
        with again.open("w", encoding="utf-8", newline="\n") as file:
            inputs = task.write_predictions(config, file, advance)
        model = results["inputs"]["model"]
        if model is not None and (changed := list(_changed_parts(model, inputs["model"]))):
            yield f"the model is another one now: {changed}"
            return
        tolerance = TOLERANCES["float32" if model is None else model["precision"]]
        optional = {**results["inputs"].get("left_out", {}), **inputs.get("left_out", {})}
        notes.extend(f"baseline {name} is optional and was not compared: {why}" for name, why in optional.items())
        yield from _some(_row_differences(predictions, again, tolerance, optional))


def _changed_parts(then: dict[str, Any], now: dict[str, Any]) -> Iterator[str]:
    """Files of the model that differ, and its tokenizer where no file of it is hashed and the report has its hash."""
    for name in {**then["files"], **now["files"]}:
        if then["files"].get(name) != now["files"].get(name):
            yield name
    tokenizer = now["tokenizer_sha256"]
    if "tokenizer.json" not in now["files"] and then.get("tokenizer_sha256", tokenizer) != tokenizer:
        yield "tokenizer"


def _row_differences(first: Path, second: Path, tolerance: float, not_compared: Collection[str]) -> Iterator[str]:
    for a, b in zip_longest(read_objects(first), read_objects(second)):
        if a is None or b is None:
            yield "predicting again gives another number of rows"
            return
        number, row, again = a[0], dict(a[1]), dict(b[1])
        for one in (row, again):
            one.pop("logits", None)
            if "baselines" in one:
                one["baselines"] = {k: v for k, v in one["baselines"].items() if k not in not_compared}
        place = f"{first.name}, line {number}"
        if "probabilities" in row and (
            np.argmax(row["probabilities"], axis=-1).tolist() != np.argmax(again["probabilities"], axis=-1).tolist()
        ):
            yield f"{place}: predicting again gives another label"
            continue
        old, new = dict(_leaves(row)), dict(_leaves(again))
        wrong = [
            key
            for key in {**old, **new}
            if key not in old
            or key not in new
            or not _same(old[key], new[key], BASELINE_TOLERANCE if key.startswith("baselines") else tolerance)
        ]
        if wrong:
            yield f"{place}: predicting again differs in {wrong[:4]}"
