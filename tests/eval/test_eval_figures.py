"""Figures for README, model card and ``.eval_results/``: generated from reports, and drift is noticed."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from huggingface_hub import parse_eval_result_entries

from expertstance.cli.main import main
from expertstance_eval.config import EvalConfig, parse_config
from expertstance_eval.run import evaluate

Config = Callable[..., EvalConfig]
ARTICLE = {
    "id": "port",
    "text": "The deal will succeed, said Vera Lindqvist.",
    "statements": [
        {"spans": [[0, 21]], "kind": "reported", "speaker": "Vera Lindqvist", "label": "optimistic"},
    ],
}
ATTRIBUTED = {
    "id": "port",
    "text": ARTICLE["text"],
    "attributions": [{"source": [[28, 42]], "cue": [[23, 27]], "content": [[0, 21]]}],
}
SUITE = "capability: hope\nkind: MFT\nabout: Hope is told.\ncases:\n- [optimistic, we hope for a good deal]\n"


@pytest.fixture(scope="module")
def made(
    tmp_path_factory: pytest.TempPathFactory, rows: list[dict[str, Any]], config: Config, tiny_model: Path
) -> Path:
    """A small project with one report of each kind on the tiny model."""
    folder = tmp_path_factory.mktemp("project")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        Path("data.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        Path("articles.jsonl").write_text(json.dumps(ARTICLE) + "\n", encoding="utf-8")
        Path("gold.jsonl").write_text(json.dumps(ATTRIBUTED) + "\n", encoding="utf-8")
        Path("hope.yaml").write_text(SUITE, encoding="utf-8")
        model = {"source": str(tiny_model)}
        for name in ("real_dev", "corpus_test"):
            evaluate(config(name=name), Path("reports", name))
        for content in (
            {"task": "behaviour", "name": "behaviour", "model": model, "suites": ["hope.yaml"]},
            {"task": "articles", "name": "articles", "model": model, "articles": ["articles.jsonl"]},
            {"task": "extraction", "name": "polnear_dev", "gold": "gold.jsonl"},
        ):
            evaluate(parse_config(content, place="test"), Path("reports", str(content["name"])))
        shutil.copytree(tiny_model, "model")
        Path("README.md").write_text("# P\n\n<!-- figures -->\nold\n<!-- /figures -->\n\nend\n", encoding="utf-8")
        Path("model/README.md").write_text("# card\n\n## Limits\n\nmany\n", encoding="utf-8")
    return folder


@pytest.fixture
def project(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = Path(shutil.copytree(made, tmp_path / "project"))
    monkeypatch.chdir(folder)
    return folder


ARGUMENTS = ["report", "figures", "--reports", "reports", "--readme", "README.md", "--model", "model"]


def test_figures_are_written_once_and_then_hold(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(ARGUMENTS) == 1
    assert "README.md: not the figures of the reports" in capsys.readouterr().err
    assert main([*ARGUMENTS, "--write"]) == 0
    assert main(ARGUMENTS) == 0
    readme = Path("README.md").read_text(encoding="utf-8")
    results = json.loads(Path("reports/real_dev/results.json").read_text(encoding="utf-8"))
    model = results["figures"]["datasets"]["rows"]["model"]
    assert f"{model['macro_f1']:.3f} [{model['intervals']['macro_f1'][0]:.3f}, " in readme
    assert readme.startswith("# P\n\n<!-- figures -->\n")
    assert readme.endswith("<!-- /figures -->\n\nend\n")
    assert "\nold\n" not in readme
    assert "| all | – | 1 | " in readme.split("\n\nThe behavioural cases are not unseen:")[0]
    card = Path("model/README.md").read_text(encoding="utf-8")
    assert card.index("## Measured") < card.index("## Limits")
    assert card.endswith("## Limits\n\nmany\n")


def test_the_hub_reads_the_results(project: Path) -> None:
    assert main([*ARGUMENTS, "--write"]) == 0
    results = json.loads(Path("reports/real_dev/results.json").read_text(encoding="utf-8"))
    entries = parse_eval_result_entries(yaml.safe_load(Path("model/.eval_results/real_dev.yaml").read_text()))
    values = {entry.task_id: entry.value for entry in entries}
    assert values["macro_f1"] == results["figures"]["datasets"]["rows"]["model"]["macro_f1"]
    assert {entry.dataset_id for entry in entries} == {"expertstance/real_dev"}
    names = sorted(path.stem for path in Path("model/.eval_results").iterdir())
    assert names == ["articles", "behaviour", "corpus_test", "real_dev"]


def test_a_changed_figure_is_noticed(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*ARGUMENTS, "--write"]) == 0
    card = Path("model/README.md")
    card.write_text(card.read_text(encoding="utf-8").replace("0.", "1.", 1), encoding="utf-8")
    capsys.readouterr()
    assert main(ARGUMENTS) == 1
    fault = capsys.readouterr().err
    assert "model/README.md" in fault
    assert fault.count("not the figures") == 1


def test_what_cannot_be_generated_is_refused(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    readme = Path("README.md")
    kept = readme.read_text(encoding="utf-8")
    readme.write_text("# P\n", encoding="utf-8")
    assert main(ARGUMENTS) == 2
    assert "must hold <!-- figures -->" in capsys.readouterr().err
    readme.write_text(kept, encoding="utf-8")
    settings = Path("model/config.json")
    settings.write_text(settings.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    assert main(ARGUMENTS) == 2
    assert "was made with another model than model (config.json differs)" in capsys.readouterr().err
    shutil.rmtree("reports/behaviour")
    assert main(ARGUMENTS) == 2
    assert "cannot be read" in capsys.readouterr().err
