"""A BERT classifier written as an OpenVINO graph: the back end ``openvino``, the only one that multiplies integers.

The sums are those of ``expertstance.packed``. OpenVINO runs a graph faster than Python calls its products one by one,
most of all for a single statement. Statements of one length make a batch, so that nothing is padded: where a last digit
depended on the company, rounding would blow it up to a hundredth of a probability.

With ``int8`` every matrix of the layers is kept in 8 bits with a scale for 64 neighbours in a row, and OpenVINO rounds
the other side of a product while it runs, to 8 bits with a scale for 64 neighbours too, so that one loud channel costs
its neighbours only (block-wise as in Dettmers et al., "8-bit Optimizers via Block-wise Quantization", 2022). Weights
that were rounded to four bits before (``expertstance.weights``) are kept exactly. Of the last layer only the first
piece's row goes through the products behind attention; these stay in float32, as embeddings, normalisation and the head
do. A CPU without VNNI computes in float32 with the same weights.
"""

from collections.abc import Iterator, Mapping, Sequence
from importlib import import_module
from itertools import groupby
from threading import Lock
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from expertstance.errors import InputError
from expertstance.inference import Forward
from expertstance.windows import Window

_GROUP = 64
_LEVELS = 126
"""Largest whole number of a weight: 18 for each of the 7 that four bits have, so what was rounded to those fits."""

_TOKENS = 1024
"""Word pieces in one run of the graph, at most, where there are several statements: more would leave the caches."""


def graph_forward(config: Mapping[str, Any], weights: Mapping[str, Tensor], *, int8: bool) -> Forward:
    """The back end for the tensors of a BERT classifier (``packed.tensor_shapes``) on a CPU.

    It takes as many threads as torch has at this moment.

    Raises:
        InputError: int8 is asked for and the matrices cannot be parted into groups.
    """
    sizes = (int(config["hidden_size"]), int(config["intermediate_size"]))
    if int8 and any(size % _GROUP for size in sizes):
        raise InputError(
            f"precision 'int8' needs a hidden_size and an intermediate_size that {_GROUP} divides, the model has "
            f"{sizes[0]} and {sizes[1]}; give 'fp32'"
        )
    settings = {
        "INFERENCE_PRECISION_HINT": "f32",
        "DYNAMIC_QUANTIZATION_GROUP_SIZE": _GROUP if int8 else 0,
        "INFERENCE_NUM_THREADS": torch.get_num_threads(),
        "ENABLE_CPU_PINNING": False,  # several processes would all be pinned to the same cores
        "NUM_STREAMS": 1,
    }
    graph = _Graph(config, weights, whole=int8).classifier()
    compiled = import_module("openvino").Core().compile_model(graph, "CPU", settings)
    alone = Lock()  # a second thread's call would be refused while the first one runs

    def run(windows: Sequence[Window]) -> NDArray[np.float32]:
        ids = np.array([window.input_ids for window in windows], dtype=np.int64)
        segments = np.array([window.token_type_ids for window in windows], dtype=np.int64)
        with alone:
            logits: NDArray[np.float32] = compiled([ids, segments])[0]
        return logits

    def forward(windows: Sequence[Window]) -> Tensor:
        return torch.from_numpy(np.concatenate([run(group) for group in _of_one_length(windows)]))

    return forward


def _of_one_length(windows: Sequence[Window]) -> Iterator[list[Window]]:
    """Neighbours of one length, of at most ``_TOKENS`` word pieces together.

    Their number is a power of two: OpenVINO keeps working memory for every shape that it has met.
    """
    for length, neighbours in groupby(windows, key=lambda window: len(window.input_ids)):
        left = list(neighbours)
        while left:
            number = _power_of_two(min(len(left), _TOKENS // length))
            yield left[:number]
            left = left[number:]


def _power_of_two(most: int) -> int:
    return 1 << max(most, 1).bit_length() - 1


class _Graph:
    """Nodes of the graph; ``whole`` keeps the layers' matrices as whole numbers."""

    def __init__(self, config: Mapping[str, Any], weights: Mapping[str, Tensor], *, whole: bool) -> None:
        self._config = config
        self._weights = weights
        self._whole = whole
        self._op = import_module("openvino.opset13")

    def classifier(self) -> Any:
        """From ids and segments of shape (statements, length) to logits."""
        op = self._op
        ids, segments = op.parameter([-1, -1], np.int64), op.parameter([-1, -1], np.int64)
        x = self._normalised(self._embedded(ids, segments), "bert.embeddings.LayerNorm")
        layers = int(self._config["num_hidden_layers"])
        for k in range(layers):
            x = self._layer(x, f"bert.encoder.layer.{k}", last=k == layers - 1)
        first = op.squeeze(x, self._axes(1))
        logits = self._product(op.tanh(self._product(first, "bert.pooler.dense")), "classifier")
        return import_module("openvino").Model([op.result(logits)], [ids, segments])

    def _embedded(self, ids: Any, segments: Any) -> Any:
        op = self._op
        length = op.gather(op.shape_of(ids), self._axis(1), self._axis(0))
        places = op.range(self._axis(0), length, self._axis(1), "i64")
        parts = (("word_embeddings", ids), ("position_embeddings", places), ("token_type_embeddings", segments))
        rows = (op.gather(self._constant(f"bert.embeddings.{name}.weight"), at, self._axis(0)) for name, at in parts)
        words, positions, kinds = rows
        return op.add(op.add(words, positions), kinds)

    def _layer(self, x: Any, name: str, *, last: bool) -> Any:
        op = self._op
        parts = (f"{name}.attention.self.{part}" for part in ("query", "key", "value"))
        query, key, value = op.split(self._product(x, *parts, whole=self._whole), self._axis(2), 3).outputs()
        if last:  # the classifier reads the first piece only
            query, x = (op.gather(rows, self._axes(0), self._axis(1)) for rows in (query, x))
        seen = op.scaled_dot_product_attention(*(self._by_head(rows) for rows in (query, key, value)))
        seen = op.reshape(op.transpose(seen, self._axes(0, 2, 1, 3)), self._axes(0, 0, -1), True)
        whole = self._whole and not last
        x = op.add(x, self._product(seen, f"{name}.attention.output.dense", whole=whole))
        x = self._normalised(x, f"{name}.attention.output.LayerNorm")
        inner = op.gelu(self._product(x, f"{name}.intermediate.dense", whole=whole), "erf")
        return self._normalised(
            op.add(x, self._product(inner, f"{name}.output.dense", whole=whole)), f"{name}.output.LayerNorm"
        )

    def _by_head(self, rows: Any) -> Any:
        """From shape (statements, length, hidden) to (statements, heads, length, hidden / heads)."""
        parted = self._op.reshape(rows, self._axes(0, 0, int(self._config["num_attention_heads"]), -1), True)
        return self._op.transpose(parted, self._axes(0, 2, 1, 3))

    def _product(self, x: Any, *names: str, whole: bool = False) -> Any:
        """A matrix product with bias; of several names one, with the results side by side."""
        matrix = np.concatenate([self._array(f"{name}.weight") for name in names])
        bias = np.concatenate([self._array(f"{name}.bias") for name in names])
        rows, columns = matrix.shape
        if whole:
            codes, scale = whole_numbers(matrix.reshape(rows, columns // _GROUP, _GROUP))
            factor = self._op.multiply(self._op.convert(self._op.constant(codes), np.float32), self._op.constant(scale))
            factor = self._op.reshape(factor, self._axes(rows, columns), False)
        else:
            factor = self._op.constant(matrix)
        return self._op.add(self._op.matmul(x, factor, False, True), self._op.constant(bias))

    def _normalised(self, x: Any, name: str) -> Any:
        epsilon = float(self._config.get("layer_norm_eps", 1e-12))
        x = self._op.mvn(x, self._axes(-1), True, epsilon, "INSIDE_SQRT")
        return self._op.add(self._op.multiply(x, self._constant(f"{name}.weight")), self._constant(f"{name}.bias"))

    def _array(self, name: str) -> NDArray[np.float32]:
        array: NDArray[np.float32] = self._weights[name].detach().float().cpu().numpy()
        return array

    def _constant(self, name: str) -> Any:
        return self._op.constant(self._array(name))

    def _axis(self, value: int) -> Any:
        return self._op.constant(np.int64(value))

    def _axes(self, *values: int) -> Any:
        return self._op.constant(np.array(values, dtype=np.int64))


def whole_numbers(grouped: NDArray[np.float32]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Codes of shape (rows, groups, size), as ``grouped`` has, and their scales of shape (rows, groups, 1)."""
    scale = np.abs(grouped).max(axis=2, keepdims=True) / _LEVELS
    scale[scale == 0] = 1.0
    return np.round(grouped / scale).astype(np.int8), scale
