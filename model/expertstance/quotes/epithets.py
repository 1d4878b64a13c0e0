"""Phrases for somebody told elsewhere: ``the Dutchman``, ``the Ohio Republican``, ``Selm's mayor``, ``and others``."""

from collections.abc import Sequence

from expertstance.quotes.lexicon import lexicon
from expertstance.quotes.names import strip_possessive
from expertstance.quotes.person import Person
from expertstance.quotes.person_nouns import is_epithet
from expertstance.quotes.pronouns import Focus
from expertstance.quotes.role_nouns import is_role
from expertstance.quotes.tokens import Token
from expertstance.quotes.words import DETERMINERS, POSSESSIVES, is_possessive
from expertstance.statements import Speaker

_LONGEST_EPITHET = 4
_BEFORE_EPITHET = frozenset("the a an one another".split())


def is_description(tokens: Sequence[Token], first: int, last: int) -> bool:
    """Whether only a few words stand between ``the`` and the noun: ``the London-born singer``."""
    words = tokens[first + 1 : last]
    return len(words) <= _LONGEST_EPITHET and all(t.kind == "word" and not is_possessive(t) for t in words)


def stands_for_one(tokens: Sequence[Token], first: int, last: int) -> bool:
    """Whether the phrase stands for one person by origin, party or age: ``the Dutchman``, ``the Ohio Republican``.

    ``the French`` are no one person; ``the 34-year-old goalkeeper`` is one, but ``the 34-year-old victim`` may be
    another than whom the text is about.
    """
    lists, noun = lexicon(), tokens[last - 1]
    if tokens[first].lower not in _BEFORE_EPITHET or not is_description(tokens, first, last):
        return False
    one = noun.text in lists.demonyms and not noun.lower.endswith(("ese", "sh", "ch", "ss"))
    if last - first == 2:
        return one or noun.text in lists.nationals or noun.lower.endswith("-year-old")
    aged = tokens[last - 2].lower.endswith("-year-old") and is_epithet(noun.lower)
    return aged or noun.text in lists.nationals or noun.lower.endswith("-year-old")


def is_owned_member(tokens: Sequence[Token], first: int, last: int) -> bool:
    """Whether the phrase ends in a party's member of something: ``The chamber's top Republican``."""
    owned = tokens[first].lower in POSSESSIVES or any(is_possessive(token) for token in tokens[first : last - 1])
    plain = all(token.text.islower() or is_possessive(token) for token in tokens[first + 1 : last - 1])
    return owned and plain and last - first > 1 and tokens[last - 1].text in lexicon().nationals


def is_of_other_party(noun: Token, focus: Focus) -> bool:
    """Whether ``the Republican`` is not the person in focus, whose role tells the other party."""
    told = set((focus.person.role or "").lower().split() if focus.person is not None else ())
    other = {"democrat": {"republican", "gop"}, "republican": {"democrat", "democratic"}}.get(noun.lower, set())
    return bool(told & other)


def may_own(phrase: Sequence[Token], person: Person) -> bool:
    """Whether ``person`` may be ``(the) Kremlin's spokesman``: not one of the White House, nor a minister's."""
    owner = next((token for token in phrase[:-1] if is_possessive(token)), None)
    if owner is None:
        return True
    name, known = strip_possessive(owner.text), set(f"{person.affiliation or ''} {person.role or ''}".split())
    if name.islower():
        of_state = known & (lexicon().organisation_words - lexicon().firm_words)
        return not is_role(name) and not (name in lexicon().company_nouns and of_state)
    return name in known


def is_introduced(tokens: Sequence[Token], comma: int, speaker: Speaker) -> bool:
    """Whether an age or a role follows a person's name that is new: ``Sophie|, 34,``, ``Iryna|, a baker,``."""
    if comma + 2 >= len(tokens) or tokens[comma].text != ",":
        return False
    if tokens[comma + 1].text.isdigit():
        return True
    told = any(word.endswith("-year-old") or is_role(word) for word in (speaker.role or "").lower().split())
    return told and tokens[comma + 1].lower in ("a", "an")


def joins_first(token: Token) -> bool:
    """Whether the word opens the second part of ``Ruth Carn and | others``: people who only join the first."""
    return token.lower == "others" or token.lower in DETERMINERS or token.lower in POSSESSIVES


def is_several(token: Token) -> bool:
    """Whether the name is of many: ``Republicans``, ``Americans``."""
    lists, one = lexicon(), token.text.removesuffix("s")
    return one != token.text and (one in lists.nationals or one in lists.demonyms)
