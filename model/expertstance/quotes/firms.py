"""The firms and other organisations of an article: what it calls them, so that ``the lender`` is found again."""

from bisect import bisect_right
from collections.abc import Sequence

from expertstance.quotes.lexicon import lexicon
from expertstance.quotes.names import NameRun, company_before, company_behind, is_firm_noun
from expertstance.quotes.role_nouns import is_role
from expertstance.quotes.tokens import Token
from expertstance.quotes.words import is_capital, is_time

_MOST = 20
_LEAD = 200  # characters
_LOOK_BACK = 40
_FIRM = frozenset("company firm business".split())
_GROUP = frozenset("group organization organisation nonprofit non-profit charity ngo".split())


class Firms:
    """What an article calls its firms and other organisations; feed every name run to ``read``, then ``settle``."""

    def __init__(self) -> None:
        self._described: list[tuple[int, str, str]] = []  # place, noun, name: "Salve" of "Salve, a charity"
        self._first: dict[tuple[str, ...], int] = {}  # name -> its first place
        self._firms: list[tuple[int, str]] = []

    def read(self, tokens: Sequence[Token], run: NameRun, words: tuple[str, ...]) -> None:
        """Take in a run of capitalised words, which may be a person's name as well."""
        place = tokens[run.name].start
        self._first.setdefault(words, place)
        noun = _description(tokens, run.name, run.last)
        if noun and run.first == run.name:
            name = [t.text for t in tokens[_whole_name(tokens, run.name) : run.name]]
            self._described.append((place, noun, " ".join((*name, *words))))

    def settle(self, things: set[tuple[str, ...]]) -> None:
        """Take in which names the article shows to be ``things``, not persons."""
        words, houses = lexicon().firm_words, lexicon().organisation_words
        firms = {name for name in self._first if (name in things or _ends_firm(name, words))}
        firms = {name for name in firms if name[-1] not in houses or name[-1] in words}  # not Selm University
        self._firms = sorted((self._first[name], " ".join(name)) for name in firms)[:_MOST]

    def only(self, place: int) -> str | None:
        """The firm that alone is named before ``place``, for ``the ready-meal maker``; None if others are named too."""
        firms = [name for at, name in self._firms if at < place]
        fullest = max(firms, key=len, default=None)
        return fullest if fullest is not None and all(name in fullest for name in firms) else None

    def lead(self, place: int) -> str | None:
        """The firm with which the article begins, as reports on a firm do; None if it names none so soon."""
        return next((name for at, name in self._firms[:1] if at < min(place, _LEAD)), None)

    def called(self, noun: str, place: int) -> list[str]:
        """Whom ``the charity`` may mean at ``place``, the last first: ``Salve, a charity``, ``the charity Salve``.

        ``The company`` may be any firm so described, ``the group`` a charity too.
        """
        k = bisect_right(self._described, place, key=_place)
        before = self._described[max(0, k - _LOOK_BACK) : k]
        return [name for _, told, name in reversed(before) if told == noun or _includes(noun, told)]


def _place(entry: tuple[int, str, str]) -> int:
    return entry[0]


def _includes(noun: str, told: str) -> bool:
    """Whether ``the company`` may be one that was called by the noun ``told``."""
    return (noun in _FIRM and is_firm_noun(told) and told not in _GROUP) or (noun in _GROUP and told in _GROUP)


def _ends_firm(name: tuple[str, ...], words: frozenset[str]) -> bool:
    return len(name) > 1 and name[-1].rstrip(".") in words


def _description(tokens: Sequence[Token], first: int, last: int) -> str:
    """``charity`` for ``Name, a charity``, ``the charity Name`` and ``Charity Name``; else empty."""
    if first > 0 and tokens[first - 1].lower in ("in", "from", "near"):
        return ""
    noun = company_behind(tokens, last)
    noun = company_before(tokens, first) if noun is None else noun
    return tokens[noun].lower if noun is not None else ""


def _whole_name(tokens: Sequence[Token], first: int) -> int:
    """The first token of ``Gift of Takers``, of which only the part from ``first`` on was taken for the name."""
    start = first
    while start > 1 and tokens[start - 1].lower == "of" and is_capital(tokens[start - 2]):
        word = tokens[start - 2]
        if is_role(word.lower) or is_time(word) or word.text.rstrip(".") in lexicon().titles:
            break
        start -= 2
        while start > 0 and is_capital(tokens[start - 1]) and tokens[start - 1].end + 1 == tokens[start].start:
            start -= 1
    return start
