"""``expertstance export``: what it writes runs elsewhere and gives the same probabilities, or it is not written."""

import importlib.util
import json
import resource
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from expertstance import InputError, MissingExtraError, StanceClassifier
from expertstance.cli.main import main
from expertstance.errors import OutputError
from expertstance.export import ExportRefusedError, export_model
from expertstance.parity import compare
from expertstance.samples import builtin_samples, read_samples

HAS_ONNX = all(importlib.util.find_spec(name) for name in ("onnx", "onnxscript", "onnxruntime"))
HAS_OPENVINO = importlib.util.find_spec("openvino") is not None
needs_onnx = pytest.mark.skipif(not HAS_ONNX, reason="needs ONNX Runtime: [onnx]")
needs_openvino = pytest.mark.skipif(not HAS_OPENVINO, reason="needs OpenVINO: [openvino]")
COMMON_FILES = {
    "README.md",
    "calibration.json",
    "config.json",
    "parity.json",
    "tokenizer.json",
    "tokenizer_config.json",
}
EXAMPLES = ["It will hold.", "It is too early to tell."]  # of the README


@pytest.fixture
def gate(tmp_path: Path) -> Path:
    """A small gate file, one row of it with a context, one too long for a window."""
    rows: list[dict[str, Any]] = [
        {"text": "the deal will fail", "id": 7},
        {"text": "nobody knows", "context": "the talks"},
        {"text": "good progress in the talks , no doubt . " * 40},
    ]
    path = tmp_path / "gate.jsonl"
    path.write_text("\n\n".join(json.dumps(row) for row in rows) + "\n", encoding="utf-8")
    return path


def run_readme(folder: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The names that the lines of an exported folder's README define, run in that folder."""
    text = (folder / "README.md").read_text(encoding="utf-8")
    (code,) = [part.split("```")[0] for part in text.split("```python\n")[1:]]
    names: dict[str, Any] = {}
    with monkeypatch.context() as patch:
        patch.chdir(folder)
        exec(compile(code, "README.md", "exec"), names)
    return names


@pytest.mark.parametrize(
    ("format", "files"),
    [
        ("safetensors", {"model.safetensors"}),
        pytest.param("onnx", {"model.onnx"}, marks=needs_onnx),
        pytest.param("openvino", {"openvino_model.xml", "openvino_model.bin"}, marks=needs_openvino),
    ],
)
def test_an_export_gives_the_same_probabilities_with_the_lines_of_its_readme(
    format: str,
    files: set[str],
    tiny_model: Path,
    tiny: StanceClassifier,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    folder = tmp_path / "out"
    options = ["export", "-o", str(folder), "--format", format, "--model", str(tiny_model), "--json"]
    assert main(options) == 0
    (line,) = capsys.readouterr().out.splitlines()
    report = json.loads(line)
    assert report == json.loads((folder / "parity.json").read_text(encoding="utf-8"))
    assert {file.name for file in folder.iterdir()} == COMMON_FILES | files
    assert (report["model"], report["revision"], report["gate"]) == ("tiny", tiny.revision, "built-in")
    assert report["parity"]["n"] == 200
    assert report["parity"]["labels_changed"] == 0
    assert report["parity"]["mean_difference"] <= report["parity"]["largest_difference"] < 1e-4
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    assert list(config["id2label"].values()) == list(tiny.classes_)
    assert config["architectures"] == ["BertForSequenceClassification"]
    names = run_readme(folder, monkeypatch)
    expected = tiny.predict_proba(EXAMPLES)
    np.testing.assert_allclose(names["probabilities"], expected, atol=1e-4)
    assert names["labels"] == [str(tiny.classes_[k]) for k in expected.argmax(axis=1)]
    assert sorted(file.name for file in tmp_path.iterdir()) == ["out"]  # nothing else is left


@needs_onnx
def test_int8_is_kept_or_refused_by_what_it_computes(
    tiny_model: Path, gate: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "int8"
    options = ["export", "-o", str(folder), "--format", "onnx", "--precision", "int8", "--gate", str(gate)]
    code = main([*options, "--model", str(tiny_model)])
    if code == 0:
        report = json.loads((folder / "parity.json").read_text(encoding="utf-8"))
        assert 0 < report["parity"]["largest_difference"] <= 0.05
        assert report["parity"]["labels_changed"] == 0
    else:
        assert code == 1
        (line,) = capsys.readouterr().err.splitlines()
        assert "export of 'tiny' to onnx int8 is refused" in line
        assert not folder.exists()


@pytest.fixture
def full_disk(tiny_model: Path) -> Iterator[None]:
    """Every write behind 50 kB of a file fails; the tiny model's weights have 150."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, hard))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize(
    "format",
    ["safetensors", pytest.param("onnx", marks=needs_onnx), pytest.param("openvino", marks=needs_openvino)],
)
@pytest.mark.usefixtures("full_disk")
def test_a_full_disk_is_a_sentence_about_the_folder(tiny_model: Path, tmp_path: Path, format: str) -> None:
    with pytest.raises(OutputError, match=rf"^{tmp_path / 'out'} cannot be written \(.+\); make room there, or"):
        export_model(tiny_model, tmp_path / "out", format=format)
    assert not any(tmp_path.iterdir())


def test_a_refused_export_leaves_nothing_and_exits_1(
    broken_model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "new" / "out"
    options = ["--format", "safetensors", "--model", str(broken_model)]
    assert main(["export", "-o", str(folder), *options]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(
        "error: export of 'tiny' to safetensors fp32 is refused: it changes 0.0% of the labels of 200"
    )
    assert not any(folder.parent.iterdir())
    with pytest.raises(ExportRefusedError):
        export_model(broken_model, folder, format="safetensors")


def test_an_earlier_export_is_replaced_only_when_asked_and_nothing_else_ever(
    tiny_model: Path, broken_model: Path, gate: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "out"
    folder.mkdir()  # an empty folder is no loss
    assert export_model(tiny_model, folder, format="safetensors", gate=gate).gate == "gate.jsonl"
    with pytest.raises(InputError, match="exists; give --overwrite"):
        export_model(tiny_model, folder, format="safetensors", gate=gate)
    (folder / "old").touch()
    with pytest.raises(ExportRefusedError):  # a refusal keeps what was there
        export_model(broken_model, folder, format="safetensors", gate=gate, overwrite=True)
    assert (folder / "old").exists()
    export_model(tiny_model, folder, format="safetensors", gate=gate, overwrite=True)
    assert not (folder / "old").exists()
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "thesis.txt").touch()
    for output in (mine, mine / "thesis.txt"):
        with pytest.raises(InputError, match="is no earlier export"):
            export_model(tiny_model, output, format="safetensors", overwrite=True)
    assert (mine / "thesis.txt").exists()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--format", "tflite"], "format 'tflite' is unknown; give 'onnx', 'openvino', 'safetensors'"),
        (["--format", "onnx", "--precision", "int4"], "precision 'int4' is unknown"),
        (["--format", "openvino", "--precision", "int8"], "precision 'int8' is for format 'onnx'"),
        (["--format", "safetensors", "--gate", "absent.jsonl"], "absent.jsonl cannot be read"),
        (["--format", "safetensors", "--model", "/absent/model"], "'/absent/model' does not exist"),
        (["--format", "safetensors", "--revision", "abc"], "revision 'abc' is for a hub id"),
    ],
)
def test_wrong_options_are_one_line_and_exit_2(
    options: list[str], message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["export", "-o", str(tmp_path / "out"), *options]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert message in line
    assert not (tmp_path / "out").exists()


@pytest.mark.skipif(HAS_ONNX, reason="the extra onnx is installed")
def test_without_onnx_the_error_names_the_extra(tiny_model: Path, tmp_path: Path) -> None:
    with pytest.raises(MissingExtraError, match=r"pip install 'expertstance\[onnx\]'"):
        export_model(tiny_model, tmp_path / "out", format="onnx")


@pytest.mark.skipif(HAS_OPENVINO, reason="the extra openvino is installed")
def test_without_openvino_the_error_names_the_extra(tiny_model: Path, tmp_path: Path) -> None:
    with pytest.raises(MissingExtraError, match=r"pip install 'expertstance\[openvino\]'"):
        export_model(tiny_model, tmp_path / "out", format="openvino")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "holds no statement"),
        (b'{"text": "fine"}\n{"quote": "x"}\n', "line 2: text: it is missing"),
        (b'{"text": 3}\n', "line 1: text: Input should be a valid string"),
        (b'["x"]\n', "line 1"),
        (b"{text}\n", "line 1: no JSON in UTF-8"),
        ("é".encode("latin-1"), "line 1: no JSON in UTF-8"),
    ],
)
def test_an_unusable_gate_file_is_refused_with_its_line(content: bytes, message: str, tmp_path: Path) -> None:
    path = tmp_path / "gate.jsonl"
    path.write_bytes(content)
    with pytest.raises(InputError, match=message) as caught:
        read_samples(path)
    assert "gate.jsonl" in str(caught.value)


def test_the_built_in_statements_are_many_and_of_all_lengths() -> None:
    samples = builtin_samples()
    lengths = [len(sample.text.split()) for sample in samples]
    assert len({sample.text for sample in samples}) == len(samples) == 200
    assert min(lengths) <= 3
    assert max(lengths) >= 200
    assert sum(sample.context is not None for sample in samples) >= 20


def shares(n: int) -> np.ndarray[Any, np.dtype[np.float64]]:
    return np.tile([0.6, 0.3, 0.1], (n, 1))


def test_the_gate_draws_its_line_where_it_says() -> None:
    reference = shares(400)
    reference[:3] = [0.41, 0.40, 0.19]
    near = reference.copy()
    near[:2] = [0.40, 0.41, 0.19]  # two of 400 are 0.5 %, which is not more than that
    assert compare(reference, near).fault() is None
    near[2] = [0.40, 0.41, 0.19]
    assert "changes 0.8% of the labels of 400 statements (limit 0.5%)" in str(compare(reference, near).fault())
    moved = reference.copy()
    moved[9] = [0.549, 0.351, 0.1]
    assert "moves a probability by 0.051 (limit 0.05)" in str(compare(reference, moved).fault())
    lost = reference.copy()
    lost[9, 1] = np.nan
    assert compare(reference, lost).largest_difference == 1.0
    assert compare(reference, lost).fault() is not None


@given(arrays.arrays(float, (5, 3), elements=st.floats(0, 1)))
def test_a_model_is_at_parity_with_itself(probabilities: np.ndarray[Any, np.dtype[np.float64]]) -> None:
    found = compare(probabilities, probabilities)
    assert (found.n, found.labels_changed, found.largest_difference, found.mean_difference) == (5, 0, 0, 0)
    assert found.fault() is None
