"""Clauses of a participle: ``, adding that …``, ``Claiming that …, Name``, ``as saying``, ``described by Name``."""

from expertstance.quotes.clause_types import Clause, Site
from expertstance.quotes.content import Content, content_after, content_before
from expertstance.quotes.lexicon import lexicon
from expertstance.quotes.noun_phrases import may_speak, phrase_from, phrase_start
from expertstance.quotes.predicates import follows_be
from expertstance.quotes.subjects import Subject, cited_subject, left_subject, main_subject
from expertstance.quotes.verb_clauses import reproaches, subject_in_contrast, urges
from expertstance.quotes.words import (
    FUNCTION_WORDS,
    PREPOSITIONS,
    SUBJECT_PRONOUNS,
    is_adverb,
    is_capital,
    is_comma,
    is_plain_word,
)

_OPENERS = frozenset("after by despite before while when in".split())
_OF_THINGS = frozenset("warn forecast report predict estimate project signal state".split())
_ABOUT = frozenset("for in on to at".split())
_SURE_SPEAKER = 0.9


def participle_clause(site: Site) -> Clause | None:
    """``Name did this, adding that …``: the subject is that of the clause before, or of the sentence."""
    tokens, low, k = site.tokens, site.low, site.at
    right = content_after(tokens, site.cue[1], site.high, site.verb)
    if right is None or (right.how in ("comma", "bare") and site.only_quote and not urges(site, right.first)):
        return None
    takes_object = "object" in site.verb.frames and right.how in ("object", "bare")
    if takes_object and not (site.has_quote(right.first, right.last) or _reproaches(site, right)):
        return None
    if right.how == "bare" and _is_of_thing(site, right.first):
        return None
    if k == low or (k == low + 1 and tokens[low].lower in _OPENERS):
        return _fronted_participle(site, right)
    contrast = subject_in_contrast(site)
    subject = _named_before(site) or _with_somebody(site) or contrast or _speaker_before(site)
    subject = subject or main_subject(tokens, low, k) or _paper_before(site)
    if subject is None:
        return None
    start = subject.first if subject is contrast else k
    if right.how == "colon-end":
        return Clause(site.cue, subject, (), "participle", 0.75, start, open=True)
    return Clause(site.cue, subject, ((right.first, site.high),), "participle", 0.8 if site.earlier else 0.7, start)


def _reproaches(site: Site, right: Content) -> bool:
    """Whether ``, accusing the council of hiding it`` stands there, of which the sentence's subject is the speaker."""
    before = site.tokens[site.at - 1] if site.at > site.low else None
    set_off = before is None or is_comma(before) or before.lower in _OPENERS
    appeals = site.verb.lemma == "call" and site.tokens[right.first - 1].lower in ("on", "for")
    return set_off and (appeals or reproaches(site.tokens, right.first, right.last, site.verb))


def _named_before(site: Site) -> Subject | None:
    """``with | Ann Reed | saying that``; not who is only told of: ``a piece for The Herald saying that``."""
    tokens, low = site.tokens, site.low
    subject = left_subject(tokens, low, site.at) if is_capital(tokens[site.at - 1]) else None
    led = subject is not None and subject.first > low and tokens[subject.first - 1].lower in _ABOUT
    return None if led else subject


def _paper_before(site: Site) -> Subject | None:
    """``a report`` in ``There was anger over a report | alleging that``."""
    tokens, first = site.tokens, phrase_start(site.tokens, site.low, site.at - 1)
    paper = first < site.at and tokens[site.at - 1].lower in lexicon().documents
    return Subject(first, site.at, first, 0.8) if paper else None


def _with_somebody(site: Site) -> Subject | None:
    """``an executive`` in ``, with an executive | explaining that``."""
    tokens, first = site.tokens, phrase_start(site.tokens, site.low, site.at - 1)
    led = site.low + 1 < first < site.at and tokens[first - 1].lower == "with" and tokens[first - 2].text == ","
    return Subject(first, site.at, first - 1, 0.9) if led and may_speak(tokens, first, site.at) else None


def _is_of_thing(site: Site, following: int) -> bool:
    """Whether the participle and the noun behind it name a thing: ``Acme warning lights``, ``forecasting tools``."""
    tokens, k = site.tokens, site.at
    return (
        k > site.low
        and tokens[k - 1].kind == "word"
        and following == k + 1
        and site.verb.lemma in _OF_THINGS
        and is_plain_word(tokens[following])
        and tokens[following].lower not in FUNCTION_WORDS
    )


def _speaker_before(site: Site) -> Subject | None:
    return next((c.subject for c in reversed(site.earlier) if c.subject.sure >= _SURE_SPEAKER), None)


def _fronted_participle(site: Site, right: Content) -> Clause | None:
    """``Claiming that …, Name did something``: the subject follows the comma."""
    tokens, high = site.tokens, site.high
    for k in range(right.first, high - 1):
        following = tokens[k + 1]
        border = is_comma(tokens[k]) or tokens[k].kind == "quote"
        if not border or following.kind != "word" or following.lower in PREPOSITIONS or is_adverb(following):
            continue
        subject = main_subject(tokens, k + 1, min(high, k + 13))
        if subject is not None and subject.first == k + 1:
            last = k if is_comma(tokens[k]) else k + 1
            if right.how == "object" and not (site.has_quote(right.first, last) or _reproaches(site, right)):
                return None
            return Clause(site.cue, subject, ((right.first, last),), "participle", 0.7, site.at)
    return None


def cited_clause(site: Site) -> Clause | None:
    """``citing Name as saying that …``, ``Name was quoted as saying …`` and the same behind the words."""
    tokens, k = site.tokens, site.at
    subject = cited_subject(tokens, site.low, k - 2)
    if subject is None:
        return None
    cue = (k - 2 if tokens[k - 2].lower in ("quoted", "cited") else k - 1, k + 1)
    right = content_after(tokens, k + 1, site.high, site.verb)
    by_whom = k + 1 < site.high and tokens[k + 1].lower == "by"  # was quoted as saying by the agency
    if right is None or right.how == "comma" or by_whom:
        return _words_before_cited(site, subject, cue)
    if right.how == "colon-end":
        return None
    last = site.high
    if subject.outer > site.low and is_comma(tokens[subject.outer - 1]):
        # the clause is set in commas: its words end at the second one
        last = next((j for j in range(right.first + 1, site.high) if is_comma(tokens[j])), site.high)
    return Clause(cue, subject, ((right.first, last),), "quoted-as-saying", 0.95, subject.outer)


def _words_before_cited(site: Site, subject: Subject, cue: tuple[int, int]) -> Clause | None:
    """``…, Name was quoted as saying`` and ``…, the agency quoted Name as saying``."""
    first = subject.outer
    if first < subject.first and (citing := left_subject(site.tokens, site.low, first)) is not None:
        first = citing.outer
    words = content_before(site.tokens, site.low, first)
    if words is None:
        return None
    return Clause(cue, subject, ((words.first, words.last),), "quoted-as-saying", 0.95, words.first)


def passive_clause(site: Site) -> Clause | None:
    """``described by Name as "…"`` and ``called "…" by Name``."""
    tokens, high, k = site.tokens, site.high, site.at
    if not tokens[k].lower.endswith("ed") or k == site.low:
        return None
    quote = next((j for j in range(k + 1, min(high, k + 16)) if tokens[j].kind == "quote"), None)
    by = next((j for j in range(k + 1, min(high - 1, k + 18)) if tokens[j].lower == "by"), None)
    if quote is None or by is None or not ((by < quote and by <= k + 2) or by in (quote + 1, quote + 2)):
        return None
    end = phrase_from(tokens, by + 1, high)
    if end <= by + 1:
        return None
    first = end if by < quote else k + 1
    if first < quote and is_comma(tokens[first]):  # by the mayor, Name, | as "…"; not by Name, who said it was "…"
        first = next((j for j in range(first, quote) if not (is_comma(tokens[j]) or is_capital(tokens[j]))), high)
        first = first if first < high and tokens[first].lower == "as" else high
    first += first < quote and tokens[first].lower == "as"
    if first > quote:
        return None
    named = _what_is_named(site)
    contents = ((first, quote + 1),) if named is None else ((named.first, named.last), (first, quote + 1))
    start = k if named is None else named.first
    return Clause((k, k + 1), Subject(by + 1, end, by, 0.9), contents, "passive-by", 0.9, start)


def _what_is_named(site: Site) -> Subject | None:
    """``The plan`` in ``The plan was described by Name as "…"``: words of the statement as much as in the active."""
    tokens, low, k = site.tokens, site.low, site.at
    if not follows_be(tokens, low, k):
        return None
    subject = left_subject(tokens, low, k, any_noun=True)
    if subject is None or subject.first != low or tokens[subject.first].lower in SUBJECT_PRONOUNS:
        return None
    return subject
