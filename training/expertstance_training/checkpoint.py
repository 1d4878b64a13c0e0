"""Everything a run needs to go on exactly where it stopped, in one safetensors file (no pickles).

Tensors: trainable weights, optimiser moments, best weights so far, random generators. Counters travel as metadata.
"""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file, save_file

from expertstance.errors import InputError

FILE_NAME = "checkpoint.safetensors"


@dataclass(slots=True)
class Progress:
    """Counters of a run.

    Attributes:
        step: Optimiser steps done.
        epoch: Epochs done.
        best_score: Best validation macro-F1 so far; -1 before the first.
        best_epoch: The epoch that reached it, counted from 1.
        bad_epochs: Epochs since then.
        fingerprint: What the run was started with (configuration, base and data); a resume must match it.
    """

    fingerprint: str
    step: int = 0
    epoch: int = 0
    best_score: float = -1.0
    best_epoch: int = 0
    bad_epochs: int = 0


def save_checkpoint(
    folder: Path,
    *,
    model: torch.nn.Module,
    optimizer: torch.optim.Optimizer,
    best: dict[str, torch.Tensor],
    progress: Progress,
) -> None:
    """Write the checkpoint under its name only when it is complete."""
    tensors = {f"model.{name}": p.detach().cpu() for name, p in model.named_parameters() if p.requires_grad}
    for index, state in optimizer.state_dict()["state"].items():
        tensors |= {f"optimizer.{index}.{key}": torch.as_tensor(value).cpu() for key, value in state.items()}
    tensors |= {f"best.{name}": tensor for name, tensor in best.items()}
    tensors["random.cpu"] = torch.get_rng_state()
    if torch.cuda.is_available():
        tensors["random.cuda"] = torch.cuda.get_rng_state()
    partial = folder / (FILE_NAME + ".partial")
    save_file(
        {name: tensor.clone().contiguous() for name, tensor in tensors.items()},
        partial,
        metadata={"progress": json.dumps(asdict(progress))},
    )
    with partial.open("rb") as file:
        os.fsync(file.fileno())
    partial.replace(folder / FILE_NAME)


def read_progress(folder: Path, *, fingerprint: str) -> Progress:
    """The counters of the checkpoint in a run folder.

    Raises:
        InputError: There is no checkpoint, it is damaged, or it belongs to another configuration, base or data.
    """
    path = folder / FILE_NAME
    if not path.is_file():
        raise InputError(f"{folder}: no {FILE_NAME} to resume from; start without --resume, or with --overwrite")
    try:
        with safe_open(path, framework="pt") as file:
            progress = Progress(**json.loads(file.metadata()["progress"]))
    except (SafetensorError, KeyError, TypeError, ValueError) as error:
        raise InputError(
            f"{path} is damaged or no checkpoint of a run ({error}); start anew with --overwrite"
        ) from error
    if progress.fingerprint != fingerprint:
        raise InputError(
            f"{path} belongs to another configuration, another base or other data; start anew with --overwrite"
        )
    return progress


def load_checkpoint(
    folder: Path, *, model: torch.nn.Module, optimizer: torch.optim.Optimizer, fingerprint: str
) -> tuple[Progress, dict[str, torch.Tensor]]:
    """Put model, optimiser and random generators back; returns the counters and the best weights so far.

    Raises:
        InputError: As ``read_progress``.
    """
    progress, tensors = read_progress(folder, fingerprint=fingerprint), load_file(folder / FILE_NAME)
    parameters = dict(model.named_parameters())
    with torch.no_grad():
        for name, tensor in _under(tensors, "model.").items():
            parameters[name].copy_(tensor)
    states: dict[int, dict[str, torch.Tensor]] = {}
    for name, tensor in _under(tensors, "optimizer.").items():
        index, key = name.split(".", 1)
        states.setdefault(int(index), {})[key] = tensor
    optimizer.load_state_dict({"state": states, "param_groups": optimizer.state_dict()["param_groups"]})
    torch.set_rng_state(tensors["random.cpu"])
    if "random.cuda" in tensors and torch.cuda.is_available():
        torch.cuda.set_rng_state(tensors["random.cuda"])
    return progress, _under(tensors, "best.")


def _under(tensors: dict[str, torch.Tensor], prefix: str) -> dict[str, torch.Tensor]:
    return {name.removeprefix(prefix): tensor for name, tensor in tensors.items() if name.startswith(prefix)}
