"""A BERT classifier's forward pass on packed statements: no padding, no work that nobody reads.

The same weights and the same sums as ``transformers.BertForSequenceClassification``, arranged for inference:

- The word pieces of a batch stand in one matrix of shape (pieces, hidden), so no product is spent on padding. Attention
  runs over each group of equally long statements by itself.
- A statement's keys are read on to the next multiple of 16, into the statement after it, and a mask takes the surplus
  out of the sum: what is left over from whole vectors is computed number by number, up to twice as slow over all.
- Query, key and value are one matrix product.
- The classifier reads the first piece only. Nothing else of the last layer is computed but the keys and values.
- Weights are cast once, and on a CPU arranged once as oneDNN's matrix kernels read them, GELU joined to the product
  before it. Otherwise every call arranges them anew, which costs a single statement as much as the product itself.
- Residuals, normalisation and the head stay in float32; only matrix products and attention are in bfloat16 where that
  is asked for.

It needs torch alone: importing ``transformers`` would take twice as long as everything else in a first prediction.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, groupby
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import embedding, gelu, layer_norm, linear, scaled_dot_product_attention

from expertstance.windows import Window

Affine = tuple[Tensor, Tensor]
"""Weight and bias."""
Product = Callable[[Tensor], Tensor]
"""A matrix product with bias, weights inside; computes in their number format, from any."""


_VECTOR = 16
"""Float32 numbers that a CPU core handles at once, at most."""


@dataclass(frozen=True, slots=True)
class _Layer:
    query_key_value: Product
    attention_out: Product
    attention_norm: Affine
    up_gelu: Product
    down: Product
    norm: Affine


@dataclass(frozen=True, slots=True)
class _Group:
    """Neighbouring statements of one length; ``keys`` are read for each, of which the mask takes the surplus out."""

    length: int
    number: int
    keys: int
    mask: Tensor | None


@dataclass(frozen=True, slots=True)
class PackedBert:
    """Weights ready for ``packed_logits``."""

    words: Tensor
    positions: Tensor
    segments: Tensor
    embedding_norm: Affine
    layers: tuple[_Layer, ...]
    pooler: Affine
    classifier: Affine
    heads: int
    epsilon: float
    dtype: torch.dtype


def is_packable(config: Mapping[str, Any]) -> bool:
    """Whether a ``config.json`` is of a plain BERT classifier, the architecture written out here."""
    return (
        config.get("model_type") == "bert"
        and "id2label" in config
        and config.get("hidden_act", "gelu") == "gelu"
        and config.get("position_embedding_type", "absolute") == "absolute"
        and not config.get("is_decoder", False)
        and not config.get("add_cross_attention", False)
        and config.get("type_vocab_size", 2) >= 2  # a context is the second segment
    )


def tensor_shapes(config: Mapping[str, Any]) -> dict[str, tuple[int, ...]]:
    """Names and shapes of all tensors that such a classifier has."""
    hidden, inner = int(config["hidden_size"]), int(config["intermediate_size"])
    shapes: dict[str, tuple[int, ...]] = {
        "bert.embeddings.word_embeddings.weight": (int(config["vocab_size"]), hidden),
        "bert.embeddings.position_embeddings.weight": (int(config["max_position_embeddings"]), hidden),
        "bert.embeddings.token_type_embeddings.weight": (int(config["type_vocab_size"]), hidden),
    }
    sizes = {"bert.pooler.dense": (hidden, hidden), "classifier": (len(config["id2label"]), hidden)}
    norms = ["bert.embeddings.LayerNorm"]
    for k in range(int(config["num_hidden_layers"])):
        layer = f"bert.encoder.layer.{k}"
        for part in ("self.query", "self.key", "self.value", "output.dense"):
            sizes[f"{layer}.attention.{part}"] = (hidden, hidden)
        sizes[f"{layer}.intermediate.dense"] = (inner, hidden)
        sizes[f"{layer}.output.dense"] = (hidden, inner)
        norms += [f"{layer}.attention.output.LayerNorm", f"{layer}.output.LayerNorm"]
    for name, (rows, columns) in sizes.items():
        shapes[f"{name}.weight"], shapes[f"{name}.bias"] = (rows, columns), (rows,)
    for name in norms:
        shapes[f"{name}.weight"] = shapes[f"{name}.bias"] = (hidden,)
    return shapes


def pack(
    config: Mapping[str, Any], weights: Mapping[str, Tensor], *, dtype: torch.dtype, device: torch.device
) -> PackedBert:
    """Arrange the tensors of a BERT classifier (``tensor_shapes``), matrix products in ``dtype``."""

    def get(name: str, kind: torch.dtype = torch.float32) -> Tensor:
        return weights[name].detach().to(device=device, dtype=kind)

    def affine(*names: str, kind: torch.dtype = torch.float32) -> Affine:
        return (
            torch.cat([get(f"{name}.weight", kind) for name in names]),
            torch.cat([get(f"{name}.bias", kind) for name in names]),
        )

    def product(*names: str, then_gelu: bool = False) -> Product:
        return _product(*affine(*names, kind=dtype), then_gelu=then_gelu)

    def layer(name: str) -> _Layer:
        own = (f"{name}.attention.self.{part}" for part in ("query", "key", "value"))
        return _Layer(
            query_key_value=product(*own),
            attention_out=product(f"{name}.attention.output.dense"),
            attention_norm=affine(f"{name}.attention.output.LayerNorm"),
            up_gelu=product(f"{name}.intermediate.dense", then_gelu=True),
            down=product(f"{name}.output.dense"),
            norm=affine(f"{name}.output.LayerNorm"),
        )

    if device.type == "cpu":
        _keep_working_memory()
    return PackedBert(
        words=get("bert.embeddings.word_embeddings.weight"),
        positions=get("bert.embeddings.position_embeddings.weight"),
        segments=get("bert.embeddings.token_type_embeddings.weight"),
        embedding_norm=affine("bert.embeddings.LayerNorm"),
        layers=tuple(layer(f"bert.encoder.layer.{k}") for k in range(int(config["num_hidden_layers"]))),
        pooler=affine("bert.pooler.dense"),
        classifier=affine("classifier"),
        heads=int(config["num_attention_heads"]),
        epsilon=float(config.get("layer_norm_eps", 1e-12)),
        dtype=dtype,
    )


def packed_logits(bert: PackedBert, windows: Sequence[Window]) -> Tensor:
    """Logits of shape (windows, labels), float32; windows of like length should stand side by side."""
    device = bert.words.device
    lengths = [len(window.input_ids) for window in windows]
    groups = [_group(length, len(list(group)), bert) for length, group in groupby(lengths)]
    # spare rows fill the matrices up once, here; they are read under the mask only, furthest by the last statement
    spare = _filled_rows(sum(lengths) - lengths[-1] + groups[-1].keys) - sum(lengths)
    spare_firsts = _filled_rows(len(windows)) - len(windows)

    ids = _filled([piece for window in windows for piece in window.input_ids], spare, device)
    segments = _filled([segment for window in windows for segment in window.token_type_ids], spare, device)
    positions = _filled([place for length in lengths for place in range(length)], spare, device)
    firsts = _filled([0, *accumulate(lengths[:-1])], spare_firsts, device)
    x = embedding(ids, bert.words) + embedding(positions, bert.positions) + embedding(segments, bert.segments)
    x = _normalise(x, bert.embedding_norm, bert)

    for layer in bert.layers:
        last = layer is bert.layers[-1]
        query_key_value = layer.query_key_value(x)
        if last:
            x = x[firsts]
        seen = query_key_value.new_empty(x.shape)
        _attend(query_key_value, groups, bert.heads, first_only=last, out=seen)
        x = _normalise(x.add_(layer.attention_out(seen)), layer.attention_norm, bert)
        x = _normalise(x.add_(layer.down(layer.up_gelu(x))), layer.norm, bert)
    return linear(torch.tanh(linear(x, *bert.pooler)), *bert.classifier)[: len(windows)]


def _product(weight: Tensor, bias: Tensor, *, then_gelu: bool) -> Product:
    dtype = weight.dtype
    if weight.device.type == "cpu" and _has_onednn(dtype):
        # the operators that torch.compile's frozen graphs are made of; there is no public name for them
        arranged = torch.ops.mkldnn._reorder_linear_weight(weight, None)
        after: tuple[str, list[float], str] = ("gelu", [], "none") if then_gelu else ("none", [], "")

        def product(x: Tensor) -> Tensor:
            out: Tensor = torch.ops.mkldnn._linear_pointwise(x.to(dtype), arranged, bias, *after)
            return out

        return product
    if then_gelu:
        return lambda x: gelu(linear(x.to(dtype), weight, bias))
    return lambda x: linear(x.to(dtype), weight, bias)


def _keep_working_memory() -> None:
    """Let glibc keep freed blocks for the next layer, which would otherwise be given back and faulted in anew.

    A block of up to 32 MiB that is freed raises its thresholds, for the whole process, to the block's size; this one is
    never written to. The largest result of a layer of width 384 has 13 MB in bf16, 25 in float32. Elsewhere than under
    glibc nothing happens.
    """
    torch.empty(31 << 20, dtype=torch.uint8, device="cpu")


def _filled(values: list[int], spare: int, device: torch.device) -> Tensor:
    return torch.tensor(values + [0] * spare, device=device)


def _filled_rows(rows: int) -> int:
    """Rows to compute for so many: oneDNN keeps working memory for every number of rows that it has met."""
    step = 8 if rows <= 128 else 32 if rows <= 512 else 128 if rows <= 2048 else 256
    return -(-rows // step) * step


def _has_onednn(dtype: torch.dtype) -> bool:
    if not torch.backends.mkldnn.is_available():  # type: ignore[no-untyped-call]
        return False
    return dtype == torch.float32 or (dtype == torch.bfloat16 and torch.ops.mkldnn._is_mkldnn_bf16_supported())


def _normalise(x: Tensor, norm: Affine, bert: PackedBert) -> Tensor:
    return layer_norm(x, x.shape[-1:], *norm, eps=bert.epsilon)


def _group(length: int, number: int, bert: PackedBert) -> _Group:
    surplus = -length % _VECTOR
    if not surplus:
        return _Group(length, number, length, None)
    mask = torch.tensor([[0.0] * length + [-torch.inf] * surplus], dtype=bert.dtype, device=bert.words.device)
    return _Group(length, number, length + surplus, mask)


def _attend(query_key_value: Tensor, groups: Sequence[_Group], heads: int, *, first_only: bool, out: Tensor) -> None:
    """Self-attention inside every statement, for all its pieces or the first; what is left of ``out`` becomes zero."""
    width = query_key_value.shape[1]
    size = width // 3 // heads
    read = written = 0
    for group in groups:
        queries = 1 if first_only else group.length
        strides = (group.length * width, size, width, 1)
        # offsets are those of the storage: a fresh product stands at its start
        query, key, value = (
            query_key_value.as_strided((group.number, heads, rows, size), strides, read * width + part * width // 3)
            for part, rows in enumerate((queries, group.keys, group.keys))
        )
        seen = scaled_dot_product_attention(query, key, value, attn_mask=group.mask).transpose(1, 2)
        out[written : written + group.number * queries] = seen.flatten(2).flatten(0, 1)
        read, written = read + group.length * group.number, written + group.number * queries
    out[written:] = 0
