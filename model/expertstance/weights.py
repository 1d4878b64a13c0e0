"""Weights on disk: plain float32 safetensors, or weight-only int4 at a seventh of the size.

The int4 form keeps every matrix as whole numbers from -7 to 7, stored as 1 to 15, two in a byte, with one bfloat16
scale for every 64 neighbours in a row (for a whole row that 64 does not divide), and everything else in float16. It is
expanded to float32 at load, so it saves space, not time. Block-wise quantisation as in Dettmers et al., "8-bit
Optimizers via Block-wise Quantization", 2022, with a linear code of four bits. Of five scales for a group, from the one
that maps its largest magnitude to 7 downwards, the one with the least squared error is taken.
"""

import errno
from pathlib import Path
from typing import Literal

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from expertstance.errors import ModelError
from expertstance.hub import sha256

Storage = Literal["float32", "int4"]
_NAMES: dict[Storage, str] = {"float32": "model.safetensors", "int4": "model.int4.safetensors"}
_SCALE = ".int4_scale"
_GROUP = 64
_LARGEST = 7
_SHARES = (1.0, 0.93, 0.86, 0.8, 0.74)
"""Of a group's largest magnitude, to map to 7; what is larger becomes 7 too."""


def quantise(weights: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Matrices as int4 plus ``NAME.int4_scale`` of shape (rows, groups in a row); other tensors in float16.

    A packed matrix has shape (rows, columns / 2), uint8, the left one of two neighbours in the lower four bits.
    Matrices with an odd number of columns are no exception to float16, tensors with numbers beyond its range are.
    """
    packed: dict[str, torch.Tensor] = {}
    for name, tensor in weights.items():
        if tensor.ndim != 2 or tensor.shape[1] % 2 or not tensor.is_floating_point():
            half = tensor.half() if tensor.is_floating_point() else tensor
            packed[name] = (half if torch.isfinite(half).all() else tensor).contiguous()
            continue
        rows, columns = tensor.shape
        grouped = tensor.float().reshape(rows, columns // _GROUP if columns % _GROUP == 0 else 1, -1)
        codes, scale = _codes_and_scale(grouped)
        pairs = (codes + 8).to(torch.uint8).reshape(rows, -1, 2)
        packed[name] = pairs[:, :, 0] | pairs[:, :, 1] << 4
        packed[name + _SCALE] = scale
    return packed


def dequantise(packed: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """What ``quantise`` packed, rounded, in float32.

    Raises:
        ValueError: A matrix and its scales do not fit each other.
    """
    weights: dict[str, torch.Tensor] = {}
    for name, tensor in packed.items():
        if name.endswith(_SCALE):
            continue
        scale = packed.get(name + _SCALE)
        weights[name] = _expanded(name, tensor, scale) if scale is not None else _full(tensor)
    return weights


def _full(tensor: torch.Tensor) -> torch.Tensor:
    return tensor.float() if tensor.dtype == torch.float16 else tensor


def _expanded(name: str, pairs: torch.Tensor, scale: torch.Tensor) -> torch.Tensor:
    fits = pairs.dtype == torch.uint8 and pairs.ndim == scale.ndim == 2 and len(pairs) == len(scale)
    if not fits or pairs.shape[1] * 2 % scale.shape[1]:
        raise ValueError(f"{name} and its scales do not fit each other")
    codes = torch.stack((pairs & 15, pairs >> 4), dim=2).float() - 8
    return (codes.reshape(*scale.shape, -1) * scale[:, :, None].float()).reshape(len(pairs), -1)


def _codes_and_scale(grouped: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Codes of shape (rows, groups, size) and scales of shape (rows, groups)."""
    shares = torch.tensor(_SHARES, device=grouped.device)
    scales = (grouped.abs().amax(dim=2, keepdim=True) * shares / _LARGEST).bfloat16()
    scales[scales == 0] = 1.0

    def codes(scale: torch.Tensor) -> torch.Tensor:
        return torch.round(grouped / scale[:, :, None]).clamp(-_LARGEST, _LARGEST)

    errors = [(codes(scale) * scale[:, :, None] - grouped).square().sum(dim=2) for scale in scales.unbind(dim=2)]
    best = torch.stack(errors, dim=2).argmin(dim=2, keepdim=True)
    scale = scales.gather(2, best)[:, :, 0]
    return codes(scale), scale


def without_copies(weights: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Each tensor once, by the first of its names: a model may tie several, which safetensors does not store."""
    firsts: dict[int, str] = {}
    for name, tensor in weights.items():
        firsts.setdefault(tensor.data_ptr(), name)
    return {name: weights[name] for name in firsts.values()}


def write_weights(weights: dict[str, torch.Tensor], folder: Path, *, storage: Storage) -> Path:
    """Write the weights into ``folder`` in the given form and remove the other form, so that one truth is left.

    Raises:
        OSError: They cannot be written, for instance because the disk is full.
    """
    content = quantise(weights) if storage == "int4" else {k: v.contiguous() for k, v in weights.items()}
    path = folder / _NAMES[storage]
    try:
        save_file(content, path, metadata={"format": "pt"})
    except SafetensorError as error:
        raise OSError(errno.EIO, str(error), str(path)) from error
    for form, name in _NAMES.items():
        if form != storage:
            (folder / name).unlink(missing_ok=True)
    return path


def find_weights(folder: Path) -> Path:
    """The weights file of a model folder.

    Raises:
        ModelError: The folder holds no safetensors weights; other formats are never read.
    """
    for name in _NAMES.values():
        if (folder / name).is_file():
            return folder / name
    raise ModelError(f"model folder {folder}: no {' or '.join(_NAMES.values())} in it; no other format is read")


def read_weights(path: Path) -> dict[str, torch.Tensor]:
    """The tensors of a weights file in floating point.

    Raises:
        ModelError: The file is not readable as safetensors.
    """
    try:
        return dequantise(load_file(path))
    except (SafetensorError, ValueError) as error:
        raise ModelError(f"weights file {path} is damaged ({error}); fetch it again") from error


def weights_revision(path: Path) -> str:
    """First 12 hexadecimal digits of the SHA-256 of the weights file."""
    return sha256(path)[:12]
