"""Round a trained model to four bits, and let what is not rounded to them make up for it."""

from copy import deepcopy
from dataclasses import replace

import torch
from torch.nn.functional import cross_entropy

from expertstance.weights import dequantise, quantise
from expertstance_training.batches import collate, epoch_batches
from expertstance_training.config import TrainConfig
from expertstance_training.loop import Setup, descend, deterministic, forward, progress_bar, set_learning_rate

_PEAK_RATE = 1e-3
_WARMUP = 0.1


def round_to_int4(setup: Setup, config: TrainConfig) -> None:
    """Leave in the model what the packed form can hold, so that calibration and figures are those of both forms.

    Biases and norms, which are hardly rounded, then learn to give the unrounded model's distribution over the labels
    (norm tweaking; Li et al., "Norm Tweaking: High-performance Low-bit Quantization of Large Language Models", 2023)
    for ``config.recovery_steps`` batches of training statements. No label is seen again.
    """
    model, unrounded = setup.model, replace(setup, model=deepcopy(setup.model).eval())
    _round(model)
    for parameter in model.parameters():
        parameter.requires_grad_(parameter.ndim == 1)
    kept = [parameter for parameter in model.parameters() if parameter.requires_grad]
    optimizer = torch.optim.AdamW(kept, lr=_PEAK_RATE, weight_decay=0.0, fused=True)
    model.eval()  # no dropout: the same numbers are asked for as those that the unrounded model gives
    with deterministic(), progress_bar() as bar:
        task = bar.add_task("making up for the rounding", total=config.recovery_steps)
        for step, indices in enumerate(_batches(setup, config)):
            batch = collate(setup.train, indices, pad_token_id=setup.pad_token_id)
            with torch.no_grad():
                target = forward(unrounded, batch)[0].float().softmax(dim=1)
            set_learning_rate(optimizer, _PEAK_RATE, step, config.recovery_steps, warmup=_WARMUP)
            descend(optimizer, kept, cross_entropy(forward(setup, batch)[0].float(), target))
            bar.advance(task)
    _round(model)


def _round(model: torch.nn.Module) -> None:
    weights = {name: tensor.cpu() for name, tensor in model.state_dict().items()}
    model.load_state_dict(dequantise(quantise(weights)))


def _batches(setup: Setup, config: TrainConfig) -> list[list[int]]:
    """As many batches as there are steps, from epochs behind those of the training."""
    lengths = [len(ids) for ids in setup.train["input_ids"]]
    batches: list[list[int]] = []
    epoch = config.epochs
    while len(batches) < config.recovery_steps:
        batches += epoch_batches(lengths, batch_size=config.batch_size, seed=config.seed, epoch=epoch)
        epoch += 1
    return batches[: config.recovery_steps]
