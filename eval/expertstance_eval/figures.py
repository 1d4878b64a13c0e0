"""Figures of the shipped reports for the README, the model card and ``.eval_results/``: generated, never typed.

expertstance report figures --write
"""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import yaml

from expertstance.errors import InputError
from expertstance.hub import sha256
from expertstance_eval.run import read_results
from expertstance_eval.sections import NOT_MEASURED, figure, percent

OPENING, CLOSING = "<!-- figures -->", "<!-- /figures -->"
REPORTS = ("real_dev", "corpus_test", "behaviour", "articles", "polnear_dev")
_LABELLED = {
    "real_dev": "public statements",
    "corpus_test": "test split of the project's own corpus",
}
_CARD_SECTION = "## Measured"
_AFTER_THAT = "## Limits"
RESULTS_FOLDER = ".eval_results"


def expected_files(*, reports: Path, readme: Path, model: Path) -> dict[Path, str]:
    """What README, model card and ``.eval_results/*.yaml`` have to say.

    Args:
        reports: Folder with a report folder for each of ``REPORTS``.
        readme: A file with the two markers; what stands between them is replaced.
        model: Model folder; its card (``README.md``) gets a section with the markers if it has none.

    Returns:
        Whole content of each file.

    Raises:
        InputError: A report, README or card is missing, a report was made with another model, or a marker is missing.
    """
    results = {name: read_results(reports / name) for name in REPORTS}
    for name, report in results.items():
        _check_model(reports / name, report, model)
    tables = "\n".join(_tables(results))
    card = model / "README.md"
    files = {
        readme: _between_markers(readme, _read(readme), tables),
        card: _between_markers(card, _with_section(_read(card)), tables),
    }
    for name, entries in _eval_results(results).items():
        content = yaml.safe_dump(entries, sort_keys=False, allow_unicode=True, width=1000)
        files[model / RESULTS_FOLDER / f"{name}.yaml"] = content
    return files


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise InputError(
            f"{path} cannot be read ({error.strerror}); paths are taken from the current folder"
        ) from error


def differing(files: dict[Path, str]) -> list[Path]:
    """The files that do not say what they have to."""
    return [path for path, content in files.items() if not _says(path, content)]


def _says(path: Path, content: str) -> bool:
    return path.is_file() and path.read_text(encoding="utf-8") == content


def write(files: dict[Path, str]) -> list[Path]:
    """Write those that differ; returns them."""
    changed = differing(files)
    for path in changed:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(files[path], encoding="utf-8")
    return changed


def _check_model(folder: Path, report: dict[str, Any], model: Path) -> None:
    made_with = report["inputs"]["model"]
    for name, recorded in (made_with["files"] if made_with is not None else {}).items():
        if not (model / name).is_file() or sha256(model / name) != recorded:
            raise InputError(f"{folder} was made with another model than {model} ({name} differs); run scripts/reports")


def _with_section(card: str) -> str:
    if OPENING in card:
        return card
    section = f"{_CARD_SECTION}\n\n{OPENING}\n{CLOSING}\n\n"
    before, limits, after = card.partition(_AFTER_THAT)
    return f"{before}{section}{limits}{after}" if limits else f"{card.rstrip()}\n\n{section.rstrip()}\n"


def _between_markers(path: Path, text: str, tables: str) -> str:
    if text.count(OPENING) != 1 or text.count(CLOSING) != 1:
        raise InputError(f"{path} must hold {OPENING} and {CLOSING} once each; put them where the figures belong")
    return re.sub(
        f"{re.escape(OPENING)}.*{re.escape(CLOSING)}",
        lambda _: f"{OPENING}\n{tables}\n{CLOSING}",
        text,
        flags=re.DOTALL,
    )


def _tables(results: dict[str, dict[str, Any]]) -> Iterator[str]:
    level = percent(results["real_dev"]["config"]["confidence"])
    yield f"Brackets are {level} intervals, by article where rows have one.\n"
    yield from _rows(
        ("labels", "n", "macro-F1", "macro-F1, three outlooks", "accuracy", "accuracy at 50 % coverage", "ECE"),
        (
            (
                f"{name}: {about}",
                str(data["n"]),
                _cell(data["model"], "macro_f1"),
                _cell(data["outlooks_only"], "macro_f1"),
                _cell(data["model"], "accuracy"),
                figure(data["selective"]["accuracy_at"]["0.50"]),
                figure(data["model"]["probabilities"]["ece"]),
            )
            for name, about in _LABELLED.items()
            for data in results[name]["figures"]["datasets"].values()
        ),
    )
    found = results["polnear_dev"]["figures"]
    yield from _rows(
        ("extraction", "articles", "word recall", "speaker", "word precision"),
        [
            (
                "PolNeAR, development",
                str(found["articles"]),
                _cell(found["asked_for"], "word_recall"),
                _cell(found["asked_for"], "speaker_accuracy"),
                _cell(found["all"], "word_precision"),
            )
        ],
    )
    whole = results["articles"]["figures"]
    yield from _rows(
        ("article to label", "statements", "span F1 (words)", "speaker", "macro-F1, gold statements", "end to end"),
        [
            (
                f"{whole['articles']} articles of our own",
                str(whole["statements"]),
                _cell(whole["spans"], "word_f1"),
                _cell(whole["speakers"], "accuracy"),
                _cell(whole["labels"]["gold_statements"], "macro_f1"),
                _cell(whole["labels"]["end_to_end"], "macro_f1"),
            )
        ],
    )
    behaviour = results["behaviour"]["figures"]
    rates = [*behaviour["capabilities"], {"capability": "all", "kind": NOT_MEASURED, **behaviour["all"]}]
    yield from _rows(
        ("behaviour", "kind", "cases", "failed", "failure rate"),
        (
            (
                rate["capability"].replace("_", " "),
                rate["kind"],
                str(rate["n"]),
                str(rate["failures"]),
                figure(rate["failure_rate"], rate["interval"]),
            )
            for rate in rates
        ),
    )
    yield (
        "The behavioural cases are not unseen: training statements were commissioned, without sight of the cases,\n"
        "where earlier models failed them most.\n"
    )
    yield (
        "Generated from the reports in `eval/expertstance_eval/reports` by `expertstance report figures --write`;\n"
        "`expertstance report verify` recomputes them."
    )


def _cell(figures: dict[str, Any], name: str) -> str:
    return figure(figures[name], figures["intervals"].get(name))


def _rows(header: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    yield "| " + " | ".join(header) + " |"
    yield "|" + "---|" * len(header)
    for row in rows:
        yield "| " + " | ".join(row) + " |"
    yield ""


def _eval_results(results: dict[str, dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """Entries of the hub's ``.eval_results/*.yaml`` (``dataset`` with ``id`` and ``task_id``, ``value``, ``date``)."""
    files: dict[str, list[dict[str, Any]]] = {}
    for name in _LABELLED:
        data = next(iter(results[name]["figures"]["datasets"].values()))
        values = {key: data["model"][key] for key in ("macro_f1", "accuracy")}
        values["macro_f1_outlooks_only"] = data["outlooks_only"]["macro_f1"]
        files[name] = [_entry(results[name], task, value) for task, value in values.items()]
    labels = results["articles"]["figures"]["labels"]
    values = {f"{view}_macro_f1": labels[view]["macro_f1"] for view in ("gold_statements", "end_to_end")}
    files["articles"] = [_entry(results["articles"], task, value) for task, value in values.items()]
    failed = results["behaviour"]["figures"]["all"]["failure_rate"]
    files["behaviour"] = [_entry(results["behaviour"], "failure_rate", failed)]
    return files


def _entry(report: dict[str, Any], task: str, value: float) -> dict[str, Any]:
    return {
        "dataset": {"id": f"expertstance/{report['name']}", "task_id": task},
        "value": value,
        "date": report["run_facts"]["started"][:10],
        "notes": f"not on the hub; report eval/expertstance_eval/reports/{report['name']} of the project",
    }
