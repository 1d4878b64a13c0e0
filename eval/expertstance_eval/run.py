"""An evaluation from configuration to report folder."""

import json
import re
import shutil
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from expertstance.errors import InputError
from expertstance.folders import check_emptiable
from expertstance.hub import sha256
from expertstance_eval import records
from expertstance_eval.config import EvalConfig, dump_config
from expertstance_eval.provenance import provenance
from expertstance_eval.render import HTML_NAME, MARKDOWN_NAME, render_html, render_markdown
from expertstance_eval.tasks import task_of

FORMAT = 1
RESULTS_NAME = "results.json"
CONFIG_NAME = "config.yaml"
_PARTS = ("task", "name", "config", "figures", "inputs", "predictions_sha256", "provenance", "run_facts")
_WRITTEN = (CONFIG_NAME, records.FILE_NAME, RESULTS_NAME, MARKDOWN_NAME, HTML_NAME)


def evaluate(
    config: EvalConfig,
    folder: Path,
    *,
    overwrite: bool = False,
    command: str = "",
    advance: Callable[[int], None] = lambda _: None,
) -> dict[str, Any]:
    """Score, compute every figure, and write the report folder; returns what ``results.json`` holds.

    The folder appears when it is complete; an evaluation that fails leaves what was there.

    Args:
        config: What to evaluate.
        folder: Report folder; made if it does not exist.
        overwrite: Replace a report that is there, in a folder that holds nothing else.
        command: The command line, for the block of run facts.
        advance: Called with the number of rows done.

    Raises:
        InputError: The folder is not empty, or data cannot be used.
        ModelError: The model is not to be had.
        ConfigError: Model and configuration do not fit.
    """
    _refuse_to_overwrite(folder, overwrite=overwrite)
    folder = folder.resolve()
    origin = provenance()  # before anything is written, which may well be into the checkout itself
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}.") as work:
        partial = Path(work) / folder.name  # a folder inside, since the outer one is closed to other users
        partial.mkdir()
        results = _write_report(config, partial, origin=origin, command=command, advance=advance)
        _refuse_to_overwrite(folder, overwrite=overwrite)  # something may have come in meanwhile
        if folder.exists():
            shutil.rmtree(folder)
        partial.rename(folder)
    return results


def _write_report(
    config: EvalConfig, folder: Path, *, origin: dict[str, Any], command: str, advance: Callable[[int], None]
) -> dict[str, Any]:
    started, clock = datetime.now(tz=UTC), time.perf_counter()
    task = task_of(config)
    predictions = folder / records.FILE_NAME
    with predictions.open("w", encoding="utf-8", newline="\n") as file:
        inputs = task.write_predictions(config, file, advance)
    results = {
        "format": FORMAT,
        "task": config.task,
        "name": config.name,
        "config": config.model_dump(mode="json"),
        "figures": task.summarise(config, predictions),
        "inputs": inputs,
        "predictions_sha256": sha256(predictions),
        "provenance": origin,
        "run_facts": {
            "started": started.isoformat(timespec="seconds"),
            "seconds": round(time.perf_counter() - clock, 1),
            "command": command,
        },
    }
    (folder / CONFIG_NAME).write_text(dump_config(config), encoding="utf-8")
    (folder / RESULTS_NAME).write_text(
        json.dumps(results, indent=1, ensure_ascii=False, allow_nan=False) + "\n", encoding="utf-8"
    )
    (folder / MARKDOWN_NAME).write_text(render_markdown(results), encoding="utf-8")
    (folder / HTML_NAME).write_text(render_html(results), encoding="utf-8")
    return results


def _refuse_to_overwrite(folder: Path, *, overwrite: bool) -> None:
    if folder.exists() and not folder.is_dir():
        raise InputError(f"report folder {folder} is a file; give another --out")
    if folder.is_dir() and any(folder.iterdir()):
        if not overwrite:
            raise InputError(f"report folder {folder} is not empty; give --overwrite or another --out")
        try:
            read_results(folder)
        except InputError as error:
            raise InputError(f"folder {folder} is no report and not emptied ({error}); give another --out") from error
    if folder.is_dir():
        check_emptiable(folder, written="|".join(map(re.escape, _WRITTEN)), what="report")


def read_results(folder: Path) -> dict[str, Any]:
    """``results.json`` of a report folder.

    Raises:
        InputError: The folder holds none, one of another format, or one that lacks a part.
    """
    path = folder / RESULTS_NAME
    try:
        results = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror}); give a folder that evaluate wrote") from error
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{path} is not JSON ({error}); restore it") from error
    if not isinstance(results, dict) or results.get("format") != FORMAT:
        raise InputError(f"{path}: this version reads reports of format {FORMAT}; evaluate again")
    if missing := [name for name in _PARTS if name not in results]:
        raise InputError(f"{path} lacks {missing}, so evaluate did not write it; evaluate again")
    return results
