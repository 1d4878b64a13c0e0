"""A report through its life: written, the same again, verified, and caught when tampered with."""

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.torch import load_file, save_file
from sklearn.metrics import f1_score

from expertstance import InputError, ModelError, StanceClassifier
from expertstance_eval.config import EvalConfig
from expertstance_eval.run import evaluate
from expertstance_eval.verify import verify

Config = Callable[..., EvalConfig]
Edit = Callable[[list[dict[str, Any]]], None]


def read(folder: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((folder / "results.json").read_text(encoding="utf-8"))
    return content


def test_figures_are_those_of_the_model(report: Path, rows: list[dict[str, Any]], tiny_model: Path) -> None:
    results = read(report)
    classifier = StanceClassifier.from_pretrained(tiny_model, device="cpu", precision="fp32")
    classes = list(classifier.classes_)
    predicted = [classes[k] for k in classifier.predict_proba([row["text"] for row in rows]).argmax(axis=1)]
    gold = [row["label"] for row in rows]
    figures = results["figures"]["datasets"]["rows"]
    assert figures["n"] == len(rows)
    assert figures["groups"] == len({row["article_id"] for row in rows})
    expected = f1_score(gold, predicted, labels=classes, average="macro", zero_division=0.0)
    assert figures["model"]["macro_f1"] == pytest.approx(expected, abs=1e-6)
    low, high = figures["model"]["intervals"]["macro_f1"]
    assert low < high
    outlooks = [k for k, label in enumerate(gold) if label != "none"]
    assert figures["outlooks_only"]["n"] == len(outlooks)
    best = classifier.predict([rows[k]["text"] for k in outlooks])
    accuracy = np.mean([p.label == gold[k] for p, k in zip(best, outlooks, strict=True)])
    assert figures["outlooks_only"]["accuracy"] == pytest.approx(float(accuracy), abs=1e-6)
    assert {value: part["n"] for value, part in figures["slices"]["disputed"].items()} == {"no": 20, "yes": 20}
    assert sum(part["n"] for part in figures["slices"]["length"].values()) == len(rows)
    assert figures["calibration"]["before"]["log_loss"] != figures["calibration"]["after"]["log_loss"]
    assert figures["samples"]["ids"] == [row["id"] for row in rows]


def test_a_report_says_where_it_comes_from(report: Path, data: Path, tiny_model: Path) -> None:
    results = read(report)
    assert results["inputs"]["files"] == {str(data): hashlib.sha256(data.read_bytes()).hexdigest()}
    weights = hashlib.sha256((tiny_model / "model.safetensors").read_bytes()).hexdigest()
    assert results["inputs"]["model"]["files"]["model.safetensors"] == weights
    assert results["inputs"]["model"]["precision"] == "float32"
    assert results["provenance"]["packages"]["torch"]
    assert results["provenance"]["hardware"]["cores"] >= 1
    assert results["config"]["seed"] == 13


def test_no_text_of_the_data_is_in_the_report(report: Path, rows: list[dict[str, Any]]) -> None:
    for path in report.iterdir():
        content = path.read_text(encoding="utf-8")
        assert not [row["id"] for row in rows if row["text"] in content], path.name
        assert not [row["id"] for row in rows if row["article_id"] in content], path.name


def test_the_page_is_self_contained(report: Path) -> None:
    page = (report / "report.html").read_text(encoding="utf-8")
    assert page.count("<svg") == page.count("</svg>") == 3
    for forbidden in ("<script", "<link", "src=", "@import", "<?xml"):
        assert forbidden not in page
    ids = [part.split('"')[0] for part in page.split(' id="')[1:]]
    assert len(ids) == len(set(ids))


def test_two_runs_differ_in_run_facts_only(report: Path, tmp_path: Path, config: Config) -> None:
    again = tmp_path / "again"
    evaluate(config(), again, command="another command")
    assert (again / "predictions.jsonl").read_bytes() == (report / "predictions.jsonl").read_bytes()
    assert (again / "config.yaml").read_bytes() == (report / "config.yaml").read_bytes()
    first, second = read(report), read(again)
    assert first.pop("run_facts") != second.pop("run_facts")
    assert json.dumps(first) == json.dumps(second)
    for name, mark in (("report.md", "## Run facts"), ("report.html", "<h2>Run facts</h2>")):
        pages = [(folder / name).read_text(encoding="utf-8").split(mark) for folder in (report, again)]
        assert pages[0][0] == pages[1][0], name


def test_an_untouched_report_holds(report: Path) -> None:
    verdict = verify(report, rerun=True)
    assert verdict.faults == []
    assert verdict.notes == []
    assert verdict.figures > 100


def test_a_report_on_int8_says_so_and_holds(data: Path, tmp_path: Path, config: Config) -> None:
    pytest.importorskip("openvino", reason="needs OpenVINO: [openvino]")
    evaluate(config(model={"precision": "int8"}), tmp_path / "out")
    inputs, packages = read(tmp_path / "out")["inputs"], read(tmp_path / "out")["provenance"]["packages"]
    assert inputs["model"]["precision"] == "int8"
    assert packages["openvino"]
    assert verify(tmp_path / "out", rerun=True).faults == []


def _edit_rows(folder: Path, edit: Callable[[list[dict[str, Any]]], None]) -> None:
    path = folder / "predictions.jsonl"
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    edit(rows)
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")


def flip_label(rows: list[dict[str, Any]]) -> None:
    rows[3]["gold"] = "optimistic" if rows[3]["gold"] != "optimistic" else "skeptical"


def change_probability(rows: list[dict[str, Any]]) -> None:
    rows[5]["probabilities"][0] += 1e-5
    rows[5]["probabilities"][1] -= 1e-5


def delete_row(rows: list[dict[str, Any]]) -> None:
    del rows[7]


def swap_ids(rows: list[dict[str, Any]]) -> None:
    rows[0]["id"], rows[1]["id"] = rows[1]["id"], rows[0]["id"]


def regroup(rows: list[dict[str, Any]]) -> None:
    rows[0]["group"] = rows[-1]["group"]


def move_slice(rows: list[dict[str, Any]]) -> None:
    rows[0]["slices"]["kind"] = "direct" if rows[0]["slices"]["kind"] != "direct" else "reported"


TAMPERINGS: dict[Edit, str] = {
    flip_label: "gold is",
    change_probability: "probabilities are",
    delete_row: "row 'row-8' of rows, the data has 'row-7'",
    swap_ids: "row 'row-1' of rows, the data has 'row-0'",
    regroup: "group is",
    move_slice: "slices is",
}


@pytest.mark.parametrize("edit", TAMPERINGS)
@pytest.mark.parametrize("forged", [False, True], ids=["plain", "with the hash forged"])
def test_tampered_predictions_are_caught(
    report: Path, edit: Callable[[list[dict[str, Any]]], None], forged: bool
) -> None:
    _edit_rows(report, edit)
    if forged:
        results = read(report)
        results["predictions_sha256"] = hashlib.sha256((report / "predictions.jsonl").read_bytes()).hexdigest()
        (report / "results.json").write_text(json.dumps(results), encoding="utf-8")
    faults = verify(report).faults
    assert any("the file has changed" in fault for fault in faults) != forged
    assert any(TAMPERINGS[edit] in fault for fault in faults), faults


def test_a_flipped_label_names_the_figures_that_differ(report: Path) -> None:
    _edit_rows(report, flip_label)
    faults = verify(report).faults
    assert any("figure datasets.rows.model.macro_f1: the report says" in fault for fault in faults)


def test_a_swapped_data_file_is_caught(report: Path, data: Path, rows: list[dict[str, Any]]) -> None:
    data.write_text("".join(json.dumps({**row, "text": row["text"] + " ."}) + "\n" for row in rows), encoding="utf-8")
    faults = verify(report).faults
    assert any(str(data) in fault and "SHA-256" in fault for fault in faults)
    assert any("text_sha256 is" in fault for fault in faults)


def test_a_missing_data_file_is_a_note_not_a_fault(report: Path, data: Path) -> None:
    data.unlink()
    verdict = verify(report)
    assert verdict.faults == []
    assert any(str(data) in note for note in verdict.notes)


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("figures", "datasets", "rows", "model", "accuracy"), 0.99),
        (("figures", "datasets", "rows", "model", "intervals", "macro_f1", 0), 0.5),
        (("figures", "datasets", "rows", "samples", "ids", 0), "another"),
        (("figures", "datasets", "rows", "model", "confusion", 0, 0), 40),
        (("config", "seed"), 14),
        (("inputs", "model", "temperature"), 1.0),
    ],
    ids=lambda value: ".".join(map(str, value)) if isinstance(value, tuple) else "",
)
def test_an_edited_result_is_caught(report: Path, place: tuple[Any, ...], value: object) -> None:
    results = read(report)
    inner: Any = results
    for key in place[:-1]:
        inner = inner[key]
    inner[place[-1]] = value
    (report / "results.json").write_text(json.dumps(results), encoding="utf-8")
    assert verify(report).faults


@pytest.mark.parametrize("name", ["report.md", "report.html", "config.yaml"])
def test_an_edited_page_is_caught(report: Path, name: str) -> None:
    path = report / name
    path.write_text(path.read_text(encoding="utf-8").replace("0", "9", 1), encoding="utf-8")
    assert any(name in fault for fault in verify(report).faults)


@pytest.mark.parametrize("name", ["report.md", "report.html", "config.yaml", "predictions.jsonl"])
def test_a_removed_file_is_caught(report: Path, name: str) -> None:
    (report / name).unlink()
    assert any(name in fault for fault in verify(report).faults)


def test_damaged_predictions_are_a_fault_not_a_crash(report: Path) -> None:
    path = report / "predictions.jsonl"
    path.write_text(path.read_text(encoding="utf-8")[:-30], encoding="utf-8")
    assert any("cannot be recomputed" in fault for fault in verify(report).faults)


def test_predicting_again_with_another_model_is_caught(
    data: Path, tmp_path: Path, config: Config, tiny_model: Path
) -> None:
    copy = tmp_path / "model"
    shutil.copytree(tiny_model, copy)
    folder = tmp_path / "copy-report"
    evaluate(config(model={"source": str(copy)}), folder)
    calibration = json.loads((copy / "calibration.json").read_text(encoding="utf-8"))
    (copy / "calibration.json").write_text(json.dumps({**calibration, "temperature": 1.4}), encoding="utf-8")
    assert verify(folder).faults == []
    assert verify(folder, rerun=True).faults == ["the model is another one now: ['calibration.json']"]


def test_predicting_again_with_another_vocabulary_is_caught(
    data: Path, tmp_path: Path, config: Config, tiny_model: Path
) -> None:
    """Where the tokenizer is no ``tokenizer.json``, no file of it is hashed."""
    model, folder = Path(shutil.copytree(tiny_model, tmp_path / "model")), tmp_path / "out"
    pieces = json.loads((model / "tokenizer.json").read_text(encoding="utf-8"))["model"]["vocab"]
    (model / "tokenizer.json").unlink()
    (model / "tokenizer_config.json").write_text('{"tokenizer_class": "BertTokenizer"}', encoding="utf-8")
    vocabulary = "".join(f"{piece}\n" for piece in sorted(pieces, key=pieces.__getitem__))
    vocabulary = vocabulary.replace("##9\n", "[MASK]\n")  # BERT's tokenizer adds the piece where it is missing
    (model / "vocab.txt").write_text(vocabulary, encoding="utf-8")
    evaluate(config(model={"source": str(model)}), folder)
    assert verify(folder, rerun=True).faults == []
    (model / "vocab.txt").write_text(vocabulary.replace("succeed\n", "sunk\n"), encoding="utf-8")
    assert verify(folder, rerun=True).faults == ["the model is another one now: ['tokenizer']"]
    results = read(folder)
    del results["inputs"]["model"]["tokenizer_sha256"]  # as in reports that were made before it was recorded
    (folder / "results.json").write_text(json.dumps(results), encoding="utf-8")
    assert verify(folder).faults == []


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_model_that_gives_no_numbers_is_named(
    data: Path, tmp_path: Path, config: Config, tiny_model: Path, value: float
) -> None:
    model = Path(shutil.copytree(tiny_model, tmp_path / "model"))
    weights = load_file(model / "model.safetensors")
    weights["classifier.bias"][0] = value
    save_file(weights, model / "model.safetensors")
    with pytest.raises(ModelError, match=rf"model 'tiny' gives the logits \[{value}, .* for 'the deal .*"):
        evaluate(config(model={"source": str(model)}), tmp_path / "out")


def test_a_report_folder_is_not_overwritten_by_accident(
    report: Path, config: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(InputError, match="not empty; give --overwrite"):
        evaluate(config(), report)
    evaluate(config(), report, overwrite=True)
    other = tmp_path / "other"
    other.mkdir()
    (other / "letter.txt").write_text("keep me", encoding="utf-8")
    for results, message in (
        (None, r"is no report .*results\.json cannot be read .*; give another --out"),
        ("{}", "is no report .*format 1"),
        (json.dumps(read(report)), r"'letter\.txt', which no report"),
    ):
        if results is not None:
            (other / "results.json").write_text(results, encoding="utf-8")
        with pytest.raises(InputError, match=message):
            evaluate(config(), other, overwrite=True)
        assert (other / "letter.txt").read_text(encoding="utf-8") == "keep me"
    monkeypatch.chdir(report)
    with pytest.raises(InputError, match="is or holds the current folder"):
        evaluate(config(), Path(), overwrite=True)


def test_a_failed_evaluation_leaves_what_was_there(report: Path, config: Config, data: Path) -> None:
    before = {path.name: path.read_bytes() for path in report.iterdir()}
    data.write_text("{", encoding="utf-8")
    with pytest.raises(InputError, match="line 1"):
        evaluate(config(), report, overwrite=True)
    with pytest.raises(InputError, match="line 1"):
        evaluate(config(), Path("new"))
    assert {path.name: path.read_bytes() for path in report.iterdir()} == before
    assert sorted(path.name for path in Path().iterdir()) == ["data.jsonl", "report"]


def test_folders_beside_the_report_are_left_alone(config: Config, data: Path) -> None:
    letter = Path("out.partial") / "letter.txt"
    letter.parent.mkdir()
    letter.write_text("keep me", encoding="utf-8")
    evaluate(config(), Path("out"))
    assert letter.read_text(encoding="utf-8") == "keep me"
    assert sorted(path.name for path in Path().iterdir()) == ["data.jsonl", "out", "out.partial"]
    assert Path("out").stat().st_mode == letter.parent.stat().st_mode


def test_the_level_of_the_intervals_is_not_rounded(data: Path, config: Config, tmp_path: Path) -> None:
    for confidence, shown in ((0.995, "99.5%"), (0.95, "95%"), (0.57, "57%")):
        evaluate(config(confidence=confidence, resamples=5), tmp_path / shown)
        assert f"Brackets: {shown} intervals" in (tmp_path / shown / "report.md").read_text(encoding="utf-8")


def test_a_folder_without_a_report_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="give a folder that evaluate wrote"):
        verify(tmp_path)
    (tmp_path / "results.json").write_text('{"format": 99}', encoding="utf-8")
    with pytest.raises(InputError, match="format 1"):
        verify(tmp_path)
