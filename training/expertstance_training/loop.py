"""The fine-tuning loop: a page of plain PyTorch, exact to resume, the same weights for the same seed and machine."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from datasets import Dataset
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar
from sklearn.metrics import f1_score
from torch.nn.functional import cross_entropy

from expertstance.errors import InputError
from expertstance_training.batches import collate, epoch_batches
from expertstance_training.checkpoint import Progress, load_checkpoint, save_checkpoint
from expertstance_training.config import TrainConfig

LOG_NAME = "metrics.jsonl"


@dataclass(frozen=True, slots=True)
class Setup:
    """What the loop works on; ``fingerprint`` names configuration, base and data."""

    model: torch.nn.Module
    train: Dataset
    validation: Dataset
    pad_token_id: int
    dtype: torch.dtype
    device: torch.device
    fingerprint: str


def fine_tune(setup: Setup, config: TrainConfig, folder: Path, *, resume: bool) -> Progress:
    """Train to the last epoch or until patience runs out, then leave the best epoch's weights in the model.

    AdamW with linear warm-up and decay, cross-entropy against soft targets, gradient norm clipped at 1. One JSON line
    per epoch goes to ``metrics.jsonl`` in the run folder, a checkpoint every ``checkpoint_every`` steps.

    Raises:
        InputError: ``resume`` finds no checkpoint, or one of another run, or the training diverged.
    """
    model = setup.model
    trainable = [p for p in model.parameters() if p.requires_grad]
    # fused: one pass over the weights instead of a dozen, 5 % of a step of the 22 M base on a CPU
    optimizer = torch.optim.AdamW(trainable, lr=config.learning_rate, weight_decay=config.weight_decay, fused=True)
    lengths = [len(ids) for ids in setup.train["input_ids"]]
    per_epoch = len(epoch_batches(lengths, batch_size=config.batch_size, seed=config.seed, epoch=0))
    progress, best = Progress(setup.fingerprint), dict[str, torch.Tensor]()
    torch.manual_seed(config.seed)
    if resume:
        progress, best = load_checkpoint(folder, model=model, optimizer=optimizer, fingerprint=setup.fingerprint)
        _forget_later_epochs(folder / LOG_NAME, progress.epoch)
    with deterministic(), progress_bar() as bar:
        task = bar.add_task("training", total=per_epoch * config.epochs, completed=progress.step)
        while progress.epoch < config.epochs and progress.bad_epochs < config.patience:
            batches = epoch_batches(lengths, batch_size=config.batch_size, seed=config.seed, epoch=progress.epoch)
            model.train()
            losses = []
            for indices in batches[progress.step - progress.epoch * per_epoch :]:
                set_learning_rate(
                    optimizer, config.learning_rate, progress.step, per_epoch * config.epochs, warmup=config.warmup
                )
                losses.append(_step(setup, optimizer, trainable, indices))
                progress.step += 1
                bar.advance(task)
                if progress.step % config.checkpoint_every == 0 and progress.step % per_epoch:
                    save_checkpoint(folder, model=model, optimizer=optimizer, best=best, progress=progress)
            progress.epoch += 1
            score = macro_f1(setup.validation["label"], logits_of(setup, setup.validation).argmax(axis=1))
            if score > progress.best_score:
                progress.best_score, progress.best_epoch, progress.bad_epochs = score, progress.epoch, 0
                best = {name: p.detach().cpu().clone() for name, p in model.named_parameters() if p.requires_grad}
            else:
                progress.bad_epochs += 1
            _log(folder / LOG_NAME, epoch=progress.epoch, step=progress.step, validation_macro_f1=score, losses=losses)
            save_checkpoint(folder, model=model, optimizer=optimizer, best=best, progress=progress)
            bar.update(task, description=f"epoch {progress.epoch}: validation macro-F1 {score:.3f}")
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if name in best:
                parameter.copy_(best[name])
    return progress


def logits_of(setup: Setup, dataset: Dataset) -> NDArray[np.float64]:
    """Logits of shape (rows, labels) in the order of the rows."""
    setup.model.eval()
    lengths = [len(ids) for ids in dataset["input_ids"]]
    order = sorted(range(len(lengths)), key=lambda k: lengths[k])
    rows: list[NDArray[np.float64]] = []
    with torch.inference_mode():
        for start in range(0, len(order), 64):
            batch = collate(dataset, order[start : start + 64], pad_token_id=setup.pad_token_id)
            rows.append(forward(setup, batch)[0].double().cpu().numpy())
    return np.concatenate(rows)[np.argsort(order)]


def _step(
    setup: Setup, optimizer: torch.optim.Optimizer, trainable: Sequence[torch.Tensor], indices: list[int]
) -> float:
    batch = collate(setup.train, indices, pad_token_id=setup.pad_token_id)
    logits, target = forward(setup, batch)
    loss = cross_entropy(logits.float(), target)
    descend(optimizer, trainable, loss)
    return float(loss.detach())


def descend(optimizer: torch.optim.Optimizer, trainable: Sequence[torch.Tensor], loss: torch.Tensor) -> None:
    """One optimiser step down the loss, gradient norm clipped at 1.

    Raises:
        InputError: The loss is not finite.
    """
    if not torch.isfinite(loss):
        raise InputError(f"the training diverged, its loss is {loss.item()}; give a lower learning_rate")
    optimizer.zero_grad(set_to_none=True)
    loss.backward()  # type: ignore[no-untyped-call]
    torch.nn.utils.clip_grad_norm_(trainable, 1.0)
    optimizer.step()


def forward(setup: Setup, batch: dict[str, torch.Tensor]) -> tuple[torch.Tensor, torch.Tensor]:
    """Logits and target of a collated batch, both of shape (rows, labels)."""
    inputs = {name: tensor.to(setup.device) for name, tensor in batch.items()}
    target = inputs.pop("target")
    with torch.autocast(setup.device.type, dtype=setup.dtype, enabled=setup.dtype != torch.float32):
        return setup.model(**inputs).logits, target


def macro_f1(labels: Sequence[int], predicted: NDArray[np.intp]) -> float:
    """Mean F1 over the labels that occur among ``labels``, as in evaluation reports."""
    return float(f1_score(labels, predicted, labels=np.unique(labels), average="macro", zero_division=0.0))


def set_learning_rate(optimizer: torch.optim.Optimizer, peak: float, step: int, total: int, *, warmup: float) -> None:
    """The rate of ``step`` of ``total``: linear warm-up over a share of the steps, then linear decay to zero."""
    rising = max(1, int(warmup * total))
    share = (step + 1) / rising if step < rising else (total - step) / max(1, total - rising)
    for group in optimizer.param_groups:
        group["lr"] = peak * share


@contextmanager
def deterministic() -> Iterator[None]:
    """Only operations that give the same numbers every time."""
    settings: Any = torch.utils.deterministic  # typed as a module, which has no such switch
    deterministic, filled = torch.are_deterministic_algorithms_enabled(), settings.fill_uninitialized_memory
    torch.use_deterministic_algorithms(True)
    settings.fill_uninitialized_memory = False  # a debugging aid that costs a tenth of a step
    try:
        yield
    finally:
        torch.use_deterministic_algorithms(deterministic)
        settings.fill_uninitialized_memory = filled


def progress_bar() -> Bar:
    """On a terminal only."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Bar(*columns, console=console, disable=not console.is_terminal)


def _log(path: Path, *, epoch: int, step: int, validation_macro_f1: float, losses: list[float]) -> None:
    # after a resume the mean is over the steps since: the weights are exact, this line is only for reading
    line = {
        "epoch": epoch,
        "step": step,
        "train_loss": float(np.mean(losses)) if losses else None,
        "validation_macro_f1": validation_macro_f1,
    }
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(line) + "\n")


def _forget_later_epochs(path: Path, epoch: int) -> None:
    if path.is_file():
        lines = [line for line in path.read_bytes().splitlines() if _epoch_of(line) <= epoch]
        path.write_bytes(b"".join(line + b"\n" for line in lines))


def _epoch_of(line: bytes) -> float:
    """Beyond all epochs for a line that a stop cut off."""
    try:
        return float(json.loads(line)["epoch"])
    except (ValueError, TypeError, KeyError):
        return np.inf
