"""Which firm or other organisation ``the company`` and ``the charity`` mean where they stand."""

import re
from collections.abc import Sequence
from functools import cached_property

from expertstance.quotes.lexicon import lexicon
from expertstance.quotes.names import name_runs, plain_name
from expertstance.quotes.people import Cast
from expertstance.quotes.person import leads_firm
from expertstance.quotes.pronouns import Discourse
from expertstance.quotes.subjects import Subject
from expertstance.quotes.tokens import Token
from expertstance.quotes.words import is_capital, is_first_name

_INSIDE = re.compile(r"(?<=[a-z,] )[^\W\d_a-z][\w'’-]*\w")
PRESS_NAMES = frozenset(
    """Times Post Journal News Herald Tribune Guardian Telegraph Chronicle Gazette Observer Courier Globe Daily Mail
    Mirror Press Record Examiner Star Magazine Review""".split()
)
_CAMEL_CASE = re.compile(r"(?!(?:Mc|Mac|D[aeiu]|Del|L[aeo]|Van|Von|Fitz|St)[A-Z])[A-Z][a-z]+[A-Z]")  # PayRiver
_PRESS_NOUNS = frozenset("newspaper paper magazine outlet".split())
_GROUP_NOUNS = frozenset("agency group organization organisation".split())
_GROUP_NAMES = frozenset(
    """Network Alliance Coalition Federation Association Advocates Campaign Project Society Foundation League Union Fund
    Center Centre Institute Action Watch""".split()
)


class Companies:
    """Finds the organisation that a noun means from what the text was about, who spoke, and the whole article."""

    def __init__(self, text: str, cast: Cast, talk: Discourse) -> None:
        self._text = text
        self._cast = cast
        self._talk = talk

    def notice(self, tokens: Sequence[Token], subject: Subject) -> None:
        """Let ``the company`` be Zipp behind ``Zipp struck a different tone``: a lone name that is no person known.

        It is a firm that is known for one anywhere in the subject as well: ``Zipp Foods``, ``Shares of Zipp``.
        """
        for run in name_runs(tokens, subject.first, subject.last):
            words = plain_name(tokens, run)
            if (firm := self._firm_named(words)) is not None:
                self._talk.firm = (tokens[run.first].start, firm)
            elif self._may_be_firm(words):
                self._talk.firm = None
        word, place = tokens[subject.first].text, tokens[subject.first].start
        if subject.last - subject.first != 1 or not is_capital(tokens[subject.first]) or is_first_name(word):
            return
        if self._cast.by_surname(word, place) is None and may_be_surname(word) and word in self._names_inside:
            self._talk.thing = (place, word)

    def company(self, place: int, *, lead: bool = True) -> str | None:
        """The firm that is ``the company`` at ``place``.

        That of the sentence before, else who spoke last, else the only one, else with ``lead`` that with which the
        article begins.
        """
        if (thing := self._talk.firm_of_sentence(place)) is not None:
            return thing
        last = self._talk.group
        name = last.name if last is not None and last.type == "organisation" else None
        if name and self._cast.is_firm(tuple(name.split())):
            return name
        firm = self._cast.firms.only(place) or (self._cast.firms.lead(place) if lead else None)
        return self._cast.full_firm(firm) if firm is not None else None

    def spoke_last(self, noun: str, place: int) -> str | None:
        """The organisation that spoke last, if it may be called so: ``the agency`` the CDB, ``the paper`` a Herald."""
        name = self._talk.organisation_before(place)
        words = set((name or "").split())
        if noun in _PRESS_NOUNS:
            return name if words & PRESS_NAMES else None
        if noun not in _GROUP_NOUNS:
            return None
        short = name is not None and name.isupper() and name.isalpha()
        return name if short or (noun != "agency" and words & _GROUP_NAMES) else None

    def described(self, noun: str, place: int) -> str | None:
        """The organisation that the article called so: ``the charity`` is ``Salve, a charity for sailors``."""
        called = self._cast.firms.called(noun, place)
        spoke = self._talk.group.name if self._talk.group is not None else None
        return spoke if spoke in called else next(iter(called), None)

    def _firm_named(self, words: tuple[str, ...]) -> str | None:
        """The firm that the words name or, if they are those of its head, which the person leads; not an analyst's."""
        if len(words) == 1 and words[0].lower() in lexicon().company_nouns:
            return None  # Company | spokesman
        if self._cast.is_firm(words):
            return self._cast.full_firm(" ".join(words))
        person = self._cast.full(words)
        owner = tuple((person.affiliation or "").split()) if person is not None and leads_firm(person) else ()
        return " ".join(owner) if owner and self._cast.is_firm(owner) else None

    def _may_be_firm(self, words: tuple[str, ...]) -> bool:
        """Whether a name of several words, of which the article tells nothing, may be a firm's just as well."""
        person = self._cast.full(words)
        unknown = person is None or not (person.role or person.gender)
        return len(words) > 1 and unknown and not is_first_name(words[0])

    @cached_property
    def _names_inside(self) -> frozenset[str]:
        """The words that the text writes in capitals inside a sentence, as it does ``Zipp`` and not ``Shares``."""
        return frozenset(_INSIDE.findall(self._text))


def may_be_surname(word: str) -> bool:
    """Whether a lone capitalised word may be a person's name: it is no known place, organisation or nationality."""
    lists = lexicon()
    known = word in lists.organisation_words or word in lists.place_words or word in lists.single_word_organisations
    if (
        known
        or word.isupper()
        or word[0].islower()
        or _CAMEL_CASE.match(word)
        or word in lists.demonyms
        or word.rstrip("s") in lists.demonyms
    ):
        return False
    return word.lower() not in lists.group_nouns and (word.isalpha() or any(mark in word for mark in "-’'"))
