"""Roles that a comma sets apart before the name: ``her deputy, Name,``, ``the spokesman for the regulator, Name``."""

from collections.abc import Sequence

from expertstance.quotes.introductions import Introduction, role_before_comma
from expertstance.quotes.lexicon import lexicon
from expertstance.quotes.names import strip_possessive
from expertstance.quotes.person import OFFICES_OF_FIRM
from expertstance.quotes.person_nouns import is_kin
from expertstance.quotes.role_nouns import is_role
from expertstance.quotes.tokens import Token
from expertstance.quotes.words import (
    AUXILIARIES,
    FUNCTION_WORDS,
    POSSESSIVES,
    capitals_start,
    is_capital,
    is_possessive,
)

_TO_SOMEBODY = frozenset("letter email e-mail message memo note speech submission text response reply".split())


def before_comma(tokens: Sequence[Token], first: int, last: int) -> Introduction:
    """Role and affiliation in ``her deputy, Name,`` and ``the firm's director, Name``, for ``tokens[first:last]``.

    The role may have a complement: ``the spokesman for the regulator, Name``.
    """
    if first < 3 or tokens[first - 1].text != "," or (last < len(tokens) and tokens[last].kind == "word"):
        return Introduction()
    noun = _noun_of_complement(tokens, first - 1)
    if noun is None:
        return Introduction()
    for start in range(noun - 1, max(-1, noun - 8), -1):
        token = tokens[start]
        if token.kind != "word" or token.lower in ("a", "an"):
            break
        if token.lower == "the" or token.lower in POSSESSIVES:
            if _is_hearer(tokens, start):
                return Introduction()
            return role_before_comma(tokens, start, first - 1)
        if is_possessive(token) and is_capital(token):
            return _owned(tokens, start, first - 1)
        if token.lower in FUNCTION_WORDS or token.lower in lexicon().verbs:
            break
    return Introduction()


def _owned(tokens: Sequence[Token], owner: int, end: int) -> Introduction:
    """Role and affiliation in ``Poland's prime minister, Name,``, ``Acme Foods' finance director, Name,``.

    A person's lawyer is left out: nothing here tells ``Reed's`` from a house.
    """
    start = capitals_start(tokens, owner)
    lists, name = lexicon(), strip_possessive(tokens[owner].text)
    house = name in lists.place_words or name in lists.organisation_words or name in lists.single_word_organisations
    of_firm = any(office in " ".join(t.lower for t in tokens[owner + 1 : end]) for office in OFFICES_OF_FIRM)
    if is_kin(tokens[end - 1].lower):
        return role_before_comma(tokens, start, end)._replace(affiliation=None)
    return role_before_comma(tokens, start, end) if house or of_firm else Introduction()


def _is_hearer(tokens: Sequence[Token], k: int) -> bool:
    """Whether the person at ``k`` is written to and another named behind: ``In a letter to | the mayor, Name``."""
    if k < 4 or tokens[k - 1].lower != "to" or tokens[k - 2].lower not in _TO_SOMEBODY:
        return False
    return any(tokens[n].text == "In" for n in range(max(0, k - 6), k - 3))


def _noun_of_complement(tokens: Sequence[Token], end: int) -> int | None:
    """The noun for a person that ends before ``end``, or goes on there with ``of the firm``, ``for the regulator``."""
    k = end - 1
    while k > max(0, end - 6) and tokens[k].kind == "word" and tokens[k].lower not in ("of", "for", "at"):
        if (tokens[k].lower in lexicon().verbs and tokens[k - 1].lower != "of") or tokens[k].lower in AUXILIARIES:
            break  # secretary of | state
        k -= 1
    if tokens[k].lower in ("of", "for", "at") and k > 0 and is_role(tokens[k - 1].lower):
        return k - 1
    return end - 1 if is_role(tokens[end - 1].lower) else None
