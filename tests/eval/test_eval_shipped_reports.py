"""The reports that ship hold, are of the shipped model, hold no text of public data, and agree with the documents."""

import json
from pathlib import Path

import pytest

from expertstance_eval.compare import compare
from expertstance_eval.figures import REPORTS, differing, expected_files
from expertstance_eval.run import read_results
from expertstance_eval.verify import verify

PUBLIC = {
    "real_dev": ("data/real_dev.jsonl", 40),
    "polnear_dev": ("benchmarks/polnear_dev.jsonl", 60),
}


@pytest.fixture
def reports(root: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Folder of the shipped reports; paths in their configurations start at the project's root."""
    monkeypatch.chdir(root)
    return root / "eval" / "expertstance_eval" / "reports"


def test_no_report_is_missing_or_left_over(reports: Path) -> None:
    assert sorted(path.name for path in reports.iterdir()) == sorted(REPORTS)


@pytest.mark.parametrize("name", REPORTS)
def test_a_shipped_report_holds(reports: Path, name: str) -> None:
    verdict = verify(reports / name)
    assert verdict.faults == []
    assert verdict.figures > 20
    if (Path("..") / "shared").is_dir():
        assert not [note for note in verdict.notes if "is not here" in note]


def test_extracting_again_gives_the_articles_report_again(reports: Path) -> None:
    """The hashes in a report are of model and data; rules of extraction that have changed since show only here."""
    assert verify(reports / "articles", rerun=True).faults == []


def test_extracting_again_gives_the_polnear_report_again(reports: Path, shared: Path) -> None:
    assert verify(reports / "polnear_dev", rerun=True).faults == []


def test_readme_model_card_and_hub_results_hold_the_figures_of_the_reports(root: Path, reports: Path) -> None:
    model = root / "model" / "expertstance" / "shipped"
    assert differing(expected_files(reports=reports, readme=root / "README.md", model=model)) == []


@pytest.mark.parametrize("name", PUBLIC)
def test_no_text_of_public_data_is_in_a_report(reports: Path, shared: Path, name: str) -> None:
    """No run of words of a public text, as long as the limit in characters, stands in what a report is made of."""
    source, size = PUBLIC[name]
    names = ("predictions.jsonl", "results.json")
    stored = "\n".join((reports / name / file).read_text(encoding="utf-8") for file in names)
    for line in (shared / source).read_text(encoding="utf-8").splitlines():
        text = json.loads(line)["text"]
        pieces = [text[start : start + size] for start in range(0, len(text) - size + 1, size)]
        assert not [piece for piece in pieces if json.dumps(piece, ensure_ascii=False)[1:-1] in stored]


def test_a_report_of_an_older_version_still_loads(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Made by version 0.1.0 and kept: it reads, compares and gives the same figures; its pages may be drawn anew."""
    monkeypatch.chdir(tmp_path)
    folder = root / "tests" / "eval" / "old_report"
    results = read_results(folder)
    assert results["provenance"]["code"]["version"] == "0.1.0"
    assert [fault for fault in verify(folder).faults if not fault.startswith("report.")] == []
    assert compare(folder, folder).refused == []
