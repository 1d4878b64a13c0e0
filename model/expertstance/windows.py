"""Statements as word pieces: one window for nearly all, several overlapping ones for a text that is too long."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Any

from tokenizers import Tokenizer

from expertstance.errors import InputError

WINDOW = 256
"""Most word pieces in one window, special tokens included: far above a usual quote (about 40)."""
_UNUSED_POSITIONS = 2
"""Position embeddings that a model may not count with: RoBERTa's first two stand for padding."""

_SETTINGS = Lock()
"""Held while a tokenizer's settings are changed and used: several threads may share it."""


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of one text, ready for the encoder.

    Attributes:
        item: Index of the text that it belongs to.
        input_ids: Word-piece ids with special tokens.
        token_type_ids: Segment of every id; all 0 without a context.
        weight: Word pieces of the text that no earlier window holds; over a text they sum to its length.
    """

    item: int
    input_ids: list[int]
    token_type_ids: list[int]
    weight: int


def window_size(config: Mapping[str, Any]) -> int:
    """Word pieces in one window of a model with this ``config.json``: fewer than ``WINDOW`` where it knows fewer."""
    positions = config.get("max_position_embeddings")
    return WINDOW if positions is None or positions <= 0 else min(WINDOW, positions - _UNUSED_POSITIONS)


def overlap_of(window: int) -> int:
    """Word pieces that two neighbouring windows share, so that no clause is only seen cut in two."""
    return window // 4


def encode(tokenizer: Tokenizer, texts: Sequence[str], contexts: Sequence[str | None], *, window: int) -> list[Window]:
    """Cut every text into windows of at most ``window`` word pieces; the context stands whole in each of them.

    Args:
        tokenizer: Its settings for truncation and padding are replaced.
        texts: n texts.
        contexts: n second segments, None or blank where a text has none.
        window: From ``window_size``.

    Returns:
        Windows in text order, at least one per text.

    Raises:
        InputError: A context fills more than half a window.
    """
    overlap = overlap_of(window)
    with _SETTINGS:
        tokenizer.no_padding()
        tokenizer.no_truncation()
        _check_contexts(tokenizer, contexts, limit=window // 2)
        tokenizer.enable_truncation(max_length=window, stride=overlap, strategy="only_first")
        # a pair with an empty second segment is not the same as a single one
        encodings = tokenizer.encode_batch(
            [(text, context) if _is_given(context) else text for text, context in zip(texts, contexts, strict=True)]
        )
    windows: list[Window] = []
    for item, encoding in enumerate(encodings):
        for k, part in enumerate([encoding, *encoding.overflowing]):
            pieces = part.sequence_ids.count(0)
            windows.append(Window(item, part.ids, part.type_ids, pieces - (overlap if k else 0)))
    return windows


def _is_given(context: str | None) -> bool:
    return context is not None and bool(context.strip())


def _check_contexts(tokenizer: Tokenizer, contexts: Sequence[str | None], *, limit: int) -> None:
    given = {k: context for k, context in enumerate(contexts) if _is_given(context)}
    for k, encoding in zip(given, tokenizer.encode_batch(list(given.values()), add_special_tokens=False), strict=True):
        if len(encoding) > limit:
            raise InputError(f"context of item {k} has {len(encoding)} word pieces, at most {limit} fit; shorten it")
