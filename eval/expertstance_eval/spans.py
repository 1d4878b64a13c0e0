"""Words by their place: what statements found and statements labelled are compared by."""

import re
from collections.abc import Sequence

Spans = Sequence[tuple[int, int]]
"""Start and end of each part in code points of a text, end-exclusive."""

_WORD = re.compile(r"\w[\w'’-]*")


def words_of(text: str, spans: Spans) -> frozenset[int]:
    """Starts of the words in the spans of a text; a span's edge cuts a word in two."""
    return frozenset(start + m.start() for start, end in spans for m in _WORD.finditer(text[start:end]))
