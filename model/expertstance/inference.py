"""Windows in, logits out: batches of like length, so that little of the work goes into padding."""

from collections.abc import Iterator, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from transformers import PreTrainedModel

from expertstance.windows import Window

TOKENS_PER_BATCH = 4096
"""Padded word pieces in one batch: enough to fill the matrix units, small enough to stay in cache on a laptop."""


def batches(windows: Sequence[Window], *, tokens: int = TOKENS_PER_BATCH) -> Iterator[list[int]]:
    """Indices of windows, longest first, in batches of at most ``tokens`` padded word pieces (at least one window)."""
    order = sorted(range(len(windows)), key=lambda k: -len(windows[k].input_ids))
    start = 0
    while start < len(order):
        size = max(1, tokens // max(1, len(windows[order[start]].input_ids)))
        yield order[start : start + size]
        start += size


def window_logits(
    model: PreTrainedModel, windows: Sequence[Window], *, pad_token_id: int, dtype: torch.dtype
) -> NDArray[np.float64]:
    """Logits of shape (windows, labels), float64, in the order of ``windows``."""
    out = np.zeros((len(windows), len(model.config.id2label or ())), dtype=np.float64)
    with torch.inference_mode(), torch.autocast(model.device.type, dtype=dtype, enabled=dtype != torch.float32):
        for batch in batches(windows):
            inputs = _pad([windows[k] for k in batch], pad_token_id, model.device)
            out[batch] = model(**inputs).logits.double().cpu().numpy()
    return out


def _pad(windows: list[Window], pad_token_id: int, device: torch.device) -> dict[str, torch.Tensor]:
    width = max(len(w.input_ids) for w in windows)
    ids = torch.full((len(windows), width), pad_token_id)
    mask = torch.zeros((len(windows), width), dtype=torch.long)
    types = torch.zeros((len(windows), width), dtype=torch.long)
    for row, window in enumerate(windows):
        length = len(window.input_ids)
        ids[row, :length] = torch.tensor(window.input_ids)
        mask[row, :length] = 1
        if window.token_type_ids is not None:
            types[row, :length] = torch.tensor(window.token_type_ids)
    inputs = {"input_ids": ids, "attention_mask": mask}
    if windows[0].token_type_ids is not None:
        inputs["token_type_ids"] = types
    return {name: tensor.to(device) for name, tensor in inputs.items()}


def pool(logits: NDArray[np.float64], windows: Sequence[Window], n_texts: int) -> NDArray[np.float64]:
    """Mean of a text's window logits, weighted by the word pieces that each window adds; shape (texts, labels)."""
    items = np.array([w.item for w in windows], dtype=np.intp)
    weights = np.array([max(w.weight, 1) for w in windows], dtype=np.float64)
    total = np.zeros((n_texts, logits.shape[1]))
    mass = np.zeros(n_texts)
    np.add.at(total, items, logits * weights[:, None])
    np.add.at(mass, items, weights)
    return total / mass[:, None]
