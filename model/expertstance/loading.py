"""A model folder read from disk: as plain tensors, or as the objects of ``transformers``.

``transformers`` is imported only where it is needed: it takes longer to import than the shipped model to answer.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from tokenizers import Tokenizer
from torch import Tensor

from expertstance.errors import ModelError
from expertstance.packed import tensor_shapes
from expertstance.weights import find_weights, read_weights

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

TOKENIZER_NAME = "tokenizer.json"
_TOKENIZER_FILES = (TOKENIZER_NAME, "vocab.txt", "vocab.json", "spiece.model", "tokenizer.model", "*.bpe.model")


def read_config(folder: Path) -> dict[str, Any]:
    """``config.json`` of a model folder.

    Raises:
        ModelError: It is missing or no JSON object.
    """
    path = folder / "config.json"
    try:
        config = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise ModelError(f"{path} cannot be read ({error}); give a folder that save_pretrained wrote") from error
    if not isinstance(config, dict):
        raise ModelError(f"{path} holds no JSON object; give a folder that save_pretrained wrote")
    return config


def label_names(config: Mapping[str, Any]) -> list[str]:
    """Labels of a ``config.json`` in the order of the logits."""
    return [str(label) for _, label in sorted(config["id2label"].items(), key=lambda item: int(item[0]))]


def read_bert(folder: Path, config: Mapping[str, Any]) -> tuple[dict[str, Tensor], Tokenizer]:
    """Tensors and tokenizer of a BERT classifier's folder.

    Raises:
        ModelError: A file is missing or damaged, or the tensors are not those of ``config``.
    """
    path = find_weights(folder)
    weights = read_weights(path)
    try:
        shapes = tensor_shapes(config)
        heads = int(config["num_attention_heads"])
    except (KeyError, TypeError, ValueError) as error:
        raise ModelError(
            f"{folder / 'config.json'}: {error} is missing or no number; give a folder that save_pretrained wrote"
        ) from error
    if heads < 1 or config["hidden_size"] % heads:
        raise ModelError(
            f"{folder / 'config.json'}: hidden_size {config['hidden_size']} cannot be parted among "
            f"num_attention_heads {heads}; give a folder that save_pretrained wrote"
        )
    _check_names(path, missing=shapes.keys() - weights.keys(), unknown=weights.keys() - shapes.keys())
    if any(tuple(weights[name].shape) != shape for name, shape in shapes.items()):
        raise ModelError(f"weights file {path} does not fit config.json beside it")
    try:
        tokenizer = Tokenizer.from_file(str(folder / TOKENIZER_NAME))
    except Exception as error:  # the tokenizers library raises nothing narrower
        raise ModelError(
            f"{folder / TOKENIZER_NAME} cannot be read ({error}); give a folder that save_pretrained wrote"
        ) from error
    _check_vocabulary(folder, tokenizer.get_vocab_size(), config)
    return weights, tokenizer


def read_transformers(folder: Path) -> "tuple[PreTrainedModel, PreTrainedTokenizerBase]":
    """The folder as ``transformers`` loads it, weights in float32 on the CPU, without dropout.

    Raises:
        ModelError: A file is missing or damaged, or the tensors do not fit the architecture.
    """
    from transformers import AutoConfig, AutoModelForSequenceClassification, AutoTokenizer

    path = find_weights(folder)
    if not any(any(folder.glob(name)) for name in _TOKENIZER_FILES):  # transformers would make an empty one
        raise ModelError(f"model folder {folder}: no {TOKENIZER_NAME} in it; give a folder that save_pretrained wrote")
    try:
        # unset, transformers would ask on the terminal whether to run code of the folder's
        config = AutoConfig.from_pretrained(folder, trust_remote_code=False)
        tokenizer = AutoTokenizer.from_pretrained(folder, trust_remote_code=False)
        model = AutoModelForSequenceClassification.from_config(  # type: ignore[no-untyped-call]
            config, dtype=torch.float32, trust_remote_code=False
        )
    except (OSError, ValueError, KeyError) as error:
        reason = str(error).strip().splitlines()[0]
        raise ModelError(f"model folder {folder}: {reason}; give a folder that save_pretrained wrote") from error
    try:
        missing, unexpected = model.load_state_dict(read_weights(path), strict=False)
    except RuntimeError as error:
        raise ModelError(f"weights file {path} does not fit config.json beside it") from error
    whole = model.state_dict()
    given = {whole[name].data_ptr() for name in whole.keys() - set(missing)}
    missing = {name for name in missing if whole[name].data_ptr() not in given}  # tied tensors are saved once
    _check_names(path, missing=missing, unknown=set(unexpected))
    _check_vocabulary(folder, len(tokenizer), config.to_dict())
    return model.eval(), tokenizer


def _check_names(path: Path, *, missing: set[str], unknown: set[str]) -> None:
    unknown = {name for name in unknown if not name.endswith("position_ids")}  # a buffer that old versions wrote
    if missing or unknown:
        raise ModelError(
            f"weights file {path} is not a classifier's: {len(missing)} tensors missing, {len(unknown)} unknown; "
            "train one with: expertstance train CONFIG"
        )


def _check_vocabulary(folder: Path, pieces: int, config: Mapping[str, Any]) -> None:
    rows = config.get("vocab_size")
    if rows is not None and pieces > rows:
        raise ModelError(
            f"model folder {folder}: its tokenizer has {pieces} word pieces, its weights have rows for {rows}; call "
            "resize_token_embeddings(len(tokenizer)) on the model and save both again"
        )
