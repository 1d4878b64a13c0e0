"""Where the reporter goes on behind the words of a statement: ``said he would stay, | raising fears of a strike``."""

from collections.abc import Sequence

from expertstance.quotes.clause_types import Clause
from expertstance.quotes.lexicon import lexicon
from expertstance.quotes.noun_phrases import phrase_from
from expertstance.quotes.tokens import Token
from expertstance.quotes.words import (
    ARTICLES,
    AUXILIARIES,
    DETERMINERS,
    OBJECT_PRONOUNS,
    POSSESSIVES,
    PREPOSITIONS,
    SUBJECT_PRONOUNS,
    SUBORDINATORS,
    is_adverb,
    is_capital,
    is_comma,
    is_time,
    may_be_past,
)

_MODALS = frozenset("would will could can may might must should shall won't wouldn't can't cannot couldn't".split())
_LEAVES_PAST_OUT = _MODALS | {"be"}  # behind "would cost" no past tense can share the subject
_LEAVES_SPEECH_OUT = _LEAVES_PAST_OUT | frozenset("is are was were".split())
_NO_PASTS = frozenset(
    """remain remains seem seems want wants need needs put speed feed breed bleed seed heed proceed exceed succeed
    embed""".split()
)
_OPENS_OBJECT = DETERMINERS | POSSESSIVES | OBJECT_PRONOUNS
_PARTICLES = frozenset("out up down off back".split())
_OPENS_RELATIVE = frozenset("that which".split()) | SUBJECT_PRONOUNS | ARTICLES | POSSESSIVES
_WITHHOLDING = frozenset("elaborating specifying naming identifying".split())
_WITHHELD = frozenset("say elaborate specify give name identify".split())
_NEAR = 4
_LONGEST_APPOSITION = 14


def words_end(tokens: Sequence[Token], clause: Clause, first: int, last: int) -> int:
    """Where the words from ``first`` behind the verb of ``clause`` end: at ``last`` unless the reporter goes on."""
    for k in range(first + 1, last - 2):
        if is_comma(tokens[k]) and (_is_aside(tokens, k + 1, last) or _speaker_acts(tokens, first, k, last)):
            return k
        if tokens[k].text == ";" and _another_speaks(tokens, k + 1, last):
            return k
        if tokens[k].lower in ("and", "but") and _shares_subject_with_cue(tokens, clause, first, k, last):
            return k
    return last


def _is_aside(tokens: Sequence[Token], k: int, last: int) -> bool:
    """Whether a remark of the reporter's stands at ``k``: ``sending its shares down``, ``a claim that he denied``."""
    lists, lower = lexicon(), tokens[k].lower
    if lower in lists.aside_participles:
        return True
    if lower == "without":
        return tokens[k + 1].lower in _WITHHOLDING
    if lower in lists.effect_participles:
        return any(token.lower in lists.effect_nouns for token in _up_to_preposition(tokens, k + 1, last))
    article = k + (lower == "in")
    noun = article + 1 + (article + 3 < last and tokens[article + 1].lower not in lists.aside_nouns)
    if noun + 1 >= last or tokens[article].lower not in ARTICLES or tokens[noun].lower not in lists.aside_nouns:
        return False
    opens = tokens[noun + 1]
    return lower == "in" or opens.lower in _OPENS_RELATIVE or is_capital(opens)


def _another_speaks(tokens: Sequence[Token], k: int, last: int) -> bool:
    """Whether a full name with a verb of speech or thought stands at ``k``: ``; Name Name, at Firm, thinks``."""
    end = phrase_from(tokens, k, last)
    if end < k + 2 or not (is_capital(tokens[k]) and is_capital(tokens[end - 1])):
        return False
    if end < last and is_comma(tokens[end]):
        commas = (j for j in range(end + 1, min(last - 1, end + _LONGEST_APPOSITION)) if is_comma(tokens[j]))
        end = next(commas, last - 1) + 1
    verb = lexicon().verbs.get(tokens[end].lower) if end < last - 1 else None
    if verb is None or tokens[end].lower.endswith("ing"):
        return False
    return verb.particle is None or tokens[end + 1].lower == verb.particle


def _up_to_preposition(tokens: Sequence[Token], k: int, last: int) -> Sequence[Token]:
    end = k
    while end < min(last, k + _NEAR) and tokens[end].kind == "word" and tokens[end].lower not in PREPOSITIONS:
        end += 1
    return tokens[k:end]


def _speaker_acts(tokens: Sequence[Token], first: int, comma: int, last: int) -> bool:
    """Whether ``, but she dismissed`` stands at ``comma`` and nobody in the words before is the pronoun's."""
    if tokens[comma + 1].lower not in ("and", "but") or tokens[comma + 2].lower not in ("he", "she"):
        return False
    at = _past_at(tokens, comma + 3, last)
    verb = lexicon().verbs.get(tokens[at].lower) if at is not None else None
    if verb is None or verb.frames == {"quote"}:  # thought, continued
        return False
    roles = lexicon().role_heads
    return not any(is_capital(t) or t.lower.rstrip("s") in roles for t in tokens[first:comma])


def _shares_subject_with_cue(tokens: Sequence[Token], clause: Clause, first: int, k: int, last: int) -> bool:
    """Whether a past tense behind the conjunction at ``k`` can only have the speaker for its subject.

    ``warned that duties would cost it millions and | scrapped its outlook``: ``would`` takes no past tense beside it.
    """
    withholds = _withholds(tokens, k + 1, last)
    verb = k + 1 if withholds else _past_at(tokens, k + 1, last)
    if verb is None or tokens[clause.cue[0]].lower.endswith(("s", "ing")):
        return False
    if not (withholds or _takes_object(tokens, verb, last)):
        return False
    between = tokens[first:k]
    cue = lexicon().verbs.get(tokens[clause.cue[0]].lower)
    if cue is not None and cue.only_object:
        return not any(t.lower in AUXILIARIES or t.lower in SUBORDINATORS for t in between)
    speaks = withholds or tokens[verb].lower in lexicon().verbs
    allowed = _LEAVES_SPEECH_OUT if speaks else _LEAVES_PAST_OUT
    auxiliaries = [t.lower for t in between if t.lower in AUXILIARIES]
    return bool(auxiliaries) and all(
        token.lower in allowed if token.lower in AUXILIARIES else not may_be_past(token) for token in between
    )


def _withholds(tokens: Sequence[Token], k: int, last: int) -> bool:
    """Whether ``declined to say`` or ``did not elaborate`` stands at ``k``."""
    if k + 1 >= last:
        return False
    if tokens[k].lower in ("declined", "refused"):
        return tokens[k + 1].lower == "to"
    end = k + 2 if tokens[k].lower == "did" and tokens[k + 1].lower == "not" else k + 1
    return (end == k + 2 or tokens[k].lower == "didn't") and end < last and tokens[end].lower in _WITHHELD


def _past_at(tokens: Sequence[Token], k: int, last: int) -> int | None:
    """The token of a past tense at ``k``, adverbs aside, or None."""
    while k < last and is_adverb(tokens[k]):
        k += 1
    return k if k < last and may_be_past(tokens[k]) and tokens[k].lower not in _NO_PASTS else None


def _takes_object(tokens: Sequence[Token], verb: int, last: int) -> bool:
    """Whether an object follows the verb, so that it is no participle beside another (``taxed and shipped``)."""
    k = verb + 1 + (verb + 1 < last and tokens[verb + 1].lower in _PARTICLES)
    return k < last and (tokens[k].lower in _OPENS_OBJECT or (is_capital(tokens[k]) and not is_time(tokens[k])))
