"""Nouns for people: whether a phrase names one unnamed person or several, and of which gender."""

from collections.abc import Sequence
from typing import Literal

from expertstance.quotes.lexicon import lexicon
from expertstance.quotes.role_nouns import is_role
from expertstance.quotes.tokens import Token
from expertstance.quotes.words import LINKING_PREPOSITIONS, POSSESSIVES, is_capital, is_possessive

Gender = Literal["m", "f", ""]

_KIN = frozenset(
    """father mother dad mum parent brother sister son daughter husband wife uncle aunt nephew niece cousin grandfather
    grandmother grandson granddaughter stepfather stepmother widow widower partner boyfriend girlfriend fiancé
    fiancée""".split()
)
_RIVALS = frozenset("nominee candidate contender hopeful frontrunner front-runner winner champion".split())
_TOLD_ABOUT = frozenset("victim suspect defendant accused patient child boy girl baby pupil detainee intruder".split())
_ASKERS = frozenset("reporter journalist correspondent interviewer questioner".split())
_NUMBERS = frozenset("one two three four five six seven eight nine ten".split())
_NO_MAN = frozenset("freshman woman human german roman".split())
_SAME_OFFICES = (
    frozenset("boss manager coach".split()),
    frozenset("pope pontiff".split()),
    frozenset("king monarch".split()),
    frozenset("queen monarch".split()),
    frozenset("senator sen".split()),
    frozenset("governor gov".split()),
    frozenset("representative congressman congresswoman rep".split()),
    frozenset("professor prof".split()),
    frozenset("captain capt".split()),
    frozenset("sergeant sgt".split()),
    frozenset("lieutenant lt".split()),
    frozenset("general gen".split()),
    frozenset("colonel col".split()),
    frozenset("admiral adm".split()),
    frozenset("major maj".split()),
    frozenset("inspector insp".split()),
    frozenset("superintendent supt".split()),
    frozenset("detective det".split()),
    frozenset("councillor cllr".split()),
    frozenset("reverend rev".split()),
    frozenset("ceo executive".split()),
    frozenset("lawyer attorney solicitor barrister".split()),
)
_BEFORE_ONE = frozenset("the a an this that one another any each".split())
_MORE_PERSONS = frozenset("man woman boy girl person mum dad child patient pupil teenager".split())
_NO_PERSONS = frozenset("ad document report fund clip group team board".split())


def gender_of_noun(noun: str) -> Gender:
    """``m`` for ``father`` and ``spokesman``, ``f`` for ``wife`` and ``female officer``; empty for ``mayor``."""
    lists = lexicon()
    if noun.startswith(("male ", "female ")):
        return "m" if noun.startswith("m") else "f"
    if noun in lists.female_nouns or noun.endswith("woman"):
        return "f"
    if noun in lists.male_nouns or (noun.endswith("man") and noun not in _NO_MAN):
        return "m"
    return ""


def is_epithet(noun: str) -> bool:
    """Whether ``the`` and the noun may be the name's only stand-in: ``striker``; a nominee may be the other one."""
    return noun in lexicon().epithets and noun not in _RIVALS


def is_told_about(noun: str) -> bool:
    """Whether the noun is for one of whom others tell: ``victim``, ``suspect``, ``patient``."""
    return noun.split()[-1] in _TOLD_ABOUT


def is_asker(noun: str) -> bool:
    """Whether the noun is for one who asks: after ``A reporter asked why``, ``he said`` is somebody else."""
    return noun.split()[-1] in _ASKERS


def is_kin(noun: str) -> bool:
    """Whether the noun tells a relation in a family: ``wife``, ``father``."""
    return noun in _KIN


def same_offices(noun: str) -> frozenset[str]:
    """The words for who holds an office: ``manager``, ``coach`` and ``boss`` for ``boss``, ``sen`` for ``senator``."""
    return frozenset((noun,)).union(*(nouns for nouns in _SAME_OFFICES if noun in nouns))


def is_person_noun(noun: str) -> bool:
    """Whether the noun is for one person: ``engineer``, ``fan``; not ``officials``, ``ministry`` or ``report``."""
    lists = lexicon()
    if noun in lists.institution_nouns or noun in lists.documents or noun in _NO_PERSONS:
        return False
    several = noun.endswith("s") and (noun[:-1] in lists.speaker_nouns or noun in lists.group_nouns)
    if is_role(noun) or noun in lists.epithets:
        return not several
    return noun in _MORE_PERSONS or f"{noun}s" in lists.group_nouns


def names_one(tokens: Sequence[Token], first: int, head: int) -> bool:
    """Whether ``tokens[first:head]`` is one person without a name: ``An engineer``, ``his wife``, ``one of them``."""
    opener, noun = tokens[first].lower, tokens[head - 1].lower
    if opener in ("one", "another") and (head - first == 1 or tokens[first + 1].lower == "of"):
        return True
    if not is_person_noun(noun) or any(token.kind != "word" for token in tokens[first:head]):
        return False
    owned = any(is_possessive(token) for token in tokens[first : head - 1])
    return owned or opener in POSSESSIVES or opener in _BEFORE_ONE


def is_common_plural(word: str) -> bool:
    """Whether a word that begins a sentence in capitals is just ``Officials`` or ``Voters``."""
    lists = lexicon()
    if word == "people" or not word.endswith("s"):
        return word == "people"
    firms = word[:-1] in lists.company_nouns and word != "banks"  # a family name as well
    return word in lists.group_nouns or is_role(word[:-1]) or firms


def end_of_people(tokens: Sequence[Token], first: int, last: int) -> int:
    """One past the people that the phrase ``tokens[first:last]`` names; ``first`` if it names none.

    The phrase may run on into a verb that is in no list, so that of a complement only a name is kept:
    ``Environmentalists | worry``, ``A spokesman | for the bank declined``, ``Analysts at Delmont Bank | see``.
    """
    opener = tokens[first].lower
    one = opener in ("one", "another")
    if opener == "no" or (one and last - first == 1):
        return last if one else first
    parted = one and tokens[first + 1].lower == "of"
    noun = next((k for k in range(first, last) if _is_people(tokens[k].lower)), last)
    while noun + 1 < last and _is_people(tokens[noun + 1].lower):
        noun += 1
    if noun == last or not (parted or all(t.lower not in LINKING_PREPOSITIONS for t in tokens[first:noun])):
        return first
    return _end_of_name(tokens, noun + 1, last)


def _end_of_name(tokens: Sequence[Token], behind: int, last: int) -> int:
    """One past the name behind a noun: the person's or, after a preposition, a firm's; ``behind`` if none."""
    name = behind
    if name < last and tokens[name].lower in LINKING_PREPOSITIONS:
        name += 1
        if name < last and tokens[name].lower == "the":
            name += 1
    end = name
    while end < last and (is_capital(tokens[end]) or (end > name and tokens[end].lower in ("of", "for", "and", "&"))):
        end += 1
    return end if end > name else behind


def _is_people(noun: str) -> bool:
    return is_person_noun(noun) or is_common_plural(noun)


def may_stand_for_named(tokens: Sequence[Token], first: int, head: int) -> bool:
    """Whether ``the`` and the words behind it may only call a person named before so: ``the (tall) striker``.

    So may a longer description (``the newly elected union leader``, ``the father of three``); ``the mayor`` is
    somebody of that office.
    """
    words = tokens[first:head]
    if words[0].lower not in ("the", "this", "that") or any(is_possessive(t) for t in words):
        return False
    of_three = head + 1 < len(tokens) and tokens[head].lower == "of" and tokens[head + 1].lower in _NUMBERS
    epithet = any(t.lower in lexicon().epithets or t.lower.endswith("-ranking") or t.lower == "former" for t in words)
    return of_three or epithet or len(words) > 3
