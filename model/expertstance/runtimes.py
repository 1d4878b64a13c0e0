"""A classifier's network written for ONNX Runtime and OpenVINO, and run by them; their libraries are extras.

Inputs are ``input_ids``, ``attention_mask`` and, where the model has segments, ``token_type_ids``, all int64 of shape
(batch, length), both free; the output is ``logits`` of shape (batch, labels).
"""

import errno
import logging
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import torch
from torch import Tensor

from expertstance.errors import MissingExtraError
from expertstance.inference import Forward, input_names, padded
from expertstance.windows import Window

if TYPE_CHECKING:
    from transformers import PreTrainedModel

ONNX_NAME = "model.onnx"
OPENVINO_NAME = "openvino_model.xml"
_MODULES = {"onnx": ("onnx", "onnxscript", "onnxruntime"), "openvino": ("openvino",)}
_ONNX_MAX_BYTES = 1_500_000_000
"""Larger weights go into a file beside the graph: a protobuf message ends at 2 GB."""


def need(extra: str, *, what: str) -> None:
    """Check that the libraries of an extra, which ``what`` needs, are there.

    Raises:
        MissingExtraError: One of them is not installed.
    """
    for name in _MODULES[extra]:
        try:
            import_module(name)
        except ImportError as error:
            raise MissingExtraError(f"{what} needs {name}; install it: pip install 'expertstance[{extra}]'") from error


class _Logits(torch.nn.Module):
    """A sequence classifier of ``transformers`` as a function of tensors, in the order of ``input_names``."""

    def __init__(self, model: "PreTrainedModel") -> None:
        super().__init__()
        self.model = model

    def forward(self, input_ids: Tensor, attention_mask: Tensor, token_type_ids: Tensor | None = None) -> Tensor:
        segments = {} if token_type_ids is None else {"token_type_ids": token_type_ids}
        logits: Tensor = self.model(input_ids=input_ids, attention_mask=attention_mask, **segments).logits
        return logits


def _trace(model: "PreTrainedModel") -> tuple[torch.export.ExportedProgram, tuple[str, ...]]:
    names = input_names(model.config.to_dict())
    examples = {name: torch.ones(2, 7, dtype=torch.int64) for name in names}
    free = {0: torch.export.Dim.DYNAMIC, 1: torch.export.Dim.DYNAMIC}
    with torch.no_grad():
        program = torch.export.export(
            _Logits(model).eval(), (), examples, dynamic_shapes=dict.fromkeys(names, free), strict=False
        )
    return program, names


def write_onnx(model: "PreTrainedModel", folder: Path, *, int8: bool) -> None:
    """Write ``model.onnx``, matrices as int8 where asked (``onnxruntime.quantization.quantize_dynamic``)."""
    program, names = _trace(model)
    path = folder / ONNX_NAME
    size = sum(tensor.numel() * tensor.element_size() for tensor in model.parameters())
    with _quiet_exporter():
        torch.onnx.export(
            program,
            (),
            path,
            input_names=list(names),
            output_names=["logits"],
            external_data=size > _ONNX_MAX_BYTES,
            verbose=False,
        )
    if int8:
        _quantise(path)


def _quantise(path: Path) -> None:
    quantization = import_module("onnxruntime.quantization")
    prepared = path.with_name("prepared.onnx")
    quantization.shape_inference.quant_pre_process(path, prepared, skip_symbolic_shape=True)
    # 7 bits of 8: with all 8, sums overflow on CPUs without VNNI, and the gate would hold for this machine only
    quantization.quantize_dynamic(prepared, path, op_types_to_quantize=["MatMul"], per_channel=True, reduce_range=True)
    prepared.unlink()


@contextmanager
def _quiet_exporter() -> Iterator[None]:
    """Without what torch's exporter says of torchvision, which a text model does not need, and of its own insides."""
    logger = logging.getLogger("torch.onnx._internal.exporter._registration")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message=r".*LeafSpec", category=FutureWarning)
            yield
    finally:
        logger.setLevel(level)


def write_openvino(model: "PreTrainedModel", folder: Path) -> None:
    """Write ``openvino_model.xml`` and ``.bin``, weights in float32.

    Raises:
        OSError: They cannot be written, for instance because the disk is full.
    """
    openvino = import_module("openvino")
    program, _ = _trace(model)
    with _quiet_exporter():
        converted = openvino.convert_model(program)
    converted.outputs[0].get_tensor().set_names({"logits"})
    path = folder / OPENVINO_NAME
    try:
        openvino.save_model(converted, path, compress_to_fp16=False)
    except RuntimeError as error:
        raise OSError(errno.EIO, str(error), str(path)) from error


def onnx_forward(folder: Path, config: Mapping[str, Any]) -> Forward:
    """The network of an exported folder in ONNX Runtime on the CPU."""
    session = import_module("onnxruntime").InferenceSession(folder / ONNX_NAME, providers=["CPUExecutionProvider"])
    return _forward(config, lambda inputs: session.run(["logits"], inputs)[0])


def openvino_forward(
    folder: Path, config: Mapping[str, Any], *, precision: Literal["fp32", "bf16"] = "fp32"
) -> Forward:
    """The network of an exported folder in OpenVINO on the CPU, computed in that number format."""
    core = import_module("openvino").Core()
    hint = {"fp32": "f32", "bf16": "bf16"}[precision]
    compiled = core.compile_model(folder / OPENVINO_NAME, "CPU", {"INFERENCE_PRECISION_HINT": hint})
    return _forward(config, lambda inputs: compiled(inputs)["logits"])


def _forward(config: Mapping[str, Any], run: Callable[[dict[str, Any]], Any]) -> Forward:
    names = input_names(config)
    pad_token_id = int(config.get("pad_token_id") or 0)

    def forward(windows: Sequence[Window]) -> Tensor:
        inputs = padded(windows, names, pad_token_id=pad_token_id)
        return torch.from_numpy(run({name: tensor.numpy() for name, tensor in inputs.items()}))

    return forward
