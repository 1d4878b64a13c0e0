"""A training run from configuration to model folder.

A run folder holds ``config.yaml``, ``run.json`` (versions, data hashes, hardware, results), ``metrics.jsonl``,
``checkpoint.safetensors`` and the trained model in ``model/`` (and ``model-int4/``, the packed form, if asked for).
Where several runs are averaged, log and checkpoint of each stand in ``run-1/``, ``run-2/`` and so on.
"""

import hashlib
import json
import platform
import re
import shutil
from collections.abc import Sequence
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import torch
import yaml
from numpy.typing import NDArray
from safetensors import SafetensorError
from sklearn.metrics import f1_score, log_loss
from transformers import AutoModelForSequenceClassification, AutoTokenizer, PreTrainedModel, PreTrainedTokenizerBase

from expertstance.calibration import Calibration
from expertstance.classifier import StanceClassifier
from expertstance.devices import choose_device, choose_dtype
from expertstance.errors import ConfigError, InputError, ModelError
from expertstance.folders import check_emptiable
from expertstance.hub import resolve_model, sha256
from expertstance.loading import label_names, read_config
from expertstance.weights import find_weights, read_weights, weights_revision
from expertstance.windows import window_size
from expertstance_training.batches import build_dataset
from expertstance_training.calibrate import calibrate
from expertstance_training.card import model_card
from expertstance_training.checkpoint import FILE_NAME as CHECKPOINT_NAME
from expertstance_training.checkpoint import Progress, read_progress
from expertstance_training.config import Lora, TrainConfig, load_config
from expertstance_training.hydrate import READERS, TEACHER, hydrate, read_annotations, shipped_annotations
from expertstance_training.loop import LOG_NAME, Setup, fine_tune, logits_of, macro_f1
from expertstance_training.rounding import round_to_int4
from expertstance_training.rows import LabelledRow, check_labels, data_hash, read_rows, split_groups

ANNOTATIONS = {"annotations": READERS, "soft_labels": TEACHER}
CONFIG_NAME = "config.yaml"
_OF_A_RUN = rf"{re.escape(LOG_NAME)}|{re.escape(CHECKPOINT_NAME)}(\.partial)?"
_OF_A_MODEL = (
    r"README\.md|(config|calibration|tokenizer|tokenizer_config|special_tokens_map|added_tokens|vocab)\.json|"
    r"model(\.int4)?\.safetensors|(vocab|merges)\.txt|(spiece|spm|tokenizer|sentencepiece\.bpe)\.model"
)
_WRITTEN = rf"config\.yaml|run\.json|{_OF_A_RUN}|run-\d+(/({_OF_A_RUN}))?|model(-int4)?(/({_OF_A_MODEL}))?"
_PACKAGES = ("expertstance", "torch", "transformers", "tokenizers", "datasets", "scikit-learn", "numpy")


def train(config: TrainConfig, folder: Path, *, resume: bool = False, overwrite: bool = False) -> dict[str, Any]:
    """Fine-tune, calibrate and save; returns what ``run.json`` holds.

    Args:
        config: What to train.
        folder: Run folder; made if it does not exist.
        resume: Go on from the folder's checkpoint, to the same weights as an uninterrupted run.
        overwrite: Empty the folder first, which has to hold a run and nothing else.

    Raises:
        InputError: Data cannot be used, the base reads less than ``max_length``, the folder holds a run already, or
            there is nothing to resume.
        ModelError: The base is not to be had.
    """
    if resume and overwrite:
        raise InputError("resume and overwrite exclude each other: go on with the run, or begin it anew")
    versions = {name: version(name) for name in (*_PACKAGES, *(("peft",) if config.lora is not None else ()))}
    base = _find_base(config)
    base_hash = sha256(find_weights(base))
    _check_max_length(config, base)
    train_rows, validation_rows = _load_data(config)
    torch.manual_seed(config.seed)
    device = choose_device(config.device)
    tokenizer, plain = _load_base(config, base, device)
    _weights_to_average(config, plain)  # a fault must not wait for the end of the training
    _prepare_folder(folder, resume=resume, overwrite=overwrite)
    model = plain if config.lora is None else _with_adapters(plain, config.lora)
    datasets = [
        build_dataset(
            rows,
            tokenizer,
            labels=config.labels,
            second_weight=config.second_weight,
            max_length=config.max_length,
        )
        for rows in (train_rows, validation_rows)
    ]
    hashes = {"train": data_hash(train_rows), "validation": data_hash(validation_rows)}
    setup = Setup(
        model=model,
        train=datasets[0],
        validation=datasets[1],
        pad_token_id=int(tokenizer.pad_token_id or 0),
        dtype=choose_dtype(config.precision, device),
        device=device,
        fingerprint=_fingerprint(config, {**hashes, "base": base_hash}),
    )
    if resume:
        read_progress(_run_folders(config, folder)[0], fingerprint=setup.fingerprint)
    (folder / CONFIG_NAME).write_text(yaml.safe_dump(config.model_dump(), sort_keys=False), encoding="utf-8")
    runs = _fine_tune_all(setup, config, folder, resume=resume)
    merged: PreTrainedModel = model.merge_and_unload() if config.lora is not None else model
    _average(merged, _weights_to_average(config, merged))
    if config.storage == "int4":
        round_to_int4(replace(setup, model=merged), config)
    logits = logits_of(replace(setup, model=merged), datasets[1])
    calibration, reached = calibrate(
        logits,
        datasets[1]["label"],
        classes=config.labels,
        no_outlook_label=config.no_outlook_label,
        min_accuracy=config.min_accuracy,
    )
    facts = {
        "name": config.name,
        "base": {"name": config.base, "weights_sha256": base_hash},
        "versions": versions,
        "hardware": {"device": str(device), "processor": platform.machine(), "threads": torch.get_num_threads()},
        "precision": str(setup.dtype).removeprefix("torch."),
        "data": _data_facts(config, {"train": train_rows, "validation": validation_rows}, setup, hashes),
        "runs": [
            {"seed": config.seed + k, "best_epoch": run.best_epoch, "epochs": run.epoch, "steps": run.step}
            for k, run in enumerate(runs)
        ],
        "validation": _metrics(logits, datasets[1]["label"], config.labels, calibration),
        "calibration": calibration.model_dump(),
        "min_accuracy_reached": reached,
    }
    return _save(config, folder, merged, tokenizer, calibration, facts)


def _data_facts(
    config: TrainConfig, rows: dict[str, list[LabelledRow]], setup: Setup, hashes: dict[str, str]
) -> dict[str, Any]:
    sides = (("train", config.data.train, setup.train), ("validation", config.data.validation, setup.validation))
    return {
        side: {"sources": sources, "rows": len(rows[side]), "statements": len(dataset), "sha256": hashes[side]}
        for side, sources, dataset in sides
    } | {
        "cut_to_max_length": int(np.sum(setup.train["cut"])),
        "validation_statements_trained_on": len(_statements(rows["train"]) & _statements(rows["validation"])),
    }


def _statements(rows: list[LabelledRow]) -> set[tuple[str, str | None]]:
    return {(row.text, row.context) for row in rows}


def _fine_tune_all(setup: Setup, config: TrainConfig, folder: Path, *, resume: bool) -> list[Progress]:
    """Run ``config.runs`` times from the same weights and leave the mean of what comes out in the model.

    Several runs have a folder each, ``run-1`` and so on; a resume takes up the one that was stopped.
    """
    trained = [parameter for parameter in setup.model.parameters() if parameter.requires_grad]
    start = [parameter.detach().clone() for parameter in trained]
    total = [torch.zeros_like(parameter) for parameter in start]
    runs = []
    for k, place in enumerate(_run_folders(config, folder)):
        place.mkdir(exist_ok=True)
        goes_on = resume and (k == 0 or (place / CHECKPOINT_NAME).is_file())
        if not goes_on:
            (place / LOG_NAME).unlink(missing_ok=True)
        _set(trained, start)
        runs.append(fine_tune(setup, config.model_copy(update={"seed": config.seed + k}), place, resume=goes_on))
        for sum_, parameter in zip(total, trained, strict=True):
            sum_ += parameter.detach()
    if config.runs > 1:
        _set(trained, [sum_ / config.runs for sum_ in total])
    return runs


def _run_folders(config: TrainConfig, folder: Path) -> list[Path]:
    return [folder] if config.runs == 1 else [folder / f"run-{k + 1}" for k in range(config.runs)]


def _set(parameters: Sequence[torch.Tensor], values: Sequence[torch.Tensor]) -> None:
    with torch.no_grad():
        for parameter, value in zip(parameters, values, strict=True):
            parameter.copy_(value)


def _fingerprint(config: TrainConfig, hashes: dict[str, str]) -> str:
    """What training itself depends on; what is done with the trained weights may change and the run be resumed."""
    later = {"name", "license", "runs", "average_with", "min_accuracy", "storage", "recovery_steps"}
    deciding = config.model_dump_json(exclude=later)
    return hashlib.sha256((deciding + json.dumps(hashes)).encode()).hexdigest()


def _load_data(config: TrainConfig) -> tuple[list[LabelledRow], list[LabelledRow]]:
    rows = [row for source in config.data.train for row in _read_source(source, config)]
    if config.data.validation:
        kept, held_out = rows, [row for source in config.data.validation for row in _read_source(source, config)]
    else:
        kept, held_out = split_groups(rows, holdout=config.data.holdout, seed=config.seed)
    held_out = [row for row in held_out if row.probabilities is None]  # a model's labels measure nothing
    if not kept or not held_out:
        raise InputError(
            f"{len(rows)} rows leave {len(kept)} for training and {len(held_out)} for validation (holdout "
            f"{config.data.holdout}), which takes whole groups and no rows with probabilities; give more rows or "
            "groups, or another share"
        )
    return kept, held_out


def _read_source(source: str, config: TrainConfig) -> list[LabelledRow]:
    if source not in ANNOTATIONS:
        return read_rows(source, labels=config.labels)
    annotations = read_annotations(shipped_annotations(ANNOTATIONS[source]))
    found, missing = hydrate(annotations, [Path(path) for path in config.data.collections])
    if missing:
        raise InputError(
            f"{missing} of {len(annotations)} {source} found no text in {config.data.collections}; "
            "name every collection that they come from under 'collections'"
        )
    rows = [LabelledRow.model_validate(row) for row in found]
    for row in rows:
        check_labels(row, config.labels, source)
    return rows


def _prepare_folder(folder: Path, *, resume: bool, overwrite: bool) -> None:
    if resume:
        return
    if folder.is_dir() and any(folder.iterdir()):
        if not overwrite:
            raise InputError(f"run folder {folder} is not empty; give --resume, --overwrite or another --out")
        try:
            load_config(folder / CONFIG_NAME)
        except ConfigError as error:
            raise InputError(f"folder {folder} is no run and not emptied ({error}); give another --out") from error
        check_emptiable(folder, written=_WRITTEN, what="run")
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True)


def _find_base(config: TrainConfig) -> Path:
    """The base's folder; the revision is the hub's, a local folder, which wins, has none."""
    is_local = Path(config.base).expanduser().is_dir()
    return resolve_model(config.base, revision=None if is_local else config.revision)


def _check_max_length(config: TrainConfig, base: Path) -> None:
    most = window_size(read_config(base))
    if config.max_length > most:
        raise InputError(
            f"max_length {config.max_length}: a model on the base {config.base} reads {most} word pieces at a time; "
            f"give {most} or less"
        )


def _load_base(config: TrainConfig, base: Path, device: torch.device) -> tuple[PreTrainedTokenizerBase, Any]:
    try:
        tokenizer = AutoTokenizer.from_pretrained(base, trust_remote_code=False)
        return tokenizer, build_model(config, base, device).to(device)
    except (OSError, ValueError, SafetensorError) as error:
        reason = str(error).strip().splitlines()[0]
        raise ModelError(f"base {base}: {reason}; give a plain encoder's folder or hub id") from error


def build_model(config: TrainConfig, base: Path, device: torch.device) -> Any:
    """The base with a new head, its frozen parts frozen."""
    model = AutoModelForSequenceClassification.from_pretrained(
        base,
        use_safetensors=True,
        trust_remote_code=False,
        ignore_mismatched_sizes=True,  # a base that was a classifier of other labels keeps its encoder only
        dtype=torch.float32,
        # on a CPU the fused kernel's backward pass takes twice as long for short rows
        attn_implementation="eager" if device.type == "cpu" else None,
        id2label=dict(enumerate(config.labels)),
        label2id={label: k for k, label in enumerate(config.labels)},
    )
    if config.dropout is not None:
        for module in model.modules():
            if isinstance(module, torch.nn.Dropout):
                module.p = config.dropout
    if config.freeze_embeddings:
        model.get_input_embeddings().weight.requires_grad_(False)
    return model


def _with_adapters(model: Any, lora: Lora) -> Any:
    from peft import LoraConfig, TaskType, get_peft_model

    adapters = LoraConfig(
        task_type=TaskType.SEQ_CLS,
        r=lora.rank,
        lora_alpha=lora.alpha,
        lora_dropout=lora.dropout,
        target_modules=lora.target_modules,
    )
    try:
        return get_peft_model(model, adapters)
    except ValueError as error:
        reason = str(error).partition(". ")[0]
        raise InputError(
            f"lora.target_modules {lora.target_modules!r}: {reason}; give names of the base's linear modules"
        ) from error


def _weights_to_average(config: TrainConfig, model: torch.nn.Module) -> list[dict[str, torch.Tensor]]:
    """The weights of ``average_with``, which have to be those of models like this one for the same labels.

    Raises:
        InputError: A folder's labels, or the names or shapes of its weights, are others.
        ModelError: A folder is not to be had.
    """
    others = []
    for source in config.average_with:
        folder = resolve_model(source)
        settings = read_config(folder)
        labels = label_names(settings) if "id2label" in settings else []
        if labels != config.labels:
            raise InputError(
                f"average_with: {source} has the labels {labels}, the configuration {config.labels}; "
                "give models of the same labels in the same order"
            )
        weights = read_weights(find_weights(folder))
        for name, tensor in model.state_dict().items():
            if name not in weights or weights[name].shape != tensor.shape:
                raise InputError(
                    f"average_with: {source} has no {name} of shape {tuple(tensor.shape)}; give models of the same base"
                )
        others.append(weights)
    return others


def _average(model: torch.nn.Module, others: Sequence[dict[str, torch.Tensor]]) -> None:
    """Replace the weights by their mean with the others."""
    if not others:
        return
    with torch.no_grad():
        for name, tensor in model.state_dict().items():
            if tensor.is_floating_point():
                together = [tensor, *(weights[name].to(tensor.device) for weights in others)]
                tensor.copy_(torch.stack(together).mean(dim=0))


def _metrics(
    logits: NDArray[np.float64], labels: Sequence[int], classes: list[str], calibration: Calibration
) -> dict[str, Any]:
    indices = list(range(len(classes)))
    predicted = logits.argmax(axis=1)
    per_label = f1_score(labels, predicted, labels=indices, average=None, zero_division=0.0)

    def loss(scaling: Calibration) -> float:
        return float(log_loss(labels, scaling.probabilities(logits), labels=indices))

    return {
        "n": len(labels),
        "macro_f1": macro_f1(labels, predicted),
        "accuracy": float(np.mean(predicted == np.asarray(labels))),
        "f1": {name: float(f1) for name, f1 in zip(classes, per_label, strict=True)},
        "log_loss": loss(calibration),
        "log_loss_uncalibrated": loss(Calibration()),
    }


def _save(
    config: TrainConfig,
    folder: Path,
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    calibration: Calibration,
    facts: dict[str, Any],
) -> dict[str, Any]:
    classifier = StanceClassifier.from_model(
        model,
        tokenizer,
        calibration=calibration,
        name=config.name,
        revision="unsaved",
        device=config.device,
        precision="fp32",
    )
    classifier.save_pretrained(folder / "model")
    facts["revision"] = weights_revision(find_weights(folder / "model"))
    card = model_card(config, facts, storage="float32")
    (folder / "model" / "README.md").write_text(card, encoding="utf-8")
    shutil.rmtree(folder / "model-int4", ignore_errors=True)
    if config.storage == "int4":
        classifier.save_pretrained(folder / "model-int4", storage="int4")
        facts["revision_int4"] = weights_revision(find_weights(folder / "model-int4"))
        card = model_card(config, facts, storage="int4")
        (folder / "model-int4" / "README.md").write_text(card, encoding="utf-8")
    (folder / "run.json").write_text(json.dumps(facts, indent=2) + "\n", encoding="utf-8")
    return facts
