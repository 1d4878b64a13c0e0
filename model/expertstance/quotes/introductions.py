"""Role and affiliation in the words beside a name: ``Commerce Secretary Name``, ``Name, an economist at Firm,``."""

from collections.abc import Sequence
from itertools import takewhile
from typing import NamedTuple

from expertstance.quotes.lexicon import lexicon
from expertstance.quotes.names import ends_company_noun, office_noun, strip_possessive
from expertstance.quotes.owners import (
    before_house_meant,
    before_other_role,
    behind_being,
    behind_former_office,
    behind_party,
    behind_serving,
    end_of_description,
    end_of_institution,
    end_of_place,
    first_of_owner,
    house_behind,
    is_honoured,
    is_inside_house,
    is_mere_noun,
    join,
    joins_owners,
    names_described,
    names_nearby,
    one_of,
    opens_with_past,
    organisation,
    owner_of_name,
    owns_as_house,
    tells_subject,
    without_age,
    without_article,
)
from expertstance.quotes.portfolios import is_compound, is_of_field, is_purpose, names_firm, without_portfolio
from expertstance.quotes.role_nouns import is_rank, is_role, is_role_or_plural, may_be_role
from expertstance.quotes.tokens import Token
from expertstance.quotes.words import (
    ARTICLES,
    AUXILIARIES,
    CONJUNCTIONS,
    DETERMINERS,
    FUNCTION_WORDS,
    LINKING_PREPOSITIONS,
    POSSESSIVES,
    PREPOSITIONS,
    SUBJECT_PRONOUNS,
    SUBORDINATORS,
    capitals_start,
    is_adverb,
    is_capital,
    is_comma,
    is_first_name,
    is_plain_word,
    is_possessive,
    is_time,
    may_be_past,
)


class Introduction(NamedTuple):
    """What the words beside a name tell: role and affiliation, each None if not given.

    ``house`` is ``company`` of ``an engineer at the company``, whose name stands elsewhere.
    """

    role: str | None = None
    affiliation: str | None = None
    house: str = ""


def before_name(tokens: Sequence[Token], first: int, name: int) -> Introduction:
    """Role and affiliation before a name; ``first`` starts the run of capitalised words, ``name`` the name itself."""
    if (noun := _noun_before_field(tokens, first, name)) is not None:
        return _with_field(tokens, noun, name)
    told = _told_by_place(tokens, first, name)
    start = _first_of_role(tokens, first, told)
    if start == name:
        return Introduction(None, owner_of_name(tokens, name))
    words = _without_titles(without_age(tokens[start:name]))
    if all(t.text.rstrip(".") in _PLAIN_TITLES for t in words):
        return Introduction()
    return _role_and_owner(words, told=told > 0)


def _first_of_role(tokens: Sequence[Token], first: int, told: int) -> int:
    """The first word of the role and its owner, which may begin before the run: ``Tulsa police Chief``."""
    start, limit = first - told, max(0, first - 8)
    role_word, owned = told > 0, False
    while start - 1 >= limit:
        token = tokens[start - 1]
        if token.kind != "word" and not _joins_owner(tokens, start - 1):
            break
        if is_capital(token):
            if start == first or is_time(token) or token.lower in _NEVER_OWNER:
                break
            owned = True
        elif is_role(token.lower):
            role_word = True
        elif not (
            _joins_role(tokens, start - 1, limit)
            or token.lower in _MODIFIERS
            or not (owned or not role_word or _ends_role(token))
        ):
            break
        start -= 1
        if is_possessive(token):
            start = first_of_owner(tokens, start, limit)
            break
    while start < first and tokens[start].lower in CONJUNCTIONS:
        start += 1
    return start


def _joins_role(tokens: Sequence[Token], k: int, limit: int) -> bool:
    """Whether the word at ``k`` is inside a role or its owner: ``Crane | & Sowerby``, ``University | of Lahn``."""
    if tokens[k].text == "&" or is_of_field(tokens, k):
        return True  # Crane & Sowerby | director, Work and | Pensions Secretary
    if tokens[k].lower == "of" and k - 1 >= limit and tokens[k - 1].text in lexicon().organisation_words:
        return True  # University of Lahn | professor
    return tokens[k].lower == "and" and _joins_offices(tokens, k)  # co-founder and | CEO, actress and | activist


def _without_titles(words: Sequence[Token]) -> list[Token]:
    """The words of a role without the titles behind it: ``the manager | Sir``, ``council leader | Cllr``."""
    words = list(words)
    while len(words) > 1 and words[-1].text.rstrip(".") in _BESIDE_ROLES:
        words.pop()  # the manager Sir Tom Hill, Energy Minister Prince Faruk
    ranked = len(words) > 1 and words[-1].text.rstrip(".") in _SHORT_RANKS
    if ranked and is_role(words[-2].lower) and not is_rank(words[-2].text) and words[-2].lower != "freshman":
        words.pop()  # council leader Cllr Tom Hill
    return words


def _joins_offices(tokens: Sequence[Token], k: int) -> bool:
    """Whether one holds both offices: ``co-founder and | CEO Ann Reed``, not ``the mayor and | Senator Reed``."""
    if k == 0 or not is_role(tokens[k - 1].lower) or not is_role(tokens[k + 1].lower):
        return False
    return k == 1 or tokens[k - 2].lower not in ARTICLES


def _noun_before_field(tokens: Sequence[Token], first: int, name: int) -> int | None:
    """The noun of the office whose field stands before a name: ``Minister for Health | Ann Reed``.

    The field may be in small letters (``chair of the committee | Ann Reed``); a title is none (``aide to Mr Reed``).
    """
    field = first
    if first == name:
        if name + 1 >= len(tokens) or not is_first_name(tokens[name].text) or not is_capital(tokens[name + 1]):
            return None
        if ends_company_noun(tokens, name) or tokens[name - 1].lower in _NAMED_BEHIND:
            return None  # director of the charity Ann Reed Trust
        while field > 0 and first - field < _LONGEST_TOLD and _is_plain_noun(tokens[field - 1]):
            field -= 1
    if name + 1 < len(tokens) and tokens[name + 1].text in lexicon().portfolio_words:
        return None  # Coordinator for Health | Information Technology
    return office_noun(tokens, field) if field < name and not _is_of_person(tokens[name - 1]) else None


def is_in_field(tokens: Sequence[Token], first: int, name: int) -> bool:
    """Whether the name belongs to the holder of the office before it, as in ``Minister for Health | Ann Reed``."""
    return _noun_before_field(tokens, first, name) is not None


def _with_field(tokens: Sequence[Token], noun: int, name: int) -> Introduction:
    """Role and affiliation in ``Minister for Coastal Affairs | Name`` and ``Chair of the Harbour Board | Name``."""
    first = capitals_start(tokens, noun) if is_capital(tokens[noun]) else noun
    told = before_name(tokens, first if is_capital(tokens[noun]) else noun + 1, noun + 1)
    field = noun + 2 + (tokens[noun + 2].lower == "the")
    if tokens[noun + 1].lower == "from":
        return told
    if name - field > 1 and tokens[noun + 1].lower != "to" and tokens[name - 1].text in lexicon().organisation_words:
        return told._replace(affiliation=join(tokens[field:name]))
    return told._replace(role=f"{told.role} {join(tokens[noun + 1 : name])}" if told.role else None)


def _is_of_person(token: Token) -> bool:
    """Whether the word before a name is the person's own title, not what an office is for: ``Mayor``, ``Mr``."""
    lists = lexicon()
    plain = token.text.rstrip(".")
    return is_role(token.lower) or (plain in lists.titles and plain not in lists.portfolio_words)


def _joins_owner(tokens: Sequence[Token], k: int) -> bool:
    """Whether the token at ``k`` is the mark in ``Crane & Sowerby``."""
    return tokens[k].text == "&" and k > 0 and is_capital(tokens[k - 1]) and is_capital(tokens[k + 1])


def _told_by_place(tokens: Sequence[Token], first: int, name: int) -> int:
    """How many lower-case words before a full name are a role by where they stand.

    ``said | running back | Ann Reed``, ``the | head of research | Ann Reed``, ``a | teammate | Ann Reed``.
    """
    if first != name or first == 0 or name + 1 >= len(tokens) or not is_capital(tokens[name + 1]):
        return 0
    if first > 2 and tokens[first - 1].lower in _SMALL_NUMBERS and tokens[first - 2].lower == "of":
        return 3 if is_role(tokens[first - 3].lower) else 0  # father of three
    start = first
    while start > 0 and first - start < _LONGEST_TOLD and _is_plain_noun(tokens[start - 1]):
        start -= 1
    count = first - start
    if count and start > 1 and tokens[start - 1].lower == "of" and tokens[start - 2].lower in OFFICES_OF:
        return count + 2
    if count and start > 0 and _is_reporting(tokens[start - 1]):
        return count
    before = tokens[first - 1]
    return int(before.text.islower() and may_be_role(before.lower) and before.lower not in _RELATIONS)


def _is_reporting(token: Token) -> bool:
    """Whether the token is the form of a verb behind which its subject may stand: ``said``, ``recalls``."""
    verb = lexicon().verbs.get(token.lower)
    return verb is not None and "quote" in verb.frames and token.lower != verb.lemma


def _is_plain_noun(token: Token) -> bool:
    """Whether a lower-case word is none of the little words and no verb, time or adverb."""
    lower = token.lower
    if not is_plain_word(token) or lower in FUNCTION_WORDS or lower in lexicon().verbs:
        return False
    return not lower.endswith("ed") and lower not in ("last", "this", "me", "him", "them", "us")


_NAMED_BEHIND = frozenset("organization organisation network campaign".split())
_LONGEST_TOLD = 3
_RELATIONS = frozenset("rival opponent counterpart".split())  # tell nothing without the other one
_SMALL_NUMBERS = frozenset("two three four five six seven".split())
OFFICES_OF = frozenset(
    "head director chief professor dean president vice-president secretary minister manager chair co-head".split()
)


def _ends_role(token: Token) -> bool:
    """Whether a lower-case word before a role is no part of it."""
    lower = token.lower
    if lower in FUNCTION_WORDS or lower in lexicon().verbs or is_time(token):
        return True
    if lower.endswith("ing"):
        return lower.title() not in lexicon().portfolio_words  # housing | spokeswoman
    return lower.endswith("ed") and lower not in _MODIFIERS


_MODIFIERS = frozenset(
    """former then ex acting police fire deputy vice assistant senior junior state interim longtime retired
    outgoing incoming associate presidential vice-presidential press foreign prime finance health education chief
    general federal elected appointed self-described presumptive
    future lifelong talk show pro tem tempore operating financial managing presiding founding""".split()
)
_NEVER_OWNER = DETERMINERS | PREPOSITIONS | POSSESSIVES
_PART_OF_ROLE = frozenset(
    "Republican Democratic Democrat Conservative Tory Labour Liberal Green Senior Former Local Backbench Ruling".split()
)
_PLAIN_TITLES = frozenset(
    """Mr Mrs Ms Miss Sir Dame Lord Lady Baroness Viscount Dr Hon Herr Frau Monsieur Madame Don Señor Senior
    Junior""".split()
)
_LANDS = frozenset("country nation kingdom republic".split())
_BESIDE_ROLES = _PLAIN_TITLES | frozenset("Prince Princess Sheikh Sheikha".split())
_SHORT_RANKS = frozenset("Cllr Cr Clr Rep Sen Gov Prof Rev Col Gen Capt Maj Lt Sgt Cmdr".split())


_SPEAKING_HOUSES = frozenset("ministry embassy".split())


def _role_and_owner(words: list[Token], *, told: bool = False) -> Introduction:
    """Split ``U.S. Commerce Secretary`` or ``Acme spokeswoman`` into affiliation and role.

    ``told`` is a role whose noun need not be in a list.
    """
    if len(words) > 2 and words[-1].lower.startswith("spokes") and words[-2].lower in _SPEAKING_HOUSES:
        return Introduction(words[-1].text, join(words[:-1]))  # Foreign Ministry | spokesman
    if opens_with_past(words) and (present := _role_and_owner(words[1:], told=told)).affiliation:
        return present._replace(role=f"{words[0].text} {present.role}")
    lists = lexicon()
    if len(words) > 1 and owns_as_house(words[0]):
        return _role_and_owner(words[1:], told=told)._replace(house=strip_possessive(words[0].lower))
    owner = 0
    while owner < len(words):
        token = words[owner]
        plain = token.text.rstrip(".")
        if (
            not (
                is_capital(token)
                or token.text in ("&", "of", "for")
                or is_of_field(words, owner)
                or owns_as_house(token)
            )
            or (plain in lists.titles and not names_firm(words, owner) and not is_purpose(words, owner))
            or is_role(token.lower)
        ):
            break
        owner += 1
        if is_possessive(token):
            break
    if owner == len(words):
        return Introduction()
    owner = without_portfolio(words, owner)
    affiliation = strip_possessive(" ".join(t.text for t in words[:owner]))
    owned = owner > 0 and is_possessive(words[owner - 1])
    role_words = [t.text for t in words[owner:]]
    role_words[-1] = one_of(role_words[-1])
    mere = not owned and (affiliation in _PART_OF_ROLE or is_mere_noun(affiliation) or is_compound(affiliation))
    if mere or is_honoured(words[owner]):
        return Introduction(" ".join([affiliation, *role_words]), None)
    if not told and not any(is_role(w.lower().rstrip(".")) or w.rstrip(".") in lists.titles for w in role_words):
        return Introduction()
    if affiliation.endswith(("-based", "-born")):
        affiliation = ""
    return Introduction(" ".join(role_words), lists.demonyms.get(affiliation, affiliation) or None)


def role_before_comma(tokens: Sequence[Token], first: int, last: int) -> Introduction:
    """Role and affiliation in ``the firm's director | , Name``."""
    while first < last and tokens[first].lower in _BEFORE_ROLE | DETERMINERS | POSSESSIVES:
        first += 1  # one of the | family's lawyers
    return _role_at(tokens[first:last])


def after_name(tokens: Sequence[Token], at: int) -> Introduction:
    """Role and affiliation in an apposition behind the name: ``, (age,) a role at Organisation``, from token ``at``."""
    if at >= len(tokens):
        return Introduction()
    k = at
    if (said := behind_being(tokens, k)) is not None:
        told = _role_at(tokens[said : _apposition_end(tokens, said)])
        return told if told.role and told.affiliation else Introduction()
    if not (is_comma(tokens[k]) or tokens[k].text == "("):
        return _of_organisation(tokens, k)
    k += 1
    if k + 1 < len(tokens) and tokens[k].text.isdigit() and is_comma(tokens[k + 1]):
        k += 2
    if k + 1 < len(tokens) and tokens[k].lower == "who":
        if tokens[k + 1].lower in lexicon().role_verbs:
            return role_of_verb(tokens, k + 1)
        if (office := behind_serving(tokens, k + 1)) is not None:
            return _role_at(tokens[office : _apposition_end(tokens, office)])
        if tokens[k + 1].lower not in _BEFORE_ROLE:
            return Introduction(None, _employer(tokens, k + 1))
    if k < len(tokens) and tokens[k].lower in ("of", "from", "with"):
        return Introduction(None, _named_organisation(tokens, k + 1))
    k = behind_party(tokens, k)
    if (now := behind_former_office(tokens, k)) is not None:
        verb = tokens[now].lower in lexicon().role_verbs
        present = role_of_verb(tokens, now) if verb else _role_at(tokens[now : _apposition_end(tokens, now)])
        if present.role and present.affiliation:
            return present
        if (house := _employer(tokens, now)) is not None:  # a former envoy who now teaches at Selm University
            return _role_at(tokens[k + (tokens[k].lower in ARTICLES) : now - 2])._replace(affiliation=house)
    its = k < len(tokens) and tokens[k].lower == "its"
    while k < len(tokens) and (tokens[k].lower in _BEFORE_ROLE or tokens[k].lower in _WHOSE_RELATIVE):
        k += 1
    if k + 1 < len(tokens) and tokens[k].lower == "then" and _is_role(tokens[k + 1]):
        k += 1
    end = _apposition_end(tokens, k)
    if tokens[k - 1].lower == "the" and end < len(tokens) and tokens[end].lower in AUXILIARIES:
        return Introduction()  # For Name, 15, the ban has ended
    told = _role_at(tokens[k:end], article=tokens[k - 1].lower in ("a", "an", "the"))
    if told.role and told.affiliation is None:
        told = told._replace(affiliation=_owner_behind_field(tokens, end), house="it" if its else told.house)
    return told


def _owner_behind_field(tokens: Sequence[Token], comma: int) -> str | None:
    """``Delmont Bank`` in ``vice president|, Retail Lending, at Delmont Bank``, from the comma on."""
    if comma + 2 >= len(tokens) or tokens[comma].text != ",":
        return None
    k = comma + 1
    while k < min(len(tokens) - 1, comma + 6) and is_capital(tokens[k]):
        k += 1
    at = k + (tokens[k].text == "," and k + 1 < len(tokens))
    if k == comma + 1 or at + 1 >= len(tokens) or tokens[at].lower != "at" or not is_capital(tokens[at + 1]):
        return None
    return organisation(tokens[at + 1 : _apposition_end(tokens, at + 1)]) or None


def _employer(tokens: Sequence[Token], k: int) -> str | None:
    """The organisation in ``works for Acme Bank``, ``represents nurses at the union Salve``, from the verb at ``k``."""
    if tokens[k].lower not in _WORKS:
        return None
    end = _apposition_end(tokens, k + 1)
    at = next((n for n in range(k + 1, min(end, k + 5)) if tokens[n].lower in ("for", "at", "with", "in")), end)
    if at == end:
        return None
    direct = at == k + 1 and tokens[at].lower != "in"
    if at + 1 < end and direct and is_capital(tokens[at + 1]):
        return organisation(tokens[at + 1 : end]) or None
    return _named_organisation(tokens, at + 1)


def _named_organisation(tokens: Sequence[Token], k: int) -> str | None:
    """The organisation at ``k`` in ``from the charity Salve``, ``of the Gull Trust``; None in ``of Hull``."""
    lists = lexicon()
    end = _apposition_end(tokens, k)
    article = k < end and tokens[k].lower == "the"
    words = tokens[k + article : end]
    described = end_of_description(words)
    name = organisation(words) if described or (words and is_capital(words[0])) else ""
    parts = name.split()
    known = bool(words) and words[0].text.endswith("-based")  # of Oslo-based Quaymark
    known = known or any(
        p in lists.organisation_words or p in lists.single_word_organisations or p.isupper() for p in parts
    )
    return name if described or known or (article and len(parts) > 1) else None


def _apposition_end(tokens: Sequence[Token], k: int) -> int:
    """One past the apposition that starts at ``k``: it ends at punctuation, a pronoun or a verb."""
    end = k
    verbs = lexicon().verbs
    while end < len(tokens) and end < k + 26:
        token = tokens[end]
        following = tokens[end + 1].lower if end + 1 < len(tokens) else None
        if token.kind == "quote" or (token.kind == "punct" and token.text not in ("&", "/", "-")):
            break
        if (
            token.lower in AUXILIARIES
            or token.lower in ("said", "says")
            or token.lower in SUBORDINATORS
            or token.lower in SUBJECT_PRONOUNS
        ):
            break
        verb = verbs.get(token.lower)
        if verb is not None and not (is_capital(token) or _is_noun(tokens, end)) and verb.particle in (None, following):
            break
        end += 1
    return end


def _is_noun(tokens: Sequence[Token], k: int) -> bool:
    """Whether the form of a verb at ``k`` is a noun: ``head of rates``, ``a rates strategist``."""
    lists = lexicon()
    before, after = tokens[k - 1].lower, tokens[k + 1].lower if k + 1 < len(tokens) else ""
    return tokens[k].lower in lists.noun_like_forms or before in PREPOSITIONS or is_role(after) or after == "tank"


_WORKS = frozenset("works worked represents represented teaches taught volunteers consults".split())
_BEFORE_ROLE = frozenset("who is was a an the one of now".split())
_WHOSE_RELATIVE = POSSESSIVES - {"whose"}  # her neighbour, their lawyer


def role_of_verb(tokens: Sequence[Token], verb: int) -> Introduction:
    """Role and affiliation in ``chairs the parish``; the verb stands at ``verb``."""
    start = verb + 1
    if start >= len(tokens) or tokens[verb].lower not in lexicon().role_verbs:
        return Introduction()
    lower = tokens[verb].lower
    article = tokens[start].lower in DETERMINERS or tokens[start].lower in POSSESSIVES
    end = start = start + article
    if start + 1 < len(tokens) and owns_as_house(tokens[start]) and is_capital(tokens[start + 1]):
        end = start = start + 1  # the government's | Climate Board
    while end < min(len(tokens), start + 6) and tokens[end].kind == "word" and not _ends_organisation(tokens[end]):
        end += 1
    if end == start or not (article or is_capital(tokens[start])):
        return Introduction()
    last = tokens[end - 1]
    institution = last.lower in lexicon().house_nouns or last.lower in _PARTS_OF_INSTITUTION
    if not (institution or last.text in lexicon().organisation_words or (lower == "chairs" and article)):
        return Introduction()
    named = tokens[start + end_of_description(tokens[start:end]) : end]  # the pressure group | Open Sea
    return Introduction(lexicon().role_verbs[lower], join(named))


_PARTS_OF_INSTITUTION = frozenset(
    "unit team division branch section programme program clinic ward laboratory lab centre center practice".split()
)


def _ends_organisation(token: Token) -> bool:
    return not is_capital(token) and (token.lower in FUNCTION_WORDS or token.lower in lexicon().verbs or is_time(token))


_SEATS_OF_LEARNING = frozenset("University College Institute Research".split())


def _of_organisation(tokens: Sequence[Token], k: int) -> Introduction:
    """``Name of Organisation``, ``Name at Firm``."""
    if tokens[k].lower not in ("of", "from", "at") or k + 1 >= len(tokens):
        return Introduction()
    start = k + 1 + (tokens[k + 1].lower == "the")
    name = organisation(tokens[start : start + 9])
    institution = any(word in lexicon().organisation_words for word in name.split())
    firm = name.split()[-1:] and name.split()[-1].rstrip(".") in lexicon().firm_words | _SEATS_OF_LEARNING
    if name and (tokens[k].lower == "of" or (tokens[k].lower == "from" and institution) or firm):
        return Introduction(None, name)
    return Introduction()


def _role_at(words: Sequence[Token], *, article: bool = False) -> Introduction:
    """Split ``senior economist at Firm in City`` into role and affiliation."""
    if not words or _is_doing(words):
        return Introduction()
    words = without_age(words[: before_other_role(words)])
    if (at := before_house_meant(words)) > 0 and (told := _role_at(words[:at], article=article)).role:
        if at + 3 < len(words):
            return told._replace(affiliation=join(words[at + 2 :]))  # for the | trade directorate
        return told._replace(role=f"{told.role} {join(words[at:])}", house=words[-1].lower)
    if opens_with_past(words) and (present := _role_at(words[1:])).affiliation and present.role:
        return present._replace(role=f"{words[0].text} {present.role}")
    house = end_of_institution(words)
    noun = takewhile(lambda t: t.lower not in _ENDS_ROLE_NOUN, words[house : house + 9])
    head = next((n for n, t in enumerate(noun, start=house) if _is_role(t)), None)
    if head is None:
        return Introduction(_plain_apposition(words), None) if article else Introduction()
    employer = _before_employer(words, head)
    if employer is None:
        return _role_behind_owner(words, house, head)
    return _role_before_employer(words, employer)


def _is_doing(words: Sequence[Token]) -> bool:
    """Whether the words tell what somebody does at the time: ``speaking through an interpreter``."""
    behind = words[1].lower if len(words) > 1 and words[0].lower.endswith("ing") else ""
    return behind in PREPOSITIONS or behind in DETERMINERS or behind in POSSESSIVES


def _before_employer(words: Sequence[Token], head: int) -> int | None:
    """The preposition of ``senior economist | at Firm`` behind the role's noun, which stands at ``head``."""
    at = None
    for n in range(head + 1, len(words) - 1):
        lower = words[n].lower
        following = words[n + 1] if words[n + 1].lower != "the" or n + 2 >= len(words) else words[n + 2]
        if lower in ("at", "with") and (is_capital(following) or names_described(words, n + 1)):
            inside = at is not None and is_inside_house(organisation(without_article(words[at + 1 : n])))
            at = at if inside else n
        elif at is None and lower in ("of", "for"):
            named = is_capital(following) and not _goes_on(words, n)
            nearby = words[n + 1].lower in ("the", "a") and names_nearby(words, n + 2)
            at = n if named or nearby or end_of_description(words[n + 1 :]) else None
        if at is None and end_of_place(words, n + 1):
            at = n
    return at


def _role_before_employer(words: Sequence[Token], at: int) -> Introduction:
    """``senior economist`` and ``Firm``, parted by the preposition at ``at``."""
    role = join(words[: at - (words[at - 1].lower == "now")])  # a former judge | now at Firm
    after = at + 1 + (words[at + 1].lower in ("the", "a", "an"))
    owned_by = organisation(words[after:])
    if owned_by in _PART_OF_ROLE:
        owned_by = join(words[after : after + 2])  # leader of the Democratic caucus
    return Introduction(role or None, owned_by or None)


def _role_behind_owner(words: Sequence[Token], house: int, head: int) -> Introduction:
    """``Firm``, if it stands before the role, and ``senior economist``; a ``house`` of several words ends there."""
    lists = lexicon()
    owner, first = _owner_before(words, house, head)
    if owner in _PART_OF_ROLE or is_compound(owner) or is_honoured(words[first]):
        owner, first = "", 0  # the Liberal Democrat MP, a Booker Prize winner
    if owner.endswith("-based") or owner in _LANDS:
        owner = ""
    end = _end_of_role(words, head)
    meant = owner if owner in lists.company_nouns or owner in lists.institution_nouns else ""  # the group's | director
    owner = "" if owner in lists.company_nouns else owner
    owner = owner or house_behind(words, end)
    return Introduction(join(words[first:end]) or None, lists.demonyms.get(owner, owner) or None, meant)


def _owner_before(words: Sequence[Token], house: int, head: int) -> tuple[str, int]:
    """Whose role it is, as ``Firm's`` and ``Acme Energy`` tell before it, or empty; and the role's first word."""
    first = 0
    possessive = next((n for n in range(min(head, 4)) if is_possessive(words[n])), -1)
    while first < head and (first < house or words[first].text not in lexicon().titles):
        named = is_capital(words[first]) or is_of_field(words, first) or joins_owners(words, first)
        if not named and first > max(possessive, house - 1):
            break
        first += 1
        if is_possessive(words[first - 1]):
            return strip_possessive(" ".join(t.text for t in words[:first])), first
    first = max(house, without_portfolio(words, first))
    return " ".join(t.text for t in words[:first]), first


def _end_of_role(words: Sequence[Token], head: int) -> int:
    """One past the role: it ends where a place, a time or a participle with its own preposition follows."""
    for n in range(head + 1, len(words)):
        if tells_subject(words, n):
            continue
        if words[n].lower in _BEHIND_ROLE:
            return n
        before = words[n - 1].lower
        described = may_be_past(words[n]) and before not in DETERMINERS and before not in PREPOSITIONS
        if described and n + 1 < len(words) and words[n + 1].lower in PREPOSITIONS:
            return n - is_adverb(words[n - 1])  # an adviser | (newly) appointed to lead the bank
    return len(words)


def _goes_on(words: Sequence[Token], n: int) -> bool:
    """Whether the preposition at ``n`` tells what the office is for, not whose it is: ``envoy | for Karvel``."""
    return words[n].lower == "for" and words[n - 1].lower in ("envoy", "ambassador", "minister", "mp")


_BEHIND_ROLE = frozenset("in on from during after when where as".split())
_ENDS_ROLE_NOUN = LINKING_PREPOSITIONS | POSSESSIVES | {"by"}  # lives in Selm with her husband


def _plain_apposition(words: Sequence[Token]) -> str | None:
    """A short lower-case apposition whose noun is in no list (``a lock picker``)."""
    end = 0
    while end < len(words) and words[end].lower not in PREPOSITIONS:
        end += 1
    plain = words[:end]
    lists = lexicon()
    if plain and (plain[-1].lower in lists.institution_nouns or plain[-1].lower in lists.company_nouns):
        return None  # Velora, a lobbying group
    nouns = plain[1:] if len(plain) == 2 and plain[0].lower.endswith("ing") else plain  # a running back
    return (
        join(plain) if 0 < end <= 4 and not any(is_capital(t) or is_time(t) or _ends_role(t) for t in nouns) else None
    )


def _is_role(token: Token) -> bool:
    lists = lexicon()
    lower = token.lower
    return is_role_or_plural(lower) or (
        token.text.rstrip(".") in lists.titles and is_capital(token) and lower not in ("commerce", "state", "trade")
    )
