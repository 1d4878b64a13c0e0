"""A named person of an article: what is told of role, affiliation and gender, and what follows from it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from expertstance.quotes.introductions import Introduction
from expertstance.quotes.lexicon import lexicon
from expertstance.quotes.owners import HOUSES_MEANT, is_past
from expertstance.quotes.person_nouns import Gender, gender_of_noun, is_kin
from expertstance.quotes.role_nouns import is_rank, is_role

ONLY_FIRM = "only firm"
"""Stands for the firm that only an office tells of: ``finance director``."""
CENTRAL_BANK = "central bank"
"""Stands for the central bank that the article tells of, whose governor an office alone may be."""
_OF_FIRM = frozenset("ceo cfo coo cto co-founder cofounder".split())
OFFICES_OF_FIRM = (
    "chief executive",
    "chief financial officer",
    "chief operating officer",
    "chief technology officer",
    "chief commercial officer",
    "finance director",
    "managing director",
)
PAST = frozenset("former ex late".split())


@dataclass(slots=True)
class Person:
    """A named person: the fullest name seen, with what the article tells, as far as it goes."""

    name: str
    words: tuple[str, ...]
    role: str | None = None
    affiliation: str | None = None
    gender: Gender = ""
    family_first: bool = False
    house: str = ""  # "company" of "an engineer at the company", until it is told which
    called: str = ""  # the office in a title before the family name: "President" of "President Lahn"

    def learn(self, introduction: Introduction) -> None:
        """Keep role and affiliation unless they are known already; an office tells more than a rank."""
        if introduction.role and not self.role:
            self.role = introduction.role
            self.affiliation = self.affiliation or introduction.affiliation
            self.house = introduction.house
        elif self.role and is_rank(self.role) and self._may_become(introduction):
            self.called = self.called or self.role  # the colonel
            self.role = introduction.role
            self.affiliation = introduction.affiliation or self.affiliation
        elif not self.affiliation and self._shares_house(introduction):
            self.affiliation = introduction.affiliation

    def _may_become(self, introduction: Introduction) -> bool:
        """Whether an introduction tells an office with its house; the friend of a party has none."""
        housed = introduction.affiliation or self.affiliation
        return bool(introduction.role and housed) and _is_office(introduction.role or "")

    def _shares_house(self, introduction: Introduction) -> bool:
        """Whether the house of another office is the person's: of a former governor's state nothing follows.

        Nor does a house without a name tell anything, the committee that a senator chairs.
        """
        role, held = introduction.role, set((self.role or "").lower().split())
        if not introduction.affiliation or introduction.affiliation.islower():
            return False
        return role is None or not held or not is_past(role) or bool(held & set(role.lower().split()))

    def offices(self) -> tuple[str, ...]:
        """What the article tells of the person's offices, in small letters: by an introduction and by titles."""
        return tuple(office.lower() for office in (self.role, self.called) if office)


def gender_of(words: Sequence[str], titles: Sequence[str]) -> Gender:
    """A guess from titles and the first name; empty where there is no evidence."""
    lists = lexicon()
    for title in titles:
        plain = title.rstrip(".")
        if plain in lists.male_titles:
            return "m"
        if plain in lists.female_titles:
            return "f"
        if gender := gender_of_noun(plain.lower()):
            return gender
    return gender_of_first_name(words[0]) if len(words) > 1 else ""


def gender_of_first_name(word: str) -> Gender:
    """A guess from a first name; empty where the lists do not tell."""
    lists = lexicon()
    for name in (word, *word.split("-")):  # Mei-Ling
        male, female = name in lists.male_names, name in lists.female_names
        if male != female:
            return "m" if male else "f"
    return ""


def _is_office(role: str) -> bool:
    """Whether a role tells what somebody does: no mere rank, and no relation in a family."""
    words = role.lower().split()
    return not is_rank(role) and any(map(is_role, words)) and not any(map(is_kin, words))


def leads_firm(person: Person) -> bool:
    """Whether the person's role is one that only a firm has to give, so that the affiliation is a firm's name."""
    role = (person.role or "").lower()
    return bool(_OF_FIRM & set(role.split())) or "chief executive" in role


def house_meant(person: Person) -> str:
    """The noun for a house whose name stands elsewhere; ``ONLY_FIRM`` for an office that only a firm has to give."""
    role = (person.role or "").lower()
    of_firm = leads_firm(person) or any(office in role for office in OFFICES_OF_FIRM)
    of_firm = of_firm and not PAST & set(role.split())
    words = role.split()
    two = words if len(words) == 2 else ["", ""]
    speaks = two[1].startswith("spokes") and two[0] in lexicon().institution_nouns
    speaks = speaks or (two[0] in HOUSES_MEANT and is_role(two[1]))
    if role in ("governor", "deputy governor") and not person.house:
        return CENTRAL_BANK
    return person.house or (words[0] if speaks else ONLY_FIRM if of_firm else "")


def without_house(role: str | None, noun: str) -> str | None:
    """``engineer`` of ``engineer at the company``, ``spokesman`` of ``company spokesman``."""
    if role is None:
        return None
    return re.sub(rf"^{noun} | (?:at|of|for|with) the {noun}$", "", role, flags=re.IGNORECASE)
