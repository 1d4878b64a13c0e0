"""Find the noun phrase that a reporting verb has as its subject: before it, after it, or across an apposition."""

from collections.abc import Sequence
from typing import NamedTuple

from expertstance.quotes.lexicon import lexicon
from expertstance.quotes.noun_phrases import (
    LONGEST_PHRASE,
    is_handle,
    is_nickname,
    may_speak,
    names_anybody,
    phrase_from,
    phrase_start,
)
from expertstance.quotes.role_nouns import is_speaker_noun
from expertstance.quotes.tokens import Token
from expertstance.quotes.words import (
    ARTICLES,
    AUXILIARIES,
    CONJUNCTIONS,
    DETERMINERS,
    IRREGULAR_PASTS,
    POSSESSIVES,
    PREPOSITIONS,
    PRONOUN_CONTRACTIONS,
    SUBJECT_PRONOUNS,
    SUBORDINATORS,
    TIMES_OF_DAY,
    is_adverb,
    is_capital,
    is_comma,
    is_possessive,
    is_time,
    opens_name,
    opens_span_of_time,
)

_CITING = frozenset("citing cited cites cite quoting quoted quotes quote".split())
_NO_PARTICIPLES = _CITING | frozenset("including during regarding concerning following saying adding telling".split())
_AFTER_PARTICIPLE = PREPOSITIONS | SUBORDINATORS | DETERMINERS | POSSESSIVES
_MOST_OPENERS = 3
_AFTER_INVERSION = frozenset("last this and later recently yesterday today then earlier aloud".split())


class Subject(NamedTuple):
    """A subject: tokens ``first`` to ``last`` (exclusive) name it; ``outer`` is the first token of the whole group."""

    first: int
    last: int
    outer: int
    sure: float


def left_subject(tokens: Sequence[Token], low: int, verb: int, *, any_noun: bool = False) -> Subject | None:
    """The subject that ends before the verb at ``verb``; ``low`` is the first token of the sentence.

    ``any_noun`` takes any noun phrase with an article, not only one that can be told to name a speaker.
    """
    k = _skip_back(tokens, low, verb - 1)
    if k < low:
        return None
    token = tokens[k]
    if token.lower in ("who", "which") or (token.lower == "that" and k > low and tokens[k - 1].kind == "word"):
        k -= 1
        if k >= low and is_comma(tokens[k]):
            k = _before_description(tokens, low, k - 1)
        return _phrase_before(tokens, low, k, 0.8, any_noun) if k >= low else None
    if is_comma(token) or token.text == ")" or (token.kind == "quote" and k > low):
        return _across_apposition(tokens, low, k)
    leader = _leader(tokens, low, k)
    if leader is not None:
        return leader
    described = _described(tokens, low, k)
    if described is not None:
        return _phrase_before(tokens, low, described, 0.9, any_noun)
    return _phrase_before(tokens, low, k, 1.0, any_noun)


def _before_description(tokens: Sequence[Token], low: int, end: int) -> int:
    """The last token of the name before an apposition that ends at ``end``: ``Name |, a roofer``; else ``end``."""
    comma = next((k for k in range(end, max(low, end - LONGEST_PHRASE), -1) if tokens[k].kind != "word"), end)
    if comma == end or not is_comma(tokens[comma]) or not is_capital(tokens[comma - 1]):
        return end
    opener = tokens[comma + 1]
    name = phrase_start(tokens, low, comma - 1)
    if name >= comma or (name == low + 1 and tokens[low].lower in PREPOSITIONS):
        return end  # In Ohio, the senator
    return comma - 1 if opener.lower in ARTICLES or opener.text.isdigit() else end


def _leader(tokens: Sequence[Token], low: int, end: int) -> Subject | None:
    """``Ruth Carn`` in ``economists led by Ruth Carn (at Delmont Bank)``, which ends at ``end``."""
    for k in range(end - 1, max(low + 1, end - LONGEST_PHRASE), -1):
        if tokens[k].kind != "word":
            return None
        if tokens[k].lower == "by" and tokens[k - 1].lower in ("led", "headed") and is_capital(tokens[k + 1]):
            return Subject(k + 1, phrase_from(tokens, k + 1, end + 1), phrase_start(tokens, low, k - 2), 0.9)
    return None


def _described(tokens: Sequence[Token], low: int, end: int) -> int | None:
    """The last token of the noun phrase that a clause without commas describes: ``The man | who found the dog``.

    The clause ends at ``end``; None if no such clause does. A participle counts as one (``A man | walking his dog``).
    """
    for k in range(end, max(low, end - LONGEST_PHRASE), -1):
        token, before = tokens[k], tokens[k - 1]
        if token.kind != "word" or before.kind != "word":
            return None
        if token.lower in ("who", "which", "that"):
            named = phrase_start(tokens, low, k - 1)
            speaks = named < k and may_speak(tokens, named, k) and before.lower not in lexicon().verbs
            if k == end or not _opens_predicate(tokens, k + 1, end) or (token.lower == "that" and not speaks):
                return None
            return k - 1
        if token.lower.endswith("ing") and token.text.islower() and token.lower not in _NO_PARTICIPLES and k < end:
            opens_object = tokens[k + 1].lower in DETERMINERS or tokens[k + 1].lower in POSSESSIVES
            named = phrase_start(tokens, low, k - 1)
            if (opens_object or tokens[k + 1].lower in PREPOSITIONS) and named < k and may_speak(tokens, named, k):
                return k - 1
    return None


def _opens_predicate(tokens: Sequence[Token], k: int, end: int) -> bool:
    """Whether a verb opens the words from ``k`` to ``end``, not the subject of a clause of its own."""
    lower = tokens[k].lower
    if lower in AUXILIARIES or lower in IRREGULAR_PASTS or lower in lexicon().verbs or is_adverb(tokens[k]):
        return True
    if tokens[k].text.islower() and lower.endswith(("s", "ed")) and not may_speak(tokens, k, k + 1):
        return True
    return k < end and tokens[k].text.islower() and lower not in DETERMINERS and phrase_start(tokens, k, end) > k


def _skip_back(tokens: Sequence[Token], low: int, k: int) -> int:
    """Skip auxiliaries, adverbs and times between the subject and the verb."""
    while k >= low:
        token = tokens[k]
        if token.kind != "word":
            return k
        if token.lower in PRONOUN_CONTRACTIONS:
            return k
        if opens_name(tokens, k):
            return k
        if token.lower in AUXILIARIES or is_adverb(token):
            k -= 1
        elif is_time(token) and k - 1 >= low and tokens[k - 1].lower in ("on", "in", "last", "this"):
            k -= 2
        elif is_time(token) and k - 1 >= low and is_capital(tokens[k - 1]) and not is_time(tokens[k - 1]):
            k -= 1
        elif token.lower in TIMES_OF_DAY and k - 1 >= low:
            if tokens[k - 1].lower not in ("last", "this", "that") and not is_time(tokens[k - 1]):
                return k
            k -= 2
        else:
            return k
    return k


def _phrase_before(tokens: Sequence[Token], low: int, end: int, sure: float, any_noun: bool) -> Subject | None:
    """The noun phrase whose last token is ``end``, as a subject."""
    token = tokens[end]
    if token.lower in SUBJECT_PRONOUNS or token.lower in PRONOUN_CONTRACTIONS:
        return Subject(end, end + 1, end, sure)
    first = phrase_start(tokens, low, end)
    if first > end or (
        tokens[first].lower == "one" and first > low and tokens[first - 1].lower in ("no", "not", "any")
    ):
        return None
    if tokens[first].lower == "that" and first < end and tokens[first + 1].lower.endswith("s"):
        first += 1  # said that | lawyers for the family said
    if not may_speak(tokens, first, end + 1):
        opener = tokens[first]
        article = opener.lower in DETERMINERS or opener.lower in POSSESSIVES or opener.text[:1].isdigit()
        beside_quote = _behind_quote(tokens, low, first) and names_anybody(tokens, first, end + 1)
        if not (any_noun and (article or beside_quote)):
            return None
        sure *= 0.8
    return Subject(first, end + 1, first, sure)


def _behind_quote(tokens: Sequence[Token], low: int, k: int) -> bool:
    """Whether a quote that is no part of a phrase (``the "Breakfast" show``) stands before the token at ``k``."""
    quote = k - 1
    return quote >= low and tokens[quote].kind == "quote" and (quote == low or tokens[quote - 1].kind != "word")


def cited_subject(tokens: Sequence[Token], low: int, end: int) -> Subject | None:
    """The phrase before ``as saying``: ``citing Name | as saying``, ``Name was quoted (by the paper) | as saying``."""
    if end >= low and tokens[end].lower in ("quoted", "cited"):
        return left_subject(tokens, low, end)
    for k in range(end - 1, max(low - 1, end - LONGEST_PHRASE), -1):
        if tokens[k].lower in _CITING:
            if tokens[k + 1].lower in PREPOSITIONS:
                return left_subject(tokens, low, k)
            return Subject(k + 1, end + 1, k, 0.95)
        if tokens[k].kind == "punct" and tokens[k].text in ",;:":
            return None
    return None


def _across_apposition(tokens: Sequence[Token], low: int, comma: int) -> Subject | None:
    """The subject of a verb that follows the comma at ``comma``: ``Name, an apposition | said``.

    Looks first behind the last quote or semicolon before the verb, then behind the one before that.
    """
    tries = 0
    for k in range(comma - 1, max(low - 1, comma - 60), -1):
        token = tokens[k]
        if (token.kind == "quote" and not is_nickname(tokens, low, k, comma)) or token.text in (";", ":"):
            subject = _before_apposition(tokens, k + 1, comma)
            if subject is not None or tries == 2:
                return subject
            tries += 1
    return _before_apposition(tokens, low, comma)


def _before_apposition(tokens: Sequence[Token], region: int, comma: int) -> Subject | None:
    starts = [region] + [k + 1 for k in range(region, comma) if is_comma(tokens[k])]
    for start in starts:
        while start < comma and (
            tokens[start].kind == "punct" or tokens[start].lower in CONJUNCTIONS or is_adverb(tokens[start])
        ):
            start += 1
        if start >= comma or tokens[start].lower in PREPOSITIONS or tokens[start].lower in SUBORDINATORS:
            continue
        end = phrase_from(tokens, start, comma + 1)
        if end <= start or end > comma or not (is_comma(tokens[end]) or tokens[end].text == "("):
            continue
        if end == comma and tokens[comma].text != ")" and start != starts[0]:
            continue
        if not may_speak(tokens, start, end) and not _is_named(tokens, start, end, comma):
            continue
        if start != starts[0] and _is_place(tokens, start, end):
            continue
        return Subject(start, end, start, 0.9)
    return None


def _is_named(tokens: Sequence[Token], start: int, end: int, comma: int) -> bool:
    """Whether all that stands between a noun phrase and the comma is a name: ``The mediator, Amos Teller,``."""
    opener = tokens[start].lower
    if opener not in ARTICLES and opener not in POSSESSIVES and not opener.endswith("'s"):
        return False
    name = tokens[end + 1 : comma]
    return (
        bool(name) and is_capital(name[0]) and all(is_capital(t) or t.lower in lexicon().name_particles for t in name)
    )


def _is_place(tokens: Sequence[Token], start: int, end: int) -> bool:
    words = lexicon()
    return all(
        t.kind != "word"
        or is_time(t)
        or t.text in words.place_words
        or (t.text.isupper() and len(t.text) <= 4)
        or t.text.endswith(".")
        for t in tokens[start:end]
    )


def right_subject(tokens: Sequence[Token], verb: int, high: int) -> Subject | None:
    """The subject of an inverted ``said Name``, directly after the verb."""
    start = verb + 1
    if start >= high or tokens[start].kind != "word" or tokens[start].lower in ("that", "this", "it"):
        return None
    pronoun = tokens[start].lower in ("he", "she", "they")
    end = start + 1 if pronoun else phrase_from(tokens, start, high)
    time = is_time(tokens[start]) and not opens_name(tokens, start)
    anybody = _is_plain(tokens[verb]) and tokens[verb - 1].kind == "quote" and names_anybody(tokens, start, end)
    if end <= start or time or not (pronoun or anybody or may_speak(tokens, start, end)):
        return None
    if end < high and tokens[end].kind == "word":
        after = tokens[end].lower
        if after == "that" or not (
            after in PREPOSITIONS or after in SUBORDINATORS or after in _AFTER_INVERSION or is_time(tokens[end])
        ):
            return None
    if pronoun:
        return Subject(start, end, start, 0.9)
    opener = tokens[start]
    if not (
        is_capital(opener) or is_handle(opener) or opener.lower in DETERMINERS or opener.lower in POSSESSIVES
    ) and not (
        anybody or any(is_speaker_noun(t.lower) for t in tokens[start:end]) or _ends_in_name(tokens, start, end)
    ):
        return None
    return Subject(start, end, start, 1.0 if may_speak(tokens, start, end) else 0.8)


def _is_plain(token: Token) -> bool:
    """Whether a reporting verb tells no more than that something was said, so that whoever follows it speaks."""
    verb = lexicon().verbs.get(token.lower)
    plain = verb is not None and verb.frames >= {"bare", "clause", "quote"}
    return plain and token.lower not in lexicon().noun_like_forms


def _ends_in_name(tokens: Sequence[Token], start: int, end: int) -> bool:
    """Whether a full name stands behind a role in no list: ``wide receiver Ann Reed``, not ``outside Ann Reed's``."""
    if end - start < 3 or not all(is_capital(token) for token in tokens[end - 2 : end]):
        return False
    opener = tokens[start].lower
    return opener not in _AFTER_INVERSION and not is_possessive(tokens[end - 1])


def main_subject(tokens: Sequence[Token], low: int, before: int) -> Subject | None:
    """The first noun phrase of the sentence that may speak, for a participle such as ``, adding that``."""
    start = low
    while start < before:
        while start < before and (
            tokens[start].kind != "word" or tokens[start].lower in CONJUNCTIONS or is_adverb(tokens[start])
        ):
            start += 1
        if start >= before:
            return None
        token = tokens[start]
        if token.lower in ("he", "she", "they", "it", "we", "i") or token.lower in PRONOUN_CONTRACTIONS:
            return Subject(start, start + 1, start, 0.7)
        if start + 1 < len(tokens) and not _opens_adverbial(tokens, start):
            end = phrase_from(tokens, start, before)
            if end > start and may_speak(tokens, start, end):
                return Subject(start, end, start, 0.7)
        while start < before and not is_comma(tokens[start]):
            start += 1
    return None


def topic(tokens: Sequence[Token], low: int, high: int) -> Subject | None:
    """The noun phrase that a sentence is about: its subject, the name in ``For Name, …`` or ``Among them was Name``."""
    start = low
    for _ in range(_MOST_OPENERS):
        while start < high and (
            is_comma(tokens[start]) or tokens[start].lower in CONJUNCTIONS or is_adverb(tokens[start])
        ):
            start += 1
        if start + 1 >= high or tokens[start].kind != "word":
            return None
        named = start
        if tokens[start].lower == "for" and is_capital(tokens[start + 1]):
            named += 1
        elif _opens_adverbial(tokens, start):
            comma = next((k for k in range(start, high) if is_comma(tokens[k]) or tokens[k].kind == "quote"), high)
            inverted = next((k for k in range(start, comma - 1) if tokens[k].lower in ("was", "is")), comma)
            if inverted == comma or not is_capital(tokens[inverted + 1]):
                start = comma
                continue
            named = inverted + 1
        end = phrase_from(tokens, named, high)
        if not named < end < high or is_possessive(tokens[end - 1]):
            return None
        if start > low and _names_anew(tokens, end, high):
            start = end
            continue
        joined = any(token.lower in CONJUNCTIONS for token in tokens[named : end + 1])
        return None if joined else Subject(named, end, start, 0.8)
    return None


def _names_anew(tokens: Sequence[Token], comma: int, high: int) -> bool:
    """Whether the subject only follows the comma: ``In her book, The Lock, | she said``."""
    if not is_comma(tokens[comma]) or comma + 1 >= high:
        return False
    following = tokens[comma + 1]
    return following.lower in SUBJECT_PRONOUNS or (is_capital(following) and following.lower not in DETERMINERS)


def _opens_adverbial(tokens: Sequence[Token], k: int) -> bool:
    """Whether a phrase that stands before the subject starts at ``k``: ``On Monday``, ``When …``, ``Asked about …``."""
    token = tokens[k]
    if token.lower in PREPOSITIONS or token.lower in SUBORDINATORS or is_time(token):
        return True
    if opens_span_of_time(tokens, k):
        return True
    return token.lower.endswith(("ed", "ing")) and tokens[k + 1].lower in _AFTER_PARTICIPLE
