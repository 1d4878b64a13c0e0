"""The cast of an article: every named person, with the role and affiliation that the article gives anywhere."""

import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from operator import itemgetter

from expertstance.quotes.firms import Firms
from expertstance.quotes.introductions import Introduction, after_name, before_name, role_of_verb
from expertstance.quotes.lexicon import lexicon
from expertstance.quotes.mentions import LOOK_BACK, before, last_before, split_at
from expertstance.quotes.names import (
    NameRun,
    family_name_with,
    institution_noun,
    is_generation,
    is_person_name,
    name_runs,
    office_behind_name,
    plain_name,
    shown_as_thing,
    strip_possessive,
    without_generation,
)
from expertstance.quotes.owners import of_counterpart
from expertstance.quotes.person import PAST, Person, gender_of, leads_firm
from expertstance.quotes.person_nouns import Gender, gender_of_noun, is_kin, same_offices
from expertstance.quotes.role_nouns import is_rank, is_role, is_role_or_plural
from expertstance.quotes.set_apart import before_comma
from expertstance.quotes.tokens import Token
from expertstance.quotes.words import (
    ARTICLES,
    DETERMINERS,
    POSSESSIVES,
    capitals_start,
    is_capital,
    is_first_name,
    is_possessive,
    is_time,
)

_VAGUE = frozenset("Ambassador Amb. Chief Prof Prof. Professor Rev Rev.".split())  # one set apart before tells more
_DEGREES = frozenset("Dr Prof Professor".split())  # no office, and any person may have one
_OPENS_APPOSITION = ARTICLES | {"now", "then"}
_BEFORE_FIRST_NAME = frozenset("Sir Dame Lady".split())
_SEATS = frozenset("Airport Theatre Orchestra Exchange Shipyard Tribunal Chamber Diocese".split())
_SOON = 400  # characters
_UNDER = frozenset("deputy vice assistant shadow".split())
_ASKED = frozenset("asked pressed questioned quizzed interviewed challenged".split())
_JOINED_PARTICLE = re.compile(r"^(?:al|el|ad|ar|ash|az)-(?=[A-Z])", re.IGNORECASE)
_ALWAYS_PERSON = frozenset(
    """Mr Mrs Ms Miss Dr Prof Professor Sen Rep Gov Sir Dame Lord Lady Judge Justice Senator Governor Mayor Minister
    Gen Col Capt Lt Sgt King Queen Prince Princess Pope President Chancellor Premier Secretary Baroness Viscount Cr
    Cllr""".split()
)


class Cast:
    """All persons of an article, found by full name, surname or role.

    Feed every paragraph to ``read``, then call ``settle`` once.
    """

    def __init__(self) -> None:
        self._by_name: dict[tuple[str, ...], Person] = {}
        self._by_word: dict[str, list[tuple[int, Person]]] = {}  # surname -> full mentions in text order
        self._by_first_name: dict[str, list[tuple[int, Person]]] = {}
        self._by_family: dict[str, list[Person]] = {}  # surname -> relatives named by first name alone
        self._by_first: dict[str, Person] = {}  # first name -> the only person of that name
        self._shared: set[str] = set()  # surnames of several persons
        self._juniors: set[int] = set()  # persons whose name ends with Jr.
        self._elders: dict[str, Person] = {}  # surname of a Jr. -> the first person of that surname who is none
        self.firms = Firms()
        self._by_role: dict[str, list[tuple[int, Person]]] = {}
        self._loose: list[tuple[int, str, tuple[str, ...], Introduction]] = []
        self._later: list[tuple[int, str, tuple[str, ...], Introduction]] = []  # "Quist is an economist at …"
        self._organisations: dict[str, list[tuple[int, str]]] = {}  # last word of the name -> mentions in text order
        self._full_firms: dict[str, set[str]] = {}  # first word of a firm's name -> its forms of several words
        self._things: set[tuple[str, ...]] = set()  # names that the article shows to be no person's
        self._in_office: set[int] = set()  # places of family names behind an office: "President Osten"
        self.askers: set[int] = set()  # places of names that a pronoun behind does not mean: "Asked by Osten, he"
        self.mentions: list[tuple[int, Person]] = []

    def read(self, tokens: Sequence[Token]) -> None:
        """Take in the names of one paragraph."""
        for run in name_runs(tokens, 0, len(tokens)):
            words = plain_name(tokens, run)
            if _is_asker(tokens, run.first):
                self.askers.add(tokens[run.name].start)
            titles = tuple(t.text for t in tokens[run.first : run.name])
            introduction = before_name(tokens, run.first, run.name)
            if len(words) == 1 and (kin := _kinship(tokens, run)) is not None:
                self._add_relative(words, tokens[run.name].start, kin)
            self.firms.read(tokens, run, words)
            if run.first == run.name and shown_as_thing(tokens, run.name, run.last):
                self._things.add(words)
            if len(words) == 1:
                self._loose.append((tokens[run.name].start, words[0], titles, introduction))
                if _is_in_office(tokens, run):
                    self._in_office.add(tokens[run.name].start)
                if run.last + 1 < len(tokens) and tokens[run.last + 1].lower in _OPENS_APPOSITION:
                    self._later.append((tokens[run.name].start, words[0], titles, after_name(tokens, run.last)))
            if not is_person_name(words):
                first = _first_of_members(tokens, run.first)
                if (noun := institution_noun((*(t.text for t in tokens[first : run.first]), *words))) is not None:
                    name = " ".join((*(t.text for t in tokens[first : run.name]), *words))
                    self._organisations.setdefault(noun.lower(), []).append((tokens[first].start, name))
                continue
            person = self._add(words, tokens[run.name].start, titles)
            self._add_nickname(tokens, run, words, person)
            if introduction.role and (introduction.role in _VAGUE or is_rank(introduction.role)):
                person.learn(before_comma(tokens, run.first, run.last))  # the firm's spokesman, Chief Ann Reed
            person.learn(introduction)
            person.learn(before_comma(tokens, run.first, run.last))
            if not is_possessive(tokens[run.last - 1]):
                person.learn(after_name(tokens, run.last))
                person.learn(role_of_verb(tokens, run.last))
            person.learn(Introduction(None, of_counterpart(tokens, run.first)))
            person.learn(Introduction(office_behind_name(tokens, run)))
            if introduction.role:
                person.gender = gender_of((), introduction.role.split()) or person.gender  # the widow Terry Reed
            if not person.gender and person.role:
                person.gender = gender_of((), person.role.split())

    def _add_relative(self, words: tuple[str, ...], place: int, kin: Introduction) -> None:
        """Let ``Piers`` of ``her son, Piers,`` be a person, who may have the family name of the person named before."""
        known = _key(words) in self._by_name
        person = self._add(words, place, ())
        person.learn(kin)
        noun = (kin.role or "").split()[-1].lower()
        person.gender = person.gender or gender_of_noun(noun)
        owner = self.mentions[-2][1] if len(self.mentions) > 1 else None
        if is_kin(noun) and not known and owner is not None and len(owner.words) > 1:
            self._by_family.setdefault(owner.words[-1], []).append(person)

    def _add(self, words: tuple[str, ...], place: int, titles: Sequence[str]) -> Person:
        generation = words[-1] if is_generation(words[-1]) else None
        key, name, words = _key(words), " ".join(words), without_generation(words)
        person = self._by_name.get(key)
        if person is None:
            person = Person(name, words, family_first=_is_family_first(words))
            self._by_name[key] = person
        elif len(words) > len(person.words):
            person.name, person.words = name, words
        person.gender = person.gender or gender_of(words, titles)
        self._by_word.setdefault(_surname(words[-1]), []).append((place, person))
        if len(words) > 1:
            self._by_first_name.setdefault(words[0], []).append((place, person))
        if generation is not None:
            self._by_word.setdefault(family_name_with(words[-1], generation), []).append((place, person))
        if person.family_first and words[0] != words[-1]:
            self._by_word.setdefault(words[0], []).append((place, person))
        self.mentions.append((place, person))
        return person

    def _add_nickname(self, tokens: Sequence[Token], run: NameRun, words: tuple[str, ...], person: Person) -> None:
        """Let ``Tolly Tolliver`` be ``Anton "Tolly" Tolliver``."""
        for token in tokens[run.name : run.last]:
            if token.quote is not None and token.quote.nickname:
                self._by_name.setdefault((*token.quote.nickname.split(), words[-1]), person)

    def settle(self) -> None:
        """Let surnames count as mentions, add persons known by title and surname only, and index the roles."""
        self._things |= {
            tuple(p.affiliation.split()) for p in self._by_name.values() if p.affiliation and leads_firm(p)
        }
        self._add_middle_names()
        self._drop_things()
        self._add_short_names()
        self._drop_generations()
        self._join_short_forms()
        self._index_names()
        for place, word, titles, introduction in self._loose:
            person = self.by_short_name(word, place, titles) or (None if titles else self.by_first_name(word))
            if (
                person is None
                and titles
                and _surname(word) not in self._by_word
                and (titles[-1].rstrip(".") in _ALWAYS_PERSON or place in self._in_office)
                and word not in lexicon().organisation_words
            ):
                person = self._add((word,), place, titles)
                person.learn(introduction)
            elif person is not None:
                self.mentions.append((place, person))
                if not titles or len(person.words) == 1 or self._may_hold(person, word, place):
                    person.learn(introduction)
                    person.gender = person.gender or gender_of((), titles)
            if person is not None:
                person.called = _office(titles) or person.called
        for place, word, titles, introduction in self._later:
            if (person := self.by_surname(word, place, titles=titles)) is not None:
                person.learn(introduction)
        self.firms.settle(self._things)
        for person in self._by_name.values():
            person.affiliation = self.full_firm(person.affiliation) if person.affiliation else None
        self.mentions.sort(key=itemgetter(0))
        for entry in self.mentions:
            roles = " ".join(entry[1].offices()).replace(".", "")
            for word in {*roles.split(), *roles.replace("-", " ").split()}:
                self._by_role.setdefault(word, []).append(entry)

    def _may_hold(self, person: Person, word: str, place: int) -> bool:
        """Whether the office before the family name at ``place`` is that of ``person``, who has a first name.

        President Lahn need not be the Mia Lahn of the article, unless she is its only Lahn and named before.
        """
        if place not in self._in_office or person.family_first or _surname(word) in self._shared:
            return False
        return self._by_word[_surname(word)][0][0] < place

    def _index_names(self) -> None:
        """Take in who alone has a first name that is nobody's family name, who shares a family name, who is a Jr."""
        known = {id(person) for person in self._by_name.values()}
        self._juniors = {id(p) for p in self._by_name.values() if is_generation(p.name.split()[-1])}
        titled = {word for _, word, titles, _ in self._loose if titles}
        for word, entries in self._by_first_name.items():
            named = {id(person): person for _, person in entries if id(person) in known}
            if len(named) == 1 and word not in titled:
                self._by_first[word] = next(iter(named.values()))
        for word, entries in self._by_word.items() if self._juniors else ():
            elder = next((person for _, person in entries if id(person) not in self._juniors), None)
            if elder is not None:
                self._elders[word] = elder
        self._shared = {word for word, entries in self._by_word.items() if len({id(p) for _, p in entries}) > 1}

    def _drop_things(self) -> None:
        """Forget the persons whose name turned out to be an organisation's."""
        self._things = {
            words
            for words in self._things
            if len(words) == 1 or not (is_first_name(words[0]) or _person_role(self._by_name.get(_key(words))))
        }
        gone = {id(p) for words in self._things if len(words) > 1 and (p := self._by_name.pop(_key(words), None))}
        if gone:
            self.mentions = [entry for entry in self.mentions if id(entry[1]) not in gone]
            for word, entries in self._by_word.items():
                self._by_word[word] = [entry for entry in entries if id(entry[1]) not in gone]

    def _add_short_names(self) -> None:
        """Let ``Pintrel`` be no person where the article names ``Pintrel Systems``."""
        lists = lexicon()
        named = [tuple(name.split()) for entries in self._organisations.values() for _, name in entries]
        firms = [words for words in named if words[-1].rstrip(".") in lists.firm_words]
        self._things |= {words[:1] for words in (*firms, *self._things) if not is_first_name(words[0])}
        titled = {(word,) for _, word, titles, _ in self._loose if titles}
        self._things -= titled  # Mr Pintrel may own a Pintrel Tower
        known = lists.place_words | lists.organisation_words | lists.single_word_organisations | lists.demonyms.keys()
        for words in set(firms):
            seat = words[-1] in _SEATS or words[:1] not in self._things
            if len(words) > 1 and not seat and words[0] not in known:
                self._full_firms.setdefault(words[0], set()).add(" ".join(words))

    def _add_middle_names(self) -> None:
        """Let ``Quispe`` be ``Efraín Quispe Mamani`` unless an Efraín Quispe stands there: then Mamani is no name."""
        families = frozenset(self._by_word)
        for place, person in list(self.mentions):
            words = person.words
            if len(words) != 3 or words[:2] in self._by_name or _surname(words[1]) in families:
                continue
            if (is_first_name(words[0]) or not words[0].isascii()) and _may_be_family_name(words[1]):
                self._by_word.setdefault(words[1], []).append((place, person))

    def _drop_generations(self) -> None:
        """Let ``Ivo Moss Jr.`` be ``Ivo Moss`` unless the article names another man so."""
        for key, person in list(self._by_name.items()):
            plain = _key(without_generation(key))
            if plain != key and plain not in self._by_name:
                self._by_name[plain] = person
                person.name = " ".join(person.words)

    def _join_short_forms(self) -> None:
        """Let ``J. Moss`` be the ``Jane Moss`` whom the article names as well, and ``Van der Laak`` the Joris."""
        merged: dict[int, Person] = {}
        for key, person in list(self._by_name.items()):
            short = without_generation(key)
            if not _may_be_short(short):
                continue
            named = self._by_word.get(_surname(short[-1]), [])
            fuller = next((p for _, p in named if _is_short_for(short, p.words)), None)
            if fuller is not None:
                merged[id(person)] = fuller
                self._by_name[key] = fuller
                fuller.learn(Introduction(person.role, person.affiliation))
        if merged:
            self.mentions = [(place, merged.get(id(p), p)) for place, p in self.mentions]
            for word, entries in self._by_word.items():
                self._by_word[word] = [(place, merged.get(id(p), p)) for place, p in entries]

    def is_thing(self, words: tuple[str, ...]) -> bool:
        """Whether the article shows the name to be an organisation's (``Velora, which insures the fleet``)."""
        return words in self._things

    def is_firm(self, words: tuple[str, ...]) -> bool:
        """Whether the name is a firm's: by its last word, or because the article shows it."""
        lists = lexicon()
        known = words[-1] in lists.single_word_organisations or words[-1].rstrip(".") in lists.firm_words
        other = words[-1] in lists.organisation_words and words[-1] not in lists.firm_words  # Selm University
        return (self.is_thing(words) and not other) or (known and words[0][:1].isupper())

    def full_firm(self, name: str) -> str:
        """``Pintrel Systems`` for ``Pintrel`` where the article names no other firm so; else the name itself."""
        fullest = max(self._full_firms.get(name, ()), key=len, default=name)
        return fullest if all(fullest.startswith(known) for known in self._full_firms.get(name, ())) else name

    def full(self, words: tuple[str, ...]) -> Person | None:
        """The person of that full name; initials do not count."""
        return self._by_name.get(_key(words))

    def by_surname(self, word: str, place: int, *, titles: Sequence[str] = ()) -> Person | None:
        """The person whose surname is ``word``: named in full most often before ``place``, else first after.

        Of persons named equally often it is the one named last. A title must not contradict: no other gender, and, for
        a family name that stands first in the full name, no other office (a Vice Minister Li is not just any Li of the
        article).
        """
        entries = self._by_word.get(_surname(word))
        if not entries:
            return None
        gender = gender_of((), titles)
        office = "" if gender else " ".join(t for t in titles if t not in _DEGREES).lower()
        named_before = [p for _, p in before(entries, place) if _fits(p, word, gender, office)]
        if self._juniors:  # Jr. has to be said of the son
            elder = self._elders.get(_surname(word))
            adults = [p for p in named_before if id(p) not in self._juniors]
            named_before = adults or ([elder] if elder else named_before)
        if not named_before:
            behind = entries[(k := split_at(entries, place)) : k + LOOK_BACK]
            return next((p for _, p in behind if _fits(p, word, gender, office)), None)
        named = Counter(map(id, named_before))
        return max(reversed(named_before), key=lambda person: named[id(person)])

    def by_first_name(self, word: str) -> Person | None:
        """The only person whose full name begins with ``word``: ``Odile`` is Odile Ferrat, if her sister is Sabine.

        There must be a sign that it is a person's: ``Mueller`` is not the Mueller Report.
        """
        person = self._by_first.get(word)
        if person is None or word in lexicon().organisation_words:
            return None
        shared = _surname(person.words[-1]) in self._shared
        return person if is_first_name(word) or _person_role(person) or shared else None

    def is_relative(self, person: Person, surname: str, title: str) -> bool:
        """Whether ``title`` and ``surname`` may name a person known by first name and as somebody's relative."""
        gender = gender_of((), (title,))
        return (
            bool(gender)
            and person.gender in ("", gender)
            and any(p is person for p in self._by_family.get(surname, ()))
        )

    def by_short_name(self, word: str, place: int, titles: Sequence[str]) -> Person | None:
        """The person whom a title and one word name: ``Mr Hill``, and ``Sir Tom`` and ``Dame Ann`` by the first."""
        if titles and titles[-1] in _BEFORE_FIRST_NAME:
            gender = gender_of((), titles[-1:])
            entries = reversed(before(self._by_first_name.get(word, []), place))
            if (person := next((p for _, p in entries if p.gender in ("", gender)), None)) is not None:
                return person
        return self.by_surname(word, place, titles=titles)

    def by_role(self, office: Sequence[str], place: int) -> list[Person]:
        """The persons whose role holds the words ``office``, else just their last one.

        Each as often as named lately before ``place``; who was named last comes first.

        ``boss`` finds a manager too. Another office of the same rank does not do: the prime minister is no minister of
        transport.
        """
        nouns = same_offices(office[-1])
        entries: list[tuple[int, Person]] = []
        for noun in nouns:
            entries += before(self._by_role.get(noun, []), place)
        near = [person for _, person in sorted(entries, key=itemgetter(0), reverse=True)]
        persons = {id(person): person for person in near}.values()
        fitting = [p for p in persons if any(_is_that_office(office, nouns, held.split()) for held in p.offices())]
        exact = [p for p in fitting if any(set(office[:-1]) <= set(held.split()) for held in p.offices())]
        holders = set(map(id, exact or fitting))
        return [person for person in near if id(person) in holders]

    def soon_in_office(self, office: Sequence[str], place: int) -> Person | None:
        """Who is named first a little behind ``place``, by the very office: ``Governor Lars Brekke``."""
        held = self._by_role.get(office[-1], [])
        k = split_at(held, place)
        if k == len(held) or held[k][0] - place > _SOON:
            return None
        person = held[k][1]
        new = not self._is_named_before(person, place)
        return person if new and (person.role or "").lower().split() == list(office) else None

    def _is_named_before(self, person: Person, place: int) -> bool:
        entries = self._by_word.get(_surname(person.words[-1]), [])
        return any(at < place for at, named in entries[:LOOK_BACK] if named is person)

    def is_called(self, noun: str, place: int) -> bool:
        """Whether the person whom ``noun`` tells last before ``place`` was introduced by it: ``Ann Reed, a prop,``."""
        last = last_before(self._by_role.get(noun, []), place)
        return last is not None and (last[1].role or "").lower().split()[-1:] == [noun]

    def fuller_name(self, word: str, place: int) -> str | None:
        """The name of several words that ends in ``word``, named last before ``place``: for ``the Post``."""
        entries = before(self._organisations.get(word.lower(), []), place)
        return next((name for _, name in reversed(entries) if " " in name), None)

    def organisation(self, noun: str, place: int) -> str | None:
        """The organisation named last before ``place`` whose name ends in ``noun`` (``"ministry"``)."""
        last = last_before(self._organisations.get(noun, []), place)
        return last[1] if last is not None else None


def _fits(person: Person, word: str, gender: Gender, office: str) -> bool:
    """Whether neither the gender nor the office that a title tells contradicts ``person``."""
    if gender and person.gender not in ("", gender):
        return False
    other_office = office not in (person.role or "").lower()
    return not (office and other_office and person.family_first and person.words[-1] != word)


def _office(titles: Sequence[str]) -> str:
    """``Vice President`` of the titles before a family name; empty for ``Mr`` and ``Dr``."""
    return "" if gender_of((), titles) else " ".join(title for title in titles if title.rstrip(".") not in _DEGREES)


def _is_that_office(office: Sequence[str], nouns: frozenset[str], role: Sequence[str]) -> bool:
    """Whether ``the president`` may be who has the role: one of the same rank who is not said to be ``former``."""
    past = any(before in PAST and noun.rstrip(".") in nouns for before, noun in pairwise(role))
    holds = any(noun.rstrip(".") in nouns for noun in role)
    return holds and not (past and office[0] not in PAST) and not _is_other_office(office, nouns, role)


def _is_other_office(office: Sequence[str], nouns: frozenset[str], role: Sequence[str]) -> bool:
    """Whether ``prime`` tells one minister from ``transport minister``, or ``deputy`` one mayor from another."""
    lists = lexicon()
    asked, held = (
        {word for word in words if word.title() in lists.portfolio_words or word.title() in lists.titles}
        for words in (office[:-1], role[:-1])
    )
    under = any(before in _UNDER and noun in nouns for before, noun in pairwise(role))
    if under != any(word in _UNDER for word in office[:-1]) or ("prime" in asked and "prime" not in held):
        return True
    return bool(asked and held and not asked & held)


def _first_of_members(tokens: Sequence[Token], first: int) -> int:
    """The first word of ``Milk Growers' Alliance``, whose last run of capitalised words begins at ``first``."""
    if first > 0 and tokens[first - 1].text[-2:] in ("s'", "s’"):
        return capitals_start(tokens, first, max(0, first - 10))
    return first


def _is_asker(tokens: Sequence[Token], first: int) -> bool:
    """Whether the name that starts at ``first`` stands behind ``asked by``."""
    by = next((k for k in range(first - 1, max(0, first - 5), -1) if tokens[k].lower == "by"), 0)
    return by > 0 and tokens[by - 1].lower in _ASKED


def _key(words: tuple[str, ...]) -> tuple[str, ...]:
    plain = tuple(w for w in words if not _is_initial(w))
    return plain if len(plain) > 1 else words


def _may_be_family_name(word: str) -> bool:
    """Whether the word between two names may be the one by which the person goes."""
    return word[0].isupper() and "." not in word and len(word) > 2 and not is_first_name(word)


def _is_initial(word: str) -> bool:
    return len(word) <= 2 and word.endswith(".")


def _may_be_short(key: tuple[str, ...]) -> bool:
    """Whether a name is ``J. Moss`` or ``Van der Moss``."""
    return len(key) > 1 and (key[0].lower() in lexicon().name_particles or all(_is_initial(w) for w in key[:-1]))


def _is_short_for(key: tuple[str, ...], words: tuple[str, ...]) -> bool:
    """Whether the short form ``key`` may stand for the fuller name ``words``."""
    if key[0].lower() in lexicon().name_particles:
        return len(words) > len(key) and [w.lower() for w in words[-len(key) :]] == [w.lower() for w in key]
    return not _is_initial(words[0]) and words[0][0] == key[0][0]


def _kinship(tokens: Sequence[Token], run: NameRun) -> Introduction | None:
    """``son`` where a lone first name stands as in ``her son, Piers,``, ``Their son Piers`` and ``Ann's son Piers``."""
    first = run.first
    if first != run.name or first < 2 or is_possessive(tokens[run.last - 1]):
        return None
    told = before_comma(tokens, first, run.last)
    if told.role:
        noun = first - 2
    elif is_kin(tokens[first - 1].lower):
        noun, told = first - 1, Introduction(tokens[first - 1].lower)
    else:
        return None
    owners = [t.lower for t in tokens[max(0, noun - 2) : noun]]
    owned = any((word in POSSESSIVES and word != "its") or word.endswith("'s") for word in owners)
    return told if owned or (owners[-1:] == ["the"] and is_kin(tokens[noun].lower)) else None


def _is_in_office(tokens: Sequence[Token], run: NameRun) -> bool:
    """Whether an office stands before the one word of a person's name: ``President Osten``, not ``General Election``.

    A capitalised word behind it is a headline's: ``Coach Quits In Anger``.
    """
    lists = lexicon()
    first, word = run.first, strip_possessive(tokens[run.name].text)
    if first == run.name or not is_role(tokens[run.name - 1].lower) or word.isupper():
        return False
    determined = first > 0 and tokens[first - 1].lower in DETERMINERS
    headline = run.last < len(tokens) and is_capital(tokens[run.last]) and not is_time(tokens[run.last])
    plain = word in lists.titles | lists.portfolio_words | lists.place_words | lists.single_word_organisations
    return not (determined or headline or plain or word in lists.demonyms or is_role_or_plural(word.lower()))


def _surname(word: str) -> str:
    """``Tamrani`` for ``al-Tamrani``."""
    return _JOINED_PARTICLE.sub("", word)


def _person_role(person: Person | None) -> bool:
    words = (person.role or "").lower().split() if person is not None else []
    return any(is_role(word) for word in words)


_LONGEST_FAMILY_FIRST = 4  # Nguyen Thi Mai Anh


def _is_family_first(words: tuple[str, ...]) -> bool:
    """Whether the name is of the kind of ``Xi Jinping``: the first word is a family name common in East Asia."""
    lists = lexicon()
    first = words[0]
    return (
        1 < len(words) <= _LONGEST_FAMILY_FIRST
        and first in lists.family_first_surnames
        and not is_first_name(first)
        and words[-1] not in lists.family_first_surnames
    )
