"""Join quotes and reporting clauses to statements, paragraph by paragraph, and tell who speaks."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from expertstance.quotes.clause_types import Clause
from expertstance.quotes.clauses import clauses
from expertstance.quotes.content import NAMING
from expertstance.quotes.lexicon import lexicon
from expertstance.quotes.marks import Quote
from expertstance.quotes.noun_phrases import is_handle, phrase_from
from expertstance.quotes.paragraphs import TWEET_SIGNATURE, Paragraph
from expertstance.quotes.pronouns import Resolved
from expertstance.quotes.speaker_phrases import noun_for_one
from expertstance.quotes.speakers import Resolver
from expertstance.quotes.subjects import Subject, main_subject, topic
from expertstance.quotes.tokens import Token, after_bullet, after_dateline, sentences
from expertstance.quotes.transcripts import Label, introduction
from expertstance.quotes.words import (
    ARTICLES,
    CONJUNCTIONS,
    POSSESSIVES,
    SUBJECT_PRONOUNS,
    is_capital,
    is_dash,
    is_possessive,
    is_time,
)
from expertstance.statements import Span, Speaker

_UNKNOWN = Resolved(Speaker(None), 0.0)
_ANSWERS = frozenset("answer conclusion explanation message motto reaction reply response verdict view warning".split())
_LONGEST_ANSWER = 7
_LOOSE_WORDS = 6  # a quote without a reporting verb counts from this many words on; below it is a scare quote or title
_CARRIED, _AFTER_REPORTED, _AFTER_SUBJECT, _BELOW_SUBJECT, _UNSURE = 0.55, 0.6, 0.5, 0.45, 0.35
_LONGEST_LINK = 4  # letters of the longest word that a title may have in small letters: "with"
_LONGEST_SIGNATURE = 120
_LONGEST_APPOSITION = 14
_COMES = frozenset("is was comes came".split())
_BEFORE_DOCUMENT = frozenset("in by via issued released published".split())
_ALTERNATING = 0.5
_REPLIES = frozenset("replied replies answered answers responded responds retorted retorts countered counters".split())
_GOES_ON = frozenset("added adds also continued continues further".split())
_THEN = frozenset("then and again also".split())
_ASKS = frozenset("asked asks asking inquired wondered wonders".split())
_TELLS = frozenset("told tells reminded reminds warned warns assured assures".split())


@dataclass(slots=True)
class Draft:
    """A statement in the making; ``direct`` marks a speaker's own words that stand in no quotation marks."""

    spans: list[Span]
    cue: str | None
    resolved: Resolved
    rule: str
    sure: float
    paragraph: int
    direct: bool = False


@dataclass(frozen=True, slots=True)
class Body:
    """A paragraph with its tokens and quotes.

    ``continues`` if its first quote goes on with that of the paragraph before, ``goes_on`` if its last one does so in
    the next.
    """

    paragraph: Paragraph
    tokens: list[Token]
    quotes: list[Quote]
    continues: bool
    goes_on: bool = False


class Floor(NamedTuple):
    """Whose words a quote without attribution is next: the person whom the sentence before was about.

    ``sure`` is the weight of a quote in the same paragraph, ``sure_after`` of one that is the whole next paragraph.
    """

    resolved: Resolved
    paragraph: int
    sure: float
    sure_after: float


class Exchange(NamedTuple):
    """Two speakers who take turns: ``asker`` and who spoke last, ``answerer``.

    ``asked`` if the asker put a question, so that the answer may go on in the next paragraph; ``runs`` once a quote
    without attribution has been given to one of the two.
    """

    asker: Draft
    answerer: Draft
    asked: bool
    runs: bool = False


class Writer:
    """Reads the paragraphs in order and writes the drafts.

    Args:
        text: The article.
        resolver: Who tells the speakers.
        labels: Where paragraphs are lines of a transcript: paragraph start -> label.
    """

    def __init__(self, text: str, resolver: Resolver, labels: dict[int, Label]) -> None:
        self.drafts: list[Draft] = []
        self._names_of = -1
        self._names_here: set[str | None] = set()
        self._text = text
        self._resolver = resolver
        self._labels = labels
        self._chain: Draft | None = None  # whose quote the paragraph before left open
        self._open: Draft | None = None  # "Name added:" still without words
        self._current: Draft | None = None  # the last draft with quoted words
        self._floor: Floor | None = None  # who took the word from the speaker of the last quote
        self._exchange: Exchange | None = None  # the two who spoke last, if one answered the other
        self._waiting: list[Span] = []  # quotes before their attribution, same paragraph or left open in one before
        self._since = 0  # the paragraph of the first of them

    def read(self, number: int, body: Body) -> None:
        """Take paragraph ``number``."""
        start, end = body.paragraph.start, body.paragraph.end
        tweet = TWEET_SIGNATURE.search(self._text, max(start, end - _LONGEST_SIGNATURE), end)
        label = self._labels.get(start)
        if self._waiting and (tweet is not None or label is not None):
            self._carry(self._since)
        if tweet is not None:
            self._tweet(number, body, tweet)
        elif label is not None:
            self._transcript_line(number, body, label)
        elif self._open is not None and not body.quotes:
            self._block(number, body, self._open)
        else:
            self._running_text(number, body)

    def _running_text(self, number: int, body: Body) -> None:
        if not self._waiting:
            self._since = number
        direct = self._chain if body.continues else None  # the draft that a following bare quote goes on with
        for low, high in sentences(self._text, body.tokens):
            low = after_bullet(body.tokens, after_dateline(body.tokens, low, high), high)
            direct = self._sentence(number, body, low, high, direct)
        if self._waiting and not body.goes_on:
            direct = self._carry(self._since)
        self._chain = direct if body.quotes and not body.quotes[-1].closed else None
        self._current = direct or self._current

    def _sentence(self, number: int, body: Body, low: int, high: int, direct: Draft | None) -> Draft | None:
        """Write the drafts of a sentence; returns the draft that a bare quote behind it goes on with."""
        tokens = body.tokens
        self._resolver.enter(body.paragraph.start, tokens[high - 1].end)
        found = clauses(tokens, low, high)
        about = self._about(tokens, low, high, found)
        nested = [_is_nested(clause, found) for clause in found]
        drafts = self._drafts(number, body, low, found, nested, about)
        written = [draft for draft in drafts if draft.spans]
        quotes = [token for token in tokens[low:high] if token.kind == "quote"]
        covered = [span for draft in written for span in draft.spans]
        loose = [token for token in quotes if not _inside(token, covered)]
        quoted = [draft for draft in written if any(_inside(token, draft.spans) for token in quotes)]
        self._write(tokens, low, high, written, quoted)
        self._take_turn(tokens, found, drafts)
        opened, self._open = self._open, next((draft for draft in reversed(drafts) if not draft.spans), None)
        if quoted:
            self._floor = None
            self._exchange = self._exchanged(quoted[0])
            return quoted[-1]
        if loose:
            return self._bare_quotes(number, body, low, high, loose, direct, opened)
        leading = [draft for draft, inside in zip(drafts, nested, strict=True) if draft.spans and not inside]
        self._floor = self._taken(number, leading, about, contested=direct is not None) or self._floor
        return direct if direct is None or self._floor is None or _same(direct, self._floor.resolved) else None

    def _about(self, tokens: Sequence[Token], low: int, high: int, found: Sequence[Clause]) -> Resolved | None:
        """Whom the sentence is about: its subject, who reacts in it, or the source that leads to a quote."""
        about = self._notice(tokens, low, high, found)
        if found:
            return about
        if about is None and tokens[low].lower in ("he", "she"):
            about = self._resolver.resolve_reacting(tokens, low, high)
        source = _source(tokens, low, high)
        return self._resolver.resolve(tokens, source) if source is not None else about

    def _drafts(
        self,
        number: int,
        body: Body,
        low: int,
        found: Sequence[Clause],
        nested: Sequence[bool],
        about: Resolved | None,
    ) -> list[Draft]:
        """A draft for each clause, in text order, which the resolver needs."""
        self._take_inner_question(body.tokens, low, found)
        about_person = about is not None or body.tokens[low].lower in ("he", "she")
        return [
            self._draft(number, body, low, clause, inside, aside=_is_aside(clause, about_person))
            for clause, inside in zip(found, nested, strict=True)
        ]

    def _write(
        self, tokens: Sequence[Token], low: int, high: int, written: Sequence[Draft], quoted: Sequence[Draft]
    ) -> None:
        """Take in a sentence's drafts; with a quote in front, those that wait are that speaker's too."""
        if written and (document := _document(tokens, low, high)) is not None:
            self._resolver.issued(document, written[0].resolved.speaker)
        if quoted and tokens[low].kind == "quote":
            quoted[0].spans[:0] = self._waiting
            self._waiting = []
        elif quoted and self._waiting:
            self._carry(self._since)
        for draft in written:
            self._add(draft)

    def _bare_quotes(
        self,
        number: int,
        body: Body,
        low: int,
        high: int,
        loose: Sequence[Token],
        direct: Draft | None,
        opened: Draft | None,
    ) -> Draft | None:
        """Quotes that no clause attributes: signed, led to, beside words, or alone."""
        tokens = body.tokens
        spans = [_quote_span(self._text, token) for token in loose]
        named = _signature(tokens, low, high) or _name_before_colon(tokens, low, high)
        if named is not None:
            return self._signed(number, body, named, spans)
        if direct is not None and tokens[low].lower in _THEN and tokens[low + 1].text == ":":
            direct.spans.extend(spans)  # Then: "…"
            return direct
        if any(token.kind == "word" for token in tokens[low:high]):
            self._loose_quotes(number, body, low, high, loose)
            return None
        direct = direct or self._led(number, opened)
        (self._waiting if direct is None else direct.spans).extend(spans)
        return direct

    def _led(self, number: int, opened: Draft | None) -> Draft | None:
        """The draft to which a sentence of quotes only belongs: of ``Name added:`` or of who has the word."""
        draft = opened
        if draft is None and self._floor is not None and self._floor.paragraph == number and not self._waiting:
            draft = Draft([], None, self._floor.resolved, "subject-before", self._floor.sure, number)
        if draft is not None:
            self._add(draft)
        return draft

    def _notice(self, tokens: Sequence[Token], low: int, high: int, found: Sequence[Clause]) -> Resolved | None:
        """The person whom the sentence is about, if not only the words reported in it are."""
        about = topic(tokens, low, high)
        if about is not None and any(tokens[clause.subject.first].lower in ("it", "its") for clause in found):
            self._resolver.expect_it(tokens, about)
        told = [clause for clause in found if tokens[clause.subject.first].lower in ("he", "she")]
        if about is not None and any(clause.reports(about.first) for clause in told):
            self._resolver.expect_person(tokens, about)
        if about is None:
            return None
        named = is_capital(tokens[about.last - 1])
        if any(clause.reports(about.first) and not (named and _tells_source(tokens, clause)) for clause in found):
            return None
        return self._resolver.notice(tokens, about)

    def _taken(self, number: int, leading: Sequence[Draft], about: Resolved | None, *, contested: bool) -> Floor | None:
        """Who has the word behind a sentence without quotes: the speaker of its reported words, or its subject.

        ``contested`` by who spoke before in the paragraph, only a person takes it, a mere subject only by full name.
        """
        if leading:
            resolved = leading[-1].resolved
            takes = not contested or resolved.speaker.type == "person"
            after = _BELOW_SUBJECT * resolved.sure if self._is_alone(number, resolved) else 0.0
            return Floor(resolved, number, (_AFTER_REPORTED if takes else _UNSURE) * resolved.sure, after)
        if about is None or about.speaker.mention is None:
            return None
        if contested and self._text[slice(*about.speaker.mention)].lower() in ("he", "she"):
            return None
        takes = not contested or " " in self._text[slice(*about.speaker.mention)]
        return Floor(about, number, _AFTER_SUBJECT if takes else _UNSURE, _BELOW_SUBJECT if takes else _UNSURE)

    def _is_alone(self, number: int, resolved: Resolved) -> bool:
        """Whether a named person is the only one who speaks in the paragraph and in the quotes shortly before it."""
        if resolved.speaker.type != "person" or resolved.speaker.name is None:
            return False
        names = set(self._names_here) if self._names_of == number else set()
        if self._current is not None and number - self._current.paragraph <= 2:
            names.add(self._current.resolved.speaker.name)
        return names <= {resolved.speaker.name}

    def _add(self, draft: Draft) -> None:
        if draft.paragraph != self._names_of:
            self._names_of, self._names_here = draft.paragraph, set()
        self._names_here.add(draft.resolved.speaker.name)
        self.drafts.append(draft)

    def _draft(self, number: int, body: Body, low: int, clause: Clause, nested: bool, *, aside: bool) -> Draft:
        tokens = body.tokens
        replies = tokens[clause.cue[0]].lower in _REPLIES and (
            tokens[low].kind == "quote" or low == clause.subject.first or _answers_inside(tokens, clause)
        )
        goes_on = clause.subject.last <= clause.cue[0] and any(
            token.lower in _GOES_ON for token in tokens[clause.subject.last : clause.cue[1]]
        )
        resolved = self._resolver.resolve(
            tokens, clause.subject, nested=nested, replies=replies, goes_on=goes_on, aside=aside
        )
        cue = self._text[tokens[clause.cue[0]].start : tokens[clause.cue[1] - 1].end]
        spans = [s for a, b in clause.contents if (s := _span(self._text, tokens, a, b)) is not None]
        return Draft(spans, cue, resolved, clause.rule, clause.sure * resolved.sure, number)

    def _take_turn(self, tokens: Sequence[Token], found: Sequence[Clause], drafts: Sequence[Draft]) -> None:
        """Let the resolver know whether the sentence's last speaker asked or told somebody something."""
        if drafts:
            verb, behind = tokens[found[-1].cue[0]].lower, found[-1].cue[1]
            addressed = (verb in _ASKS or verb in _TELLS) and behind < len(tokens)
            asked = verb in _ASKS or any(self._text[slice(*span)].endswith("?") for span in drafts[-1].spans)
            self._resolver.take_turn(tokens, drafts[-1].resolved.speaker, behind if addressed else None, asked=asked)

    def _take_inner_question(self, tokens: Sequence[Token], low: int, found: Sequence[Clause]) -> None:
        """Let the resolver know who asked whom in ``Name asked Other whether …, to which he replied``."""
        answer = next((clause for clause in found if _answers_inside(tokens, clause)), None)
        if answer is None:
            return
        asks = next((k for k in range(low + 1, answer.subject.first) if tokens[k].lower in _ASKS | _TELLS), None)
        asker = main_subject(tokens, low, asks) if asks is not None else None
        if asks is not None and asker is not None:
            self._resolver.take_turn(tokens, self._resolver.resolve(tokens, asker).speaker, asks + 1, asked=True)

    def _signed(self, number: int, body: Body, name: Subject, spans: list[Span]) -> Draft:
        """``"…" -- Name`` and ``Name: "…"``."""
        resolved = self._resolver.resolve(body.tokens, name)
        behind = body.tokens[name.first].start > spans[-1][1]
        if behind:
            spans, self._waiting = [*self._waiting, *spans], []
        draft = Draft(spans, None, resolved, "signed-quote" if behind else "name-colon", 0.9 * resolved.sure, number)
        self._add(draft)
        return draft

    def _loose_quotes(self, number: int, body: Body, low: int, high: int, loose: Sequence[Token]) -> None:
        """Quotes in a sentence without a reporting verb: kept when they are long, else scare quotes or titles."""
        beside = _name_beside(body.tokens, low, high)
        if beside is not None:
            taken = self._resolver.resolve(body.tokens, beside)
            self._floor = Floor(taken, number, _AFTER_SUBJECT * taken.sure, 0.0)
        for token in loose:
            span = _quote_span(self._text, token)
            if len(self._text[slice(*span)].split()) < _LOOSE_WORDS:
                continue
            index = body.tokens.index(token, low)
            if _is_title(self._text[slice(*span)], body.tokens[index - 1].lower if index > low else ""):
                continue
            colon = index > low and body.tokens[index - 1].text == ":"
            subject = _source(body.tokens, low, index) or main_subject(body.tokens, low, index) or beside
            resolved = _UNKNOWN
            if subject is not None:
                resolved = self._resolver.resolve(body.tokens, subject)
            rule, weight = ("colon-quote", 0.7) if colon else ("loose-quote", 0.5)
            self._add(Draft([span], None, resolved, rule, weight * resolved.sure, number))

    def _exchanged(self, draft: Draft) -> Exchange | None:
        """Who takes turns after ``"…," Name said.`` and, in the next paragraph, ``"…," Other replied.``: these two."""
        before, known = self._current, self._exchange
        if known is not None and known.answerer.paragraph == draft.paragraph and _same(known.answerer, draft.resolved):
            return known
        names = {other.resolved.speaker.name for other in (before, draft) if other is not None}
        if before is None or draft.paragraph - before.paragraph != 1 or len(names) < 2 or None in names:
            return None
        asked = self._is_question(before)
        answered = draft.cue is not None and draft.cue.split()[0].lower() in _REPLIES
        return Exchange(before, draft, asked) if asked or answered else None

    def _is_question(self, draft: Draft) -> bool:
        return any(self._text[slice(*span)].endswith("?") for span in draft.spans)

    def _turn(self, number: int) -> Draft | None:
        """The quotes that wait, said by the other one of two who take turns; None if nobody does."""
        exchange = self._exchange
        if exchange is None or exchange.answerer.paragraph != number - 1:
            return None
        draft = Draft(self._waiting, None, exchange.asker.resolved, "alternating-speaker", _ALTERNATING, number)
        if not (exchange.runs or not exchange.asked or self._is_question(draft)):
            return None
        self._exchange = Exchange(exchange.answerer, draft, self._is_question(draft), runs=True)
        return draft

    def _carry(self, number: int) -> Draft:
        """A quote with no attribution in its paragraph: the speaker of the paragraph before goes on."""
        current, floor = self._current, self._floor
        turn = self._turn(number)
        if turn is not None:
            draft = turn
        elif floor is not None and floor.paragraph == number - 1 and floor.sure_after:
            draft = Draft(self._waiting, None, floor.resolved, "subject-before", floor.sure_after, number)
        elif current is None or number - current.paragraph > 2:
            draft = Draft(self._waiting, None, _UNKNOWN, "unattributed-quote", 0.0, number)
        else:
            alone = self.drafts[-1].resolved.speaker.name == current.resolved.speaker.name
            sure = _CARRIED if alone and current.sure >= _CARRIED else _UNSURE
            draft = Draft(self._waiting, None, current.resolved, "carried-speaker", sure, number)
        self._waiting = []
        self._add(draft)
        return draft

    def _block(self, number: int, body: Body, opened: Draft) -> None:
        """The unmarked paragraph behind ``Name added:``, as pages print long quotes."""
        opened.spans.append(_trim(self._text, body.paragraph.start, body.paragraph.end))
        opened.rule, opened.direct, opened.paragraph = "colon-block", True, number
        opened.sure *= 0.8
        self._add(opened)
        self._chain, self._open, self._current = None, None, None

    def _tweet(self, number: int, body: Body, signature: re.Match[str]) -> None:
        """A tweet set as a paragraph of its own: ``words -- Name (@handle) date``."""
        resolved = self._resolver.label(signature.group(1), signature.span(1), introduction(""))
        words = _trim(self._text, body.paragraph.start, signature.start())
        if words[1] > words[0]:
            inner = body.quotes[0] if body.quotes else None
            if inner is not None and inner.start == words[0] and inner.end >= words[1]:
                words = _trim(self._text, inner.inner_start, inner.inner_end)
            self._add(Draft([words], None, resolved, "tweet", 0.95 * resolved.sure, number, direct=True))
        self._chain, self._open, self._current = None, None, None

    def _transcript_line(self, number: int, body: Body, label: Label) -> None:
        """``NAME: words`` up to the paragraph's end."""
        resolved = self._resolver.label(self._text[slice(*label.name)], label.name, introduction(label.told))
        words = _trim(self._text, label.words, body.paragraph.end)
        draft = Draft([words], None, resolved, "transcript", 0.95 * resolved.sure, number, direct=True)
        self._add(draft)
        self._chain, self._open, self._current = None, None, draft


def _answers_inside(tokens: Sequence[Token], clause: Clause) -> bool:
    """Whether the clause is ``to which he replied``, behind what another one asked."""
    first = clause.subject.first
    before = [token.lower for token in tokens[max(0, first - 2) : first]]
    return before == ["to", "which"] and tokens[clause.cue[0]].lower in _REPLIES


def _signature(tokens: Sequence[Token], low: int, high: int) -> Subject | None:
    """The name behind ``"…" -- Name`` that signs a quote."""
    k = low
    while k < high and tokens[k].kind == "quote":
        k += 1
    if k == low or k >= high or not is_dash(tokens[k]) or k + 1 >= high or not is_capital(tokens[k + 1]):
        return None
    end = phrase_from(tokens, k + 1, high)
    if end < high and tokens[end].text not in (",", ".", "("):
        return None
    return Subject(k + 1, end, k + 1, 0.9)


def _source(tokens: Sequence[Token], low: int, high: int) -> Subject | None:
    """The name in ``And this is from Name, a role.`` and ``This from Name:``, which lead to a quote."""
    k = low + (tokens[low].lower in CONJUNCTIONS)
    if k + 3 >= high or tokens[k].lower != "this":
        return None
    k += 1 + (tokens[k + 1].lower in _COMES)
    if tokens[k].lower != "from":
        return None
    end = phrase_from(tokens, k + 1, high)
    return Subject(k + 1, end, k + 1, 0.9) if end > k + 1 and any(map(is_capital, tokens[k + 1 : end])) else None


def _owner_of_answer(tokens: Sequence[Token], low: int, high: int) -> Subject | None:
    """``Ann Reed's`` in ``Ann Reed's (first) response: "…"`` and ``her`` in ``Her verdict: "…"``; else None."""
    colon = next((k for k in range(low + 2, min(high - 1, low + _LONGEST_ANSWER)) if tokens[k].kind != "word"), low)
    if tokens[colon].text != ":" or tokens[colon + 1].kind != "quote" or tokens[colon - 1].lower not in _ANSWERS:
        return None
    owner = next((k for k in range(low, colon - 1) if is_possessive(tokens[k])), low)
    named = all(is_capital(token) for token in tokens[low : owner + 1]) and is_possessive(tokens[owner])
    return Subject(low, owner + 1, low, 0.9) if named or tokens[low].lower in ("his", "her", "their") else None


def _name_before_colon(tokens: Sequence[Token], low: int, high: int) -> Subject | None:
    """The name in ``Name: "…"`` and ``Name, a role: "…"`` where that is all that stands before the quote."""
    if (whose := _owner_of_answer(tokens, low, high)) is not None:
        return whose
    end = phrase_from(tokens, low, high)
    colon = _behind_apposition(tokens, end, high) if low + 1 < end < high and tokens[end].text == "," else end
    if (
        end == low
        or colon + 1 >= high
        or tokens[colon].text != ":"
        or tokens[colon + 1].kind != "quote"
        or not (is_capital(tokens[end - 1]) or is_handle(tokens[end - 1]))
    ):
        return None
    return Subject(low, end, low, 0.9)


def _behind_apposition(tokens: Sequence[Token], comma: int, high: int) -> int:
    """One past the words between the comma and what follows them: ``, 45, a baker in Selm``."""
    k = comma
    while k < min(high, comma + _LONGEST_APPOSITION) and (tokens[k].kind == "word" or tokens[k].text == ","):
        k += 1
    return k


def _document(tokens: Sequence[Token], low: int, high: int) -> str | None:
    """``statement`` in ``said in a (joint) statement`` and ``issued a statement``."""
    for k in range(low, high - 2):
        if tokens[k].lower not in _BEFORE_DOCUMENT or not (
            tokens[k + 1].lower in ("a", "an") or tokens[k + 1].lower in POSSESSIVES
        ):
            continue
        for token in tokens[k + 2 : min(high, k + 4)]:
            if token.lower in lexicon().documents:
                return token.lower
    return None


def _is_title(words: str, before: str) -> bool:
    """Whether the quote behind the word ``before`` names a law, a book or an article: all longer words are capital."""
    if before in NAMING:
        return True
    longer = [word for word in words.split() if len(word) > _LONGEST_LINK]
    return not words.isupper() and len(longer) > 2 and all(word[:1].isupper() for word in longer)


def _name_beside(tokens: Sequence[Token], low: int, high: int) -> Subject | None:
    """The name in ``"…," Name verb.`` and ``"…," verb Name.``, where the verb is in no list."""
    if tokens[low].kind != "quote":
        return None
    for first in range(low + 1, min(low + 3, high)):
        if not is_capital(tokens[first]) or is_time(tokens[first]):
            continue
        end = phrase_from(tokens, first, high)
        if end == first:
            continue
        if first == low + 1 and end < high and tokens[end].kind == "word":
            ends = end + 1  # behind the verb
        else:
            ends = end if first > low + 1 else -1
        if ends >= high or (ends > 0 and tokens[ends].kind == "punct"):
            return Subject(first, end, first, 0.8)
    return None


def _same(draft: Draft, resolved: Resolved) -> bool:
    return draft.resolved.speaker.name == resolved.speaker.name


def _is_nested(clause: Clause, found: Sequence[Clause]) -> bool:
    """Whether the clause's speaker is named in the words that another clause of the sentence reports."""
    return any(other.reports(clause.subject.first) for other in found if other is not clause)


def _tells_source(tokens: Sequence[Token], clause: Clause) -> bool:
    """Whether the sentence is about who its words are about: ``Ms Reed will go, according to the accounts``.

    So it is if people without a name say so: ``Ms Reed was hurt, police said``.
    """
    if clause.rule == "according-to":
        return True
    first, last = clause.subject.first, clause.subject.last
    unnamed = tokens[last - 1].text.islower() and tokens[last - 1].lower not in SUBJECT_PRONOUNS
    return clause.rule == "content-subject-verb" and unnamed and not noun_for_one(tokens, first, last)


def _is_aside(clause: Clause, about_person: bool) -> bool:
    """Whether the clause only tells the source behind the sentence: ``He will go on Friday, | an aide said``."""
    behind = clause.rule.startswith("content-") and any(first < clause.subject.first for first, _ in clause.contents)
    return clause.rule == "according-to" or (about_person and behind)


def _inside(token: Token, spans: Sequence[Span]) -> bool:
    assert token.quote is not None
    return any(s <= token.quote.inner_start and token.quote.inner_end <= e + 2 for s, e in spans)


def _quote_span(text: str, token: Token) -> Span:
    assert token.quote is not None
    return _trim(text, token.quote.inner_start, token.quote.inner_end)


def _span(text: str, tokens: Sequence[Token], first: int, last: int) -> Span | None:
    """The code points of tokens ``first`` to ``last``: inside the marks for a lone quote, without end marks else."""
    marks = {token.text for token in tokens[first:last] if token.kind == "punct"}
    ends = "%" + (")" if "(" in marks else "") + ("]" if "[" in marks else "")  # no bracket of the sentence's around
    opens = "$£€#" + ("(" if ")" in marks else "") + ("[" if "]" in marks else "")
    while last > first and tokens[last - 1].kind == "punct" and tokens[last - 1].text not in ends:
        last -= 1
    while first < last and tokens[first].kind == "punct" and tokens[first].text not in opens:
        first += 1
    if last <= first:
        return None
    if last - first == 2 and tokens[first].lower in ARTICLES and tokens[last - 1].kind == "quote":
        first += 1  # an article is no word of the speaker's: the quote alone is
    if last - first == 1 and tokens[first].kind == "quote":
        return _quote_span(text, tokens[first])
    return (tokens[first].start, tokens[last - 1].end)


def _trim(text: str, start: int, end: int) -> Span:
    """Without blanks at either end; the comma before a closing mark stays, it stands inside the marks."""
    while end > start and text[end - 1].isspace():
        end -= 1
    while start < end and text[start].isspace():
        start += 1
    return (start, end)
