"""Rows, a configuration and a report to evaluate with; every speaker and statement is invented."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from expertstance_eval.config import EvalConfig, parse_config
from expertstance_eval.run import evaluate

LABELS = ["optimistic", "cautious", "skeptical", "none"]
OPENINGS = ["the deal", "the plan", "growth in the market", "work on the prices", "the talks"]
ENDINGS = {
    "optimistic": "will succeed , and progress is good",
    "cautious": "may work , but nobody knows yet",
    "skeptical": "will fail , no doubt",
    "none": "is in the market",
}


def write_rows(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def rows() -> list[dict[str, Any]]:
    """40 rows: each opening with each ending, twice, in articles of four."""
    return [
        {
            "id": f"row-{k}",
            "text": f"{opening} {ending}" + (" , it is early" if repeat else ""),
            "label": label,
            "article_id": f"article-{(2 * o + repeat)}",
            "kind": "direct" if o % 2 else "reported",
            "disputed": repeat == 1,
        }
        for k, (o, opening, repeat, label, ending) in enumerate(
            (o, opening, repeat, label, ending)
            for o, opening in enumerate(OPENINGS)
            for repeat in (0, 1)
            for label, ending in ENDINGS.items()
        )
    ]


@pytest.fixture
def data(tmp_path: Path, rows: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch) -> Path:
    """The rows as a file in the current folder."""
    monkeypatch.chdir(tmp_path)
    return write_rows(Path("data.jsonl"), rows)


@pytest.fixture(scope="session")
def config(tiny_model: Path) -> Callable[..., EvalConfig]:
    """A configuration on the tiny model and ``data.jsonl``; keywords replace its parts."""

    def build(**parts: Any) -> EvalConfig:
        content: dict[str, Any] = {
            "task": "classification",
            "name": "tiny",
            "model": {"source": str(tiny_model)},
            "labels": LABELS,
            "no_outlook_label": "none",
            "ordinal": LABELS[:3],
            "resamples": 50,
            "bins": 5,
            "datasets": {
                "rows": {
                    "path": "data.jsonl",
                    "group_column": "article_id",
                    "slices": ["kind", "length", "disputed"],
                }
            },
        }
        return parse_config({**content, **parts}, place="test")

    return build


@pytest.fixture(scope="session")
def pristine_report(
    tmp_path_factory: pytest.TempPathFactory, rows: list[dict[str, Any]], config: Callable[..., EvalConfig]
) -> Path:
    """A report folder on the tiny model, never changed."""
    folder = tmp_path_factory.mktemp("pristine")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        write_rows(Path("data.jsonl"), rows)
        evaluate(config(), folder / "report")
    return folder / "report"


@pytest.fixture
def report(tmp_path: Path, pristine_report: Path, data: Path) -> Path:
    """A copy of it in the current folder, beside its data, to tamper with."""
    return Path(shutil.copytree(pristine_report, tmp_path / "report"))
