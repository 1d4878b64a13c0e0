"""Find what stands inside quotation marks: all mark styles, nested, unbalanced, and over several paragraphs.

Works paragraph by paragraph in one pass over the marks (linear time). Marks in contractions, elisions and
measures of feet and inches are no quotation marks.
"""

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace

from expertstance.quotes.paragraphs import Paragraph

_DOUBLE = re.compile("``|''|[\"“”„‟«»‹›「」『』]")
_SINGLE = re.compile("(?<!')'(?!')|[‘’‚‛`](?!`)")
_CLOSERS = {
    '"': '"”',
    "“": '”"',
    "”": "”",
    "„": "“”",
    "‟": "”",
    "«": "»",
    "»": "«",
    "‹": "›",
    "›": "‹",
    "「": "」",
    "『": "』",
    "''": "''",
    "``": "''",
}
OPENING_MARKS = frozenset("\"“„‟«»‹›「『'‘`")
_OPENS_ALWAYS = frozenset(["“", "„", "‟", "«", "‹", "「", "『", "``"])
_BEFORE_OPEN = " \t\u00a0\u2009\u202f([{—–-―/…“‘\"'.,:;"
_ELISION = re.compile(r"['’‘](?:em|tis|twas|til|till|cause|bout|round|nuff|n|neath|cos|cuz|\d0s|\d\d)\b", re.I)
_NICKNAME = re.compile(r"[^\W\d_][\w.’-]*(?: [^\W\d_][\w.’-]*)?(?<![.,])")
_FEET = re.compile(r"\d['’′]\s?\d{1,2}$")


@dataclass(frozen=True, slots=True)
class Quote:
    """A stretch inside quotation marks, at the top level of one paragraph.

    Attributes:
        start: Code point of the opening mark (or of the first word where that is missing).
        end: One past the closing mark (or past the last word where that is missing).
        inner_start: First code point inside the marks.
        inner_end: One past the last code point inside the marks.
        opened: Whether the opening mark is there.
        closed: Whether the closing mark is there.
        single: Whether the marks are single ones.
        nickname: The words inside where they are one or two bare ones, as in ``Joe "Big Sky" Smith``; else empty.
    """

    start: int
    end: int
    inner_start: int
    inner_end: int
    opened: bool = True
    closed: bool = True
    single: bool = False
    nickname: str = ""


def find_quotes(text: str, paragraph: Paragraph, *, awaiting_close: bool = False, goes_on: bool = False) -> list[Quote]:
    """The top-level quotes of a paragraph in text order, not overlapping.

    Args:
        text: The article.
        paragraph: Where to look.
        awaiting_close: Whether the paragraph before ended inside an open quote, so that a lone closing mark here ends a
            quote that runs from the paragraph's start.
        goes_on: Whether the next paragraph opens with a mark, so that a quote left open here goes on there; else a
            quote left open ends at its own attribution.
    """
    doubles = _double_quotes(text, paragraph.start, paragraph.end, awaiting_close)
    if doubles and not doubles[-1].closed and not goes_on:
        doubles[-1] = _up_to_attribution(text, doubles[-1])
    singles = _single_quotes(text, paragraph.start, paragraph.end, doubles)
    if not singles:
        return doubles
    outer = [d for d in doubles if not any(s.start < d.start and d.end < s.end for s in _near(singles, d))]
    return sorted(outer + singles, key=lambda q: q.start)


def _nickname(text: str, start: int, end: int) -> str:
    return text[start:end] if end - start <= 20 and _NICKNAME.fullmatch(text, start, end) is not None else ""


def _near(singles: Sequence[Quote], double: Quote) -> Sequence[Quote]:
    """The one single quote that may hold ``double``: the last that starts before it."""
    k = bisect_left(singles, double.start, key=lambda q: q.start)
    return singles[max(0, k - 1) : k]


def _double_quotes(text: str, start: int, end: int, awaiting_close: bool) -> list[Quote]:
    found: list[Quote] = []
    stack: list[tuple[str, int, int]] = []  # mark, its start, start of the words
    marks = [(m.group(), m.start(), m.end()) for m in _DOUBLE.finditer(text, start, end)]
    for index, (mark, at, after) in enumerate(marks):
        before = text[at - 1] if at > start else " "
        behind = text[after] if after < end else " "
        if mark == '"' and _is_inch(text, start, at, opened=bool(stack)):
            continue
        role = _role(mark, before, behind, stack)
        if role == "close":
            levels = range(len(stack) - 1, max(-1, len(stack) - 4), -1)
            level = next((k for k in levels if _closes(stack[k][0], mark)), None)
            if level is None:
                continue
            _, opened_at, words_at = stack[level]
            del stack[level:]
            if not stack:
                found.append(Quote(opened_at, after, words_at, at, nickname=_nickname(text, words_at, at)))
        elif role == "open":
            if stack and stack[-1][0] == mark and not _is_nested(text, marks, index, end):
                bottom = stack[0]
                stop = _last_sentence_end(text, bottom[2], at)
                if stop > bottom[2]:
                    found.append(_up_to_attribution(text, Quote(bottom[1], stop, bottom[2], stop, closed=False)))
                stack.clear()
            stack.append((mark, at, after))
        elif (
            role == "stray"
            and not found
            and not stack
            and (awaiting_close or before in ",.?!…—-")
            and text[start:at].strip()
        ):
            found.append(Quote(start, after, start, at, opened=False))
    if stack:
        _, opened_at, words_at = stack[0]
        stop = words_at + len(text[words_at:end].rstrip())
        if stop > words_at:
            found.append(Quote(opened_at, stop, words_at, stop, closed=False))
    return found


_ATTRIBUTION = re.compile(
    r"[,?!](?=\s+(?:(?:said|says|added|asked|warned|wrote) (?:[A-Z][a-z]|the |a |an |h?er? |she )|"
    r"(?:[Hh]e|[Ss]he|(?:(?:the |an? )?[\w.’'-]+ )?[A-Z][\w.’'-]+) (?:said|says|added|asked|warned|wrote)\b))"
)


def _up_to_attribution(text: str, quote: Quote) -> Quote:
    """An unclosed quote cut at ``, said Name`` or ``, Name said``, if that stands in it; it then counts as closed."""
    match = _ATTRIBUTION.search(text, quote.inner_start, quote.inner_end)
    if match is None or match.start() == quote.inner_start:
        return quote
    return replace(quote, end=match.end(), inner_end=match.end(), closed=True)


def _role(mark: str, before: str, behind: str, stack: list[tuple[str, int, int]]) -> str:
    """Whether a mark opens, closes, is a stray closing mark, or is none of these."""
    top = stack[-1][0] if stack else ""
    if stack and mark in "“«»‹›" and mark in _CLOSERS.get(top, ""):
        return "close"
    if mark == "“" and top in ("“", '"') and not before.isspace() and before not in "([—–-" and not behind.isalnum():
        return "close"  # a closing mark that was typed the wrong way round
    if mark in _OPENS_ALWAYS:
        return "open"
    can_open = before in _BEFORE_OPEN and not behind.isspace()
    can_close = not before.isspace() or behind.isspace()
    if mark in ("”", "」", "』"):
        if stack:
            return "close"
        return "open" if mark == "”" and can_open and before.isspace() else "stray"
    if stack and any(_closes(entry[0], mark) for entry in stack[-3:]):
        if can_close and not (can_open and behind.isalnum() and before.isspace()):
            return "close"
        return "open"
    if can_open:
        return "open"
    return "stray" if can_close and not stack else "none"


def _closes(opener: str, mark: str) -> bool:
    if mark == "“" and opener in ("“", '"'):
        return True  # only asked where the mark stands in closing position
    return mark in _CLOSERS.get(opener, "") if mark != "''" else opener in ("''", "``")


def _is_inch(text: str, start: int, at: int, *, opened: bool) -> bool:
    if at == start or not text[at - 1].isdigit():
        return False
    return not opened or bool(_FEET.search(text, max(start, at - 6), at))


def _is_nested(text: str, marks: list[tuple[str, int, int]], index: int, end: int) -> bool:
    """Whether two closing marks stand behind the opening mark ``index``, inside an open quote, before the next one."""
    following = marks[index + 1 : index + 3]
    for mark, at, after in following:
        behind = text[after] if after < end else " "
        if mark in "“„«" or (mark not in "”»" and text[at - 1] in " ([" and not behind.isspace()):
            return False
    return len(following) == 2


def _last_sentence_end(text: str, start: int, end: int) -> int:
    stop = max(text.rfind(mark, start, end) for mark in ".!?,")
    return stop + 1 if stop >= 0 else start + len(text[start:end].rstrip())


def _single_quotes(text: str, start: int, end: int, doubles: list[Quote]) -> list[Quote]:
    """Single quotes that lie between double ones or hold them whole."""
    found: list[Quote] = []
    opened: int | None = None
    opener = ""
    fallback: int | None = None
    pointer = 0
    for match in _SINGLE.finditer(text, start, end):
        at, mark = match.start(), match.group()
        while pointer < len(doubles) and doubles[pointer].end <= at:
            pointer += 1
        if pointer < len(doubles) and doubles[pointer].start <= at:
            continue
        before = text[at - 1] if at > start else " "
        behind = text[at + 1] if at + 1 < end else " "
        opens = before in ' \t\u00a0([{—–-"“' and (behind.isalnum() or behind in '["“…$£€') and mark != "’"
        if opens and _ELISION.match(text, at):
            continue
        closes = mark in "'’‘" and not before.isspace() and not behind.isalnum()
        if opened is not None and closes and (mark != "‘" or opener == "‚"):
            if before in ",.?!…—" or not (before == "s" and behind.isspace() and text[at + 2 : at + 3].islower()):
                found.append(
                    Quote(opened, at + 1, opened + 1, at, single=True, nickname=_nickname(text, opened + 1, at))
                )
                opened, fallback = None, None
            elif fallback is None:
                fallback = at
        elif opens:
            if opened is not None and fallback is not None:
                found.append(Quote(opened, fallback + 1, opened + 1, fallback, single=True))
            opened, opener, fallback = at, mark, None
    if opened is not None and fallback is not None:
        found.append(Quote(opened, fallback + 1, opened + 1, fallback, single=True))
    elif opened is not None and opened == start and opener in "‘'" and not found:
        stop = start + len(text[start:end].rstrip())
        found.append(Quote(opened, stop, opened + 1, stop, closed=False, single=True))
    return [q for q in found if q.inner_end > q.inner_start]
