"""Statements as word pieces: one window for nearly all, several overlapping ones for a text that is too long."""

from collections.abc import Sequence
from dataclasses import dataclass

from transformers import PreTrainedTokenizerBase

from expertstance.errors import InputError

WINDOW = 256
"""Word pieces in one window, special tokens included: far above a usual quote (about 40), within every base's limit."""
OVERLAP = 64
"""Word pieces that two neighbouring windows share, so that no clause is only seen cut in two."""


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of one text, ready for the encoder.

    Attributes:
        item: Index of the text that it belongs to.
        input_ids: Word-piece ids with special tokens.
        token_type_ids: Segment of every id, or None where the tokenizer has no segments.
        weight: Word pieces of the text that no earlier window holds; over a text they sum to its length.
    """

    item: int
    input_ids: list[int]
    token_type_ids: list[int] | None
    weight: int


def encode(
    tokenizer: PreTrainedTokenizerBase, texts: Sequence[str], contexts: Sequence[str] | None = None
) -> list[Window]:
    """Cut every text into windows of at most ``WINDOW`` word pieces; the context stands whole in each of them.

    Args:
        tokenizer: A fast tokenizer.
        texts: n texts.
        contexts: n second segments, or None for none.

    Returns:
        Windows in text order, at least one per text.

    Raises:
        InputError: A context fills more than half a window.
    """
    if contexts is not None:
        _check_contexts(tokenizer, contexts)
    if not texts:
        return []
    encoded = tokenizer(
        list(texts),
        None if contexts is None else list(contexts),
        truncation="only_first",
        max_length=WINDOW,
        stride=OVERLAP,
        return_overflowing_tokens=True,
        return_attention_mask=False,
        verbose=False,
    )
    types = encoded.get("token_type_ids")
    windows: list[Window] = []
    for k, item in enumerate(encoded["overflow_to_sample_mapping"]):
        pieces = sum(1 for segment in encoded.sequence_ids(k) if segment == 0)
        repeated = OVERLAP if windows and windows[-1].item == item else 0
        ids = encoded["input_ids"][k]
        windows.append(Window(item, ids, types[k] if types is not None else None, pieces - repeated))
    return windows


def _check_contexts(tokenizer: PreTrainedTokenizerBase, contexts: Sequence[str]) -> None:
    limit = WINDOW // 2
    lengths = tokenizer(list(contexts), add_special_tokens=False, return_length=True, verbose=False)["length"]
    for k, length in enumerate(lengths):
        if length > limit:
            raise InputError(f"context of item {k} has {length} word pieces, at most {limit} fit; shorten it")
