"""Statements of an article: the passes over it in order, and the finished values."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import replace

from expertstance.quotes.marks import OPENING_MARKS, Quote, find_quotes
from expertstance.quotes.paragraphs import Paragraph, split_paragraphs
from expertstance.quotes.people import Cast
from expertstance.quotes.speakers import Resolver
from expertstance.quotes.splices import blanked, find_splices, without
from expertstance.quotes.tokens import tokenize
from expertstance.quotes.transcripts import transcript_labels
from expertstance.quotes.writer import Body, Draft, Writer
from expertstance.statements import Kind, Span, Statement

_THRESHOLD = 0.4  # below it the speaker stays unknown


def extract_statements(text: str) -> list[Statement]:
    """The statements of an article, in text order.

    Args:
        text: The article; paragraphs end at line ends. Offsets in the result count its code points.

    Returns:
        Direct, mixed and reported statements with their speakers, sorted by their first span.
    """
    splices = find_splices(text)
    text = blanked(text, splices)
    paragraphs = split_paragraphs(text)
    bodies = _bodies(text, paragraphs)
    labels = transcript_labels(text, paragraphs)
    cast = Cast()
    for body in bodies:
        initial = body.paragraph.start in labels and body.tokens[0].text in ("Q.", "A.")  # no name's
        cast.read(body.tokens[initial:])
    cast.settle()
    writer = Writer(text, Resolver(text, cast), labels)
    for number, body in enumerate(b for b in bodies if b.paragraph.kind == "body"):
        writer.read(number, body)
    quotes = [q for body in bodies for q in body.quotes]
    starts = [quote.start for quote in quotes]
    statements = [_finish(text, draft, quotes, starts, splices) for draft in writer.drafts]
    return sorted((s for s in statements if s is not None), key=lambda s: s.spans)


def _bodies(text: str, paragraphs: Sequence[Paragraph]) -> list[Body]:
    bodies: list[Body] = []
    open_quote: Quote | None = None
    last = 0  # the body that left it open
    following = [p.start for p in paragraphs if p.kind == "body"]
    for paragraph in paragraphs:
        after = bisect_right(following, paragraph.start)
        quotes = find_quotes(
            text,
            paragraph,
            awaiting_close=open_quote is not None,
            goes_on=after < len(following) and text[following[after]] in OPENING_MARKS,
        )
        continues = bool(
            open_quote is not None
            and quotes
            and quotes[0].start == paragraph.start
            and (not quotes[0].opened or text[quotes[0].start] == text[open_quote.start])
        )
        if continues:
            bodies[last] = replace(bodies[last], goes_on=True)
        if paragraph.kind == "body":
            open_quote = quotes[-1] if quotes and not quotes[-1].closed else None
            last = len(bodies)
        bodies.append(Body(paragraph, tokenize(text, paragraph, quotes), quotes, continues))
    return bodies


def _finish(
    text: str, draft: Draft, quotes: Sequence[Quote], starts: Sequence[int], splices: Sequence[Span]
) -> Statement | None:
    spans: list[Span] = []
    for start, end in sorted(set(draft.spans)):
        if end > start and (not spans or start >= spans[-1][1]):
            spans.append((start, end))
    if splices:
        spans = [_trimmed(text, part) for span in spans for part in without(span, splices)]
    if not spans:
        return None
    if draft.rule == "for-name" and draft.resolved.speaker.type != "person":
        return None
    resolved, sure = draft.resolved, round(min(draft.sure, 1.0), 3)
    speaker = resolved.speaker
    if sure < _THRESHOLD:
        speaker = replace(speaker, name=None, role=None, affiliation=None, type=None)
    return Statement(
        " ".join(text[s:e] for s, e in spans),
        tuple(spans),
        "direct" if draft.direct else _kind(spans, quotes, starts),
        draft.cue,
        speaker,
        draft.rule,
        sure,
    )


def _trimmed(text: str, span: Span) -> Span:
    start, end = span
    words = text[start:end]
    return start + len(words) - len(words.lstrip()), end - len(words) + len(words.rstrip())


def _kind(spans: Sequence[Span], quotes: Sequence[Quote], starts: Sequence[int]) -> Kind:
    """Direct if the spans lie inside quotes, reported if they hold none, else mixed; ``starts`` are the quotes'."""
    inside = touched = 0
    for start, end in spans:
        k = bisect_right(starts, start) - 1
        if k >= 0 and end <= quotes[k].end:
            inside += 1
        elif (k >= 0 and start < quotes[k].end) or (k + 1 < len(starts) and starts[k + 1] < end):
            touched += 1
    if inside == len(spans):
        return "direct"
    return "mixed" if inside or touched else "reported"
