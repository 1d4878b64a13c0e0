"""Names in running text: runs of capitalised words, titles told apart, and persons told from other things."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from expertstance.quotes.lexicon import lexicon
from expertstance.quotes.role_nouns import is_role, is_speaker_noun, may_be_role
from expertstance.quotes.tokens import Token
from expertstance.quotes.words import (
    ARTICLES,
    AUXILIARIES,
    DETERMINERS,
    FUNCTION_WORDS,
    PERSON_PRONOUNS,
    POSSESSIVES,
    PREPOSITIONS,
    is_adverb,
    is_capital,
    is_first_name,
    is_possessive,
    is_time,
    opens_name,
)

_LONGEST_NAME = 10
CALLED = frozenset("called named".split())
_TOOLS = frozenset("tool index survey tracker poll barometer data database model app report website platform".split())
_SHARES = frozenset("share shares".split())
_EXCHANGES = frozenset("NASDAQ Nasdaq NYSE LSE LON ASX TSX NSE BSE AMEX OTC".split())
_LEGAL_FORMS = frozenset("Inc Ltd LLC Corp PLC plc".split())
_SHORTEST_LABEL = 4
_QUALITY = re.compile(
    r"Rival|[A-Z].*-(?:[a-z]+ed|[a-z]+ing|born|led|run|owned|form|year|place|style|wide|era)"
)  # Third-seeded, In-form
_SHORTEST_PARTICIPLE = 6
_TICKER = re.compile(r"[A-Z0-9]{2,6}\.[A-Z]{1,2}")  # VEL.PA, but not U.S
_GENERATIONS = frozenset("Jr Sr II III".split())
_NO_PERSONS = frozenset(
    """troops forces army navy soldiers military territory airspace government economy citizens borders
    customers users shares shareholders stores flights ferries trains factories profit revenue sales""".split()
)
_ITS_PLANS = (["said", "it"], ["says", "it"], ["announced", "it"])
_RUNS = frozenset("runs founded heads owns chairs".split())
_OPENS_PLACE = frozenset("New San Los North South East West White United Saint St. Fort Mount Great Supreme".split())
_CONTRACTED = frozenset("here's there's that's what's who's how's where's let's".split())
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
            if is_possessive(previous) or not _joins(tokens, end, high):
                break
            end += 1
        while end > k + 1 and not is_capital(tokens[end - 1]):
            end -= 1
        run = _split_title(tokens, k, end)
        if k < run.name and tokens[run.name - 1].lower == "of":  # Mayor of | Baton Rouge
            runs.append(_split_title(tokens, k, run.name - 1))
            run = _split_title(tokens, run.name, end)
        runs.append(run)
        k = end
    return runs


def _starts_name(tokens: Sequence[Token], k: int, low: int) -> bool:
    token = tokens[k]
    if not is_capital(token) or token.text == "I" or token.lower in _CONTRACTED:
        return False
    if opens_name(tokens, k):
        return True
    if is_time(token):
        return False
    lower = token.lower
    if lower == "first" and k + 1 < len(tokens) and tokens[k + 1].text in lexicon().titles:
        return True  # First Minister
    verb = k == low and lower in lexicon().verbs and not _opens_office(tokens, k)
    common = lower in FUNCTION_WORDS or is_adverb(token) or verb
    if not common:
        return True
    surname = (
        lower in ("he", "yet", "so", "may", "will", "an", "do") and k + 1 < len(tokens) and is_capital(tokens[k + 1])
    )
    return surname and token.text in lexicon().family_first_surnames


def _opens_office(tokens: Sequence[Token], k: int) -> bool:
    """Whether the word at ``k``, which may be a verb, is that of ``Fire Chief Ann Reed``, ``State Fire Marshal``."""
    lists = lexicon()
    if k + 1 >= len(tokens) or tokens[k].text not in lists.portfolio_words or not is_capital(tokens[k + 1]):
        return False
    return tokens[k + 1].text.rstrip(".") in lists.titles or tokens[k + 1].text in lists.portfolio_words


def _joins(tokens: Sequence[Token], k: int, high: int) -> bool:
    """Whether the token at ``k`` goes on with the name before it."""
    token = tokens[k]
    if token.kind == "quote":
        quote = token.quote
        return quote is not None and bool(quote.nickname) and k + 1 < high and is_capital(tokens[k + 1])
    if comma_before_suffix(tokens, k, high) or _joins_firm(tokens, k, high) or _is_comma_in_firm(tokens, k, high):
        return True
    if token.kind != "word" or token.start > tokens[k - 1].end + 1:
        return False
    if tokens[k - 1].text == ",":
        return is_suffix(token) or token.text.rstrip(".") in _LEGAL_FORMS
    if is_irish_article(tokens, k):
        return True
    if is_capital(token):
        common = is_time(token) or token.lower in AUXILIARIES or token.text == "I"
        return not common or opens_name(tokens, k)
    n = k + 1
    while n < min(high, k + 3) and tokens[n].lower in lexicon().name_particles and not is_capital(tokens[n]):
        n += 1
    if n >= high or not is_capital(tokens[n]) or is_time(tokens[n]):
        return False
    if token.lower == "of":
        before = tokens[k - 1].text
        return before.rstrip(".") in lexicon().titles or before in lexicon().organisation_words
    return token.lower in lexicon().name_particles


def is_irish_article(tokens: Sequence[Token], k: int) -> bool:
    """Whether the word at ``k`` is that in the middle of ``Ciarán Mac an tSagairt``."""
    if tokens[k].text != "an" or k == 0 or k + 1 >= len(tokens):
        return False
    return tokens[k - 1].text in ("Mac", "Nic") and is_capital(tokens[k + 1])


def _joins_firm(tokens: Sequence[Token], k: int, high: int) -> bool:
    """Whether the token at ``k`` is the mark in ``Hartwell & Vance``, but not in ``Ann Reed & Tom Hill``."""
    if tokens[k].text != "&" or k + 1 >= high or not is_capital(tokens[k + 1]):
        return False
    return k < 2 or not is_first_name(tokens[k - 2].text)


def _is_comma_in_firm(tokens: Sequence[Token], k: int, high: int) -> bool:
    """Whether the token at ``k`` is the comma in ``Corvanta, Inc.``."""
    if tokens[k].text != "," or k == 0 or k + 1 >= high or not is_capital(tokens[k - 1]):
        return False
    return tokens[k + 1].text.rstrip(".") in _LEGAL_FORMS


def _split_title(tokens: Sequence[Token], first: int, last: int) -> NameRun:
    lists = lexicon()
    if last - first == 1:
        return NameRun(first, first, last)
    described = _behind_quality(tokens, first, last)
    if described > first:
        return _split_title(tokens, described, last)
    if _leads_firm(tokens, first, last) or _is_label(tokens, first, last):
        return NameRun(first + 1, first + 1, last)
    end = _before_suffixes(tokens, first, last)
    name = first
    institution = _names_institution(tokens, first, end)
    for k in range(first, end - 1):
        if institution and tokens[k].text in lists.portfolio_words:
            continue
        if _is_title(tokens, k, first, end, institution) or _opens_with_role(tokens, k, first, end, institution):
            name = k + 1
    if (
        name == first
        and end - first > 2
        and tokens[first].lower.endswith("ing")
        and (first == 0 or tokens[first - 1].kind != "word")
    ):
        return NameRun(first + 1, first + 1, last)
    if name < end - 1 and tokens[name].lower == "of":
        name = _behind_place(tokens, name + 1, end)
    elif name == first and office_noun(tokens, first) is not None:
        name = _behind_field(tokens, first, end)
    return NameRun(first, name, last)


def _behind_quality(tokens: Sequence[Token], first: int, last: int) -> int:
    """Where the name starts in ``Third-seeded | Ana Pell`` and ``New York-born | Ana Pell``; ``first`` if there.

    A participle without a hyphen (``Unseeded``) is told by the sentence that it opens and the first name behind it.
    """
    qualities = (k for k in range(first, min(last - 1, first + 3)) if is_quality(tokens[k]))
    quality = next(qualities, None)
    if quality is not None:
        return quality + 1
    word = tokens[first].lower
    opens = first == 0 or tokens[first - 1].kind != "word"
    opens = opens and last - first > 2 and is_first_name(tokens[first + 1].text)
    participle = word.endswith("ed") and not word.endswith(("eed", "fred")) and len(word) >= _SHORTEST_PARTICIPLE
    return first + (opens and participle and not is_first_name(tokens[first].text))


def is_quality(token: Token) -> bool:
    """Whether a word only describes the name behind it: ``Oslo-based``, ``In-form``, ``Rival``."""
    return _QUALITY.fullmatch(token.text) is not None


def _is_label(tokens: Sequence[Token], k: int, last: int) -> bool:
    """Whether the word at ``k`` before a name is a label of the page in capitals: ``WATCH Ostermoor``."""
    word, following = tokens[k].text, tokens[k + 1].text
    label = word.isupper() and word.isalpha() and len(word) >= _SHORTEST_LABEL
    named = last - k == 2 or is_first_name(following)
    return label and named and not following.isupper() and following not in lexicon().organisation_words


def _is_title(tokens: Sequence[Token], k: int, first: int, last: int, institution: bool) -> bool:
    """Whether the word at ``k`` of the run ``tokens[first:last]`` belongs to what stands before the name."""
    lists = lexicon()
    word = tokens[k].text
    if word == "Don" or _is_dean_by_name(tokens, k, first, last):
        return False
    if "Pro" in (word, tokens[k - 1].text) and _is_pro_tem(tokens, k, first):
        return True
    if word.rstrip(".") in lists.titles:
        return not (word.isupper() and tokens[k + 1].text in lists.organisation_words)  # TD Bank
    ends = tokens[last - 1].text
    if last - k == 2 and ends in lists.organisation_words and ends not in lists.surname_words:
        return False  # Miller Homes
    if not institution and last - k == 3 and is_first_name(tokens[k + 1].text) and is_role(word.lower()):
        return True  # White House Counselor Ann Reed
    behind_portfolio = k == first or tokens[k - 1].text in lists.portfolio_words
    if behind_portfolio and (word.lower() in lists.role_heads or _is_told_role(tokens, k, institution)):
        return True
    if k == first and last - first == 3 and not institution and word.lower().removesuffix("s") in lists.role_heads:
        return True
    return (
        last - k > 2
        and (word in lists.organisation_words or word in lists.demonyms)
        and not (is_first_name(word) and (k == first or is_role(tokens[k - 1].lower)))  # Mayor Bill de Marr
        and tokens[k + 1].lower != "of"
        and not any(t.text in lists.organisation_words or is_role(t.lower) for t in tokens[k + 1 : last])
    )


def _is_dean_by_name(tokens: Sequence[Token], k: int, first: int, last: int) -> bool:
    """Whether ``Dean`` is a first name: ``captain Dean Hale``, not ``Harvard Dean Hale`` or ``Dean Ann Hale``."""
    if tokens[k].text != "Dean" or k != last - 2:
        return False
    before = tokens[k - 1].lower if k > 0 else ""
    return k == first or (is_role(before) and before not in ("assistant", "deputy"))


def _is_pro_tem(tokens: Sequence[Token], k: int, first: int) -> bool:
    """Whether the word at ``k`` is one of those in ``Senate President Pro Tem Name``."""
    pro = k if tokens[k].text == "Pro" else k - 1
    return pro > first and tokens[pro + 1].text.rstrip(".") in ("Tem", "Tempore")


def _is_told_role(tokens: Sequence[Token], k: int, institution: bool) -> bool:
    """Whether the word at ``k`` is a role by its ending: ``Entomologist Reed``, not ``Communist China``."""
    lists = lexicon()
    following = tokens[k + 1].text
    if institution or following in lists.organisation_words or following in lists.place_words:
        return False
    return following not in lists.demonyms and is_role(tokens[k].lower)


def _opens_with_role(tokens: Sequence[Token], k: int, first: int, last: int, institution: bool) -> bool:
    """Whether a sentence opens with a role in no list before a full name: ``Teammate | Ann Reed``.

    Only its ending tells that, and that a known first name follows.
    """
    opens = k == first and (first == 0 or tokens[first - 1].kind != "word")
    if not opens or institution or last - first < 3 or is_first_name(tokens[k].text):
        return False
    return is_first_name(tokens[k + 1].text) and may_be_role(tokens[k].lower)


def _before_suffixes(tokens: Sequence[Token], first: int, last: int) -> int:
    """One past the name itself in ``Ann Reed OBE`` and ``Ann Reed, MD``; ``last`` if no such suffix follows."""
    end = last
    while end - first > 1 and (tokens[end - 1].kind != "word" or is_suffix(tokens[end - 1])):
        end -= 1
    return end if end - first > 1 or end == last else last


def is_suffix(token: Token) -> bool:
    """Whether the token may follow a name without being part of it: ``MP``, ``PhD``, ``Jr.``, a ticker."""
    return strip_possessive(token.text).rstrip(".") in lexicon().name_suffixes or is_ticker(token)


def is_ticker(token: Token) -> bool:
    """Whether the token is a firm's code on an exchange: ``VEL.PA`` in ``Velora VEL.PA said``."""
    return token.kind == "word" and _TICKER.fullmatch(token.text) is not None


def comma_before_suffix(tokens: Sequence[Token], k: int, high: int) -> bool:
    """Whether the token at ``k`` is the comma in ``Ann Reed, MD`` and ``Ann Reed, Jr.``."""
    if tokens[k].text != "," or k == 0 or not is_capital(tokens[k - 1]):
        return False
    if k < 2 or not is_capital(tokens[k - 2]):
        return False  # in Tarnville, MD
    return k + 1 < high and is_suffix(tokens[k + 1]) and (k + 2 >= high or not is_capital(tokens[k + 2]))


def office_behind_name(tokens: Sequence[Token], run: NameRun) -> str | None:
    """``MP`` in ``Ann Reed MP``; None where no suffix of the name tells an office."""
    behind = tokens[_before_suffixes(tokens, run.name, run.last) : run.last]
    plain = (strip_possessive(token.text) for token in behind)
    return next((word for word in plain if word in lexicon().office_suffixes), None)


def is_firm_noun(noun: str) -> bool:
    """Whether ``the company`` may stand for a firm; ``the union`` and ``the agency`` do not."""
    lists = lexicon()
    return noun in lists.company_nouns and noun.title() not in lists.organisation_words - lists.firm_words


def company_before(tokens: Sequence[Token], end: int) -> int | None:
    """The noun for a company before ``end``: ``the shipping | company``, ``Oil | major``; None if none stands there."""
    if end > 2 and tokens[end - 1].lower in CALLED:
        end -= 1  # a ferry company called Nordlink
    if end == 0 or not (tokens[end - 1].text.islower() or end == 1 or tokens[end - 2].kind != "word"):
        return None
    noun = tokens[end - 1].lower
    nouns = lexicon().company_nouns
    return end - 1 if noun in nouns or (end > 1 and f"{tokens[end - 2].lower} {noun}" in nouns) else None


def ends_company_noun(tokens: Sequence[Token], end: int) -> bool:
    """Whether a noun for a company stands before ``end``: ``the shipping company``, ``Oil major``, ``Chipmaker``."""
    return company_before(tokens, end) is not None


def _leads_firm(tokens: Sequence[Token], first: int, last: int) -> bool:
    """Whether ``Chipmaker`` stands before a firm's name; ``Miner Jack Orrell`` is a person with a role."""
    lists = lexicon()
    lead, end = tokens[first], strip_possessive(tokens[last - 1].text)
    opens = first == 0 or tokens[first - 1].kind != "word"
    if not opens or lead.lower not in lists.company_nouns or lead.text in lists.organisation_words:
        return False
    if end in lists.organisation_words:
        return end in lists.firm_words
    if is_first_name(tokens[first + 1].text):
        return False
    return last - first == 2 or not is_role(lead.lower)


def _behind_place(tokens: Sequence[Token], first: int, last: int) -> int:
    """Where the person's name starts in ``Mayor of | New York Dana Pelt``: known first name or two words.

    ``first`` itself if none does: ``Mayor of | New York City``.
    """
    known = (k for k in range(first + 1, last - 1) if is_first_name(tokens[k].text))
    name = next(known, last - 2)
    return name if name > first and is_person_name([t.text for t in tokens[name:last]]) else first


def office_noun(tokens: Sequence[Token], first: int) -> int | None:
    """The noun of the office that goes on at ``first``: ``Minister`` in ``Minister for | Health Ann Reed``."""
    joint = _before_the(tokens, first)
    if joint < 1 or tokens[joint].lower not in ("for", "of", "from", "to"):
        return None
    noun = joint - 1
    if noun > 1 and tokens[noun].text == "State" and tokens[noun - 1].lower == "of":
        noun -= 2  # Minister of State for
    return noun if is_role(tokens[noun].lower) else None


def _behind_field(tokens: Sequence[Token], first: int, last: int) -> int:
    """Where the person's name starts in ``Minister for | Coastal Affairs Ann Reed``; ``first`` if nowhere.

    It is a known first name, or two words behind one that tells what an office is for.
    """
    if is_first_name(tokens[first].text) or tokens[first].text in _OPENS_PLACE:
        return first
    name = next((k for k in range(first + 1, last - 1) if is_first_name(tokens[k].text)), last - 2)
    portfolio = lexicon().portfolio_words
    behind = tokens[name - 1].text in portfolio and tokens[name].text not in portfolio
    told = name > first and (behind or is_first_name(tokens[name].text))
    return name if told and is_person_name([t.text for t in tokens[name:last]]) else first


def _names_institution(tokens: Sequence[Token], first: int, last: int) -> bool:
    """Whether ``Commerce Ministry`` or ``Ministry of Commerce`` stands there, where ``Commerce`` is no title."""
    words = [t.text for t in tokens[first:last]]
    words[-1] = strip_possessive(words[-1])
    return words[-1] not in lexicon().surname_words and institution_noun(words) is not None


def plain_name(tokens: Sequence[Token], run: NameRun) -> tuple[str, ...]:
    """The words of the name, without a possessive ending and without suffixes such as ``OBE`` (``Jr.`` stays)."""
    last = _before_suffixes(tokens, run.name, run.last)
    words = [t.text for t in tokens[run.name : last] if t.kind == "word" or t.text == "&"]
    words += [t.text for t in tokens[last : run.last] if is_generation(t.text)][:1]
    words[-1] = strip_possessive(words[-1])
    if len(words) == 2 and is_generation(words[1]):
        return (family_name_with(words[0], words[1]),)  # Mr Hill Jr.
    return tuple(words)


def family_name_with(name: str, generation: str) -> str:
    """``Hill Jr``: the one word by which the son is found, with the full stop or without."""
    return f"{name} {strip_possessive(generation).rstrip('.')}"


def is_generation(word: str) -> bool:
    """Whether the word tells a son from his father of the same name: ``Jr.``, ``III``."""
    return strip_possessive(word).rstrip(".") in _GENERATIONS


def without_generation(words: tuple[str, ...]) -> tuple[str, ...]:
    """The words of a name without ``Jr.`` at its end."""
    return words[:-1] if len(words) > 1 and is_generation(words[-1]) else words


def strip_possessive(word: str) -> str:
    """``Trump's`` and ``Jones'`` without their ending."""
    for ending in ("'s", "’s"):
        word = word.removesuffix(ending)
    return word.rstrip("'’")


def is_person_name(words: Sequence[str]) -> bool:
    """Whether two to five capitalised words can name a person: none of them is an institution's or a place's word."""
    lists = lexicon()
    words = without_generation(tuple(words))
    if not 2 <= len(words) <= 5 or "&" in words:
        return False
    last = words[-1]
    known = is_first_name(words[0])
    others = words[1 : -1 if last in lists.surname_words else None] if known else words  # Bill Aske, David Steel
    if any(w.rstrip(".") in lists.organisation_words or w in lists.demonyms for w in others) or (
        last in lists.place_words and not known
    ):
        return False
    if all(w.isupper() and len(w) > 2 for w in words) and len(words) > 3:
        return False
    return not (words[0] in lists.place_words and not known and len(words) == 2) and words[0] not in _OPENS_PLACE


def institution_noun(words: Sequence[str]) -> str | None:
    """``Ministry`` for ``Commerce Ministry`` and ``Ministry of Commerce``; None for a name without such a noun."""
    nouns = lexicon().organisation_words
    if len(words) > 1 and words[-1].rstrip(".") in nouns:
        return words[-1].rstrip(".")
    return next((word for word, after in pairwise(words) if word in nouns and after in ("of", "for")), None)


def shown_as_thing(tokens: Sequence[Token], first: int, last: int) -> bool:
    """Whether the words beside the name ``tokens[first:last]`` show that it is no person's.

    ``Name, which``; ``Name, a shipping company``; ``the shipping company Name``; ``an analyst at Name``;
    ``Name said it will``.
    """
    lists = lexicon()
    if is_possessive(tokens[last - 1]):
        return False
    behind = [t.lower for t in tokens[last : last + 8]]
    if behind[:2] == [",", "which"]:
        return True
    if company_behind(tokens, last) is not None or _has_shares(tokens, first, last):
        return True
    if _houses(tokens, first, last) or _is_named_company(tokens, first, last):
        return True
    if ends_company_noun(tokens, first):
        return (
            not behind
            or tokens[last].kind == "punct"
            or behind[0] in lists.verbs
            or behind[0] in PREPOSITIONS
            or behind[0] in AUXILIARIES
        )
    if behind[:1] and behind[0] in lists.verbs and _is_the_company(tokens, last):
        return True
    if last - first == 1 and behind[:1] and behind[0] in lists.verbs and _tells_its_own(behind[1:]):
        return True
    return last - first == 1 and behind[:2] in _ITS_PLANS and len(behind) > 2 and behind[2] in _WILL


def names_tool(tokens: Sequence[Token], run: NameRun) -> bool:
    """Whether the name is that of a thing: ``Acme Group's | CropWatch index``."""
    return run.last < len(tokens) and tokens[run.last].lower in _TOOLS


def _tells_its_own(words: Sequence[str]) -> bool:
    """Whether what is said is about ``its troops``, which no person has: ``Name denies | that its troops``."""
    own = words[1:3] if words[:1] == ["that"] else words[:2]
    return len(own) == 2 and own[0] == "its" and own[1] in _NO_PERSONS


def company_behind(tokens: Sequence[Token], last: int) -> int | None:
    """The token of ``company`` in ``Name, a shipping company``, where the name ends before ``last``; None if none."""
    behind = [t.lower for t in tokens[last : last + 8]]
    if len(behind) < 3 or behind[0] != "," or behind[1] not in ("a", "an", "the"):
        return None
    noun = next((n for n in range(2, len(behind)) if behind[n] in lexicon().company_nouns), 0)
    plain = all(t.kind == "word" and t.lower not in FUNCTION_WORDS for t in tokens[last + 2 : last + noun])
    following = behind[noun + 1] if noun + 1 < len(behind) else ""
    one = noun > 0 and plain and not (is_role(following) or following in lexicon().verbs)  # in Texas, the company said
    return last + noun if one else None


def _has_shares(tokens: Sequence[Token], first: int, last: int) -> bool:
    """Whether the name is on an exchange: ``Shares of Name rose``, ``Name (NASDAQ: NAM)``, ``Name NAM.PA``."""
    of = first - 1
    while of > 1 and first - of < 4 and tokens[of].text.islower() and tokens[of].lower not in ("of", "in"):
        of -= 1  # Shares in salmon farmer | Name
    if of > 0 and tokens[of].lower in ("of", "in") and tokens[of - 1].lower in _SHARES:
        return True
    if is_ticker(tokens[last - 1]):
        return True
    behind = tokens[last : last + 2]
    listed = len(behind) == 2 and behind[0].text == "(" and behind[1].text in _EXCHANGES
    return listed or (bool(behind) and behind[0].lower == "shares")


def _is_the_company(tokens: Sequence[Token], k: int) -> bool:
    """Whether the sentence behind that of token ``k`` goes on with ``The company``."""
    for n in range(k, min(len(tokens) - 2, k + 40)):
        if tokens[n].text == "." or tokens[n].kind == "quote":
            return tokens[n + 1].lower == "the" and is_firm_noun(tokens[n + 2].lower)
        if tokens[n].lower in PERSON_PRONOUNS:
            return False
    return False


def _before_the(tokens: Sequence[Token], first: int) -> int:
    """The token before ``first``, or before the article there."""
    return first - 2 if first > 1 and tokens[first - 1].lower == "the" else first - 1


def _is_named_company(tokens: Sequence[Token], first: int, last: int) -> bool:
    """Whether the name stands in an apposition to a company: ``the venue, (the) Name,``."""
    comma = _before_the(tokens, first)
    if comma < 2 or tokens[comma].text != "," or tokens[last : last + 1] == [] or tokens[last].text not in ",.":
        return False
    noun, opener = tokens[comma - 1].lower, comma - 2
    while opener > 0 and comma - opener < 5 and tokens[opener].text.islower() and not _opens_phrase(tokens[opener]):
        opener -= 1  # the fish farmers' union
    lists = lexicon()
    return (noun in lists.company_nouns or noun in lists.institution_nouns) and _opens_phrase(tokens[opener])


def _opens_phrase(token: Token) -> bool:
    return token.lower in DETERMINERS or token.lower in POSSESSIVES


def _houses(tokens: Sequence[Token], first: int, last: int) -> bool:
    """Whether somebody works there: ``Ann Reed of Name``, ``head of rates at Name``, ``who runs Name``."""
    k = _before_the(tokens, first)
    if k < 1 or (last < len(tokens) and _is_noun(tokens[last])):
        return False
    if tokens[k].lower == "of":
        return _ends_person(tokens, k)
    if tokens[k].lower == "at":
        return _ends_person(tokens, k) or _ends_role(tokens, k)
    return tokens[k].lower in _RUNS and tokens[k - 1].lower == "who"


def _is_noun(token: Token) -> bool:
    """Whether a lower-case word behind a name is the noun that the name only describes: ``the Name rally``."""
    lower = token.lower
    plain = token.kind == "word" and token.text.islower() and not is_adverb(token)
    return plain and lower not in FUNCTION_WORDS and lower not in lexicon().verbs and not lower.endswith("ed")


def _ends_person(tokens: Sequence[Token], end: int) -> bool:
    """Whether the two words before ``end`` are a person's name."""
    words = tokens[end - 2 : end] if end > 1 else []
    return all(is_capital(t) and t.lower not in FUNCTION_WORDS for t in words) and is_person_name(
        [t.text for t in words]
    )


def _ends_role(tokens: Sequence[Token], end: int) -> bool:
    """Whether ``analyst``, ``head of rates`` or ``who covers steel`` stands before ``end``."""
    for k in range(end - 1, max(-1, end - 7), -1):
        token = tokens[k]
        if is_speaker_noun(token.lower) or (token.lower == "who" and k < end - 2):
            return True
        noun = token.kind == "word" and not is_adverb(token) and not token.lower.endswith(("ed", "ing"))
        if not noun or (token.lower in FUNCTION_WORDS and token.lower not in ("of", *ARTICLES)):
            return False
    return False
