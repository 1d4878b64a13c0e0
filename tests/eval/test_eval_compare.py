"""Two reports side by side: what is compared, and what is refused with which reason."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from expertstance import InputError
from expertstance_eval.compare import compare
from expertstance_eval.config import EvalConfig
from expertstance_eval.run import evaluate

Config = Callable[..., EvalConfig]
READY = {"rows": {"path": "data.jsonl", "predictions": "scored.jsonl", "group_column": "article_id"}}


@pytest.fixture
def perfect(tmp_path: Path, config: Config, report: Path, rows: list[dict[str, Any]]) -> Path:
    """A report on predictions that are all right."""
    labels = ["optimistic", "cautious", "skeptical", "none"]
    with Path("scored.jsonl").open("w", encoding="utf-8") as file:
        for row in rows:
            shares = {f"p_{label}": 0.97 if label == row["label"] else 0.01 for label in labels}
            file.write(json.dumps({"id": row["id"], **shares}) + "\n")
    evaluate(config(model=None, datasets=READY), tmp_path / "perfect")
    return tmp_path / "perfect"


def test_a_better_system_is_better(report: Path, perfect: Path) -> None:
    result = compare(perfect, report)
    assert result.refused == []
    row = result.compared["rows"]
    test = row["first_minus_second"]
    assert row["first"]["accuracy"] == 1.0
    assert test["accuracy"]["difference"] == pytest.approx(1 - row["second"]["accuracy"], abs=1e-6)
    assert test["accuracy"]["interval"][0] > 0
    assert test["mcnemar"]["only_second_right"] == 0
    assert test["mcnemar"]["p_value"] < 0.01


def test_a_report_does_not_differ_from_itself(report: Path) -> None:
    test = compare(report, report).compared["rows"]["first_minus_second"]
    assert test["macro_f1"] == {"difference": 0, "interval": [0, 0]}


def test_other_settings_are_refused(report: Path, config: Config, tmp_path: Path) -> None:
    evaluate(config(seed=14, resamples=20), tmp_path / "other")
    result = compare(report, tmp_path / "other")
    assert result.compared == {}
    assert result.refused == [
        "resamples: 50 in the first report, 20 in the second",
        "seed: 13 in the first report, 14 in the second",
    ]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda rows: rows[:-1], "not the same rows (40 and 39, 39 in common)"),
        (lambda rows: [{**rows[0], "label": "none"}, *rows[1:]], "1 rows have another gold label"),
        (lambda rows: [{**rows[0], "text": "growth"}, *rows[1:]], "1 rows have another text"),
        (lambda rows: [{**row, "article_id": "one"} for row in rows], "grouped in another way"),
    ],
)
def test_other_data_is_refused(
    report: Path,
    data: Path,
    rows: list[dict[str, Any]],
    config: Config,
    tmp_path: Path,
    change: Callable[[list[dict[str, Any]]], list[dict[str, Any]]],
    reason: str,
) -> None:
    data.write_text("".join(json.dumps(row) + "\n" for row in change(rows)), encoding="utf-8")
    evaluate(config(), tmp_path / "other")
    result = compare(report, tmp_path / "other")
    assert result.compared == {}
    assert len(result.refused) == 1
    assert reason in result.refused[0]


def test_a_data_set_of_one_report_only_is_refused(report: Path, config: Config, tmp_path: Path) -> None:
    datasets = {name: {"path": "data.jsonl", "group_column": "article_id"} for name in ("rows", "more")}
    evaluate(config(datasets=datasets), tmp_path / "other")
    result = compare(report, tmp_path / "other")
    assert list(result.compared) == ["rows"]
    assert result.refused == ["more: not in the first report"]


def test_other_tasks_are_refused(report: Path, config: Config, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(report, tmp_path / "other"))
    results = json.loads((folder / "results.json").read_text(encoding="utf-8"))
    (folder / "results.json").write_text(json.dumps({**results, "task": "extraction"}), encoding="utf-8")
    assert "these are classification and extraction" in compare(report, folder).refused[0]


def test_tampered_predictions_are_not_compared(report: Path, perfect: Path) -> None:
    path = perfect / "predictions.jsonl"
    path.write_text(path.read_text(encoding="utf-8").replace("0.97", "0.98", 1), encoding="utf-8")
    with pytest.raises(InputError, match="not the file that the report was made from"):
        compare(report, perfect)
