"""What holds for every kind of evaluation alike: the same bytes twice, and a bar on a terminal only."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from expertstance.cli.main import main
from expertstance_eval.config import EvalConfig, dump_config, parse_config
from expertstance_eval.run import evaluate

TEXT = "“The deal will succeed,” said Vera Lindqvist. Tomas Brandt said the talks may fail."
CASES = """
capability: hope
kind: MFT
about: Plain hope is hope.
cases:
  - [optimistic, the deal will succeed]
  - [skeptical, the talks fail]
"""


def span(words: str) -> list[int]:
    start = TEXT.index(words)
    return [start, start + len(words)]


ARTICLE = {
    "id": "port",
    "text": TEXT,
    "statements": [
        {"spans": [span("The deal will succeed,")], "kind": "direct", "speaker": "Vera Lindqvist", "label": "none"},
        {"spans": [span("the talks may fail")], "kind": "reported", "speaker": "Tomas Brandt", "label": "cautious"},
    ],
}
GOLD = {
    "id": "port",
    "text": TEXT,
    "attributions": [
        {"source": [span("Vera Lindqvist")], "cue": [span("said")], "content": [span("“The deal will succeed,”")]}
    ],
}
FILES = {"cases.yaml": CASES, "articles.jsonl": json.dumps(ARTICLE), "gold.jsonl": json.dumps(GOLD)}


@pytest.fixture
def other_config(data: Path, tiny_model: Path) -> Callable[[str], EvalConfig]:
    for name, content in FILES.items():
        Path(name).write_text(content, encoding="utf-8")
    model = {"source": str(tiny_model)}
    parts: dict[str, dict[str, Any]] = {
        "behaviour": {"model": model, "suites": ["cases.yaml"]},
        "articles": {"model": model, "articles": ["articles.jsonl"], "resamples": 20},
        "extraction": {"gold": "gold.jsonl", "resamples": 20},
    }
    return lambda task: parse_config({"task": task, "name": "tiny", **parts[task]}, place="test")


@pytest.mark.parametrize("task", ["behaviour", "articles", "extraction"])
def test_two_runs_give_the_same_bytes_but_for_the_run_facts(
    tmp_path: Path, other_config: Callable[[str], EvalConfig], task: str
) -> None:
    folders = [tmp_path / "first", tmp_path / "second"]
    for folder in folders:
        evaluate(other_config(task), folder, command=f"into {folder.name}")
    for name in ("predictions.jsonl", "config.yaml"):
        assert len({(folder / name).read_bytes() for folder in folders}) == 1, name
    results = [json.loads((folder / "results.json").read_text(encoding="utf-8")) for folder in folders]
    assert results[0].pop("run_facts") != results[1].pop("run_facts")
    assert json.dumps(results[0]) == json.dumps(results[1])
    for name, mark in (("report.md", "## Run facts"), ("report.html", "<h2>Run facts</h2>")):
        pages = [(folder / name).read_text(encoding="utf-8").split(mark)[0] for folder in folders]
        assert pages[0] == pages[1], name


def test_a_bar_counts_the_rows_on_a_terminal_only(
    config: Callable[..., EvalConfig],
    data: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    Path("config.yaml").write_text(dump_config(config(resamples=0)), encoding="utf-8")
    assert main(["evaluate", "config.yaml", "--out", "quiet"]) == 0
    assert "scored" not in capsys.readouterr().err
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert main(["evaluate", "config.yaml", "--out", "loud"]) == 0
    assert "scored" in capsys.readouterr().err
    assert main(["report", "verify", "loud", "--rerun"]) == 0
    assert "scored" in capsys.readouterr().err


def test_every_row_is_counted_once(config: Callable[..., EvalConfig], data: Path, tmp_path: Path) -> None:
    done: list[int] = []
    evaluate(config(resamples=0), tmp_path / "out", advance=done.append)
    assert sum(done) == 40
