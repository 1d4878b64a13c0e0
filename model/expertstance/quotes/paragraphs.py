"""Cut an article into paragraphs and tell running text from headings, captions, bylines, credits and sign-up lines."""

import re
from dataclasses import dataclass
from itertools import islice, pairwise
from typing import Literal

from expertstance.quotes.lexicon import lexicon

ParagraphKind = Literal["body", "furniture"]

_LINE = re.compile(r"[^\r\n\u2028\u2029\x0b\x0c\x85¶]+")  # some collections mark paragraphs with a pilcrow
_AGENCIES = r"(?:Getty|Shutterstock|Reuters|Bloomberg|AFP|AP|EPA|Xinhua|Pool|Images?|Photo(?:graph)?s?)"
_CREDIT = re.compile(
    rf"\b{_AGENCIES}\b.*\||\|.*\b{_AGENCIES}\b|"
    r"^\(?(?:Photo|Image|Picture|Illustration|Video|Graphic)s?(?: credit)?(?::| by | courtesy )|"
    r"^(?:Credit|Source|Caption): |"
    r"^(?:\w+[ /]){0,4}(?:Getty Images|AP Photo|Reuters|AFP)(?:/[\w .]+)?$|"
    r"\((?:AP Photo|Photo by|Image by|Getty|Reuters/)[^)]*\)?\s*$"
)
_NAME_WORD = r"[A-Z][\w.'’-]*"
_BYLINE = re.compile(
    r"^(?:By|Written by|Reported by|Reporting by|Story by|Edited by|Editing by) "
    rf"{_NAME_WORD}(?:(?:,? (?:and |in |for )?|, ?){_NAME_WORD}){{0,12}}(?: \(.*\))?$|"
    r"^\(?(?:Reporting|Writing|Editing|Additional reporting) (?:by|from) .{3,160}$|"
    r"^(?:Published|Updated|Posted|Last modified|First published)\b.{0,80}$"
)
_SIGN_UP = re.compile(
    r"\b(?:sign up|subscribe|newsletter|your inbox|click here|read more|follow us|follow @|advertisement|"
    r"related (?:article|stor)|download (?:the|our) app|all rights reserved|©|contributed to this (?:report|story)|"
    r"this (?:article|story) (?:was )?(?:originally|first) (?:published|appeared))",
    re.I,
)
_PLAYER = re.compile(
    r"^(?:JUST|MUST) WATCH(?:ED)? |\bReplay More Videos\b|"
    r"\bMedia playback is (?:unsupported|not supported) on your device\b"
)
_MARKS = re.compile("[\"“”„«»‘]|''|(?<!\\w)'")
_ATTRIBUTION, _ATTRIBUTION_WORDS = 60, 4  # characters and words in which the verb of "Ann Reed said" is looked for
TWEET_SIGNATURE = re.compile(
    r"[\s¶]*(?:—|--|–|―)\s*([A-Z][\w.'’ -]{1,50}?) \(@\w{1,20}\)(?:\s+\w+ \d{1,2}, \d{4})?\s*$"
)
_ATTRIBUTED = re.compile("[,?!](?:[\"”’»“]|'')\\s+\\w")
_END = re.compile(r"[.!?…:;,\"”’»“')\]—–-]\s*$")
_QUOTE_END = re.compile("(?:(,)|[?!])(?:[\"”’»]|'+)$")
_OPEN_END = re.compile(r"[^\W_](?:[\"”’»]|'')$")  # a closing mark with no full stop inside or behind it
_BARE_QUOTE = re.compile(r"[\"“‘'«„][^\"“”‘«»„.,!?]*[^\W_][\"”’'»“]")  # a short line that is one quote with no stop
_OWN_LINE = re.compile(r"[\"“„«‘']|.*[,.!?:] *[\"“„«‘]|.*[.!?] ")
WORD = re.compile(r"[^\W\d_][\w'’-]*")
_CAPTION_VERB = re.compile(
    r"\b(?:speaks|attends|arrives|arriving|walks|waves|gestures|poses|stands|looks on|is seen|are seen|listens|leaves|"
    r"holds|talks|delivers|addresses|answers|pictured|seen here|shakes hands|smiles|file photo)\b"
)
_YEAR_END = re.compile(r"\b(?:19|20)\d\d\.?(?:\s*\(.*\))?$")


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One paragraph: code points ``start`` to ``end`` (exclusive) of the article, and whether it is running text."""

    start: int
    end: int
    kind: ParagraphKind


def split_paragraphs(text: str) -> list[Paragraph]:
    """Cut at line ends; what goes on with the line before is joined first.

    So do the lines of a hard-wrapped text, an attribution behind a quote and the signature of a tweet.
    """
    blocks: list[tuple[int, int]] = []
    lines = [
        (m.start() + len(m.group()) - len(m.group().lstrip()), m.start() + len(m.group().rstrip()))
        for m in _LINE.finditer(text)
    ]
    lines = [(s, e) for s, e in lines if e > s]
    width = _wrap_width(text, lines)
    last_line, signed = 0, False
    for start, end in lines:
        before_signed, signed = signed, TWEET_SIGNATURE.fullmatch(text, start, end) is not None
        if blocks and (
            signed
            or (
                not before_signed
                and text.count("\n", blocks[-1][1], start) == 1
                and _goes_on(text, last_line, blocks[-1][1], start, width)
            )
        ):
            blocks[-1] = (blocks[-1][0], end)
        else:
            blocks.append((start, end))
        last_line = start
    bodies = [text[s:e] for s, e in blocks]
    return [Paragraph(s, e, "furniture" if _is_furniture(bodies, k) else "body") for k, (s, e) in enumerate(blocks)]


def _wrap_width(text: str, lines: list[tuple[int, int]]) -> int:
    """The line width of a hard-wrapped text; 0 if the text is not wrapped.

    Wrapped are texts whose longest line has at most 110 characters and most of whose lines, where another follows
    directly, break in mid-sentence.
    """
    width = max((e - s for s, e in lines), default=0)
    if not 40 <= width <= 110:
        return 0
    followed = [
        text[end - 1] not in '.!?:"”’»'
        for (start, end), (after, _) in pairwise(lines)
        if text.count("\n", end, after) == 1 and end - start >= 0.6 * width
    ]
    return width if followed and sum(followed) >= 0.5 * len(followed) else 0


def _goes_on(text: str, line_start: int, line_end: int, start: int, width: int) -> bool:
    """Whether the line at ``start`` goes on with the paragraph of the line before it."""
    quote_end = _QUOTE_END.search(text, max(line_start, line_end - 3), line_end)
    if quote_end is not None and (quote_end.group(1) or text[start].islower()) and _attributes(text, start):
        return True
    if width:
        return line_end - line_start >= 0.6 * width
    return text[start].islower() and text[line_end - 1] not in '.!?:”"' and line_end - line_start >= 45


def _attributes(text: str, start: int) -> bool:
    """Whether a line begins with a reporting clause: ``said Ann Reed``, ``Ann Reed said.``, but no new sentence."""
    if _MARKS.match(text, start):
        return False
    verbs = lexicon().verbs
    words = islice(WORD.finditer(text, start, start + _ATTRIBUTION), _ATTRIBUTION_WORDS)
    verb = next((word for word in words if word.group() in verbs and "quote" in verbs[word.group()].frames), None)
    return verb is not None and (text[start].islower() or text[verb.end() : verb.end() + 1] in ".,;:")


def _is_furniture(lines: list[str], k: int) -> bool:
    line = lines[k]
    if len(line) > 350:
        return False
    if _CREDIT.search(line) or _BYLINE.match(line) or _PLAYER.search(line):
        return True
    words = WORD.findall(line)
    if len(words) <= 25 and _SIGN_UP.search(line) and not _MARKS.search(line):
        return True
    if k + 1 < len(lines) and len(lines[k + 1]) < 300 and _CREDIT.search(lines[k + 1]) and _looks_like_caption(line):
        return True
    if _CAPTION_VERB.search(line) and _YEAR_END.search(line) and not _MARKS.search(line) and len(words) <= 45:
        return True
    return _is_heading(line, words, first=k == 0 and len(lines) > 1)


def _looks_like_caption(line: str) -> bool:
    return bool(_CAPTION_VERB.search(line) or _YEAR_END.search(line)) and not _MARKS.search(line)


def _is_heading(line: str, words: list[str], *, first: bool) -> bool:
    """A short line without a closing full stop, or the first line in title case."""
    if not words:
        return True
    if line.rstrip().endswith(":"):
        return False
    closed = bool(_END.search(line))
    if not closed and len(words) <= 14 and not _MARKS.search(line) and "(@" not in line:
        return True
    if len(words) <= (20 if first else 12) and _OPEN_END.search(line) and not _OWN_LINE.match(line):
        return True
    if len(words) <= 6 and _BARE_QUOTE.fullmatch(line):
        return True
    if first and len(words) <= 30 and not _ATTRIBUTED.search(line):
        if not closed:
            return True
        long_words = [w for w in words if len(w) > 3]
        return len(long_words) > 1 and sum(w[0].isupper() for w in long_words) >= 0.75 * len(long_words)
    return False
