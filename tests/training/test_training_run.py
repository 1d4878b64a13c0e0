"""Training from configuration to model folder, on a tiny base."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.torch import load_file, save, save_file
from tokenizers import Tokenizer
from transformers import AutoTokenizer

from expertstance import ConfigError, InputError, ModelError, StanceClassifier
from expertstance.cli.main import main
from expertstance.hub import shipped_model
from expertstance.windows import encode
from expertstance_training import loop
from expertstance_training.batches import build_dataset, epoch_batches, soft_target
from expertstance_training.calibrate import calibrate, fit_min_score, fit_temperature
from expertstance_training.config import Lora, TrainConfig, load_config
from expertstance_training.loop import macro_f1
from expertstance_training.rows import LabelledRow, split_groups
from expertstance_training.run import train

GOOD = ["the plan will succeed", "we hope for growth", "a good deal", "progress and growth"]
BAD = ["the plan will fail", "a bad deal", "nobody knows", "failure and risk"]


def write_rows(path: Path, *, repeats: int = 8, **columns: Any) -> Path:
    rows = [
        {"text": f"{text} {'yet ' * k}".strip(), "label": label, "topic": f"{label}{k}", **columns}
        for label, texts in (("pro", GOOD), ("contra", BAD))
        for text in texts
        for k in range(repeats)
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


@pytest.fixture
def config(tiny_base: Path, tmp_path: Path) -> TrainConfig:
    data = write_rows(tmp_path / "rows.jsonl")
    return TrainConfig(
        name="pro-contra",
        base=str(tiny_base),
        labels=["pro", "contra"],
        data={"train": [str(data)], "holdout": 0.25},  # type: ignore[arg-type]
        epochs=3,
        freeze_embeddings=False,
        batch_size=8,
        learning_rate=5e-3,
        patience=3,
        checkpoint_every=2,
        precision="fp32",
        device="cpu",
    )


def weights(folder: Path) -> dict[str, Any]:
    return {name: tensor.numpy() for name, tensor in load_file(folder / "model" / "model.safetensors").items()}


def best_weights(run_folder: Path) -> dict[str, Any]:
    tensors = load_file(run_folder / "checkpoint.safetensors")
    return {name.removeprefix("best."): t.numpy() for name, t in tensors.items() if name.startswith("best.")}


def stop_in_step(patch: pytest.MonkeyPatch, stop_after: int) -> None:
    """Let that many training steps pass, then act as if Ctrl-C was pressed."""
    real_step, calls = loop._step, 0

    def stopping_step(*args: Any) -> float:
        nonlocal calls
        calls += 1
        if calls > stop_after:
            raise KeyboardInterrupt
        return real_step(*args)

    patch.setattr(loop, "_step", stopping_step)


def test_any_label_set_trains_and_the_run_folder_tells_how(config: TrainConfig, tmp_path: Path) -> None:
    config = config.model_copy(update={"epochs": 12, "patience": 12, "storage": "int4"})
    facts = train(config, tmp_path / "run")
    assert facts["validation"]["macro_f1"] > 0.9
    classifier = StanceClassifier.from_pretrained(tmp_path / "run" / "model", precision="fp32")
    assert list(classifier.classes_) == ["pro", "contra"]
    assert classifier.predict("the good plan will succeed").label == "pro"
    assert classifier.predict("a bad plan will fail").label == "contra"
    assert classifier.revision == facts["revision"]
    stored = json.loads((tmp_path / "run" / "run.json").read_text(encoding="utf-8"))
    assert stored == facts
    assert stored["data"]["train"]["rows"] + stored["data"]["validation"]["rows"] == 64
    assert {"torch", "transformers"} <= set(stored["versions"])
    assert "peft" not in stored["versions"]
    assert load_config(tmp_path / "run" / "config.yaml") == config
    log = [json.loads(line) for line in (tmp_path / "run" / "metrics.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [line["epoch"] for line in log] == list(range(1, 13))
    assert log[-1]["train_loss"] < log[0]["train_loss"]
    packed = StanceClassifier.from_pretrained(tmp_path / "run" / "model-int4", precision="fp32")
    assert packed.revision == facts["revision_int4"]
    rounded, kept = packed.model.state_dict(), classifier.model.state_dict()
    assert all(torch.equal(rounded[name], kept[name]) for name in kept)
    trained = best_weights(tmp_path / "run")
    assert not np.array_equal(trained["classifier.weight"], kept["classifier.weight"].numpy())
    card = (tmp_path / "run" / "model" / "README.md").read_text(encoding="utf-8")
    assert f"{facts['validation']['macro_f1']:.3f}" in card
    assert "model-index" in card
    assert "library_name: transformers" in card
    assert not {"license", "base_model"} & set(yaml.safe_load(card.split("---")[1]))
    assert str(Path(config.base).parent) not in card
    card = (tmp_path / "run" / "model-int4" / "README.md").read_text(encoding="utf-8")
    assert "library_name: expertstance" in card
    assert "packed to four bits" in card


def test_validation_statements_that_were_trained_on_are_told(
    config: TrainConfig, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = Path(config.data.train[0]).read_text(encoding="utf-8").splitlines(keepends=True)
    (tmp_path / "part.jsonl").write_text("".join(rows[:20]), encoding="utf-8")
    settings = config.model_dump() | {"epochs": 1}
    settings["data"] |= {"holdout": 0.0, "validation": [str(tmp_path / "part.jsonl")]}
    (tmp_path / "leak.yaml").write_text(yaml.safe_dump(settings), encoding="utf-8")
    assert main(["train", str(tmp_path / "leak.yaml"), "--out", str(tmp_path / "run")]) == 0
    assert "warning: 20 of the 20 validation statements stand in the training data too" in capsys.readouterr().err
    settings["data"] |= {"holdout": 0.25, "validation": []}
    (tmp_path / "leak.yaml").write_text(yaml.safe_dump(settings), encoding="utf-8")
    assert main(["train", str(tmp_path / "leak.yaml"), "--out", str(tmp_path / "other")]) == 0
    assert "warning" not in capsys.readouterr().err


def test_same_seed_same_weights_other_seed_other_weights(config: TrainConfig, tmp_path: Path) -> None:
    train(config, tmp_path / "a")
    train(config, tmp_path / "b")
    train(config.model_copy(update={"seed": 14}), tmp_path / "c")
    a, b, c = (weights(tmp_path / name) for name in "abc")
    assert all(np.array_equal(a[name], b[name]) for name in a)
    assert any(not np.array_equal(a[name], c[name]) for name in a)


def test_dropout_is_the_bases_or_the_configurations(config: TrainConfig, tmp_path: Path) -> None:
    for dropout in (None, 0.1, 0.0):
        train(config.model_copy(update={"epochs": 1, "dropout": dropout}), tmp_path / str(dropout))
    default, same, none = (weights(tmp_path / name) for name in ("None", "0.1", "0.0"))
    assert all(np.array_equal(default[name], same[name]) for name in default)  # 0.1 is what BERT has itself
    assert any(not np.array_equal(default[name], none[name]) for name in default)


@pytest.mark.parametrize("stop_after", [1, 5, 6, 9])
def test_a_stopped_run_goes_on_to_the_same_weights(
    config: TrainConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stop_after: int
) -> None:
    train(config, tmp_path / "whole")
    with monkeypatch.context() as patch:
        stop_in_step(patch, stop_after)
        with pytest.raises(KeyboardInterrupt):
            train(config, tmp_path / "stopped")
    if stop_after == 1:  # before the first checkpoint there is nothing to go on from
        with pytest.raises(InputError, match="start without --resume"):
            train(config, tmp_path / "stopped", resume=True)
        return
    with (tmp_path / "stopped" / "metrics.jsonl").open("a", encoding="utf-8") as log_file:
        log_file.write('{"epoch": 2, "st')  # as a stop amid writing leaves it
    facts = train(config, tmp_path / "stopped", resume=True)
    whole, stopped = weights(tmp_path / "whole"), weights(tmp_path / "stopped")
    assert all(np.array_equal(whole[name], stopped[name]) for name in whole)
    assert facts["validation"] == json.loads((tmp_path / "whole" / "run.json").read_text("utf-8"))["validation"]
    log = (tmp_path / "stopped" / "metrics.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["epoch"] for line in log] == [1, 2, 3]


def test_a_finished_run_is_calibrated_anew_without_training(config: TrainConfig, tmp_path: Path) -> None:
    first = train(config.model_copy(update={"min_accuracy": 0.0}), tmp_path / "run")
    assert not (tmp_path / "run" / "model-int4").exists()
    card = tmp_path / "run" / "model" / "README.md"
    assert "low_confidence" not in card.read_text(encoding="utf-8")
    packed = config.model_copy(update={"storage": "int4"})
    assert train(packed, tmp_path / "run", resume=True)["revision"] != first["revision"]
    assert (tmp_path / "run" / "model-int4").is_dir()
    again = train(config.model_copy(update={"min_accuracy": 1.0}), tmp_path / "run", resume=True)
    assert not (tmp_path / "run" / "model-int4").exists()
    assert first["calibration"]["min_score"] == 0.0
    assert again["calibration"]["min_score"] > 0.0
    below = f"a best label below {again['calibration']['min_score']:.3f} is marked `low_confidence`"
    assert below in card.read_text(encoding="utf-8")
    assert again["revision"] == first["revision"]


def test_norms_and_biases_make_up_for_the_rounding(config: TrainConfig, tmp_path: Path) -> None:
    def finish(**settings: Any) -> tuple[dict[str, Any], Any]:
        train(config.model_copy(update=settings), tmp_path / "run", resume=(tmp_path / "run").exists())
        classifier = StanceClassifier.from_pretrained(tmp_path / "run" / "model", precision="fp32")
        uncalibrated = classifier.predict_proba([*GOOD, *BAD]) ** classifier.calibration.temperature
        return weights(tmp_path / "run"), uncalibrated / uncalibrated.sum(axis=1, keepdims=True)

    whole, wanted = finish()
    rounded, without = finish(storage="int4", recovery_steps=0)
    recovered, made_up = finish(storage="int4", recovery_steps=150)
    again, _ = finish(storage="int4", recovery_steps=150)
    assert np.abs(made_up - wanted).mean() < 0.7 * np.abs(without - wanted).mean()
    for name in whole:
        assert np.array_equal(again[name], recovered[name])
        assert np.array_equal(rounded[name], recovered[name]) is (whole[name].ndim == 2)
        as_stored = whole[name].astype(np.float16 if whole[name].ndim == 1 else np.float32)
        assert np.array_equal(rounded[name], as_stored) is (whole[name].ndim == 1)


def test_weights_are_averaged_with_another_run_of_the_same_base(config: TrainConfig, tmp_path: Path) -> None:
    train(config, tmp_path / "a")
    other = config.model_copy(update={"seed": 14})
    train(other, tmp_path / "b")
    both = config.model_copy(update={"average_with": [str(tmp_path / "b" / "model")]})
    train(both, tmp_path / "a2")
    a, b, mean = (weights(tmp_path / name) for name in ("a", "b", "a2"))
    for name in a:
        np.testing.assert_allclose(mean[name], (a[name] + b[name]) / 2, atol=1e-6)


def test_adapters_are_merged_before_weights_are_averaged(config: TrainConfig, tmp_path: Path) -> None:
    train(config, tmp_path / "a")
    with_lora = TrainConfig.model_validate({**config.model_dump(), "lora": {"rank": 4}})
    train(with_lora, tmp_path / "b")
    train(with_lora.model_copy(update={"average_with": [str(tmp_path / "a" / "model")]}), tmp_path / "mean")
    a, b, mean = (weights(tmp_path / name) for name in ("a", "b", "mean"))
    for name in a:
        np.testing.assert_allclose(mean[name], (a[name] + b[name]) / 2, atol=1e-6)


def test_weights_to_average_are_checked_before_the_training(
    config: TrainConfig, tiny_base: Path, tiny_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    train(config, tmp_path / "a")
    model = tmp_path / "a" / "model"
    settings = json.loads((model / "config.json").read_text(encoding="utf-8"))
    headless, swapped = tmp_path / "headless", tmp_path / "swapped"
    for folder, source, labels in (
        (headless, tiny_base, {"0": "pro", "1": "contra"}),
        (swapped, model, {"0": "contra", "1": "pro"}),
    ):
        shutil.copytree(source, folder)
        (folder / "config.json").write_text(json.dumps(settings | {"id2label": labels}), encoding="utf-8")
    monkeypatch.setattr(torch.optim.AdamW, "step", lambda *_: pytest.fail("trained before the check"))
    for folder, error, message in (
        (tmp_path / "absent", ModelError, "does not exist"),
        (headless, InputError, r"average_with: .*headless has no bert\..* of shape"),
        (swapped, InputError, r"average_with: .*swapped has the labels \['contra', 'pro'\], .* \['pro', 'contra'\]"),
        (tiny_model, InputError, r"average_with: .* has the labels"),
    ):
        with pytest.raises(error, match=message):
            train(config.model_copy(update={"average_with": [str(folder)]}), tmp_path / "b")
        assert not (tmp_path / "b").exists()


def test_several_runs_from_one_start_are_averaged(config: TrainConfig, tmp_path: Path) -> None:
    train(config, tmp_path / "alone")
    facts = train(config.model_copy(update={"runs": 2}), tmp_path / "both")
    assert [run["seed"] for run in facts["runs"]] == [config.seed, config.seed + 1]
    first, second = (best_weights(tmp_path / "both" / name) for name in ("run-1", "run-2"))
    alone, both = weights(tmp_path / "alone"), weights(tmp_path / "both")
    assert any(not np.array_equal(first[name], second[name]) for name in first)
    for name in first:
        np.testing.assert_array_equal(first[name], alone[name])
        np.testing.assert_allclose(both[name], (first[name] + second[name]) / 2, atol=1e-7)
    card = (tmp_path / "both" / "model" / "README.md").read_text(encoding="utf-8")
    assert f"the mean of 2 runs' weights (seed {config.seed}, best epoch" in card


@pytest.mark.parametrize("stop_after", [7, 20])
def test_several_runs_go_on_where_they_were_stopped(
    config: TrainConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stop_after: int
) -> None:
    config = config.model_copy(update={"runs": 2})
    steps = sum(run["steps"] for run in train(config, tmp_path / "whole")["runs"])
    assert stop_after < steps
    with monkeypatch.context() as patch:
        stop_in_step(patch, stop_after)
        with pytest.raises(KeyboardInterrupt):
            train(config, tmp_path / "stopped")
    train(config, tmp_path / "stopped", resume=True)
    whole, stopped = weights(tmp_path / "whole"), weights(tmp_path / "stopped")
    assert all(np.array_equal(whole[name], stopped[name]) for name in whole)


def test_a_run_can_be_added_or_left_out(config: TrainConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    two, three = (config.model_copy(update={"runs": runs}) for runs in (2, 3))
    train(two, tmp_path / "two")
    steps = train(three, tmp_path / "three")["runs"][2]["steps"]
    mean = {name: weights(tmp_path / name) for name in ("two", "three")}
    with monkeypatch.context() as patch:
        stop_in_step(patch, steps)  # those of the third run; what is done is not done again
        grown = train(three, tmp_path / "two", resume=True)
        train(two, tmp_path / "three", resume=True)
    assert [run["seed"] for run in grown["runs"]] == [config.seed, config.seed + 1, config.seed + 2]
    for folder, before in (("two", mean["three"]), ("three", mean["two"])):
        after = weights(tmp_path / folder)
        assert all(np.array_equal(after[name], before[name]) for name in before)


def test_adapters_beside_no_module_are_one_sentence(config: TrainConfig, tmp_path: Path) -> None:
    with pytest.raises(
        InputError, match=r"lora.target_modules \['nope'\]: .*; give names of the base's linear modules"
    ):
        train(config.model_copy(update={"lora": Lora(target_modules=["nope"])}), tmp_path / "run")


def test_a_diverging_run_is_one_sentence(config: TrainConfig, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"the training diverged, its loss is .*; give a lower learning_rate"):
        train(config.model_copy(update={"learning_rate": 1e30, "warmup": 0.0}), tmp_path / "run")


def test_resume_refuses_another_configuration(config: TrainConfig, tmp_path: Path) -> None:
    base = Path(shutil.copytree(config.base, tmp_path / "base"))
    config = config.model_copy(update={"base": str(base)})
    train(config, tmp_path / "run")
    with pytest.raises(InputError, match="another configuration, another base or other data"):
        train(config.model_copy(update={"learning_rate": 1e-3}), tmp_path / "run", resume=True)
    save_file(
        {name: 2 * tensor for name, tensor in load_file(base / "model.safetensors").items()}, base / "model.safetensors"
    )
    with pytest.raises(InputError, match="another configuration, another base or other data"):
        train(config, tmp_path / "run", resume=True)
    assert load_config(tmp_path / "run" / "config.yaml") == config
    without_data = config.model_copy(update={"data": config.data.model_copy(update={"train": ["absent.jsonl"]})})
    with pytest.raises(InputError, match="exclude each other"):
        train(without_data, tmp_path / "run", resume=True, overwrite=True)
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "config.yaml").write_text("mine: 1\n", encoding="utf-8")
    for folder in ("other", "absent"):
        with pytest.raises(InputError, match="start without --resume"):
            train(config, tmp_path / folder, resume=True)
    assert (tmp_path / "other" / "config.yaml").read_text(encoding="utf-8") == "mine: 1\n"
    with pytest.raises(InputError, match="not empty; give --resume, --overwrite"):
        train(config, tmp_path / "run")


def test_a_damaged_checkpoint_leads_to_a_new_run(config: TrainConfig, tmp_path: Path) -> None:
    train(config, tmp_path / "run")
    foreign = [save({"x": torch.zeros(1)}, metadata=metadata) for metadata in (None, {}, {"progress": "{}"})]
    for content in (b"x", *foreign):
        (tmp_path / "run" / "checkpoint.safetensors").write_bytes(content)
        with pytest.raises(InputError, match=r"is damaged or no checkpoint of a run .*; start anew with --overwrite"):
            train(config, tmp_path / "run", resume=True)
    train(config.model_copy(update={"runs": 2, "storage": "int4", "epochs": 1}), tmp_path / "run", overwrite=True)
    train(config, tmp_path / "run", overwrite=True)
    assert not (tmp_path / "run" / "run-1").exists()


def test_macro_f1_is_over_the_labels_that_are_held_out(config: TrainConfig, tmp_path: Path) -> None:
    """A label that no held-out statement has must not pull the mean down, in the log as little as in the result."""
    assert macro_f1([0, 0, 1, 1], np.array([0, 0, 1, 2])) == pytest.approx((1 + 2 / 3) / 2)
    changes = {"labels": ["pro", "contra", "never"], "epochs": 12, "patience": 12}
    facts = train(config.model_copy(update=changes), tmp_path / "run")
    assert facts["validation"]["macro_f1"] > 0.9
    log = [json.loads(line) for line in (tmp_path / "run" / "metrics.jsonl").read_text(encoding="utf-8").splitlines()]
    assert max(line["validation_macro_f1"] for line in log) == pytest.approx(facts["validation"]["macro_f1"])


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"thesis.txt": ""}, r"is no run .*config\.yaml cannot be read .*; give another --out"),
        ({"config.yaml": "mine: 1"}, "is no run .*mine: there is no such key"),
        ({"config.yaml": None, "thesis.txt": ""}, r"'thesis\.txt', which no run writes; .*give another --out"),
        ({"config.yaml": None, "model/notes.txt": "", "run-1/metrics.jsonl": ""}, r"'model/notes\.txt', which no run"),
    ],
)
def test_overwrite_empties_run_folders_only(
    config: TrainConfig, tmp_path: Path, files: dict[str, str | None], message: str
) -> None:
    folder = tmp_path / "run"
    contents = {folder / name: yaml.safe_dump(config.model_dump()) if c is None else c for name, c in files.items()}
    for path, content in contents.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match=message):
        train(config, folder, overwrite=True)
    assert {path: path.read_text(encoding="utf-8") for path in contents} == contents


def test_the_current_folder_is_never_emptied(
    config: TrainConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "config.yaml").write_text(yaml.safe_dump(config.model_dump()), encoding="utf-8")
    monkeypatch.chdir(folder)
    with pytest.raises(InputError, match="is or holds the current folder"):
        train(config, Path(), overwrite=True)
    assert load_config(folder / "config.yaml") == config


def test_lora_trains_few_weights_and_saves_a_plain_model(config: TrainConfig, tmp_path: Path) -> None:
    changes = {"lora": {"rank": 4, "alpha": 8}, "epochs": 2, "storage": "int4"}
    facts = train(TrainConfig.model_validate({**config.model_dump(), **changes}), tmp_path / "run")
    assert "peft" in facts["versions"]
    names = set(load_file(tmp_path / "run" / "model" / "model.safetensors"))
    assert not [name for name in names if "lora" in name]
    plain, packed = (StanceClassifier.from_pretrained(tmp_path / "run" / name) for name in ("model", "model-int4"))
    assert plain.revision == facts["revision"]
    assert all(torch.equal(packed.model.state_dict()[k], v) for k, v in plain.model.state_dict().items())


def test_a_context_column_decides(tiny_base: Path, tmp_path: Path) -> None:
    rows = [
        {"text": f"the plan {'yet ' * k}", "context": context, "label": label, "topic": str(k)}
        for k in range(30)
        for context, label in (("good growth", "yes"), ("bad failure", "no"))
    ]
    path = tmp_path / "rows.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    config = TrainConfig.model_validate(
        {
            "name": "context",
            "base": str(tiny_base),
            "labels": ["yes", "no"],
            "data": {"train": [str(path)], "holdout": 0.2},
            "learning_rate": 5e-3,
            "batch_size": 8,
            "epochs": 12,
            "freeze_embeddings": False,
            "patience": 12,
            "device": "cpu",
            "precision": "fp32",
        }
    )
    train(config, tmp_path / "run")
    classifier = StanceClassifier.from_pretrained(tmp_path / "run" / "model", precision="fp32")
    assert classifier.predict("the plan", context="good growth").label == "yes"
    assert classifier.predict("the plan", context="bad failure").label == "no"


@pytest.mark.parametrize("family", ["roberta", "deberta-v2", "modernbert"])
def test_larger_bases_train_and_load_alike(family: str, config: TrainConfig, tiny_base: Path, tmp_path: Path) -> None:
    from transformers import AutoConfig, AutoModel, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(tiny_base)
    sizes: dict[str, Any] = {
        "vocab_size": len(tokenizer),
        "hidden_size": 32,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "intermediate_size": 64,
        "pad_token_id": tokenizer.pad_token_id,
    }
    if family == "modernbert":
        sizes |= dict.fromkeys(("bos_token_id", "eos_token_id", "cls_token_id", "sep_token_id"), 0)
    if family == "roberta":
        sizes["type_vocab_size"] = 2
    base = tmp_path / family
    AutoModel.from_config(AutoConfig.for_model(family, **sizes)).save_pretrained(base)  # type: ignore[no-untyped-call]
    tokenizer.save_pretrained(base)
    facts = train(config.model_copy(update={"base": str(base), "epochs": 1}), tmp_path / "run")
    classifier = StanceClassifier.from_pretrained(tmp_path / "run" / "model", precision="fp32")
    assert classifier.predict_proba(GOOD).shape == (4, 2)
    assert facts["runs"][0]["epochs"] == 1


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", r"line 2: no JSON in UTF-8 \(Expecting"),
        ('{"text": "x"}', r"line 2: label: it is missing; mend or remove the line"),
        ('{"text": "", "label": "pro"}', r"line 2: text: "),
        (
            '{"text": "x", "label": "maybe"}',
            r"line 2: label 'maybe' is not one of \['pro', 'contra'\]; mend it, or name it",
        ),
        ('{"text": "x", "label": "pro", "second": "maybe"}', r"line 2: label 'maybe'"),
        ('{"text": "x", "label": "pro", "probabilities": {"pro": 0.9, "maybe": 0.1}}', r"line 2: label 'maybe'"),
        (
            '{"text": "x", "label": "pro", "probabilities": {"pro": 0.7, "contra": 0.1}}',
            r"line 2: probabilities: shares are .*sum to 1",
        ),
        ('{"text": "x", "label": "pro", "probabilities": {"pro": 1.1, "contra": -0.1}}', r"line 2: .*at least 0"),
    ],
)
def test_bad_training_rows_are_named(config: TrainConfig, tmp_path: Path, line: str, message: str) -> None:
    path = tmp_path / "bad.jsonl"
    path.write_text('{"text": "x", "label": "pro"}\n' + line + "\n", encoding="utf-8")
    bad = config.model_copy(update={"data": config.data.model_copy(update={"train": [str(path)]})})
    with pytest.raises(InputError, match=message):
        train(bad, tmp_path / "run")


def test_a_missing_file_or_base_is_named(config: TrainConfig, tmp_path: Path) -> None:
    absent = config.model_copy(update={"data": config.data.model_copy(update={"train": ["absent.jsonl"]})})
    with pytest.raises(InputError, match=r"'absent\.jsonl': no such file"):
        train(absent, tmp_path / "run")
    (tmp_path / "pickled").mkdir()
    (tmp_path / "pickled" / "pytorch_model.bin").write_bytes(b"x")
    with pytest.raises(ModelError, match=r"no model\.safetensors"):
        train(config.model_copy(update={"base": str(tmp_path / "pickled")}), tmp_path / "run")
    with pytest.raises(ModelError, match="nowhere' does not exist"):  # before the data is read, which takes minutes
        train(absent.model_copy(update={"base": str(tmp_path / "nowhere")}), tmp_path / "run")
    cut = Path(shutil.copytree(config.base, tmp_path / "cut"))
    (cut / "model.safetensors").write_bytes((cut / "model.safetensors").read_bytes()[:999])
    with pytest.raises(ModelError, match=r"base .*cut: .*; give a plain encoder's folder"):
        train(config.model_copy(update={"base": str(cut)}), tmp_path / "run")


def test_a_base_may_have_fewer_positions_than_max_length(config: TrainConfig, short_base: Path, tmp_path: Path) -> None:
    with Path(config.data.train[0]).open("a", encoding="utf-8") as file:
        for k in range(8):
            file.write(json.dumps({"text": "deal " * (90 + k), "label": "pro", "topic": f"pro{k}"}) + "\n")
    short = config.model_copy(update={"base": str(short_base), "epochs": 1})
    with pytest.raises(
        InputError, match=r"max_length 160: .*short-base reads 62 word pieces at a time; give 62 or less"
    ):
        train(short, tmp_path / "run")
    assert not (tmp_path / "run").exists()
    assert train(short.model_copy(update={"max_length": 62}), tmp_path / "run")["data"]["cut_to_max_length"] > 0


def test_the_shipped_recipe_takes_a_folder_of_its_base(
    root: Path, config: TrainConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As ``scripts/e5_base.py`` makes it, beside a configuration that pins the hub's revision."""
    monkeypatch.chdir(tmp_path)
    shutil.copytree(config.base, "intfloat/e5-small")
    recipe = load_config(root / "configs/e5-small.yaml")
    changes = {"data": config.data, "labels": config.labels, "no_outlook_label": None, "recovery_steps": 1}
    train(recipe.model_copy(update=changes), Path("run"))
    header = yaml.safe_load(Path("run/model-int4/README.md").read_text(encoding="utf-8").split("---")[1])
    assert (header["license"], header["base_model"]) == ("apache-2.0", "intfloat/e5-small")


def test_a_min_accuracy_out_of_reach_is_told(
    config: TrainConfig, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = Path(config.data.train[0]).read_text(encoding="utf-8")
    wrong = rows.replace('"pro"', '"x"').replace('"contra"', '"pro"').replace('"x"', '"contra"')
    (tmp_path / "wrong.jsonl").write_text(wrong, encoding="utf-8")
    settings = config.model_dump() | {"epochs": 12, "patience": 12, "min_accuracy": 1.0}
    settings["data"] |= {"holdout": 0.0, "validation": [str(tmp_path / "wrong.jsonl")]}
    for min_accuracy, warned in ((1.0, True), (0.0, False)):
        settings["min_accuracy"] = min_accuracy
        (tmp_path / "config.yaml").write_text(yaml.safe_dump(settings), encoding="utf-8")
        arguments = ["--out", str(tmp_path / "run"), *(() if warned else ("--resume",))]
        assert main(["train", str(tmp_path / "config.yaml"), *arguments]) == 0
        told = "warning: no threshold makes accepted held-out predictions right 100% of the time"
        assert (told in capsys.readouterr().err) is warned
        facts = json.loads((tmp_path / "run" / "run.json").read_text(encoding="utf-8"))
        assert facts["min_accuracy_reached"] is not warned


def test_every_shipped_configuration_loads(root: Path) -> None:
    paths = [path for path in sorted((root / "configs").glob("*.yaml")) if not path.name.startswith("eval-")]
    assert len(paths) >= 6
    names = [load_config(path).name for path in paths]
    assert len(set(names)) == len(names)


def test_the_shipped_model_comes_from_the_shipped_configuration(root: Path) -> None:
    recipe = load_config(root / "configs/e5-small.yaml")
    assert load_config(shipped_model() / "config.yaml") == recipe


def test_all_faults_of_a_configuration_are_told_at_once(tmp_path: Path) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text("name: x\nlabels: [a, b]\nepoch: 3\nlearning_rate: -1\ndata: {train: [x], holdout: 0.1}\n")
    with pytest.raises(ConfigError, match=r"learning_rate: .*; epoch: there is no such key"):
        load_config(path)
    path.write_text(
        "name: x\nlabels: [a, a]\nno_outlook_label: b\nbase: some/hub-id\ndata: {train: [x], holdout: 0.1}\n"
        "runs: 2\nlora: {rank: 4}\n"
    )
    with pytest.raises(ConfigError) as caught:
        load_config(path)
    for part in ("labels repeat", "no_outlook_label 'b' is not", "besides", "pin a hub id with 'revision'", "lora: "):
        assert part in str(caught.value)
    path.write_text("name: x\nlabels: [a, b]\ndata: {train: [x]}\n")
    with pytest.raises(ConfigError, match="either 'validation' files or a 'holdout' share"):
        load_config(path)
    with pytest.raises(ConfigError, match="cannot be read"):
        load_config(tmp_path / "absent.yaml")


@settings(max_examples=40, deadline=None)
@given(st.floats(0.3, 4.0), st.integers(2, 5), st.integers(0, 1000))
def test_the_fitted_temperature_is_the_one_the_logits_were_made_with(temperature: float, k: int, seed: int) -> None:
    generator = np.random.default_rng(seed)
    logits = generator.normal(size=(4000, k)) * 2
    chosen = (logits + generator.gumbel(size=logits.shape)).argmax(axis=1)  # exact samples of softmax(logits)
    assert fit_temperature(logits * temperature, chosen.tolist()) == pytest.approx(temperature, rel=0.15)


def test_abstain_threshold_reaches_its_accuracy() -> None:
    scores = np.linspace(0.3, 0.99, 1000)
    right = np.random.default_rng(0).random(1000) < scores
    threshold = fit_min_score(scores, right, min_accuracy=0.8)
    assert threshold is not None
    assert right[scores >= threshold].mean() >= 0.8
    assert 0.4 < threshold < 0.8
    assert fit_min_score(scores, np.ones(1000, dtype=bool), min_accuracy=0.8) == 0.0
    assert fit_min_score(scores, np.zeros(1000, dtype=bool), min_accuracy=0.8) is None


def test_abstain_threshold_takes_equal_scores_together() -> None:
    scores, right = np.array([0.9, 0.8, 0.8, 0.8, 0.7]), np.array([True, True, False, False, False])
    assert fit_min_score(scores, right, min_accuracy=0.9) == 0.9
    assert fit_min_score(scores[1:4], right[1:4], min_accuracy=0.9) is None


def test_calibration_without_every_class_leaves_the_temperature_alone() -> None:
    logits = np.array([[3.0, 0.0, 0.0], [0.0, 3.0, 0.0]])
    fitted, _ = calibrate(logits, [0, 1], classes=["a", "b", "c"], no_outlook_label=None, min_accuracy=0.5)
    assert (fitted.temperature, fitted.fitted_on) == (1.0, 0)


def test_calibration_on_statements_that_are_all_right_leaves_the_temperature_alone() -> None:
    labels = [0, 1, 2] * 6
    fitted, _ = calibrate(np.eye(3)[labels] * 4, labels, classes=["a", "b", "c"], no_outlook_label=None, min_accuracy=0)
    assert (fitted.temperature, fitted.fitted_on) == (1.0, 0)


def test_calibration_on_few_statements_leaves_the_temperature_alone() -> None:
    logits = np.eye(2)[[0, 1, 0, 1]]
    fitted, _ = calibrate(logits, [0, 1, 1, 0], classes=["a", "b"], no_outlook_label=None, min_accuracy=0.5)
    assert (fitted.temperature, fitted.fitted_on) == (1.0, 0)


def test_rows_without_a_context_are_single_segments_beside_rows_with_one(tiny_base: Path) -> None:
    rows = [
        LabelledRow(text="the plan", label="a"),
        LabelledRow(text="a deal", label="a", context="growth"),
        LabelledRow(text="a deal", label="b", context=" "),
    ]
    tokenizer = AutoTokenizer.from_pretrained(tiny_base)
    dataset = build_dataset(rows, tokenizer, labels=["a", "b"], second_weight=0.0, max_length=32)
    whole = Tokenizer.from_file(str(tiny_base / "tokenizer.json"))
    scored = encode(whole, ["the plan", "a deal", "a deal"], [None, "growth", ""], window=32)
    assert dataset["input_ids"][:] == [window.input_ids for window in scored]
    assert dataset["token_type_ids"][:] == [window.token_type_ids for window in scored]


def test_code_in_the_folder_of_a_base_never_runs(
    config: TrainConfig, tiny_base: Path, with_own_code: Callable[[Path], Path], tmp_path: Path
) -> None:
    base = with_own_code(tiny_base)
    with pytest.raises(ModelError, match="give a plain encoder's folder"):
        train(config.model_copy(update={"base": str(base)}), tmp_path / "run")
    assert not (base / "ran").exists()


def test_soft_targets_share_with_the_second_label() -> None:
    row = LabelledRow(text="x", label="b", second="a")
    assert soft_target([row], ["a", "b", "c"], 0.25) == [0.25, 0.75, 0.0]
    assert soft_target([LabelledRow(text="x", label="b")], ["a", "b"], 0.25) == [0.0, 1.0]
    assert soft_target([LabelledRow(text="x", label="b", second="b")], ["a", "b"], 0.25) == [0.0, 1.0]


def test_a_models_share_of_the_target_is_its_distribution() -> None:
    reader = LabelledRow(text="x", label="b")
    model = LabelledRow(text="x", label="a", probabilities={"a": 0.5, "c": 0.25, "b": 0.25})
    assert soft_target([model], ["a", "b", "c"], 0.25) == [0.5, 0.25, 0.25]
    assert soft_target([reader, model], ["a", "b", "c"], 0.25) == [0.25, 0.625, 0.125]


def test_a_models_labels_are_trained_on_and_never_validate(config: TrainConfig, tmp_path: Path) -> None:
    model = str(write_rows(tmp_path / "model.jsonl", probabilities={"pro": 0.5, "contra": 0.5}))
    both = config.data.model_copy(update={"train": [*config.data.train, model]})
    facts = train(config.model_copy(update={"data": both, "epochs": 1}), tmp_path / "run")["data"]
    rows = 64 - facts["validation"]["rows"]
    assert facts["train"] == facts["train"] | {"rows": 2 * rows, "statements": rows}
    soft = config.data.model_copy(update={"holdout": 0.0, "validation": [model]})
    with pytest.raises(InputError, match=r"and 0 for validation .* no rows with probabilities"):
        train(config.model_copy(update={"data": soft}), tmp_path / "another")


def test_stand_off_labels_need_their_texts(config: TrainConfig, tmp_path: Path) -> None:
    data = config.data.model_copy(update={"train": ["soft_labels"]})
    with pytest.raises(InputError, match=r"265682 of 265682 soft_labels found no text in \[\]"):
        train(config.model_copy(update={"data": data}), tmp_path / "run")


def test_annotators_of_one_statement_share_one_row(tiny_base: Path) -> None:
    rows = [
        LabelledRow(text="the plan", label="b"),
        LabelledRow(text="the deal", label="a"),
        LabelledRow(text="the plan", label="a", second="b"),
        LabelledRow(text="the plan", label="b", context="the talks"),
    ]
    table = build_dataset(
        rows, AutoTokenizer.from_pretrained(tiny_base), labels=["a", "b"], second_weight=0.5, max_length=32
    )
    assert table["target"] == [[0.25, 0.75], [1.0, 0.0], [0.0, 1.0]]
    assert table["label"] == [1, 0, 1]


@given(st.lists(st.integers(1, 60), min_size=1, max_size=300), st.integers(1, 40), st.integers(0, 5), st.integers(0, 3))
def test_an_epoch_holds_every_row_once(lengths: list[int], batch_size: int, seed: int, epoch: int) -> None:
    batches = epoch_batches(lengths, batch_size=batch_size, seed=seed, epoch=epoch)
    assert sorted(k for batch in batches for k in batch) == list(range(len(lengths)))
    assert max(map(len, batches)) <= batch_size
    assert batches == epoch_batches(lengths, batch_size=batch_size, seed=seed, epoch=epoch)


@given(st.lists(st.integers(0, 20), min_size=1, max_size=80), st.floats(0.05, 0.9), st.integers(0, 9))
def test_no_group_stands_on_both_sides(groups: list[int], holdout: float, seed: int) -> None:
    rows = [LabelledRow(text=f"{k}", label="a", article_id=str(group)) for k, group in enumerate(groups)]
    kept, held = split_groups(rows, holdout=holdout, seed=seed)
    assert sorted(row.text for row in kept + held) == sorted(row.text for row in rows)
    assert not {row.group for row in kept} & {row.group for row in held}
