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
    opening_bracket,
    phrase_from,
    phrase_start,
)
from expertstance.quotes.person_nouns import is_common_plural, is_person_noun
from expertstance.quotes.role_nouns import is_role, is_speaker_noun
from expertstance.quotes.tokens import Token
from expertstance.quotes.words import (
    ARTICLES,
    AUXILIARIES,
    CONJUNCTIONS,
    DETERMINERS,
    FUNCTION_WORDS,
    IRREGULAR_PASTS,
    LINKING_PREPOSITIONS,
    POSSESSIVES,
    PREPOSITIONS,
    PRONOUN_CONTRACTIONS,
    SUBJECT_PRONOUNS,
    SUBORDINATORS,
    TIMES_OF_DAY,
    is_adverb,
    is_capital,
    is_comma,
    is_dash,
    is_finite_auxiliary,
    is_plain_word,
    is_possessive,
    is_time,
    may_be_past,
    opens_name,
    opens_span_of_time,
)

_TURNS = frozenset("but while whereas".split())
_AMOUNTS = frozenset("of dozen few couple hundred thousand million handful number lot many".split())
_PLURALS_IN_COMPOUNDS = frozenset("sports sales news arms operations communications politics economics police".split())
_CITING = frozenset("citing cited cites cite quoting quoted quotes quote".split())
_NO_PARTICIPLES = _CITING | frozenset("including during regarding concerning following saying adding telling".split())
_AFTER_PARTICIPLE = PREPOSITIONS | SUBORDINATORS | DETERMINERS | POSSESSIVES
_BEFORE_TIME = frozenset("on in last this".split())
_OPENS_COMPLEMENT = LINKING_PREPOSITIONS | {"near", "outside", "inside", "across", "behind", "against"}
_SHARES = frozenset("half two-thirds three-quarters everyone everybody everything".split())
_MOST_OPENERS = 3
_LONGEST_LABEL = 3
_LONGEST_OCCASION = 5
_OCCASIONS = frozenset("interview conference briefing speech tweet column hearing testimony debate op-ed".split())
_AFTER_INVERSION = frozenset(
    """last this and later recently yesterday today then earlier aloud onstage backstage offstage here there online
    aboard afterward afterwards courtside ringside trackside""".split()
)


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
    if (end := _before_occasion(tokens, low, k)) is not None:
        return left_subject(tokens, low, end + 1, any_noun=any_noun)
    token = tokens[k]
    if token.lower in ("who", "which") or (token.lower == "that" and k > low and tokens[k - 1].kind == "word"):
        k -= 1
        if k >= low and is_comma(tokens[k]):
            k = _before_description(tokens, low, k - 1)
        if k > low and tokens[k].text == ")":
            named = (opening_bracket(tokens, low, k) or k + 1) - 1
            k = named if is_capital(tokens[named]) else k  # Ann Reed (D-Ohio), who added
        return _phrase_before(tokens, low, k, 0.8, any_noun) if k >= low else None
    if is_comma(token) or token.text == ")" or (token.kind == "quote" and k > low):
        return _across_apposition(tokens, low, k)
    leader = _leader(tokens, low, k)
    if leader is not None:
        return leader
    if (listed := _before_list(tokens, low, k)) is not None:
        return _phrase_before(tokens, low, listed, 0.9, any_noun)
    if _is_gapped(tokens, low, k, verb):
        return Subject(k, k + 1, k, 0.9)
    described = _described(tokens, low, k)
    if described is not None:
        return _phrase_before(tokens, low, described, 0.9, any_noun)
    return _phrase_before(tokens, low, k, 1.0, any_noun)


def _is_gapped(tokens: Sequence[Token], low: int, end: int, verb: int) -> bool:
    """Whether the people at ``end`` open a clause that describes the noun before: ``a move | analysts said could``."""
    people = tokens[end]
    if people.text[:1].isupper() or not is_common_plural(people.lower) or not is_speaker_noun(people.lower):
        return False
    first = phrase_start(tokens, low, end)
    noun = tokens[end - 1]
    if end - first < 2 or not is_plain_word(noun) or any(t.lower in _AMOUNTS for t in tokens[first:end]):
        return False
    if tokens[first].lower in ("a", "an"):
        return True  # of one move
    following = tokens[verb + 1] if verb + 1 < len(tokens) else people
    gap = is_finite_auxiliary(following) or following.lower in ("it", "they")
    return gap and noun.lower.endswith("s") and noun.lower not in _PLURALS_IN_COMPOUNDS


def _before_occasion(tokens: Sequence[Token], low: int, end: int) -> int | None:
    """The last token before ``in an interview``, ``at a news conference`` that ends at ``end``; None if none does."""
    if tokens[end].lower not in lexicon().documents | _OCCASIONS:
        return None
    for k in range(end - 1, max(low, end - _LONGEST_OCCASION), -1):
        opens = tokens[k].lower in ("a", "an") or tokens[k].lower in POSSESSIVES
        if opens and tokens[k - 1].lower in ("in", "at", "during"):
            named = tokens[k - 2] if k - 2 >= low else None
            return k - 2 if named is not None and (is_capital(named) or is_comma(named)) else None
        if tokens[k].kind != "word":
            return None
    return None


def _before_description(tokens: Sequence[Token], low: int, end: int) -> int:
    """The last token of the name before an apposition that ends at ``end``: ``Name |, a roofer``; else ``end``."""
    comma = next((k for k in range(end, max(low, end - LONGEST_PHRASE), -1) if tokens[k].kind != "word"), end)
    if comma == end or not is_comma(tokens[comma]) or not is_capital(tokens[comma - 1]):
        return end
    opener = tokens[comma + 1]
    name = phrase_start(tokens, low, comma - 1)
    if name >= comma or (name == low + 1 and tokens[low].lower in PREPOSITIONS):
        return end  # In Ohio, the senator
    owned = is_possessive(opener) and is_capital(tokens[comma - 2])  # John Hill, Reed's adviser
    describes = opener.lower in ARTICLES or opener.lower in POSSESSIVES or opener.text.isdigit() or owned
    return comma - 1 if describes else end


def _leader(tokens: Sequence[Token], low: int, end: int) -> Subject | None:
    """``Ruth Carn`` in ``economists led by Ruth Carn (at Delmont Bank)``, which ends at ``end``."""
    for k in range(end - 1, max(low + 1, end - LONGEST_PHRASE), -1):
        if tokens[k].kind != "word":
            return None
        if tokens[k].lower == "by" and tokens[k - 1].lower in ("led", "headed") and is_capital(tokens[k + 1]):
            return Subject(k + 1, phrase_from(tokens, k + 1, end + 1), phrase_start(tokens, low, k - 2), 0.9)
    return None


def _before_list(tokens: Sequence[Token], low: int, end: int) -> int | None:
    """The last token of ``companies`` in ``companies including Acme, Velora and Zipp``, which ends at ``end``."""
    for k in range(end, max(low, end - LONGEST_PHRASE), -1):
        lower = tokens[k].lower
        if lower == "including" or (lower == "as" and tokens[k - 1].lower == "such"):
            before = k - 1 - (lower == "as")
            plain = before >= low and (tokens[before].text.islower() or is_speaker_noun(tokens[before].lower))
            return before if plain else None
        if not (is_capital(tokens[k]) or tokens[k].text in (",", "&") or lower in ("and", "the", "of")):
            return None
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
        if (
            (is_speaker_noun(before.lower) or is_person_noun(before.lower))
            and _is_past_participle(tokens, k, end)
            and tokens[phrase_start(tokens, low, end) - 1].lower in PREPOSITIONS
        ):
            return k - 1
        if token.lower.endswith("ing") and token.text.islower() and token.lower not in _NO_PARTICIPLES and k < end:
            following = tokens[k + 1]
            opens_object = following.lower in DETERMINERS or following.lower in POSSESSIVES
            opens_object = opens_object or (is_capital(following) and is_speaker_noun(before.lower))
            named = phrase_start(tokens, low, k - 1)
            if (opens_object or following.lower in PREPOSITIONS) and named < k and may_speak(tokens, named, k):
                return k - 1
    return None


def _is_past_participle(tokens: Sequence[Token], k: int, end: int) -> bool:
    """Whether ``surveyed`` in ``Voters | surveyed in Ohio`` stands at ``k`` and nothing but nouns behind it."""
    if k + 1 >= end or not tokens[k].lower.endswith("ed") or tokens[k + 1].lower not in PREPOSITIONS:
        return False
    return not any(
        t.lower in AUXILIARIES or t.lower in CONJUNCTIONS or t.lower in SUBJECT_PRONOUNS or t.lower in lexicon().verbs
        for t in tokens[k + 2 : end + 1]
    )


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
        elif k > low and (tokens[k - 1].lower in _BEFORE_TIME if is_time(token) else _is_so_far(tokens, k)):
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


def _is_so_far(tokens: Sequence[Token], k: int) -> bool:
    return tokens[k].lower == "far" and tokens[k - 1].lower == "so"


def _phrase_before(tokens: Sequence[Token], low: int, end: int, sure: float, any_noun: bool) -> Subject | None:
    """The noun phrase whose last token is ``end``, as a subject."""
    token = tokens[end]
    if token.lower in SUBJECT_PRONOUNS or token.lower in PRONOUN_CONTRACTIONS:
        return Subject(end, end + 1, end, sure)
    first = phrase_start(tokens, low, end)
    speaks = any(is_role(t.lower) or is_common_plural(t.lower) for t in tokens[first : end + 1])
    if first <= end and not speaks and (whole := _whole_phrase(tokens, low, first)) is not None:
        first = whole
    if first > end or (
        tokens[first].lower == "one" and first > low and tokens[first - 1].lower in ("no", "not", "any")
    ):
        return None
    if _is_object_of_infinitive(tokens, low, first):
        return None
    if (named := _before_bare_role(tokens, low, first, end)) is not None:
        return Subject(named, first - 1, named, 0.9 * sure)
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


def _is_object_of_infinitive(tokens: Sequence[Token], low: int, first: int) -> bool:
    """Whether the phrase is what somebody is to do something about: ``called to investigate | the scandal``."""
    if first - 2 < low or tokens[first - 2].lower != "to" or tokens[first].lower not in DETERMINERS:
        return False
    verb = tokens[first - 1]
    return is_plain_word(verb) and verb.lower not in lexicon().verbs and verb.lower not in FUNCTION_WORDS


def _before_bare_role(tokens: Sequence[Token], low: int, first: int, end: int) -> int | None:
    """Where the name starts in ``Ruth Carn, | head of the ferry line said``, with no comma behind the role."""
    comma = first - 1
    role = (
        tokens[first].text.islower() and is_role(tokens[first].lower) and tokens[first + 1].lower in ("of", "at", "for")
    )
    if not role or first == end or comma - 2 < low or tokens[comma].text != ",":
        return None
    named = phrase_start(tokens, low, comma - 1)
    full = comma - named > 1 and all(map(is_capital, tokens[named:comma]))
    return named if full and (named == low or tokens[named - 1].kind != "word") else None


def _whole_phrase(tokens: Sequence[Token], low: int, first: int) -> int | None:
    """The first token of the phrase whose complement begins at ``first``: ``The owner of a bakery in | Denver``.

    None unless a noun for people or an institution heads it and nothing but a border stands before it.
    """
    start = first
    while start - 1 > low and tokens[start - 1].lower in _OPENS_COMPLEMENT:
        end = start - 2
        if _may_be_verb(tokens[end]):
            return None
        start = phrase_start(tokens, low, end)
        if start > end:
            return None
    before = tokens[start - 1] if start > low else None
    if start == first or (before is not None and not _is_border(before)):
        return None
    behind = next(k for k in range(start, first) if tokens[k].lower in _OPENS_COMPLEMENT)
    return start if behind > start and is_speaker_noun(tokens[behind - 1].lower) else None


def _may_be_verb(token: Token) -> bool:
    """Whether the word before a preposition may be a verb, so that its object follows: ``sided with``."""
    lower = token.lower
    return token.text.islower() and (may_be_past(token) or lower in lexicon().verbs or lower in AUXILIARIES)


def _is_border(token: Token) -> bool:
    """Whether a subject may follow the token: a mark, a conjunction or a verb that takes a clause."""
    lower = token.lower
    border = lower in CONJUNCTIONS or lower in SUBORDINATORS or lower in lexicon().verbs
    return token.kind != "word" or (border and lower not in _OPENS_COMPLEMENT)


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
    turned = _behind_while(tokens, low, comma)
    if turned is not None and (subject := _before_apposition(tokens, turned, comma)) is not None:
        return subject
    tries = 0
    for k in range(comma - 1, max(low - 1, comma - 60), -1):
        token = tokens[k]
        if (token.kind == "quote" and not is_nickname(tokens, low, k, comma)) or token.text in (";", ":"):
            subject = _before_apposition(tokens, k + 1, comma)
            if subject is not None or tries == 2:
                return subject
            tries += 1
    return _before_apposition(tokens, low, comma)


def _behind_while(tokens: Sequence[Token], low: int, comma: int) -> int | None:
    """Where somebody else is named behind ``said it was late, while | Name, an analyst, said``; None if nobody is."""
    for k in range(comma - 1, low, -1):
        if tokens[k].lower in ("while", "whereas") and is_comma(tokens[k - 1]):
            return k + 1 if is_capital(tokens[k + 1]) or tokens[k + 1].lower in ARTICLES else None
    return None


def _before_apposition(tokens: Sequence[Token], region: int, comma: int) -> Subject | None:
    joints = (k + 1 for k in range(region, comma) if is_comma(tokens[k]) or tokens[k].lower in _TURNS)
    starts = [region, *joints]
    for start in starts:
        while start < comma and (
            tokens[start].kind == "punct"
            or tokens[start].lower in CONJUNCTIONS
            or tokens[start].lower in _TURNS
            or is_adverb(tokens[start])
        ):
            start += 1
        if start >= comma or tokens[start].lower in PREPOSITIONS or tokens[start].lower in SUBORDINATORS:
            continue
        end = phrase_from(tokens, start, comma + 1)
        if start < end < comma and tokens[end].lower in _OPENS_COMPLEMENT and may_speak(tokens, start, end):
            end = phrase_from(tokens, end + 1, comma + 1)  # An official in Ankara, speaking privately,
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
    head = next((k for k in range(start + 1, end) if tokens[k].lower in PREPOSITIONS), end)
    if is_possessive(tokens[start]) and start + 1 < head and not may_speak(tokens, start + 1, head):
        return None  # it explains America's treatment of the miners
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
    start = _after_label(tokens, low, before)
    while start < before:
        while start < before and (
            tokens[start].kind != "word"
            or tokens[start].lower in CONJUNCTIONS
            or is_adverb(tokens[start])
            or _counts_roughly(tokens, start)
        ):
            start += 1
        if start + 2 < before and tokens[start].lower in ("last", "next") and tokens[start + 1].text.islower():
            start += 2  # Last week | the mayor
        if start >= before:
            return None
        token = tokens[start]
        if token.lower == "there":
            return None
        if token.lower in ("he", "she", "they", "it", "we", "i") or token.lower in PRONOUN_CONTRACTIONS:
            return Subject(start, start + 1, start, 0.7)
        if start + 1 < len(tokens) and not _opens_adverbial(tokens, start):
            end = phrase_from(tokens, start, before)
            if end > start and may_speak(tokens, start, end):
                return Subject(start, _end_of_author(tokens, end, before), start, 0.7)
        while start < before and not is_comma(tokens[start]):
            start += 1
    return None


def _end_of_author(tokens: Sequence[Token], end: int, before: int) -> int:
    """One past ``by Name`` behind a paper that ends at ``end``: ``A statement | by Name``; else ``end``."""
    if end >= before or tokens[end].lower not in ("by", "from") or tokens[end - 1].lower not in lexicon().documents:
        return end
    author = phrase_from(tokens, end + 1, before)
    return author if author > end + 1 else end


def _counts_roughly(tokens: Sequence[Token], k: int) -> bool:
    """Whether the word at ``k`` is an adverb before a number: ``Roughly 30 boats``, ``Nearly half``."""
    if not tokens[k].lower.endswith("ly") or k + 1 >= len(tokens):
        return False
    following = tokens[k + 1]
    return following.text[:1].isdigit() or following.lower in _SHARES or following.lower in DETERMINERS


def _after_label(tokens: Sequence[Token], low: int, high: int) -> int:
    """The first token behind a dateline or label in capitals (``LAHORE:``, ``HREBNO, Poland —``), else ``low``."""
    k = low
    while k < min(high, low + _LONGEST_LABEL) and tokens[k].kind == "word" and tokens[k].text.isupper():
        k += 1
    if k > low and k + 2 < high and is_comma(tokens[k]) and is_capital(tokens[k + 1]):
        k += 2  # HREBNO, Poland:
    return k + 1 if low < k < high and (tokens[k].text == ":" or is_dash(tokens[k])) else low


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
            if tokens[start].lower in PREPOSITIONS and any(t.lower in ("he", "she") for t in tokens[start:comma]):
                return None  # In 1958 he married Ann Reed|, a teacher,
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
