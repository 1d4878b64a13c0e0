"""Names in running text: runs of capitalised words, titles told apart, and persons told from other things."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from expertstance.quotes.lexicon import lexicon
from expertstance.quotes.tokens import Token
from expertstance.quotes.words import (
    AUXILIARIES,
    FUNCTION_WORDS,
    PREPOSITIONS,
    is_adverb,
    is_capital,
    is_time,
)

_LONGEST_NAME = 10
_ITS_PLANS = (["said", "it"], ["says", "it"], ["announced", "it"])
_WILL = frozenset("has had will plans planned expects expected aims intends hopes hoped".split())


@dataclass(frozen=True, slots=True)
class NameRun:
    """A run of capitalised words: ``title`` tokens, then ``name`` tokens, by token number."""

    first: int
    name: int
    last: int


def name_runs(tokens: Sequence[Token], low: int, high: int) -> list[NameRun]:
    """The runs of capitalised words in ``tokens[low:high]``, titles told apart from names."""
    runs: list[NameRun] = []
    k = low
    while k < high:
        if tokens[k].text == tokens[k].lower or not _starts_name(tokens, k, low):
            k += 1
            continue
        end = k + 1
        while end < min(high, k + _LONGEST_NAME):
            previous = tokens[end - 1]
            if previous.lower.endswith(("'s", "s'")) or not _joins(tokens, end, high):
                break
            end += 1
        while end > k + 1 and not is_capital(tokens[end - 1]):
            end -= 1
        runs.append(_split_title(tokens, k, end))
        k = end
    return runs


def _starts_name(tokens: Sequence[Token], k: int, low: int) -> bool:
    token = tokens[k]
    if not is_capital(token) or token.text == "I":
        return False
    if is_time(token) and not (
        k + 1 < len(tokens)
        and is_capital(tokens[k + 1])
        and not is_time(tokens[k + 1])
        and token.lower in ("april", "may", "june", "august")
    ):
        return False
    lower = token.lower
    common = lower in FUNCTION_WORDS or is_adverb(token) or (k == low and lower in lexicon().verbs)
    if not common:
        return True
    surname = (
        lower in ("he", "yet", "so", "may", "will", "an", "do") and k + 1 < len(tokens) and is_capital(tokens[k + 1])
    )
    return surname and token.text in lexicon().family_first_surnames


def _joins(tokens: Sequence[Token], k: int, high: int) -> bool:
    """Whether the token at ``k`` goes on with the name before it."""
    token = tokens[k]
    if token.kind == "quote":
        quote = token.quote
        return quote is not None and bool(quote.nickname) and k + 1 < high and is_capital(tokens[k + 1])
    if token.kind != "word" or token.start > tokens[k - 1].end + 1:
        return False
    if is_capital(token):
        return not is_time(token) and (token.lower not in AUXILIARIES) and token.text != "I"
    n = k + 1
    while n < min(high, k + 3) and tokens[n].lower in lexicon().name_particles and not is_capital(tokens[n]):
        n += 1
    if n >= high or not is_capital(tokens[n]) or is_time(tokens[n]):
        return False
    if token.lower == "of":
        before = tokens[k - 1].text
        return before.rstrip(".") in lexicon().titles or before in lexicon().organisation_words
    return token.lower in lexicon().name_particles


def _split_title(tokens: Sequence[Token], first: int, last: int) -> NameRun:
    lists = lexicon()
    name = first
    institution = _names_institution(tokens, first, last)
    for k in range(first, last - 1):
        word = tokens[k].text
        if institution and word in lists.portfolio_words:
            continue
        if (
            (word.rstrip(".") in lists.titles and word != "Don")
            or (word.lower() in lists.role_heads and (k == first or tokens[k - 1].text in lists.portfolio_words))
            or (
                last - k > 2
                and (word in lists.organisation_words or word in lists.demonyms)
                and tokens[k + 1].lower != "of"
                and not any(
                    t.text in lists.organisation_words or t.lower in lists.role_heads for t in tokens[k + 1 : last]
                )
            )
        ):
            name = k + 1
    if (
        name == first
        and last - first > 2
        and tokens[first].lower.endswith("ing")
        and (first == 0 or tokens[first - 1].kind != "word")
    ):
        return NameRun(first + 1, first + 1, last)
    if name < last - 1 and tokens[name].lower == "of":
        name = _behind_place(tokens, name + 1, last)
    return NameRun(first, name, last)


def _behind_place(tokens: Sequence[Token], first: int, last: int) -> int:
    """Where the person's name starts in ``Mayor of | New York Dana Pelt``: known first name or two words."""
    lists = lexicon()
    known = (k for k in range(first, last - 1) if tokens[k].text in lists.male or tokens[k].text in lists.female)
    return next(known, max(first, last - 2))


def _names_institution(tokens: Sequence[Token], first: int, last: int) -> bool:
    """Whether ``Commerce Ministry`` or ``Ministry of Commerce`` stands there, where ``Commerce`` is no title."""
    words = [t.text for t in tokens[first:last]]
    words[-1] = strip_possessive(words[-1])
    return institution_noun(words) is not None


def plain_name(tokens: Sequence[Token], run: NameRun) -> tuple[str, ...]:
    """The words of the name, without a possessive ending."""
    words = [t.text for t in tokens[run.name : run.last] if t.kind == "word"]
    if words:
        words[-1] = strip_possessive(words[-1])
    return tuple(words)


def strip_possessive(word: str) -> str:
    """``Trump's`` and ``Jones'`` without their ending."""
    for ending in ("'s", "’s"):
        word = word.removesuffix(ending)
    return word.rstrip("'’")


def is_person_name(words: Sequence[str]) -> bool:
    """Whether two to five capitalised words can name a person: none of them is an institution's or a place's word."""
    lists = lexicon()
    if not 2 <= len(words) <= 5:
        return False
    last = words[-1]
    known = words[0] in lists.male or words[0] in lists.female
    if any(w in lists.organisation_words or w in lists.demonyms for w in words) or (
        last in lists.place_words and not known
    ):
        return False
    if all(w.isupper() and len(w) > 2 for w in words) and len(words) > 3:
        return False
    return not (words[0] in lists.place_words and not known and len(words) == 2) and words[0] not in (
        "New",
        "San",
        "Los",
        "North",
        "South",
        "East",
        "West",
        "White",
        "United",
        "Saint",
        "St.",
        "Fort",
        "Mount",
        "Great",
        "Supreme",
    )


def institution_noun(words: Sequence[str]) -> str | None:
    """``Ministry`` for ``Commerce Ministry`` and ``Ministry of Commerce``; None for a name without such a noun."""
    nouns = lexicon().organisation_words
    if len(words) > 1 and words[-1] in nouns:
        return words[-1]
    return next((word for word, after in pairwise(words) if word in nouns and after == "of"), None)


def shown_as_thing(tokens: Sequence[Token], first: int, last: int) -> bool:
    """Whether the words beside the name ``tokens[first:last]`` show that it is no person's.

    ``Name, which``; ``Name, a shipping company``; ``the shipping company Name``; ``Name said it will``.
    """
    lists = lexicon()
    if tokens[last - 1].lower.endswith(("'s", "s'")):
        return False
    behind = [t.lower for t in tokens[last : last + 8]]
    if behind[:2] == [",", "which"]:
        return True
    if len(behind) > 3 and behind[0] == "," and behind[1] in ("a", "an", "the"):
        noun = next((n for n in range(2, len(behind)) if behind[n] in lists.company_nouns), 0)
        inside = tokens[last + 2 : last + noun] if noun else []
        if noun and all(t.kind == "word" and t.lower not in FUNCTION_WORDS for t in inside):
            return noun + 1 >= len(behind) or behind[noun + 1] not in lists.role_heads
    if first > 1 and tokens[first - 1].lower in lists.company_nouns and tokens[first - 1].text.islower():
        return (
            not behind
            or tokens[last].kind == "punct"
            or behind[0] in lists.verbs
            or behind[0] in PREPOSITIONS
            or behind[0] in AUXILIARIES
        )
    return last - first == 1 and behind[:2] in _ITS_PLANS and len(behind) > 2 and behind[2] in _WILL
