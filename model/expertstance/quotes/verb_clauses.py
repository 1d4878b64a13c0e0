"""Clauses of a finite reporting verb with its subject before it, after it, or shared with the verb before."""

from collections.abc import Sequence
from dataclasses import replace

from expertstance.quotes.clause_types import Clause, Site
from expertstance.quotes.content import Content, content_after, content_before
from expertstance.quotes.lexicon import lexicon
from expertstance.quotes.noun_phrases import phrase_from
from expertstance.quotes.subjects import Subject, left_subject, main_subject, right_subject
from expertstance.quotes.tokens import Token
from expertstance.quotes.words import (
    ARTICLES,
    AUXILIARIES,
    CONJUNCTIONS,
    OBJECT_PRONOUNS,
    POSSESSIVES,
    PREPOSITIONS,
    SUBJECT_PRONOUNS,
    is_adverb,
    is_capital,
    is_comma,
    is_time,
    may_be_past,
)

_APPEALS = frozenset("ask urge exhort plead demand beg invite".split())
_CAUSATIVES = frozenset(
    "let lets letting help helps helped make makes made have see hear heard saw watch watched".split()
)
_EMBEDDING = frozenset("what how than whatever everything anything all".split())
_OPENERS = frozenset("when after as because if although though while since before once".split())
_LONGEST_SETTING = 8
_MOSTLY_NOUNS = frozenset("state states report claim comment note estimate project charge post stress".split())


def full_clause(site: Site, subject: Subject) -> Clause | None:
    """``Name said …`` and ``…, Name said``: the words stand behind the verb, before the subject, or on both sides."""
    tokens, high = site.tokens, site.high
    right = content_after(tokens, site.cue[1], high, site.verb)
    if right is not None and right.how == "bare" and "person" in site.verb.frames and _is_hearer(site, right.first):
        right = None
    if (right is None or right.how == "comma") and (fronted := _after_as(site, subject)) is not None:
        return Clause(site.cue, subject, (fronted,), "as-name-says", subject.sure, subject.outer - 1)
    if site.only_object and right is not None and site.verb.lemma != "call" and not _is_quoted(site, right.first):
        return None
    left = None if site.only_object else _left_words(site, subject, right)
    if left is not None and not left.quoted and _takes_other_words(site):
        left = None
    if left is not None and (left.quoted or right is None or right.how == "comma"):
        contents = [(left.first, left.last)]
        if right is not None and _goes_on(site, left, right):
            contents.append((right.first, high))
        rule = "quote-subject-verb" if left.quoted else "content-subject-verb"
        return Clause(site.cue, subject, tuple(contents), rule, subject.sure, left.first)
    if right is None or right.how == "comma" or not _may_take(site, right):
        return None
    if right.how == "colon-end":
        return Clause(site.cue, subject, (), "verb-colon", subject.sure, subject.outer, open=True)
    rule = {"quote": "verb-quote", "colon": "verb-colon", "that": "verb-that"}.get(right.how, "verb-clause")
    last = _object_end(site, right.first) if site.only_object else high
    return Clause(site.cue, subject, ((right.first, last),), rule, subject.sure, subject.outer)


def _after_as(site: Site, subject: Subject) -> tuple[int, int] | None:
    """The words behind ``As Name said (on Monday),``."""
    tokens, first = site.tokens, site.cue[1]
    if subject.outer - 1 != site.low or tokens[site.low].lower != "as" or not site.verb.frames & {"clause", "bare"}:
        return None
    comma = next((k for k in range(first, min(site.high - 1, first + _LONGEST_SETTING)) if is_comma(tokens[k])), None)
    return None if comma is None else (comma + 1, site.high)


def _is_quoted(site: Site, first: int) -> bool:
    """Whether a quote stands in the object from ``first`` on, not only in somebody's words there (``, who said``)."""
    border = next((k for k in range(first + 1, site.high - 1) if _opens_words_of_another(site.tokens, k)), site.high)
    return site.has_quote(first, border)


def _opens_words_of_another(tokens: Sequence[Token], k: int) -> bool:
    """Whether ``, who said`` or ``, who this week said`` stands at ``k``, behind the comma."""
    if tokens[k].lower != "who" or not is_comma(tokens[k - 1]):
        return False
    return any(token.lower in lexicon().verbs for token in tokens[k + 1 : k + 4])


def _object_end(site: Site, first: int) -> int:
    """Where the object of ``dismissed`` ends: at its last quote, if an aside follows that."""
    tokens, high = site.tokens, site.high
    last = next((k for k in range(high - 1, first - 1, -1) if tokens[k].kind == "quote"), high) + 1
    return last if last < high and is_comma(tokens[last]) else high


def _left_words(site: Site, subject: Subject, right: Content | None) -> Content | None:
    """The words before the subject, unless they are only the setting of what stands behind the verb."""
    before = next((t.lower for t in reversed(site.tokens[subject.last : site.at]) if not is_adverb(t)), "")
    if before == "who":
        return None  # wants to hear Ann Reed, a clerk who told …
    left = content_before(site.tokens, site.low, subject.outer)
    if right is None:
        return left
    if left is None:
        if right.how != "comma":
            return None
        return content_before(site.tokens, site.low, subject.outer, parenthetical=True)
    # "On the show "Title," Name said the plan …"
    if left.quoted and site.tokens[left.first].kind != "quote" and right.how in ("bare", "that", "quote"):
        return None
    return left


def _takes_other_words(site: Site) -> bool:
    """Whether unquoted words before ``Name verb`` are not the verb's: it takes a quote only, or an object follows."""
    following = site.tokens[site.cue[1]] if site.cue[1] < site.high else None
    if site.only_quote:
        goes_on = following is not None and is_comma(following)  # The plan, she continued, will …
        return not goes_on and not site.has_quote(site.cue[1], site.high)
    if following is None or "person" in site.verb.frames:
        return False
    opens_object = following.lower in ARTICLES or following.lower in POSSESSIVES or following.lower in OBJECT_PRONOUNS
    return opens_object or (is_capital(following) and not is_time(following))


def _is_hearer(site: Site, first: int) -> bool:
    """Whether a hearer is all that follows the verb: ``…, Name warned | lawmakers``."""
    end = phrase_from(site.tokens, first, site.high)
    return end > first and all(token.kind == "punct" and token.text in ".,;" for token in site.tokens[end : site.high])


def _goes_on(site: Site, left: Content, right: Content) -> bool:
    """Whether the words before the subject go on behind the verb (``"A," Name said, "B"``)."""
    if right.how in ("quote", "that", "colon"):
        return True
    if right.how != "comma":
        return False
    joined = site.tokens[right.first].lower in CONJUNCTIONS and site.has_quote(right.first, site.high)
    return not left.quoted or joined


def _may_take(site: Site, right: Content) -> bool:
    """Whether the verb's frames allow what stands behind it."""
    if right.how == "bare" and site.tokens[site.at].lower in _MOSTLY_NOUNS:
        return False
    if right.how == "quote" and "that" in site.verb.frames and any(clause.reports(site.at) for clause in site.earlier):
        return False  # said it had found "…": an object
    if site.only_quote and right.how not in ("quote", "colon-end"):
        return site.has_quote(right.first, site.high if site.verb.lemma in _APPEALS else right.first + 1)
    return right.how not in ("bare", "object") or bool(site.verb.frames & {"bare", "clause", "object", "person"})


def inverted_clause(site: Site) -> Clause | None:
    """``…, said Name``, and ``said Name: …``."""
    tokens, high = site.tokens, site.high
    if not site.verb.frames & {"quote", "clause"} or site.verb.lemma == "tell":
        return None
    subject = right_subject(tokens, site.cue[1] - 1, high)
    if subject is None:
        return None
    if subject.last < high and tokens[subject.last].text == ":":
        words = ((subject.last + 1, high),) if subject.last + 1 < high else ()
        return Clause(site.cue, subject, words, "verb-colon", subject.sure, site.at, open=not words)
    if (aside := _inverted_aside(site, subject)) is not None:
        return aside
    left = content_before(tokens, site.low, site.at)
    if left is None or not (left.quoted or _only_circumstances(tokens, subject.last, high)):
        return None
    contents = [(left.first, left.last)]
    for k in range(subject.last, high - 1):
        if is_comma(tokens[k]) and tokens[k + 1].kind == "quote":
            contents.append((k + 1, high))
            break
    rule = "quote-verb-subject" if left.quoted else "content-verb-subject"
    return Clause(site.cue, subject, tuple(contents), rule, subject.sure, left.first)


def _inverted_aside(site: Site, subject: Subject) -> Clause | None:
    """``The plan, says Name, will …``: the words go on with their verb behind the name."""
    tokens, after = site.tokens, subject.last
    if after + 1 >= site.high or not is_comma(tokens[after]) or not _is_finite(tokens, after + 1):
        return None
    left = content_before(tokens, site.low, site.at, parenthetical=True)
    if left is None or left.quoted:
        return None
    contents = ((left.first, left.last), (after + 1, site.high))
    return Clause(site.cue, subject, contents, "content-verb-subject", subject.sure, left.first)


def _only_circumstances(tokens: Sequence[Token], k: int, high: int) -> bool:
    """Whether what follows the subject of ``said Name`` is at most an apposition, a time or a place."""
    if k >= high or tokens[k].kind == "punct":
        return True
    return all(
        t.lower not in AUXILIARIES and t.lower not in SUBJECT_PRONOUNS and t.kind != "quote" for t in tokens[k:high]
    )


def led_clause(site: Site) -> Clause | None:
    """``went on to say that``, ``continues to insist that``: the subject is that of the leading verb."""
    tokens, low = site.tokens, site.low
    lead = site.at - 3 if tokens[site.at - 2].lower == "on" else site.at - 2
    if lead < low:
        return None
    site = site._replace(cue=(lead, site.at + 1))
    before = tokens[lead - 1] if lead > low else None
    joined = before is not None and (before.lower in CONJUNCTIONS or is_comma(before))
    if joined or tokens[lead].lower.endswith("ing"):
        return elliptic_clause(site)
    subject = left_subject(tokens, low, lead)
    return full_clause(site, subject) if subject is not None else None


def elliptic_clause(site: Site) -> Clause | None:
    """``… and added that``: the subject is that of the clause before, or of the sentence."""
    right = content_after(site.tokens, site.cue[1], site.high, site.verb)
    if right is None or right.how in ("comma", "colon-end") or site.verb.lemma == "believe":
        return None
    if right.how == "bare" and site.tokens[site.at].lower in _MOSTLY_NOUNS:
        return None
    quoted_object = site.only_object and _quotes_at_once(site, right.first)
    if site.verb.frames <= {"quote", "object"} and right.how not in ("quote", "colon") and not quoted_object:
        return None
    subject = site.earlier[-1].subject if site.earlier else main_subject(site.tokens, site.low, site.at)
    if subject is None:
        return None
    last = _object_end(site, right.first) if site.only_object else site.high
    return Clause(site.cue, subject, ((right.first, last),), "shared-subject", 0.75, site.at)


def _quotes_at_once(site: Site, first: int) -> bool:
    """Whether a quote stands in the object that opens at ``first``, before any comma."""
    border = next((k for k in range(first, site.high) if is_comma(site.tokens[k])), site.high)
    return site.has_quote(first, border)


def is_embedded(site: Site, subject: Subject) -> bool:
    """Whether the clause is an embedded question, a comparison or the like: ``what she says``, ``let voters say``."""
    before = site.tokens[subject.outer - 1] if subject.outer > site.low else None
    if before is None or before.kind != "word":
        return False
    if site.tokens[site.at].lower == site.verb.lemma and before.lower in _CAUSATIVES:
        return True
    return (before.lower in _EMBEDDING and subject.outer - 1 > site.low) or before.lower in ("everything", "anything")


def embedded_clause(site: Site, subject: Subject) -> Clause | None:
    """``what she calls a "dead end"`` and ``"…" is how she puts it``; other embedded clauses are no statements."""
    tokens, first = site.tokens, site.cue[1]
    how = subject.outer - 1
    if tokens[how].lower == "how" and site.verb.frames & {"quote", "object"}:
        told = how - 2 >= site.low and tokens[how - 1].lower in ("is", "was") and tokens[how - 2].kind == "quote"
        words = (site.low, how - 1)
        return Clause(site.cue, subject, (words,), "quote-how", subject.sure, site.low) if told else None
    if site.verb.lemma not in ("call", "describe") or tokens[subject.outer - 1].lower != "what":
        return None
    for k in range(first, min(site.high, first + 12)):
        if tokens[k].kind == "quote":
            return Clause(site.cue, subject, ((first, k + 1),), "what-name-calls", subject.sure, subject.outer)
        if tokens[k].kind == "punct":
            return None
    return None


def end_subordinate(site: Site, clause: Clause) -> Clause:
    """End the words of ``When she said that …, …`` and of ``Name, who said that …, is …`` at the comma."""
    tokens, subject = site.tokens, clause.subject
    if len(clause.contents) != 1 or clause.contents[0][0] < clause.cue[1]:
        return clause
    first, last = clause.contents[0]
    before = tokens[subject.outer - 1].lower if subject.outer > site.low else ""
    between = tokens[subject.last : clause.cue[0]]
    relative = any(t.lower in ("who", "which") for t in between)
    set_off = relative and is_comma(between[0])
    if not relative and not (before in _OPENERS and subject.outer - 2 <= site.low):
        return clause
    for k in range(first + 2, last - 1):
        following = tokens[k + 1]
        goes_on = following.lower in AUXILIARIES or (set_off and _is_finite(tokens, k + 1))
        if is_comma(tokens[k]) and (goes_on if relative else _opens_main_clause(following)):
            return replace(clause, contents=((first, k),))
    return clause


def _is_finite(tokens: Sequence[Token], k: int) -> bool:
    """Whether the main verb goes on at ``k``, not a mere participle: ``, declined to``, but ``, backed by``."""
    if tokens[k].lower in AUXILIARIES:
        return True
    following = tokens[k + 1].lower if k + 1 < len(tokens) else ""
    return may_be_past(tokens[k]) and (following == "to" or following not in PREPOSITIONS)


def _opens_main_clause(token: Token) -> bool:
    return (
        is_capital(token)
        or token.lower in SUBJECT_PRONOUNS
        or token.lower in ("the", "a", "an")
        or token.lower in POSSESSIVES
    )


def unlisted_verb_clause(tokens: Sequence[Token], low: int, high: int, k: int) -> Clause | None:
    """``"…," Name interrupted.`` and ``"…," squealed Name``: a past tense right beside a quote counts as reporting."""
    following = tokens[k + 1] if k + 1 < high else None
    if k > low and tokens[k - 1].kind == "quote" and following is not None and is_capital(following):
        subject = right_subject(tokens, k, high)
        if subject is None:
            return None
        return Clause((k, k + 1), subject, ((k - 1, k),), "quote-verb-subject", 0.8 * subject.sure, k - 1)
    if following is not None and following.kind != "punct":
        return None
    first = k - 1
    while first > low and tokens[first].kind == "word" and k - first < 5:
        first -= 1
    if first < low or tokens[first].kind != "quote" or first + 1 == k:
        return None
    subject = left_subject(tokens, first + 1, k)
    if subject is None or subject.first != first + 1:
        return None
    return Clause((k, k + 1), subject, ((first, first + 1),), "quote-subject-verb", 0.8 * subject.sure, first)
