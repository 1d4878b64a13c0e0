"""Which device and number format to compute with, from what the machine has."""

from typing import Any

import torch

from expertstance.errors import InputError

_DTYPES = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16, "int8": torch.int8}
_NAMES = {dtype: name for name, dtype in _DTYPES.items()}


def choose_device(name: str = "auto") -> torch.device:
    """``"auto"`` is a CUDA GPU where there is one, else the CPU; any other torch device name is taken as given.

    Raises:
        InputError: The device is unknown to torch or not on this machine.
    """
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(name)
        torch.zeros(1, device=device).cpu()  # a "meta" tensor can be made, but holds nothing
    except (RuntimeError, AssertionError, NotImplementedError, ImportError) as error:
        raise InputError(f"device {name!r} is not on this machine; give 'auto' or 'cpu'") from error
    return device


def choose_dtype(precision: str, device: torch.device) -> torch.dtype:
    """``"auto"`` is bf16 where the hardware multiplies it faster than fp32, else fp32.

    Emulated bf16 is an order of magnitude slower than fp32, so it is never chosen by itself; nor is int8, which is less
    exact.

    Raises:
        InputError: The precision is unknown, or fp16 is asked of a CPU, or int8 of another device.
    """
    if precision == "auto":
        return torch.bfloat16 if has_fast_bf16(device) else torch.float32
    if precision not in _DTYPES:
        raise InputError(f"precision {precision!r} is unknown; give 'auto', {', '.join(map(repr, _DTYPES))}")
    if precision == "fp16" and device.type == "cpu":
        raise InputError("precision 'fp16' is for GPUs; give 'auto', 'fp32', 'bf16' or 'int8' on a CPU")
    if precision == "int8" and device.type != "cpu":
        raise InputError(f"precision 'int8' is for a CPU, the device is {device}; give 'auto', or device 'cpu'")
    return _DTYPES[precision]


def precision_name(dtype: torch.dtype) -> str:
    """What ``choose_dtype`` calls a number format: ``"fp32"``, ``"bf16"``, ``"fp16"`` or ``"int8"``."""
    return _NAMES[dtype]


def has_fast_bf16(device: torch.device) -> bool:
    """Whether it multiplies bf16 matrices faster than fp32 ones: AMX, AVX-512 BF16 but Intel's, Ampere or later.

    Intel's AVX-512 BF16 without AMX (which virtual machines often hide) is no faster than its fp32.
    """
    if device.type == "cuda":
        return torch.cuda.get_device_capability(device) >= (8, 0)
    if device.type == "cpu":
        return torch.cpu._is_amx_tile_supported() or (torch.cpu._is_avx512_bf16_supported() and not _is_intel())
    return False


def has_vnni() -> bool:
    """Whether the CPU multiplies 8-bit integers faster than fp32 numbers."""
    return torch.cpu._is_vnni_supported() or bool(_capabilities().get("avx_vnni"))


def _is_intel() -> bool:
    return str(_capabilities().get("cpu_name", "")).startswith("Intel")


def _capabilities() -> dict[str, Any]:
    # older versions of torch tell nothing of the CPU
    found: dict[str, Any] = getattr(torch.cpu, "get_capabilities", dict)()
    return found
