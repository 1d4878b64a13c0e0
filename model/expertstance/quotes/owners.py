"""Whom a role belongs to, told by the words around its noun: ``University of Selm | professor``."""

from collections.abc import Sequence

from expertstance.quotes.lexicon import lexicon
from expertstance.quotes.names import ends_company_noun, institution_noun, strip_possessive
from expertstance.quotes.role_nouns import is_role
from expertstance.quotes.tokens import Token
from expertstance.quotes.words import (
    ARTICLES,
    FUNCTION_WORDS,
    POSSESSIVES,
    PREPOSITIONS,
    capitals_start,
    is_capital,
    is_first_name,
    is_possessive,
    is_time,
)

_PAST = frozenset("former retired onetime one-time longtime".split())
_HONOURED = frozenset("winning winner laureate nominee nominated finalist recipient medallist medalist".split())
_SERVES = frozenset("serves works acts took takes doubles".split())
_INSIDE_HOUSES = frozenset("Center Centre Institute Foundation Laboratory Lab Observatory Project Museum".split())
_LONGEST_OFFICE = 9
_LONGEST_OWNER = 6
_HOUSE_NOUNS = frozenset("ministry department party campaign hospital school government".split())
HOUSES_MEANT = frozenset(
    "agency alliance association authority bureau commission federation foundation institute tribunal union".split()
)
"""Nouns that before a role mean a house named elsewhere: ``bureau chief``."""
_PLACES = frozenset("city town village state province region island borough district".split())
_AREAS = frozenset("City County State States Republic Kingdom Street Avenue Road Day War Nations".split())


def opens_with_past(words: Sequence[Token]) -> bool:
    """Whether the words open with one that tells when the role was held, before any owner: ``former | CNN anchor``."""
    return len(words) > 2 and words[0].lower in _PAST


def is_past(role: str) -> bool:
    """Whether the role opens so: ``former governor``."""
    return role.split()[0].lower() in _PAST


def end_of_institution(words: Sequence[Token]) -> int:
    """One past the house of several words with which ``University of West Selm | professor`` opens; 0 if none does."""
    end = 0
    joined = False
    while end < len(words) and not is_role(words[end].lower):
        if _joins_house(words, end):
            joined = True
        elif not is_capital(words[end]):
            break
        end += 1
    return end if joined else 0


def _joins_house(words: Sequence[Token], k: int) -> bool:
    """Whether the word at ``k`` is that in ``University | of Selm``."""
    if words[k].lower not in ("of", "for") or not 0 < k < len(words) - 1:
        return False
    return words[k - 1].text in lexicon().organisation_words and is_capital(words[k + 1])


def joins_owners(words: Sequence[Token], k: int) -> bool:
    """Whether the word at ``k`` is that in ``CBS | and ABC anchor``."""
    return words[k].lower == "and" and 0 < k < len(words) - 1 and is_capital(words[k - 1]) and is_capital(words[k + 1])


def is_honoured(token: Token) -> bool:
    """Whether what stands before the word was won and owns nobody: ``Booker Prize | winner``."""
    return token.lower in _HONOURED


def is_inside_house(name: str) -> bool:
    """Whether the name is that of a house which may belong to another: ``Harlan Center`` at a university."""
    return institution_noun(name.split()) in _INSIDE_HOUSES


def before_house(words: Sequence[Token]) -> int:
    """How many words in small letters only describe the house behind them: ``conservative | Center for Work``."""
    plain = 0
    while plain < min(len(words), 2) and words[plain].text.islower() and words[plain].lower not in FUNCTION_WORDS:
        if words[plain].text[0].isdigit():
            return 0  # the 7th Circuit Court of Appeals
        plain += 1
    house = plain
    while house < len(words) and is_capital(words[house]):
        house += 1
    named = house < len(words) and words[house].lower in ("of", "for")
    return plain if plain < house and (named or house - plain > 1) and _ends_house(words[house - 1]) else 0


def _ends_house(token: Token) -> bool:
    return token.text in lexicon().organisation_words and token.text not in _AREAS


def before_other_role(words: Sequence[Token]) -> int:
    """Where ``and a former judge`` goes on with another role behind ``a lawyer at Firm``; ``len(words)`` if nowhere."""
    for k in range(2, len(words) - 2):
        if words[k].lower == "and" and (words[k + 1].lower in ("a", "an") or words[k + 1].lower in _PAST):
            alone = _tells_house(words[k + 1 :]) and not _tells_house(words[:k])
            return len(words) if alone else k  # a lawyer and a professor at Selm University
    return len(words)


def _tells_house(words: Sequence[Token]) -> bool:
    return any(
        words[k].lower in ("at", "of", "for", "with") and is_capital(without_article(words[k + 1 :])[0])
        for k in range(len(words) - 2)
    )


def behind_party(tokens: Sequence[Token], k: int) -> int:
    """One past the party and state, with the comma, in ``Sen. Ann Reed, | D-N.H., the chair of the board``; else ``k``.

    In brackets as well: ``Rep. Ann Reed (| R-Ohio), chair of the board``.
    """
    end = k
    while end < min(len(tokens), k + 3) and tokens[end].kind == "word" and is_capital(tokens[end]):
        end += 1
    party = end > k and tokens[k].text[:2] in ("D-", "R-", "I-")
    for mark in ".)":  # D-Calif|.), the chair
        end += end < len(tokens) and tokens[end].text == mark
    return end + 1 if party and end + 1 < len(tokens) and tokens[end].text == "," else k


def behind_former_office(tokens: Sequence[Token], k: int) -> int | None:
    """Where ``a former judge who is now a | fellow at Firm``, ``who now | heads the Lab`` tells the present office."""
    start = k + (k < len(tokens) and tokens[k].lower in ARTICLES)
    if start >= len(tokens) or tokens[start].lower not in _PAST:
        return None
    for n in range(start + 1, min(len(tokens) - 4, start + _LONGEST_OFFICE)):
        if tokens[n].kind != "word":
            return None
        if tokens[n].lower == "who":
            now = n + 1 + (tokens[n + 1].lower == "is")
            return now + 1 + (tokens[now + 1].lower in ARTICLES) if tokens[now].lower == "now" else None
    return None


def without_age(words: Sequence[Token]) -> Sequence[Token]:
    """The words behind an age that is no role by itself: ``61-year-old | pharmacist``."""
    return words[1:] if len(words) > 1 and words[0].lower.endswith("-year-old") else words


def before_house_meant(words: Sequence[Token]) -> int:
    """How many words stand before ``at the company``, a house that is not named, at the end; 0 if none does."""
    at = len(words) - 3
    nouns = lexicon().house_nouns
    if at > 1 and words[-1].lower in nouns and words[at].lower == "the" and words[at + 1].text.islower():
        at -= 1  # for the trade directorate
    meant = at > 0 and words[at + 1].lower == "the" and words[-1].lower in nouns
    return at if meant and words[at].lower in ("at", "of", "for", "with") else 0


def tells_subject(words: Sequence[Token], n: int) -> bool:
    """Whether the ``on`` at ``n`` tells what somebody speaks for: ``spokeswoman | on energy``."""
    if words[n].lower != "on" or n + 1 >= len(words) or is_time(words[n + 1]) or words[n + 1].lower == "duty":
        return False
    return words[n - 1].lower.startswith("spokes") and words[n + 1].text.islower()


def behind_being(tokens: Sequence[Token], k: int) -> int | None:
    """The first word of the role in ``Name | is a baker at Firm``, ``Name | has been governor of the Bank``."""
    if k + 2 >= len(tokens):
        return None
    if tokens[k].lower in ("has", "had") and tokens[k + 1].lower == "been":
        return k + 2 + (tokens[k + 2].lower in ARTICLES)
    return k + 2 if tokens[k].lower == "is" and tokens[k + 1].lower in ARTICLES else None


def behind_serving(tokens: Sequence[Token], k: int) -> int | None:
    """The first word of the role in ``serves as chair``, ``took over as chief``; the verb stands at ``k``."""
    at = k + 1 + (k + 1 < len(tokens) and tokens[k + 1].lower in ("over", "up"))
    if at + 2 >= len(tokens) or tokens[at].lower != "as" or tokens[k].lower not in _SERVES:
        return None
    return at + 1 + (tokens[at + 1].lower in ARTICLES)


def may_employ(name: str) -> bool:
    """Whether somebody may work in what has the name: ``the Justice Department``, not ``the United States``."""
    noun = institution_noun(name.split())
    return noun is not None and noun not in _AREAS


def one_of(title: str) -> str:
    """``Rep.`` for ``Reps.`` and ``Senator`` for ``Senators``, as the first of a list is introduced."""
    lists = lexicon()
    one = title.rstrip(".").removesuffix("s")
    if one not in lists.titles or f"{one}s" in lists.female_titles or not title.rstrip(".").endswith("s"):
        return title
    return one + ("." if title.endswith(".") else "")


def organisation(words: Sequence[Token]) -> str:
    """The organisation's name at the start of ``words``: capitalised words joined by of, for, and, &."""
    words = words[end_of_description(words) or end_of_place(words, 0) or before_house(words) :]
    if len(words) > 1 and words[0].text.endswith("-based"):
        words = words[1:] if is_capital(words[1]) else ()  # the Oslo-based | branch
    end = 0
    while end < len(words):
        token = words[end]
        if end > 0 and is_possessive(words[end - 1]) and (house := _end_of_owned_house(words, end)) > end:
            return join(words[:house])  # Selm's central bank
        if is_capital(token) or token.text == "&" or (token.text.isdigit() and end > 0):
            end += 1
        elif token.lower in ("of", "for", "and", "the", "on") and end > 0 and end + 1 < len(words):
            following = words[end + 1]
            if is_capital(following) or (
                following.lower == "the" and end + 2 < len(words) and is_capital(words[end + 2])
            ):
                end += 1
            else:
                break
        else:
            break
    if end == 0:
        while end < len(words) and words[end].kind == "word" and words[end].lower not in PREPOSITIONS:
            end += 1
    text = join(words[:end])
    for ending in ("'s", "’s"):
        text = text.removesuffix(ending)
    return text


def _end_of_owned_house(words: Sequence[Token], k: int) -> int:
    """One past ``central bank`` behind a name that owns it, at ``k``; ``k`` if no house stands there."""
    for n in range(k, min(len(words), k + 3)):
        if not words[n].text.islower() or words[n].lower in FUNCTION_WORDS:
            return k
        if words[n].lower in lexicon().institution_nouns:
            return n + 1
    return k


def end_of_description(words: Sequence[Token]) -> int:
    """How many words only describe the name behind them: 2 in ``ferry company Nordlink``."""
    for n in range(1, min(len(words), 5)):
        if is_capital(words[n]):
            return n if ends_company_noun(words, n) else 0
        if words[n].kind != "word":
            return 0
    return 0


def names_nearby(words: Sequence[Token], n: int) -> bool:
    """Whether a capitalised word follows within three words and no preposition before it."""
    for token in words[n : n + 3]:
        if is_capital(token):
            return True
        if token.lower in PREPOSITIONS:
            return False
    return False


def end_of_place(words: Sequence[Token], k: int) -> int:
    """How many words from ``k`` on only describe a place: 3 in ``port city of | Almeira``; 0 if none do."""
    start = k + (k < len(words) and words[k].lower in ARTICLES)
    for n in range(start, min(start + 3, len(words) - 2)):
        if words[n].lower in _PLACES:
            named = words[n + 1].lower == "of" and is_capital(words[n + 2])
            return n + 2 - k if named else 0
        if not words[n].text.islower() or words[n].lower in FUNCTION_WORDS:
            return 0
    return 0


def first_of_owner(tokens: Sequence[Token], k: int, limit: int) -> int:
    """The first word of the owner that ends at ``k``: the name in ``Acme | bank's economist`` as well."""
    if tokens[k].text.islower() and owns_as_house(tokens[k]):
        return capitals_start(tokens, k, limit)
    return k


def owns_as_house(token: Token) -> bool:
    """Whether the word is ``company's`` or ``ministry's``."""
    return is_possessive(token) and strip_possessive(token.text) in lexicon().house_nouns


def is_mere_noun(owner: str) -> bool:
    """Whether what stands before a role names no house: ``Company | spokesman``, ``Ministry | spokeswoman``."""
    word = owner.lower()
    return word in lexicon().company_nouns or word in _HOUSE_NOUNS or word in HOUSES_MEANT


def of_counterpart(tokens: Sequence[Token], first: int) -> str | None:
    """Whose office is told by ``his French counterpart(,) | Name`` and ``Her counterpart at Acme Bank, | Name``."""
    end = first - (first > 0 and tokens[first - 1].text == ",")
    noun = next((k for k in range(end - 1, max(0, end - 8), -1) if tokens[k].lower == "counterpart"), None)
    if noun is None:
        return None
    if noun < end - 1:
        at = tokens[noun + 1].lower in ("at", "from", "in")
        return (organisation(without_article(tokens[noun + 2 : end])) or None) if at else None
    start = capitals_start(tokens, noun)
    owner = join(tokens[start:noun])
    owned = start > 0 and (tokens[start - 1].lower in POSSESSIVES or is_possessive(tokens[start - 1]))
    return lexicon().demonyms.get(owner, owner) or None if owned else None


def owner_of_name(tokens: Sequence[Token], name: int) -> str | None:
    """``Tarn University`` in ``Tarn University's Ann Reed``; None for a person's or a time's (``Monday's``)."""
    if name == 0 or name + 1 >= len(tokens) or not is_capital(tokens[name + 1]):
        return None
    if not is_possessive(tokens[name - 1]) or not is_capital(tokens[name - 1]):
        return None
    first = name - 1
    while (
        first > max(0, name - _LONGEST_OWNER) and is_capital(tokens[first - 1]) and not is_possessive(tokens[first - 1])
    ):
        first -= 1
    if any(is_time(token) for token in tokens[first:name]):
        return None
    owner = strip_possessive(join(tokens[first:name]))
    opener = tokens[first]
    contracted = opener.lower in FUNCTION_WORDS or owner.lower() in FUNCTION_WORDS or owner in ("Here", "There")
    return None if contracted or is_first_name(owner.split()[0]) or opener.text in lexicon().titles else owner


def names_described(words: Sequence[Token], n: int) -> bool:
    """Whether ``(the) payroll firm Name`` stands at ``n``."""
    return end_of_description(words[n + (words[n].lower in ARTICLES) :]) > 0


def join(words: Sequence[Token]) -> str:
    """The text of the words, with a blank where the article has one."""
    out = ""
    for n, token in enumerate(words):
        if n and token.start > words[n - 1].end:
            out += " "
        out += token.text
    return out


def house_behind(words: Sequence[Token], k: int) -> str:
    """``Harbour Service`` in ``an admiral | in the Harbour Service``; empty if no house follows at ``k``."""
    if k + 2 >= len(words) or words[k].lower != "in" or words[k + 1].lower != "the" or not is_capital(words[k + 2]):
        return ""
    name = organisation(words[k + 2 :])
    return name if may_employ(name) else ""


def without_article(words: Sequence[Token]) -> Sequence[Token]:
    """The words behind an article that opens them."""
    return words[1:] if words and words[0].lower in ARTICLES else words
