"""Statements as word pieces: one window for nearly all, several overlapping ones for a text that is too long."""

from collections.abc import Sequence
from dataclasses import dataclass
from threading import Lock

from tokenizers import Tokenizer

from expertstance.errors import InputError

WINDOW = 256
"""Word pieces in one window, special tokens included: far above a usual quote (about 40), within every base's limit."""
OVERLAP = 64
"""Word pieces that two neighbouring windows share, so that no clause is only seen cut in two."""


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


def encode(tokenizer: Tokenizer, texts: Sequence[str], contexts: Sequence[str] | None = None) -> list[Window]:
    """Cut every text into windows of at most ``WINDOW`` word pieces; the context stands whole in each of them.

    Args:
        tokenizer: Its settings for truncation and padding are replaced.
        texts: n texts.
        contexts: n second segments, or None for none.

    Returns:
        Windows in text order, at least one per text.

    Raises:
        InputError: A context fills more than half a window.
    """
    pairs = list(texts) if contexts is None else list(zip(texts, contexts, strict=True))
    with _SETTINGS:
        tokenizer.no_padding()
        tokenizer.no_truncation()
        if contexts is not None:
            _check_contexts(tokenizer, contexts)
        tokenizer.enable_truncation(max_length=WINDOW, stride=OVERLAP, strategy="only_first")
        encodings = tokenizer.encode_batch(pairs)
    windows: list[Window] = []
    for item, encoding in enumerate(encodings):
        for k, part in enumerate([encoding, *encoding.overflowing]):
            pieces = part.sequence_ids.count(0)
            windows.append(Window(item, part.ids, part.type_ids, pieces - (OVERLAP if k else 0)))
    return windows


def _check_contexts(tokenizer: Tokenizer, contexts: Sequence[str]) -> None:
    limit = WINDOW // 2
    for k, encoding in enumerate(tokenizer.encode_batch(list(contexts), add_special_tokens=False)):
        if len(encoding) > limit:
            raise InputError(f"context of item {k} has {len(encoding)} word pieces, at most {limit} fit; shorten it")
