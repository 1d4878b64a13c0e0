"""Other articles' headlines that a page's script leaves behind a name, so that its readers never saw them.

``Ann Reed Ann Marie ReedFive takeaways from the debate Harbour vote is delayed MORE said``: the name once more in full,
the first headline glued to it, and the word of the link that ended the list.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from operator import itemgetter

from expertstance.statements import Span

_SPLICE = re.compile(
    r"\b(?P<surname>[A-Z][\w'’-]*[a-z])(?P<splice> (?:[A-Z][\w.'’-]* ){0,4}(?P=surname)(?=[A-Z\d]).{1,800}? MORE)\b"
)


def find_splices(text: str) -> list[Span]:
    """Code points of the headlines, in text order."""
    return [match.span("splice") for match in _SPLICE.finditer(text)]


def blanked(text: str, splices: Iterable[Span]) -> str:
    """The text with blanks in place of the splices, so that offsets stay."""
    parts, at = [], 0
    for start, end in splices:
        parts += [text[at:start], " " * (end - start)]
        at = end
    return "".join([*parts, text[at:]])


def without(span: Span, splices: Sequence[Span]) -> list[Span]:
    """What is left of a span between the splices, which stand in text order."""
    first, last = span
    parts = []
    inside = slice(bisect_right(splices, first, key=itemgetter(1)), bisect_left(splices, last, key=itemgetter(0)))
    for start, end in splices[inside]:
        parts.append((first, start))
        first = end
    return [(start, end) for start, end in [*parts, (first, last)] if end > start]
