"""Behavioural cases: the suite that ships, what passes and what fails, and reports on it."""

import json
import math
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from expertstance import InputError
from expertstance_eval.behaviour import passes, read_cases, read_suite, suite_paths
from expertstance_eval.config import BehaviourConfig, EvalConfig, parse_config
from expertstance_eval.run import evaluate
from expertstance_eval.verify import verify

LABELS = ["optimistic", "cautious", "skeptical", "none"]
SHIPPED = BehaviourConfig(task="behaviour", name="shipped")


def test_the_suite_that_ships_is_large_varied_and_without_repeats() -> None:
    cases = read_cases(SHIPPED)
    assert len(cases) >= 400
    assert len({case.capability for case in cases}) >= 15
    assert {case.kind for case in cases} == {"MFT", "INV", "DIR"}
    texts = Counter(text for case in cases for text in case.texts)
    assert [text for text, n in texts.items() if n > 1] == []
    assert {case.label for case in cases if case.label is not None} == set(LABELS)


def test_the_documentation_counts_the_cases_right(root: Path) -> None:
    text = (root / "docs" / "evaluation.md").read_text(encoding="utf-8")
    assert f"{len(read_cases(SHIPPED))} cases in {len(suite_paths(SHIPPED))} files" in text


def test_every_file_of_the_suite_has_its_capability_to_itself() -> None:
    for name, path in suite_paths(SHIPPED).items():
        suite, cases = read_suite(path)
        assert suite.about.endswith("."), name
        if suite.kind == "MFT":
            assert len({case.label for case in cases}) >= 2, name
        if suite.kind == "INV":
            assert all(len(set(case.texts)) == len(case.texts) for case in cases), name


def record(kind: str, rows: list[list[float]], **parts: Any) -> dict[str, Any]:
    return {"kind": kind, "labels": ["good", "bad"], "probabilities": rows, "label": None, "direction": None, **parts}


@pytest.mark.parametrize(
    ("case", "passed"),
    [
        (record("MFT", [[0.6, 0.4]], label="good"), True),
        (record("MFT", [[0.6, 0.4]], label="bad"), False),
        (record("INV", [[0.6, 0.4], [0.9, 0.1], [0.51, 0.49]]), True),
        (record("INV", [[0.6, 0.4], [0.9, 0.1], [0.49, 0.51]]), False),
        (record("DIR", [[0.6, 0.4], [0.7, 0.3]], label="good", direction="up"), True),
        (record("DIR", [[0.6, 0.4], [0.6, 0.4]], label="good", direction="up"), False),
        (record("DIR", [[0.6, 0.4], [0.7, 0.3]], label="good", direction="down"), False),
        (record("DIR", [[0.6, 0.4], [0.7, 0.3]], label="bad", direction="down"), True),
        (record("DIR", [[0.97, 0.03], [0.95, 0.05]], label="good", direction="up"), True),
        (record("DIR", [[0.03, 0.97], [0.05, 0.95]], label="good", direction="down"), True),
    ],
)
def test_what_passes(case: dict[str, Any], passed: bool) -> None:
    assert passes(case) is passed


@pytest.fixture
def suite(tmp_path: Path) -> Path:
    path = tmp_path / "hope.yaml"
    content = {
        "capability": "hope",
        "kind": "MFT",
        "about": "Hope is hope.",
        "cases": [[label, f"the plan <{label}> will work"] for label in LABELS],
    }
    path.write_text(yaml.safe_dump(content), encoding="utf-8")
    return path


@pytest.fixture
def config(tiny_model: Path) -> Callable[..., EvalConfig]:
    def build(*suites: Path) -> EvalConfig:
        model = {"source": str(tiny_model)}
        return parse_config(
            {"task": "behaviour", "name": "cases", "model": model, "suites": [str(path) for path in suites]},
            place="test",
        )

    return build


def test_a_report_on_the_whole_suite_holds(tmp_path: Path, config: Callable[..., EvalConfig]) -> None:
    figures = evaluate(config(), tmp_path / "out")["figures"]
    assert figures["all"]["n"] == len(read_cases(SHIPPED)) == sum(kind["n"] for kind in figures["kinds"].values())
    assert 0 < figures["all"]["failures"] < figures["all"]["n"]
    low, high = figures["all"]["interval"]
    assert low < figures["all"]["failure_rate"] < high
    for capability in figures["capabilities"]:
        assert len(capability["failed"]) == capability["failures"]
        assert len(capability["examples"]) == min(5, capability["failures"])
    assert verify(tmp_path / "out", rerun=True).faults == []


def test_failed_cases_are_shown_and_cannot_inject_markup(
    tmp_path: Path, suite: Path, config: Callable[..., EvalConfig]
) -> None:
    evaluate(config(suite), tmp_path / "out")
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "the plan &lt;" in page
    assert "the plan <" not in page
    assert "the plan \\<" in (tmp_path / "out" / "report.md").read_text(encoding="utf-8")


def test_tampered_cases_are_caught(tmp_path: Path, suite: Path, config: Callable[..., EvalConfig]) -> None:
    folder = tmp_path / "out"
    evaluate(config(suite), folder)
    path = folder / "predictions.jsonl"
    original = path.read_text(encoding="utf-8")
    rows = [json.loads(line) for line in original.splitlines()]
    rows[0]["label"] = "none"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    assert any("label is 'none', the suite has 'optimistic'" in fault for fault in verify(folder).faults)
    rows[0].update(label="optimistic", probabilities=[[math.nan] * 4])
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    assert any("line 1: probabilities are nan away from softmax" in fault for fault in verify(folder).faults)
    path.write_text("".join(original.splitlines(keepends=True)[1:]), encoding="utf-8")
    assert any("case 'hope-mft-002' where the suites have 'hope-mft-001'" in fault for fault in verify(folder).faults)


def test_a_missing_suite_is_a_note_and_probabilities_are_checked_all_the_same(
    tmp_path: Path, suite: Path, config: Callable[..., EvalConfig]
) -> None:
    folder = tmp_path / "out"
    evaluate(config(suite), folder)
    suite.unlink()
    verdict = verify(folder)
    assert (verdict.faults, len(verdict.notes)) == ([], 1)
    assert "hope.yaml is not here" in verdict.notes[0]
    rows = [json.loads(line) for line in (folder / "predictions.jsonl").read_text(encoding="utf-8").splitlines()]
    rows[1]["probabilities"][0].reverse()
    (folder / "predictions.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    assert any("line 2: probabilities are" in fault for fault in verify(folder).faults)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"cases": [["optimistic"]]}, "case 1 .* has not the shape of MFT"),
        ({"kind": "DIR", "cases": [["optimistic", "sideways", "a", "b"]]}, "has not the shape of DIR"),
        ({"kind": "INV", "cases": [["alone"]]}, "has not the shape of INV"),
        ({"colour": "red"}, "colour"),
        ({"cases": [["hopeful", "we hope"]]}, r"cases name the labels \['hopeful'\]"),
    ],
)
def test_wrong_suites_are_refused(
    tmp_path: Path, suite: Path, config: Callable[..., EvalConfig], change: dict[str, Any], message: str
) -> None:
    content = yaml.safe_load(suite.read_text(encoding="utf-8"))
    suite.write_text(yaml.safe_dump({**content, **change}), encoding="utf-8")
    with pytest.raises(InputError, match=message):
        evaluate(config(suite), tmp_path / "out")


def test_missing_and_repeated_suites_are_refused(
    tmp_path: Path, suite: Path, config: Callable[..., EvalConfig]
) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        evaluate(config(tmp_path / "missing.yaml"), tmp_path / "a")
    copy = tmp_path / "copy.yaml"
    copy.write_bytes(suite.read_bytes())
    with pytest.raises(InputError, match="'hope-mft-001' stands twice"):
        evaluate(config(suite, copy), tmp_path / "b")
