"""Where the hearer ends in ``told reporters (that) it was late`` and ``warned lawmakers``."""

from collections.abc import Sequence

from expertstance.quotes.lexicon import lexicon
from expertstance.quotes.role_nouns import is_role
from expertstance.quotes.tokens import Token
from expertstance.quotes.words import (
    AUXILIARIES,
    CONJUNCTIONS,
    DETERMINERS,
    FUNCTION_WORDS,
    OBJECT_PRONOUNS,
    POSSESSIVES,
    PREPOSITIONS,
    SUBJECT_PRONOUNS,
    SUBORDINATORS,
    is_capital,
    is_comma,
    is_possessive,
    is_time,
)

HEARERS = frozenset("reporters journalists lawmakers viewers supporters investors".split())
_ENDS_HEARER = SUBJECT_PRONOUNS | {"there"} | POSSESSIVES | SUBORDINATORS | PREPOSITIONS | AUXILIARIES


def skip_hearer(tokens: Sequence[Token], k: int, high: int, *, required: bool) -> int:
    """One past the hearer in ``told reporters``."""
    if k >= high or tokens[k].kind != "word":
        return k
    token = tokens[k]
    if token.lower in OBJECT_PRONOUNS and not _owns_hearer(tokens, k, high):
        return k if not required and _is_subject(tokens, k, high) else k + 1
    if token.lower == "that":
        return k
    if not required:
        for j in range(k, min(high, k + 8)):
            if tokens[j].lower == "that" or (tokens[j].kind == "quote" and is_comma(tokens[j - 1])):
                return j
            if tokens[j].kind != "word" or tokens[j].lower in AUXILIARIES or tokens[j].lower in PREPOSITIONS:
                return k
        return k
    return _hearer_end(tokens, k, high)


def _is_subject(tokens: Sequence[Token], k: int, high: int) -> bool:
    """Whether the pronoun at ``k`` is the subject of a clause, not the hearer: ``warned | it faces a loss``."""
    if tokens[k].lower not in SUBJECT_PRONOUNS or k + 1 >= high or tokens[k + 1].kind != "word":
        return False
    return tokens[k + 1].lower not in SUBORDINATORS and tokens[k + 1].lower not in PREPOSITIONS | {"not"}


def _owns_hearer(tokens: Sequence[Token], k: int, high: int) -> bool:
    """Whether ``her`` at ``k`` is no hearer but has one: ``told | her colleagues about it``."""
    if tokens[k].lower != "her" or k + 2 >= high or tokens[k + 1].lower in FUNCTION_WORDS:
        return False
    return tokens[k + 1].kind == "word" and (tokens[k + 2].lower == "that" or tokens[k + 2].lower in PREPOSITIONS)


def _hearer_end(tokens: Sequence[Token], k: int, high: int) -> int:
    j = k
    if tokens[k].lower in DETERMINERS or tokens[k].lower in POSSESSIVES:
        j += 1
    start = j
    while j < min(high, start + 10):
        here = tokens[j]
        lower = here.lower
        if here.kind != "word" and here.text not in ("&", "/"):
            break
        if _is_particle(tokens, start, j, high):
            j += 1
            continue
        if j > k and (lower in _ENDS_HEARER or (lower in DETERMINERS and not is_capital(here))):
            break
        owned = is_possessive(tokens[j - 1])
        if j > start and ((is_time(here) and not owned) or (is_capital(here) and tokens[j - 1].lower in HEARERS)):
            break
        after_common = tokens[j - 1].text[:1].islower() and not _is_particle(tokens, start, j - 1, high)
        in_full = is_role(tokens[j - 1].lower) and j + 1 < high and is_capital(tokens[j + 1])  # host | Ann Reed
        in_full = in_full or tokens[j - 1].lower in lexicon().company_nouns  # the broadcaster | Selm Radio
        if j > start + 1 and is_capital(here) and after_common and not (owned or in_full):
            break
        if lower in CONJUNCTIONS and not (j + 1 < high and is_capital(tokens[j + 1])):
            break
        j += 1
    if j < high and tokens[j].lower in AUXILIARIES and is_capital(tokens[j - 1]) and tokens[start].text.islower():
        while j > start + 1 and is_capital(tokens[j - 1]):
            j -= 1  # told the broadcaster | Lahn would strike back
    if j < high and tokens[j].lower in AUXILIARIES and is_capital(tokens[start]):
        while j > start + 1 and tokens[j - 1].text.islower() and tokens[j - 1].lower not in HEARERS:
            j -= 1  # told CNBC | talks were going well
    return j


def _is_particle(tokens: Sequence[Token], start: int, k: int, high: int) -> bool:
    """Whether the word at ``k`` links two parts of a name that opens at ``start``: ``Estado do Sul``."""
    if not start < k < high - 1 or tokens[k].lower not in lexicon().name_particles:
        return False
    return is_capital(tokens[k - 1]) and not is_capital(tokens[k]) and is_capital(tokens[k + 1])
