"""The commands ``evaluate`` and ``report`` from the outside: output, exit codes, one-line errors."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from expertstance.cli.main import main
from expertstance_eval.config import EvalConfig, dump_config

Config = Callable[..., EvalConfig]


@pytest.fixture
def config_file(config: Config, data: Path) -> Path:
    path = Path("config.yaml")
    path.write_text(dump_config(config()), encoding="utf-8")
    return path


def test_evaluate_verify_show_and_compare(config_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", str(config_file), "--out", "first"]) == 0
    assert "first: rows macro-F1 0." in capsys.readouterr().out
    assert sorted(path.name for path in Path("first").iterdir()) == [
        "config.yaml",
        "predictions.jsonl",
        "report.html",
        "report.md",
        "results.json",
    ]
    assert main(["report", "verify", "first", "--rerun"]) == 0
    assert "figures hold, and so does predicting again" in capsys.readouterr().out
    assert main(["report", "show", "first"]) == 0
    assert capsys.readouterr().out == Path("first/report.md").read_text(encoding="utf-8")
    assert main(["report", "show", "first", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["name"] == "tiny"
    assert main(["report", "compare", "first", "first"]) == 0
    assert "+0.000" in capsys.readouterr().out
    assert main(["report", "compare", "first", "first", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["refused"] == []


def test_the_report_goes_to_runs_by_default(config_file: Path) -> None:
    assert main(["evaluate", str(config_file)]) == 0
    assert Path("runs/tiny/results.json").is_file()


def test_a_fault_is_exit_code_1_and_an_unusable_input_2(
    report: Path, config_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (report / "report.md").write_text("something else", encoding="utf-8")
    assert main(["report", "verify", str(report)]) == 1
    assert "report.md: not what results.json renders to" in capsys.readouterr().err
    assert main(["report", "verify", "nowhere"]) == 2
    assert main(["evaluate", "nowhere.yaml"]) == 2
    assert "Traceback" not in capsys.readouterr().err
    assert main(["evaluate", str(config_file), "--out", str(report)]) == 2
    assert main(["evaluate", str(config_file), "--out", str(report), "--overwrite"]) == 0


def test_results_that_lack_a_figure_are_one_sentence(report: Path, capsys: pytest.CaptureFixture[str]) -> None:
    results = json.loads((report / "results.json").read_text(encoding="utf-8"))
    del results["figures"]["datasets"]
    (report / "results.json").write_text(json.dumps(results), encoding="utf-8")
    assert main(["report", "show", str(report)]) == 2
    assert "results.json is not as evaluate wrote it (KeyError('datasets')); evaluate again" in capsys.readouterr().err


@pytest.mark.parametrize("part", ["provenance", "task"])
@pytest.mark.parametrize("command", ["verify", "show", "compare"])
def test_results_that_lack_a_part_are_one_sentence(
    report: Path, part: str, command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    results = json.loads((report / "results.json").read_text(encoding="utf-8"))
    del results[part]
    (report / "results.json").write_text(json.dumps(results), encoding="utf-8")
    assert main(["report", command, *([str(report)] * (2 if command == "compare" else 1))]) == 2
    assert f"results.json lacks ['{part}'], so evaluate did not write it; evaluate again" in capsys.readouterr().err


def test_what_cannot_be_compared_is_exit_code_1(
    report: Path, config: Config, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("other.yaml").write_text(dump_config(config(seed=99)), encoding="utf-8")
    assert main(["evaluate", "other.yaml", "--out", "other"]) == 0
    assert main(["report", "compare", str(report), "other"]) == 1
    assert "not comparable: seed: 13 in the first report, 99 in the second" in capsys.readouterr().err


def test_registering_the_commands_loads_nothing_heavy() -> None:
    heavy = ["torch", "transformers", "datasets", "sklearn", "scipy", "matplotlib", "numpy"]
    code = f"import sys, expertstance_eval.cli; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
