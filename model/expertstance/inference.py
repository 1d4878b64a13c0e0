"""Windows in, logits out: batches of like length through a back end.

A back end is a function from a batch of windows to logits; there are three. ``packed`` (``expertstance.packed``) and
``openvino`` (``expertstance.graph``, on a CPU only) are for BERT classifiers, ``transformers`` runs any sequence
classifier as its library does.
"""

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from inspect import signature
from itertools import groupby
from typing import Any, Literal, cast, get_args

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from expertstance.errors import InputError
from expertstance.packed import PackedBert, is_packable, packed_logits
from expertstance.windows import Window

Forward = Callable[[Sequence[Window]], Tensor]
"""Logits of shape (windows, labels) of one batch."""

TOKENS_PER_BATCH = {"cpu": 4096, "cuda": 32768}
"""Word pieces in one batch: on a CPU beyond 4,096 gets slower again, a GPU is filled within a gigabyte."""


Backend = Literal["packed", "openvino", "transformers"]


def choose_backend(name: str, config: Mapping[str, Any], device: torch.device, dtype: torch.dtype) -> Backend:
    """``"auto"`` is ``openvino`` for int8, else ``packed`` for a BERT classifier on a CPU, else ``transformers``.

    Raises:
        InputError: The back end is unknown, or does not know the architecture, the device or the number format.
    """
    if name != "auto" and name not in get_args(Backend):
        raise InputError(f"backend {name!r} is unknown; give 'auto', {', '.join(map(repr, get_args(Backend)))}")
    chosen = cast("Backend", name) if name != "auto" else _usual_backend(config, device, dtype)
    if chosen != "openvino" and dtype == torch.int8:
        raise InputError(f"backend {chosen!r} does not compute in int8; give backend 'openvino', or precision 'fp32'")
    if chosen == "transformers":
        return chosen
    if chosen == "openvino" and dtype not in (torch.float32, torch.int8):
        raise InputError("backend 'openvino' computes in fp32 or int8; give precision 'fp32' or 'int8'")
    if chosen == "openvino" and device.type != "cpu":
        raise InputError(f"backend 'openvino' is for a CPU, the device is {device}; give 'auto', or device 'cpu'")
    if not is_packable(config):
        asked = "precision 'int8'" if dtype == torch.int8 else f"backend {chosen!r}"
        kind = config.get("model_type")
        why = "has other parts than the usual ones" if kind == "bert" else f"is of type {kind!r}"
        raise InputError(f"{asked} is for plain BERT classifiers, the model {why}; give 'auto'")
    return chosen


def _usual_backend(config: Mapping[str, Any], device: torch.device, dtype: torch.dtype) -> Backend:
    if dtype == torch.int8:
        return "openvino"
    return "packed" if device.type == "cpu" and is_packable(config) else "transformers"


def input_names(config: Mapping[str, Any]) -> tuple[str, ...]:
    """Names of the inputs that a model with this ``config.json`` takes."""
    segments = ("token_type_ids",) if (config.get("type_vocab_size") or 0) > 1 else ()
    return ("input_ids", "attention_mask", *segments)


def padded(windows: Sequence[Window], names: Sequence[str], *, pad_token_id: int) -> dict[str, Tensor]:
    """The inputs of those names for one batch, each int64 of shape (windows, longest window)."""
    width = max(len(window.input_ids) for window in windows)
    rows = {
        "input_ids": [window.input_ids for window in windows],
        "attention_mask": [[1] * len(window.input_ids) for window in windows],
        "token_type_ids": [window.token_type_ids for window in windows],
    }
    fill = {"input_ids": pad_token_id}
    return {
        name: torch.tensor([row + [fill.get(name, 0)] * (width - len(row)) for row in rows[name]]) for name in names
    }


def packed_forward(bert: PackedBert) -> Forward:
    """The back end ``packed``."""
    return lambda windows: packed_logits(bert, windows)


def transformers_forward(model: Any, tokenizer: Any, *, dtype: torch.dtype) -> Forward:
    """The back end ``transformers``: batches through the model, padded where it bears that, products in ``dtype``."""
    names = _inputs_of(model, tokenizer)
    pad_token_id = int(tokenizer.pad_token_id or 0)
    kind = _kind_of(model.config, tokenizer)

    def forward(windows: Sequence[Window]) -> Tensor:
        return torch.cat([logits_of(list(alike)) for _, alike in groupby(windows, key=kind)])

    def logits_of(windows: Sequence[Window]) -> Tensor:
        inputs = {
            name: _moved(tensor, model.device)
            for name, tensor in padded(windows, names, pad_token_id=pad_token_id).items()
        }
        with torch.autocast(model.device.type, dtype=dtype, enabled=dtype != torch.float32):
            logits: Tensor = model(**inputs).logits
        return logits

    return forward


def _inputs_of(model: Any, tokenizer: Any) -> tuple[str, ...]:
    config, segments = model.config.to_dict(), "token_type_ids"
    if "type_vocab_size" in config or segments not in tokenizer.model_input_names:
        return input_names(config)
    # XLNet has segments of which its config tells nothing
    return (*input_names(config), *({segments} & signature(model.forward).parameters.keys()))


def _kind_of(config: Any, tokenizer: Any) -> Callable[[Window], Hashable]:
    """What windows must have in common to stand in one batch without a change of their logits."""
    if getattr(config, "pad_token_id", None) is None:  # some read the last piece, which they find by padding
        return id
    if tokenizer.padding_side == "left" or config.is_encoder_decoder:  # no padding, and as many ends of a segment
        end: Any = getattr(config, "eos_token_id", None)
        return lambda window: (len(window.input_ids), window.input_ids.count(end))
    return lambda _: None


def _moved(tensor: Tensor, device: torch.device) -> Tensor:
    # pinned memory is copied to a GPU while the one before is still computed
    return tensor.pin_memory().to(device, non_blocking=True) if device.type == "cuda" else tensor.to(device)


def window_logits(
    forward: Forward, windows: Sequence[Window], *, n_labels: int, device: torch.device
) -> NDArray[np.float64]:
    """Logits of shape (windows, labels), float64, in the order of ``windows``."""
    out = np.zeros((len(windows), n_labels), dtype=np.float64)
    budget = TOKENS_PER_BATCH["cpu" if device.type == "cpu" else "cuda"]
    with torch.inference_mode():
        for batch in batches(windows, tokens=budget):
            out[batch] = forward([windows[k] for k in batch]).cpu().double().numpy()
    return out


def batches(windows: Sequence[Window], *, tokens: int) -> Iterator[list[int]]:
    """Indices of windows, longest first, in batches of at most ``tokens`` padded word pieces (at least one window)."""
    order = sorted(range(len(windows)), key=lambda k: -len(windows[k].input_ids))
    start = 0
    while start < len(order):
        size = max(1, tokens // max(1, len(windows[order[start]].input_ids)))
        yield order[start : start + size]
        start += size


def pool(logits: NDArray[np.float64], windows: Sequence[Window], n_texts: int) -> NDArray[np.float64]:
    """Mean of a text's window logits, weighted by the word pieces that each window adds; shape (texts, labels)."""
    items = np.array([w.item for w in windows], dtype=np.intp)
    weights = np.array([max(w.weight, 1) for w in windows], dtype=np.float64)
    total = np.zeros((n_texts, logits.shape[1]))
    mass = np.zeros(n_texts)
    np.add.at(total, items, logits * weights[:, None])
    np.add.at(mass, items, weights)
    return total / mass[:, None]
