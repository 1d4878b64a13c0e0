"""A model folder read from disk: as plain tensors, or as the objects of ``transformers``.

``transformers`` is imported only where it is needed: it takes longer to import than the shipped model to answer.
"""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import UnionType
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
_WAY_OUT = "give a folder that save_pretrained wrote"
_TOKENIZER_FILES = (TOKENIZER_NAME, "vocab.txt", "vocab.json", "spiece.model", "tokenizer.model", "*.bpe.model")


def read_config(folder: Path) -> dict[str, Any]:
    """``config.json`` of a model folder.

    Raises:
        ModelError: It is missing or no JSON object, or one of the values that are read here is of a wrong kind.
    """
    path = folder / "config.json"
    try:
        config = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise ModelError(f"{path} cannot be read ({error}); {_WAY_OUT}") from error
    if not isinstance(config, dict):
        raise ModelError(f"{path} holds no JSON object; {_WAY_OUT}")
    _check_kind(path, config, ("max_position_embeddings", "pad_token_id"), int | None)
    _check_kind(path, config, ("type_vocab_size", "vocab_size"), int)
    labels = config.get("id2label", {})
    if not isinstance(labels, dict) or labels.keys() != {str(k) for k in range(len(labels))}:
        raise ModelError(f"{path}: id2label is {labels!r}, it must give a label to each number from 0 on; {_WAY_OUT}")
    return config


def _check_kind(path: Path, config: Mapping[str, Any], keys: Iterable[str], kind: type | UnionType) -> None:
    for key in keys:
        if key in config and not isinstance(config[key], kind):
            raise ModelError(f"{path}: {key} is {config[key]!r}, it must be a number; {_WAY_OUT}")


def label_names(config: Mapping[str, Any]) -> list[str]:
    """Labels of a ``config.json`` in the order of the logits."""
    return [str(label) for _, label in sorted(config["id2label"].items(), key=lambda item: int(item[0]))]


def read_bert(folder: Path, config: Mapping[str, Any]) -> tuple[dict[str, Tensor], Tokenizer]:
    """Tensors and tokenizer of a BERT classifier's folder.

    Raises:
        ModelError: A file is missing or damaged, or the tensors are not those of ``config``.
    """
    path, settings = find_weights(folder), folder / "config.json"
    weights = read_weights(path)
    _check_kind(settings, config, ("hidden_size", "intermediate_size", "num_attention_heads", "num_hidden_layers"), int)
    _check_kind(settings, config, ("layer_norm_eps",), float)
    try:
        shapes = tensor_shapes(config)
        heads = config["num_attention_heads"]
    except KeyError as error:
        raise ModelError(f"{settings}: {error} is missing; {_WAY_OUT}") from error
    if heads < 1 or config["hidden_size"] % heads:
        raise ModelError(
            f"{settings}: hidden_size {config['hidden_size']} cannot be parted among num_attention_heads {heads}; "
            f"{_WAY_OUT}"
        )
    _check_names(path, missing=shapes.keys() - weights.keys(), unknown=weights.keys() - shapes.keys())
    if any(tuple(weights[name].shape) != shape for name, shape in shapes.items()):
        raise ModelError(f"weights file {path} does not fit config.json beside it")
    try:
        tokenizer = Tokenizer.from_file(str(folder / TOKENIZER_NAME))
    except Exception as error:  # the tokenizers library raises nothing narrower
        raise ModelError(f"{folder / TOKENIZER_NAME} cannot be read ({error}); {_WAY_OUT}") from error
    _check_vocabulary(folder, tokenizer.get_vocab_size(), config)
    return weights, tokenizer


def read_transformers(folder: Path) -> "tuple[PreTrainedModel, PreTrainedTokenizerBase]":
    """The folder as ``transformers`` loads it, weights in float32 on the CPU, without dropout.

    Raises:
        ModelError: A file is missing or damaged, or the tensors do not fit the architecture.
    """
    from huggingface_hub.errors import StrictDataclassError
    from transformers import AutoConfig, AutoModelForSequenceClassification, AutoTokenizer

    path = find_weights(folder)
    if not any(any(folder.glob(name)) for name in _TOKENIZER_FILES):  # transformers would make an empty one
        raise ModelError(f"model folder {folder}: no {TOKENIZER_NAME} in it; {_WAY_OUT}")
    try:
        # unset, transformers would ask on the terminal whether to run code of the folder's
        config = AutoConfig.from_pretrained(folder, trust_remote_code=False)
        tokenizer = AutoTokenizer.from_pretrained(folder, trust_remote_code=False)
        model = AutoModelForSequenceClassification.from_config(  # type: ignore[no-untyped-call]
            config, dtype=torch.float32, trust_remote_code=False
        )
    except (OSError, ValueError, KeyError, AttributeError, TypeError, StrictDataclassError) as error:
        reason = " ".join(str(error).strip().split("\n\n")[0].split())
        raise ModelError(f"model folder {folder}: {reason}; {_WAY_OUT}") from error
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
