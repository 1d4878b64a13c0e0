"""Weights on disk: plain float32 safetensors, or weight-only int8 at a quarter of the size.

The int8 form keeps every matrix as signed bytes with one float32 scale for every 64 neighbours in a row (symmetric: the
group's largest magnitude maps to 127) and everything else as it is; it is expanded to float32 at load, so it saves
space, not time. Block-wise quantisation as in Dettmers et al., "8-bit Optimizers via Block-wise Quantization", 2022,
with a linear code.
"""

from pathlib import Path
from typing import Literal

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from expertstance.errors import ModelError
from expertstance.hub import sha256

Storage = Literal["float32", "int8"]
FLOAT32_NAME = "model.safetensors"
INT8_NAME = "model.int8.safetensors"
_SCALE = ".int8_scale"
_GROUP = 64


def quantise(weights: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Matrices as int8 plus ``NAME.int8_scale`` of shape (rows, groups in a row); other tensors unchanged."""
    packed: dict[str, torch.Tensor] = {}
    for name, tensor in weights.items():
        if tensor.ndim != 2 or not tensor.is_floating_point():
            packed[name] = tensor.contiguous()
            continue
        rows, columns = tensor.shape
        groups = columns // _GROUP if columns % _GROUP == 0 else 1
        grouped = tensor.float().reshape(rows, groups, -1)
        scale = grouped.abs().amax(dim=2) / 127
        scale[scale == 0] = 1.0
        packed[name] = torch.round(grouped / scale[:, :, None]).to(torch.int8).reshape(rows, columns)
        packed[name + _SCALE] = scale
    return packed


def dequantise(packed: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """The float32 tensors that ``quantise`` packed, to within half a step of each group's scale."""
    weights: dict[str, torch.Tensor] = {}
    for name, tensor in packed.items():
        if name.endswith(_SCALE):
            continue
        scale = packed.get(name + _SCALE)
        if scale is None:
            weights[name] = tensor
        else:
            grouped = tensor.float().reshape(*scale.shape, -1)
            weights[name] = (grouped * scale[:, :, None]).reshape(tensor.shape)
    return weights


def write_weights(weights: dict[str, torch.Tensor], folder: Path, *, storage: Storage) -> Path:
    """Write the weights into ``folder`` in the given form and remove the other form, so that one truth is left."""
    name, other = (INT8_NAME, FLOAT32_NAME) if storage == "int8" else (FLOAT32_NAME, INT8_NAME)
    content = quantise(weights) if storage == "int8" else {k: v.contiguous() for k, v in weights.items()}
    save_file(content, folder / name, metadata={"format": "pt"})
    (folder / other).unlink(missing_ok=True)
    return folder / name


def find_weights(folder: Path) -> Path:
    """The weights file of a model folder.

    Raises:
        ModelError: The folder holds no safetensors weights; other formats are never read.
    """
    for name in (FLOAT32_NAME, INT8_NAME):
        if (folder / name).is_file():
            return folder / name
    raise ModelError(f"model folder {folder}: no {FLOAT32_NAME} or {INT8_NAME} in it; no other format is read")


def read_weights(path: Path) -> dict[str, torch.Tensor]:
    """The tensors of a weights file in floating point.

    Raises:
        ModelError: The file is not readable as safetensors.
    """
    try:
        tensors = load_file(path)
    except SafetensorError as error:
        raise ModelError(f"weights file {path} is damaged ({error}); fetch it again") from error
    return dequantise(tensors)


def weights_revision(path: Path) -> str:
    """First 12 hexadecimal digits of the SHA-256 of the weights file."""
    return sha256(path)[:12]
