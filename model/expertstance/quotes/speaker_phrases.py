"""What stands in the noun phrase that names a speaker: its head, complement, owner, the name set beside it."""

from collections.abc import Sequence

from expertstance.quotes.introductions import OFFICES_OF, before_name, is_in_field
from expertstance.quotes.lexicon import lexicon
from expertstance.quotes.names import (
    CALLED,
    NameRun,
    ends_company_noun,
    institution_noun,
    is_person_name,
    name_runs,
    strip_possessive,
)
from expertstance.quotes.noun_phrases import follows_speaker_noun
from expertstance.quotes.person import Person
from expertstance.quotes.person_nouns import (
    gender_of_noun,
    is_common_plural,
    is_kin,
    is_person_noun,
    may_stand_for_named,
    names_one,
)
from expertstance.quotes.role_nouns import is_role
from expertstance.quotes.tokens import Token
from expertstance.quotes.words import (
    DETERMINERS,
    FUNCTION_WORDS,
    LINKING_PREPOSITIONS,
    POSSESSIVES,
    PREPOSITIONS,
    is_adverb,
    is_capital,
    is_possessive,
)

_ENDS_APPOSITION = frozenset(",.;:")
_IN_HAND = frozenset("seen obtained reviewed viewed read examined leaked shared".split())
_HOUSES = frozenset("administration army campaign cabinet embassy government military ministry navy".split())
_SIDES = frozenset("critics supporters opponents proponents backers advocates defenders foes fans readers".split())
_QUALITIES = frozenset("former senior local top other current leading prominent republican democratic western".split())


def run_in_apposition(tokens: Sequence[Token], start: int) -> NameRun | None:
    """The name in the apposition at ``start``: ``Name``, ``the Rev Name``, ``retired general Name``, ``Name of X``."""
    end = next(
        (k for k in range(start, min(len(tokens), start + 12)) if tokens[k].text in _ENDS_APPOSITION), len(tokens)
    )
    runs = name_runs(tokens, start, end)
    owner = bool(runs) and is_possessive(tokens[runs[0].last - 1])  # Lahn's | Nadia Ilkhan
    run = runs[owner] if len(runs) > owner else None
    if len(runs) > 1 and runs[-1].last == end and ends_company_noun(tokens, runs[-1].first):
        run = runs[-1]  # the Danish firm | Nordlink
    if run is None or (run.last < end and tokens[run.last].lower not in ("of", "from", "at")):
        return None
    opener = tokens[start : run.first] if not owner else ()
    if len(opener) > 1 and opener[-1].lower in CALLED and opener[0].lower in ("a", "an"):
        opener = opener[1:-1]  # a former engineer called | Name
    described = all(
        t.lower == "the" or (t.kind == "word" and t.lower not in FUNCTION_WORDS and not t.lower.endswith("ing"))
        for t in opener
    )
    return run if described and len(opener) <= 4 else None


def belongs_to_complement(tokens: Sequence[Token], first: int, last: int, run: NameRun, person: Person) -> bool:
    """Whether the name in apposition is not the mother's in ``The mother of one patient, 24-year-old Name,``."""
    head = head_end(tokens, first, last)
    kin = tokens[head - 1].lower
    if head + 1 >= last or not is_kin(kin) or not is_person_noun(tokens[last - 1].lower):
        return False
    aged = any(token.lower.endswith("-year-old") for token in tokens[last + 1 : run.first])
    other_gender = person.gender and gender_of_noun(kin) not in ("", person.gender)
    return aged or bool(other_gender)


def head_end(tokens: Sequence[Token], first: int, last: int) -> int:
    """One past the head: where ``of``, ``for`` and so on begin a complement after a common noun or a person's name."""
    lists = lexicon()
    for k in range(first + 1, last):
        before, lower = tokens[k - 1], tokens[k].lower
        if before.text == "," and lower in ("of", "from"):
            return k - 1
        people = is_role(before.lower) or is_common_plural(before.lower)
        if (
            before.kind != "word"
            or is_capital(tokens[k])
            or not (lower in LINKING_PREPOSITIONS or (people and lower in PREPOSITIONS))
        ):
            continue
        if follows_speaker_noun(tokens, first, k - 1):
            return k - 1
        if lower == "of" and before.text.rstrip(".") in lists.titles and _is_run_over(tokens, k, last):
            continue  # Secretary of State Name
        if lower == "of" and _is_field_of(tokens, k, last):
            continue  # head of research Name
        in_name = is_capital(before) and lower in ("of", "for", "on") and not people
        if not in_name or is_person_name([t.text for t in tokens[first:k]]):
            return k
    return last


def _is_run_over(tokens: Sequence[Token], k: int, last: int) -> bool:
    """Whether one run of capitalised words, with a name at its end, goes on over the ``of`` at ``k``."""
    run = next(iter(name_runs(tokens, k - 1, last)), None)
    return run is not None and run.last == last


def _is_field_of(tokens: Sequence[Token], k: int, last: int) -> bool:
    """Whether the ``of`` at ``k`` belongs to the office of the person named behind: ``head of research Ann Reed``."""
    runs = name_runs(tokens, k + 1, last)
    if (
        len(runs) != 1
        or runs[0].last != last
        or runs[0].first == k + 1
        or is_in_field(tokens, runs[0].first, runs[0].name)
    ):
        return False
    role = before_name(tokens, runs[0].first, runs[0].name).role
    return role is not None and " of " in role


def completes_institution(tokens: Sequence[Token], first: int, run: NameRun) -> bool:
    """Whether the run ends ``Ministry of Trade and Industry``, ``Society of the Red Lamp``."""
    at = run.first - 1
    if at > first + 1 and tokens[at].lower == "the" and tokens[at - 1].lower == "of":
        return institution_noun([t.text for t in tokens[first:at]]) is not None
    joint = tokens[at].lower
    if at <= first or joint not in ("and", "for") or (joint == "and" and run.last - run.first > 1):
        return False
    return institution_noun([t.text for t in tokens[first : run.first]]) is not None


def tells_field(tokens: Sequence[Token], k: int, last: int) -> bool:
    """Whether what follows the noun before ``k`` belongs to the office: ``head | of civil aviation``."""
    plain = all(t.kind == "word" and t.text.islower() and t.lower not in DETERMINERS for t in tokens[k:last])
    return tokens[k].lower == "of" and plain and tokens[k - 1].lower in OFFICES_OF


def opens_affiliation(tokens: Sequence[Token], k: int) -> bool:
    """Whether an organisation follows the preposition at ``k``: ``officials of the bank``, not ``groups of bikers``."""
    if tokens[k].lower not in ("for", "of", "at", "with", "from"):
        return False
    following = tokens[k + 1]
    return is_capital(following) or following.lower in DETERMINERS or following.lower in POSSESSIVES


def tells_knowledge(tokens: Sequence[Token], head: int, last: int) -> bool:
    """Whether ``with (direct) knowledge of the matter`` follows the noun that ends before ``head``.

    Or what people are for or against: ``critics | of the plan``.
    """
    if tokens[head - 1].lower in _SIDES:
        return tokens[head].lower == "of"
    return any(follows_speaker_noun(tokens, 0, k) for k in range(head + 1, min(last, head + 3)))


def owner(tokens: Sequence[Token], first: int, head: int) -> tuple[str | None, int, int]:
    """The affiliation in ``A senior | White House | official`` and its tokens; None, 0, 0 for ``Several residents``."""
    lists = lexicon()
    first += tokens[first].lower in DETERMINERS
    while first + 2 < head and tokens[first].lower in _QUALITIES:
        first += 1  # Former | Navy colleagues
    office = head - 1
    while is_capital(tokens[head - 1]) and office > first and _is_of_office(tokens[office - 1].text):
        office -= 1
    end = first
    while end < office and (is_capital(tokens[end]) or _is_inside_house(tokens, first, end, office)):
        end += 1
    if end == first or tokens[end].lower == "and":
        return None, 0, 0  # Democrats and critics
    word = tokens[first]
    if end - first == 1:
        opens = first == 0 or tokens[first - 1].kind != "word"
        known = (
            word.text in lists.demonyms
            or word.text in lists.place_words
            or word.text in lists.single_word_organisations
            or word.text in lists.organisation_words
            or is_possessive(word)
            or word.text.isupper()
            or "." in word.text
        )
        known = known and word.lower not in lists.company_nouns  # Company officials
        house = _is_house(tokens, end, office) and tokens[end].lower != "government"  # good government groups
        if word.lower in FUNCTION_WORDS or is_adverb(word) or word.lower in _QUALITIES | {"state"}:
            return None, 0, 0
        if (opens and not known and not house) or word.text.partition("-")[2].islower():
            return None, 0, 0  # Hospital staff, London-based managers
        if not house:
            return lists.demonyms.get(word.text, strip_possessive(word.text)), first, end
    end += _is_house(tokens, end, office)
    name = strip_possessive(" ".join(t.text for t in tokens[first:end]))
    return lists.demonyms.get(name, name), first, end


def _is_house(tokens: Sequence[Token], k: int, last: int) -> bool:
    """Whether the word at ``k`` ends the name of a house before a role: ``Lahn | campaign | aides``."""
    return k < last and tokens[k].lower in _HOUSES


def _is_inside_house(tokens: Sequence[Token], first: int, k: int, last: int) -> bool:
    """Whether the word at ``k`` joins the name of a house: ``Ministry | of Justice``, ``of Trade | and Work``."""
    if k + 1 >= last or not is_capital(tokens[k + 1]) or tokens[k].lower not in ("of", "for", "and"):
        return False
    return tokens[first].text in lexicon().organisation_words


def is_office(token: Token) -> bool:
    """Whether the token is a title that tells an office: ``Minister``, not ``Mr``."""
    return token.text in lexicon().titles and is_role(token.lower)


def is_described_office(tokens: Sequence[Token], first: int, last: int) -> bool:
    """Whether an office alone is named: ``local MP``, ``its CEO``, ``The Work and Pensions Secretary``."""
    between = tokens[first + 1 : last - 1]
    if between and between[-1].lower == "and":
        between = ()  # the firm's president and CEO
    plain = (_is_of_office(t.text) if is_capital(t) else not is_role(t.lower) for t in between)
    opens = tokens[first].text.islower() or tokens[first].lower in DETERMINERS | POSSESSIVES
    return first < last - 1 and opens and is_office(tokens[last - 1]) and all(plain)


def _is_of_office(word: str) -> bool:
    """Whether a word before a title belongs to the office: ``Prime`` or ``Energy`` before ``Minister``."""
    return word.rstrip(".") in lexicon().titles or word in lexicon().portfolio_words


def is_seen_paper(tokens: Sequence[Token], first: int, last: int) -> bool:
    """Whether the phrase is a paper, with who had it in hand: ``a draft seen by Name``, ``emails obtained by Name``."""
    by = next((k for k in range(first + 2, last - 1) if tokens[k].lower == "by"), None)
    if by is None or tokens[by - 1].lower not in _IN_HAND:
        return False
    return not any(is_capital(token) for token in tokens[first + 1 : by])


def noun_for_one(tokens: Sequence[Token], first: int, last: int) -> str:
    """``engineer`` for ``An engineer at the plant``, a phrase that is one person without a name; else empty."""
    head = head_end(tokens, first, last)
    if not names_one(tokens, first, head):
        return ""
    told = next((f"{token.lower} " for token in tokens[first : head - 1] if token.lower in ("male", "female")), "")
    return told + tokens[head - 1].lower


def stands_for_named(tokens: Sequence[Token], first: int, last: int) -> bool:
    """Whether the phrase may stand for somebody whom the article names: ``the engineer``."""
    return may_stand_for_named(tokens, first, head_end(tokens, first, last))


def own_part(tokens: Sequence[Token], last: int) -> str:
    """``he`` for ``Name, for his part,``, which only a person has; else empty."""
    words = [token.lower for token in tokens[last : last + 4]]
    part = len(words) == 4 and words[:2] == [",", "for"] and words[3] == "part"
    return {"his": "he", "her": "she"}.get(words[2], "") if part else ""


def is_elsewhere(tokens: Sequence[Token], head: int, last: int, person: Person) -> bool:
    """Whether ``the mayor | of Lahn`` is not the mayor of Selm whom the article names."""
    where = {token.text for token in tokens[head:last] if is_capital(token)}
    return bool(where and person.affiliation) and not where & set((person.affiliation or "").split())


def bare_name(name: str) -> str:
    """The name without an article before it."""
    for article in ("the ", "The ", "a ", "an "):
        name = name.removeprefix(article)
    return name
