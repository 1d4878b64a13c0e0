"""``expertstance doctor``: it tells what it uses and why, and finds numbers that are wrong."""

import importlib.util
import json
from collections.abc import Sequence
from copy import copy
from pathlib import Path

import pytest
import torch
from torch import Tensor

from expertstance import InputError, StanceClassifier
from expertstance.cli.main import main
from expertstance.devices import choose_dtype
from expertstance.doctor import batch_check, device_check, examine, int8_check
from expertstance.hub import sha256
from expertstance.inference import Forward
from expertstance.samples import Sample, builtin_samples
from expertstance.windows import Window

WORDS = "the deal will fail,nobody knows yet,good progress in the talks and good hope".split(",")
SAMPLES = [Sample(text=text) for text in WORDS]


def with_forward(classifier: StanceClassifier, forward: Forward) -> StanceClassifier:
    """The classifier with another back end."""
    other = copy(classifier)
    other._forward, other.backend = forward, "faulty"
    return other


def test_the_table_names_the_model_and_what_computes_it(tiny_model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--model", str(tiny_model), "--device", "cpu"]) == 0
    captured = capsys.readouterr()
    assert captured.err == ""
    for words in ("tiny", "packed", "statements/s", "passed", "threads", "torch"):
        assert words in captured.out


def test_the_json_form_holds_it_all(tiny_model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = ["--device", "cpu", "--precision", "fp32", "--backend", "transformers"]
    assert main(["doctor", "--model", str(tiny_model), "--json", *options]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    found = json.loads(line)
    assert (found["device"], found["precision"], found["backend"]) == ("cpu", "fp32", "transformers")
    assert found["backend_reason"] == "as asked"
    assert found["sha256"] == sha256(tiny_model / "model.safetensors")
    assert found["sha256"].startswith(found["revision"])
    assert found["versions"]["torch"] == torch.__version__
    assert found["statements_per_second"] > 0
    (check,) = found["checks"]  # the CPU needs no comparison with itself
    assert check["passed"]
    assert check["largest_difference"] <= check["limit"] == 1e-4


def pretend_cpu(monkeypatch: pytest.MonkeyPatch, *, amx: bool, avx512_bf16: bool, name: str) -> None:
    monkeypatch.setattr(torch.cpu, "_is_amx_tile_supported", lambda: amx)
    monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda: avx512_bf16)
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {"cpu_name": name}, raising=False)


@pytest.mark.parametrize(
    ("amx", "avx512_bf16", "name", "expected"),
    [
        (True, True, "Intel Xeon", torch.bfloat16),
        (False, True, "AMD EPYC", torch.bfloat16),
        (False, True, "Intel Xeon", torch.float32),  # AMX hidden from a virtual machine: bf16 is slower than fp32
        (False, False, "AMD EPYC", torch.float32),
    ],
)
def test_precision_is_the_fastest_of_the_processor(
    monkeypatch: pytest.MonkeyPatch, amx: bool, avx512_bf16: bool, name: str, expected: torch.dtype
) -> None:
    pretend_cpu(monkeypatch, amx=amx, avx512_bf16=avx512_bf16, name=name)
    assert choose_dtype("auto", torch.device("cpu")) is expected


def test_precision_and_back_end_are_explained(tiny_model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pretend_cpu(monkeypatch, amx=False, avx512_bf16=False, name="")
    plain = examine(tiny_model, device="cpu", seconds=0)
    assert (plain.precision, plain.precision_reason) == ("fp32", "bf16 is no faster than fp32 here")
    assert (plain.backend, plain.backend_reason) == ("packed", "a BERT classifier on a CPU")
    assert "bf16 (slow)" in plain.precisions
    asked = examine(tiny_model, device="cpu", precision="bf16", seconds=0)
    assert asked.precision == "bf16"
    assert "slower than fp32" in asked.precision_reason
    assert not asked.failed
    assert asked.checks[0].limit == 0.02


def test_a_model_without_numbers_fails_and_exits_1(broken_model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--model", str(broken_model), "--device", "cpu", "--json"]) == 1
    captured = capsys.readouterr()
    (line,) = captured.err.splitlines()
    assert "check failed: batch of 1 = batch of" in line
    assert not json.loads(captured.out)["checks"][0]["passed"]


def test_a_back_end_that_mixes_statements_up_is_found(tiny: StanceClassifier) -> None:
    def shifted(windows: Sequence[Window]) -> Tensor:
        logits = tiny._forward(windows)
        return logits + logits.mean(dim=0)

    assert batch_check(tiny, SAMPLES).passed
    assert not batch_check(with_forward(tiny, shifted), SAMPLES).passed


def test_a_device_with_wrong_numbers_is_found(tiny: StanceClassifier) -> None:
    samples = builtin_samples()[:20]

    def off(windows: Sequence[Window]) -> Tensor:
        return tiny._forward(windows) * 1.5

    assert device_check(tiny, tiny, samples).passed
    found = device_check(with_forward(tiny, off), tiny, samples)
    assert found.labels_changed == 0  # it is the probabilities that betray it
    assert not found.passed


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA GPU")
def test_a_gpu_is_compared_with_the_cpu(tiny_model: Path) -> None:
    found = examine(tiny_model, device="cuda", seconds=0.1)
    assert [check.name for check in found.checks][1:] == ["cuda = cpu, in fp32"]
    assert not found.failed


def test_what_is_not_to_be_had_is_refused(tiny_model: Path) -> None:
    with pytest.raises(InputError, match="fp16"):
        examine(tiny_model, device="cpu", precision="fp16")
    with pytest.raises(InputError, match="revision 'abc' is for a hub id"):
        examine(tiny_model, revision="abc")


@pytest.mark.skipif(importlib.util.find_spec("openvino") is None, reason="needs OpenVINO: [openvino]")
def test_int8_is_held_against_fp32() -> None:
    found = examine(precision="int8", seconds=0.0)
    assert (found.precision, found.backend) == ("int8", "openvino")
    assert "openvino" in found.backends
    assert [(check.name, check.passed) for check in found.checks] == [
        ("batch of 1 = batch of 67", True),
        ("int8 = fp32", True),
    ]


def test_int8_with_numbers_of_its_own_is_found_out(tiny: StanceClassifier) -> None:
    wrong = with_forward(tiny, lambda windows: torch.zeros(len(windows), len(tiny.classes_)))
    assert not int8_check(wrong, tiny, builtin_samples()).passed
