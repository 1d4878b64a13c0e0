"""What an office is for, as against whose it is: ``Harbour | Commissioner``, ``Acme Energy | spokeswoman``."""

from collections.abc import Sequence

from expertstance.quotes.lexicon import lexicon
from expertstance.quotes.tokens import Token
from expertstance.quotes.words import is_capital

_LOOSE_FIELDS = frozenset(
    """Building Café Cafe Equality Farm Farming Food Innovation Integration Migration Project Rural Sport Standards
    Trading""".split()
)
_OFFICES = frozenset("Minister Secretary Commissioner Ministry Department".split())
_PLACE_NOUNS = frozenset("City County Town Village Parish".split())


def is_compound(word: str) -> bool:
    """Whether a capitalised word is a common one by what follows its hyphen: ``Season-ticket holder``."""
    head, hyphen, rest = word.partition("-")
    return bool(hyphen) and head.isalpha() and rest.islower() and rest not in ("based", "born")


def names_firm(words: Sequence[Token], k: int) -> bool:
    """Whether the word at ``k`` ends a firm's name before a lower-case role: ``Acme Energy | spokeswoman``."""
    return 0 < k == len(words) - 2 and words[k].text in lexicon().organisation_words and not is_capital(words[k + 1])


def is_purpose(words: Sequence[Token], k: int) -> bool:
    """Whether the word at ``k`` tells what an institution is for: ``Ministry of | Defence``."""
    return k > 1 and words[k - 1].lower == "of" and words[k - 2].text in lexicon().organisation_words


def is_of_field(words: Sequence[Token], k: int) -> bool:
    """Whether the word at ``k`` tells what an office is for, or joins two such words: ``Work and Pensions``."""
    portfolio = lexicon().portfolio_words
    if words[k].text == "International":  # International Trade | Secretary, but Acme International | Chairman
        return k + 1 < len(words) and words[k + 1].text in portfolio
    if words[k].text in _LOOSE_FIELDS:
        return k == 0 or words[-1].text in _OFFICES  # Food Minister, but Acme Food | Chairman
    joins = words[k].text == "and" and 0 < k < len(words) - 1
    return words[k].text in portfolio or (joins and words[k - 1].text in portfolio and words[k + 1].text in portfolio)


def without_portfolio(words: Sequence[Token], owner: int) -> int:
    """How many of the first ``owner`` words name an owner and are not part of the office (``Harbour Commissioner``)."""
    first = owner
    while first > 0 and is_of_field(words, first - 1):
        first -= 1
    while 0 < first < owner and words[first].text in _PLACE_NOUNS:
        first += 1  # Tarn County | Sheriff
    title_case = is_capital(words[owner])
    if first == 0 or (title_case and words[first - 1].text not in ("of", "for", "&")):
        return first
    return owner
