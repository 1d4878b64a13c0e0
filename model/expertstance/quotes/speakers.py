"""Turn the words beside a statement into a speaker: full names for surnames, people for pronouns and roles."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import NamedTuple

from expertstance.quotes.introductions import OFFICES_OF, Introduction, after_name, before_name, role_before_comma
from expertstance.quotes.lexicon import lexicon
from expertstance.quotes.names import (
    NameRun,
    ends_company_noun,
    institution_noun,
    is_firm_noun,
    is_person_name,
    name_runs,
    plain_name,
    strip_possessive,
)
from expertstance.quotes.noun_phrases import follows_speaker_noun
from expertstance.quotes.people import Cast, Person
from expertstance.quotes.person_nouns import is_role
from expertstance.quotes.subjects import Subject
from expertstance.quotes.tokens import Token
from expertstance.quotes.words import (
    DETERMINERS,
    FUNCTION_WORDS,
    LINKING_PREPOSITIONS,
    POSSESSIVES,
    SUBJECT_PRONOUNS,
    is_adverb,
    is_capital,
    is_comma,
)
from expertstance.statements import Span, Speaker, SpeakerType

_ENDS_APPOSITION = frozenset(",.;:")
_NEAR = 3000  # code points that a pronoun looks back
_PRONOUN_FORMS = {"his": "he", "her": "she", "their": "they", "its": "it", "our": "we", "my": "i"}
_QUALITIES = frozenset("former senior local top other current leading prominent republican democratic".split())


class Resolved(NamedTuple):
    """A speaker and how sure the resolution is, 0 to 1."""

    speaker: Speaker
    sure: float


class _Focus(NamedTuple):
    """The person whom a sentence was last about: who spoke in it, or else its subject."""

    place: int
    until: int  # one past the sentence
    speaker: Speaker
    person: Person | None
    spoke: bool
    opening: str  # the pronoun with which the reported words begin: "he" in "Name said he would"

    @property
    def gender(self) -> str:
        return self.person.gender if self.person is not None else ""


class Resolver:
    """Resolves subjects in text order; remembers whom the sentences before were about."""

    def __init__(self, text: str, cast: Cast) -> None:
        self._text = text
        self._cast = cast
        self._places = [place for place, _ in cast.mentions]
        self._paragraph = self._sentence_end = 0
        self._topic: str | None = None  # the organisation that the sentence begins with
        self._focus: _Focus | None = None
        self._last_group: Speaker | None = None
        self._group_place = 0
        self._labels: dict[str, str] = {}  # last word of a transcript's label -> the label in full
        self._issuers: dict[str, Speaker] = {}  # "statement" -> who said something in one last
        self._institutions: dict[str, str] = {}  # noun -> the fullest form of the institution that spoke last

    def enter(self, paragraph_start: int, sentence_end: int) -> None:
        """Go on to a sentence that ends at ``sentence_end``."""
        self._paragraph, self._sentence_end, self._topic = paragraph_start, sentence_end, None

    def resolve(self, tokens: Sequence[Token], subject: Subject, *, nested: bool = False) -> Resolved:
        """The speaker that ``subject`` names; whoever is ``nested`` in another's words, the sentence is not about."""
        first, last = subject.first, subject.last
        mention = (tokens[first].start, tokens[last - 1].end)
        lower = _PRONOUN_FORMS.get(tokens[first].lower, tokens[first].lower.split("'")[0])
        if last - first == 1 and lower in SUBJECT_PRONOUNS:
            resolved = self._pronoun(lower, mention, nested=nested)
        else:
            resolved = self._stand_in(tokens, first, last, mention) or self._phrase(tokens, first, last, mention)
        if not nested or resolved.speaker.type != "person":
            opening = next((token.lower for token in tokens[last : last + 4] if token.lower in ("he", "she")), "")
            self._remember(resolved.speaker, mention[0], opening)
        return resolved

    def notice(self, tokens: Sequence[Token], subject: Subject) -> Resolved | None:
        """Take in whom a sentence is about though it reports nothing; None if ``subject`` is no person known."""
        first, last = subject.first, subject.last
        named = any(is_capital(token) for token in tokens[first + 1 : last]) or is_comma(tokens[last])
        institution = any(token.lower in lexicon().institution_nouns for token in tokens[first:last])
        if institution or not (named or last - first <= 2):
            return None
        resolved = self._phrase(tokens, first, last, (tokens[first].start, tokens[last - 1].end))
        speaker = resolved.speaker
        if speaker.type != "person" or speaker.name is None or self._cast.full(tuple(speaker.name.split())) is None:
            return None
        self._remember(speaker, tokens[first].start, spoke=False)
        return resolved

    def expect_it(self, tokens: Sequence[Token], subject: Subject) -> None:
        """Let ``it`` be the organisation with which the sentence begins: ``Name will close, it said``."""
        runs = name_runs(tokens, subject.first, subject.last)
        if len(runs) != 1 or runs[0].last != subject.last:
            return
        words, place = plain_name(tokens, runs[0]), tokens[subject.first].start
        if not words or self._cast.full(words) is not None or self._cast.by_surname(words[-1], place) is not None:
            return
        self._topic = self._organisation_name(tokens, subject.first, runs[0], subject.last)

    def issued(self, noun: str, speaker: Speaker) -> None:
        """Take in that ``speaker`` said something in a ``noun``: in a statement, a letter, a report."""
        if speaker.name is not None:
            self._issuers[noun] = speaker

    def _stand_in(self, tokens: Sequence[Token], first: int, last: int, mention: Span) -> Resolved | None:
        """Who is meant by ``a statement from Name``, ``the statement``, ``the Dutchman`` and ``the 34-year-old``."""
        for k in range(first, last - 2):
            if tokens[k].lower in lexicon().documents and tokens[k + 1].lower in ("from", "by"):
                resolved = self._phrase(tokens, k + 2, last, mention)
                return Resolved(resolved.speaker, 0.95 * resolved.sure)
        noun = tokens[last - 1]
        if last - first != 2 or tokens[first].lower != "the":
            return None
        if noun.lower in self._issuers:
            return Resolved(replace(self._issuers[noun.lower], mention=mention), 0.75)
        if not _is_epithet(noun):
            return None
        if self._focus is not None and mention[0] - self._focus.place < _NEAR:
            return Resolved(replace(self._focus.speaker, mention=mention), 0.75)
        return Resolved(Speaker(self._text[slice(*mention)], None, None, mention, "unnamed"), 0.85)

    def _remember(self, speaker: Speaker, place: int, opening: str = "", *, spoke: bool = True) -> None:
        if speaker.type == "person" and speaker.name:
            person = self._cast.full(tuple(speaker.name.split()))
            self._focus = _Focus(place, max(self._sentence_end, place + 1), speaker, person, spoke, opening)
        elif speaker.name:
            self._last_group, self._group_place = speaker, place

    def _pronoun(self, pronoun: str, mention: Span, *, nested: bool) -> Resolved:
        spoke_here = self._last_group is not None and self._group_place >= self._paragraph
        if pronoun == "it" and self._topic is not None and not spoke_here:
            return Resolved(Speaker(self._topic, None, None, mention, "organisation"), 0.7)
        if pronoun in ("they", "it"):
            if self._last_group is not None:
                return Resolved(replace(self._last_group, mention=mention), 0.6)
            return Resolved(Speaker(None, mention=mention), 0.3)
        if pronoun in ("i", "we", "you"):
            return Resolved(Speaker(None, mention=mention), 0.3)
        gender = _gender(pronoun)
        focus = self._focus
        if focus is not None and focus.gender in ("", gender):
            nearer = self._nearer(focus, mention[0], pronoun, nested=nested)
            if nearer is not None and nearer is not focus.person:
                return Resolved(_speaker(nearer, mention), 0.75)
            if focus.person is not None:
                return Resolved(_speaker(focus.person, mention), 0.85 if focus.spoke else 0.8)
            return Resolved(replace(focus.speaker, mention=mention), 0.75)
        person = self._nearest(mention[0], gender, since=max(0, mention[0] - 1500))
        if person is not None:
            return Resolved(_speaker(person, mention), 0.7)
        return Resolved(Speaker(None, mention=mention, type="person"), 0.3)

    def _nearer(self, focus: _Focus, place: int, pronoun: str, *, nested: bool) -> Person | None:
        """Who stands nearer to the pronoun at ``place`` than the person in focus and fits at least as well.

        Those named in the sentence about that person do not, unless they alone are known to be of the gender, or the
        pronoun is ``nested`` in that person's words (``Name said Other was right when he said …``).
        """
        gender = _gender(pronoun)
        since = focus.place + 1 if nested else focus.until
        nearer = self._nearest(place, gender, since=max(since, self._paragraph))
        if nearer is None and not focus.gender and focus.opening != pronoun:
            beside = self._nearest(place, gender, since=max(focus.place + 1, self._paragraph))
            nearer = beside if beside is not None and beside.gender else None
        return nearer

    def _nearest(self, place: int, gender: str, *, since: int) -> Person | None:
        """The person named last from ``since`` to ``place`` whose gender fits, a known gender before an unknown one."""
        unknown: Person | None = None
        since = max(since, place - _NEAR)
        k = bisect_right(self._places, place) - 1
        while k >= 0 and self._places[k] >= since:
            person = self._cast.mentions[k][1]
            if person.gender == gender:
                return person
            if not person.gender and unknown is None:
                unknown = person
            k -= 1
        return unknown

    def label(self, words: str, mention: Span) -> Resolved:
        """The speaker that a transcript's label such as ``WALLACE:`` names."""
        if words in ("Q", "A"):
            return self._interview(words, mention)
        plain = words.title() if words.isupper() else words
        parts = tuple(plain.split())
        person = self._cast.full(parts) or (self._cast.by_surname(parts[-1], mention[0]) if parts else None)
        if len(parts) == 1:
            plain = self._labels.get(plain, plain)
        self._labels[parts[-1]] = plain
        kind: SpeakerType = "organisation" if parts and parts[-1] in lexicon().organisation_words else "person"
        speaker = _speaker(person, mention) if person is not None else Speaker(plain, mention=mention, type=kind)
        resolved = Resolved(speaker, 0.95)
        self._remember(resolved.speaker, mention[0])
        return resolved

    def _interview(self, label: str, mention: Span) -> Resolved:
        """Who speaks in ``Q:`` and ``A:``: the interviewer is not named, the interviewee was named last."""
        known = self._focus.speaker if self._focus is not None and label == "A" else Speaker(None)
        return Resolved(replace(known, mention=mention), 0.5 if known.name else 0.0)

    def _phrase(self, tokens: Sequence[Token], first: int, last: int, mention: Span) -> Resolved:
        if last - first == 1 and _is_common_plural(tokens[first].lower):
            return self._common_noun(tokens, first, last, last, mention)
        if (pair := self._end_of_first(tokens, first, last)) is not None:
            last = pair
        head = _head_end(tokens, first, last)
        if head < last and (holder := self._office_holder(tokens, first, head, last, mention)) is not None:
            return holder
        if head - first == 1 and head < last and _is_common_plural(tokens[first].lower):
            return self._common_noun(tokens, first, last, head, mention)
        runs = name_runs(tokens, first, head)
        if not runs or runs[-1].last != head:
            return self._common_noun(tokens, first, last, head, mention)
        run = runs[-1]
        definite = tokens[first].lower in DETERMINERS
        called = head - first == 2 and self._is_called(tokens[head - 1].lower, mention[0])  # the YouTuber
        if definite and run.first == first + 1 and (called or _is_office(tokens[head - 1])):
            return self._common_noun(tokens, first, last, head, mention)  # The Prime Minister
        if not _completes_institution(tokens, first, run) and not (definite and run.first == run.name == first + 1):
            person = self._person(tokens, run, mention, alone=len(runs) == 1)
            if person is not None:
                return person
        name = self._organisation_name(tokens, first, run, head)
        return Resolved(Speaker(name, None, None, mention, "organisation"), 0.9)

    def _organisation_name(self, tokens: Sequence[Token], first: int, run: NameRun, last: int) -> str:
        """The words from ``first`` to ``last`` without an article and what only describes the name (``Chipmaker``)."""
        opening = run.first if first < run.first and ends_company_noun(tokens, run.first) else first
        return _plain(self._text[tokens[opening].start : tokens[last - 1].end])

    def _end_of_first(self, tokens: Sequence[Token], first: int, last: int) -> int | None:
        """One past the first name in ``Ruth Carn and (economist) Paul Reed``, where both are persons of the article."""
        if all(token.lower != "and" for token in tokens[first:last]):
            return None
        for run, other in pairwise(name_runs(tokens, first, last)):
            if tokens[run.last].lower == "and" and self._is_known(tokens, run) and self._is_known(tokens, other):
                return run.last
        return None

    def _is_known(self, tokens: Sequence[Token], run: NameRun) -> bool:
        words = plain_name(tokens, run)
        alone = len(words) == 1 and self._cast.by_surname(words[0], tokens[run.first].start) is not None
        return alone or self._cast.full(words) is not None

    def _person(self, tokens: Sequence[Token], run: NameRun, mention: Span, *, alone: bool) -> Resolved | None:
        """The person that a run of capitalised words names, or None if it names something else."""
        words = plain_name(tokens, run)
        if self._cast.is_thing(words) and self._cast.by_surname(words[-1], mention[0]) is None:
            return None
        before, after = before_name(tokens, run.first, run.name), after_name(tokens, run.last)
        if is_person_name(words):
            person = self._cast.full(words)
            if person is not None:
                return Resolved(_speaker(person, mention), 1.0)
            if not alone:
                return None
            role, affiliation = before.role or after.role, before.affiliation or after.affiliation
            return Resolved(Speaker(" ".join(words), role, affiliation, mention, "person"), 1.0)
        if len(words) != 1:
            return None
        titles = [t.text.rstrip(".") for t in tokens[run.first : run.name]]
        person = self._cast.by_short_name(words[0], mention[0], titles)
        if person is not None:
            return Resolved(_speaker(person, mention), 0.97)
        named = words[0] not in lexicon().organisation_words  # three incumbent Democrats
        if titles or (before.role and named):
            return Resolved(Speaker(words[0], before.role, before.affiliation, mention, "person"), 0.95)
        if after.role or _may_be_surname(words[0]):
            return Resolved(Speaker(words[0], after.role, after.affiliation, mention, "person"), 0.9)
        return None

    def _office_holder(
        self, tokens: Sequence[Token], first: int, head: int, last: int, mention: Span
    ) -> Resolved | None:
        """``Ambassador to the United Nations Name Name``: a name behind an organisation's in the office."""
        runs = name_runs(tokens, head, last)
        if not is_capital(tokens[head - 1]) or not runs or runs[-1].last != last:
            return None
        run = runs[-1]
        if tokens[run.name - 1].text not in lexicon().organisation_words:
            return None
        person = self._cast.full(plain_name(tokens, run))
        if person is None:
            return None
        person.learn(Introduction(self._text[tokens[first].start : tokens[run.name - 1].end], None))
        return Resolved(_speaker(person, mention), 0.95)

    def _common_noun(self, tokens: Sequence[Token], first: int, last: int, head: int, mention: Span) -> Resolved:
        lists = lexicon()
        named = self._named_in_apposition(tokens, first, last, mention)
        if named is not None:
            return named
        noun = tokens[head - 1].lower
        raw = self._text[mention[0] : mention[1]]
        definite = tokens[first].lower in ("the", "that", "this") and head - first <= 3
        if definite and (is_role(noun) or (head == last and self._is_called(noun, mention[0]))):
            office = [t.lower for t in tokens[first + 1 : head]]
            person = self._cast.by_role(office, mention[0])
            if person is not None:
                return Resolved(_speaker(person, mention), 0.75)
        if definite and head == last and (organisation := self._cast.organisation(noun, mention[0])) is not None:
            return Resolved(Speaker(organisation, None, None, mention, "organisation"), 0.85)
        affiliation, beyond = None, 0
        knowing = head < last and _tells_knowledge(tokens, head, last)
        if head + 1 < last and _opens_affiliation(tokens, head) and not knowing:
            affiliation = _plain(self._text[tokens[head + 1].start : mention[1]]) or None
        else:
            affiliation, beyond = _owner(tokens, first, head)
        role_first = first + (tokens[first].lower in DETERMINERS or tokens[first].lower in POSSESSIVES)
        role_first = max(role_first, beyond)
        role_last = last if head < last and _tells_field(tokens, head, last) else head
        role = self._text[tokens[role_first].start : tokens[role_last - 1].end] if role_first < head else None
        if noun in lists.institution_nouns:
            name = _plain(raw)
            if definite and head - first == 2 and head == last:
                name = self._institutions.get(noun) or self._company(noun) or name
            elif head - first > 2:
                self._institutions[noun] = name
            return Resolved(Speaker(name, None, None, mention, "organisation"), 0.85)
        return Resolved(Speaker(raw, role if is_role(noun) else None, affiliation, mention, "unnamed"), 0.85)

    def _is_called(self, noun: str, place: int) -> bool:
        """Whether the article introduced a person by the noun, in a list or not: ``Ann Reed, a beachcomber,``."""
        lists = lexicon()
        group = (
            noun in lists.group_nouns - lists.roles_beside_names
            or noun in lists.institution_nouns
            or noun in lists.company_nouns
        )
        return not (group or noun in lists.documents or noun.endswith("s")) and self._cast.is_called(noun, place)

    def _company(self, noun: str) -> str | None:
        """The named organisation that spoke last, for ``the company``; none if it is a ministry or the like."""
        last = self._last_group
        lists = lexicon()
        if not is_firm_noun(noun) or last is None or last.type != "organisation" or last.name is None:
            return None
        words = last.name.split()
        firm = self._cast.is_thing(tuple(words)) or words[-1] in lists.single_word_organisations
        return last.name if firm or (words[0][:1].isupper() and words[-1] in lists.firm_words) else None

    def _named_in_apposition(self, tokens: Sequence[Token], first: int, last: int, mention: Span) -> Resolved | None:
        """``the firm's director, Name Name, said``, ``said the director, Name Name.``: the name in the apposition."""
        if last + 2 >= len(tokens) or tokens[last].text != ",":
            return None
        run = _run_in_apposition(tokens, last + 1)
        if run is None:
            return None
        words = plain_name(tokens, run)
        person = self._cast.full(words)
        place = (mention[0], tokens[run.last - 1].end)
        if person is None and (institution_noun(words) is not None or self._cast.is_thing(words)):
            return Resolved(Speaker(" ".join(words), None, None, place, "organisation"), 0.95)
        if person is None:
            return None
        person.learn(role_before_comma(tokens, first, last))
        return Resolved(_speaker(person, place), 0.95)


def _run_in_apposition(tokens: Sequence[Token], start: int) -> NameRun | None:
    """The name in the apposition at ``start``: ``Name``, ``the Rev Name``, ``retired general Name``, ``Name of X``."""
    end = next(
        (k for k in range(start, min(len(tokens), start + 12)) if tokens[k].text in _ENDS_APPOSITION), len(tokens)
    )
    runs = name_runs(tokens, start, end)
    owner = bool(runs) and tokens[runs[0].last - 1].lower.endswith(("'s", "s'"))  # Lahn's | Nadia Ilkhan
    run = runs[owner] if len(runs) > owner else None
    if run is None or (run.last < end and tokens[run.last].lower not in ("of", "from", "at")):
        return None
    opener = tokens[start : run.first] if not owner else ()
    described = all(
        t.lower == "the" or (t.kind == "word" and t.lower not in FUNCTION_WORDS and not t.lower.endswith("ing"))
        for t in opener
    )
    return run if described and len(opener) <= 4 else None


def _head_end(tokens: Sequence[Token], first: int, last: int) -> int:
    """One past the head: where ``of``, ``for`` and so on begin a complement after a common noun or a person's name."""
    lists = lexicon()
    for k in range(first + 1, last):
        before, lower = tokens[k - 1], tokens[k].lower
        if before.text == "," and lower in ("of", "from"):
            return k - 1
        if lower not in LINKING_PREPOSITIONS or before.kind != "word":
            continue
        if follows_speaker_noun(tokens, first, k - 1):
            return k - 1
        if lower == "of" and before.text.rstrip(".") in lists.titles and k + 2 < last and is_capital(tokens[k + 1]):
            continue  # Secretary of State Name
        if lower == "of" and _is_field_of(tokens, k, last):
            continue  # head of research Name
        common = is_role(before.lower) or _is_common_plural(before.lower)
        in_name = is_capital(before) and lower in ("of", "for", "on") and not common
        if not in_name or is_person_name([t.text for t in tokens[first:k]]):
            return k
    return last


def _is_field_of(tokens: Sequence[Token], k: int, last: int) -> bool:
    """Whether the ``of`` at ``k`` belongs to the office of the person named behind: ``head of research Ann Reed``."""
    runs = name_runs(tokens, k + 1, last)
    if len(runs) != 1 or runs[0].last != last or runs[0].first == k + 1:
        return False
    role = before_name(tokens, runs[0].first, runs[0].name).role
    return role is not None and " of " in role


def _completes_institution(tokens: Sequence[Token], first: int, run: NameRun) -> bool:
    """Whether the run ends ``Ministry of Trade and Industry`` or ``Office for National Statistics``."""
    joint = tokens[run.first - 1].lower
    if run.first - 1 <= first or joint not in ("and", "for") or (joint == "and" and run.last - run.first > 1):
        return False
    return institution_noun([t.text for t in tokens[first : run.first]]) is not None


def _tells_field(tokens: Sequence[Token], k: int, last: int) -> bool:
    """Whether what follows the noun before ``k`` belongs to the office: ``head | of civil aviation``."""
    plain = all(t.kind == "word" and t.text.islower() and t.lower not in DETERMINERS for t in tokens[k:last])
    return tokens[k].lower == "of" and plain and tokens[k - 1].lower in OFFICES_OF


def _opens_affiliation(tokens: Sequence[Token], k: int) -> bool:
    """Whether an organisation follows the preposition at ``k``: ``officials of the bank``, not ``groups of bikers``."""
    if tokens[k].lower not in ("for", "of", "at", "with", "from"):
        return False
    following = tokens[k + 1]
    return is_capital(following) or following.lower in DETERMINERS or following.lower in POSSESSIVES


def _tells_knowledge(tokens: Sequence[Token], head: int, last: int) -> bool:
    """Whether ``with (direct) knowledge of the matter`` follows the noun that ends before ``head``."""
    return any(follows_speaker_noun(tokens, 0, k) for k in range(head + 1, min(last, head + 3)))


def _owner(tokens: Sequence[Token], first: int, head: int) -> tuple[str | None, int]:
    """The affiliation in ``White House officials`` and one past it; None and 0 for ``Several residents``."""
    lists = lexicon()
    first += tokens[first].lower in DETERMINERS
    office = head - 1
    while is_capital(tokens[head - 1]) and office > first and _is_of_office(tokens[office - 1].text):
        office -= 1
    end = first
    while end < office and is_capital(tokens[end]):
        end += 1
    if end == first:
        return None, 0
    word = tokens[first]
    if end - first == 1:
        opens = first == 0 or tokens[first - 1].kind != "word"
        known = (
            word.text in lists.demonyms
            or word.text in lists.place_words
            or word.text in lists.single_word_organisations
            or word.text in lists.organisation_words
            or word.lower.endswith(("'s", "s'"))
            or word.text.isupper()
            or "." in word.text
        )
        if word.lower in FUNCTION_WORDS or is_adverb(word) or word.lower in _QUALITIES or (opens and not known):
            return None, 0
        return lists.demonyms.get(word.text, strip_possessive(word.text)), end
    return strip_possessive(" ".join(t.text for t in tokens[first:end])), end


def _is_office(token: Token) -> bool:
    return token.text in lexicon().titles and is_role(token.lower)


def _is_of_office(word: str) -> bool:
    """Whether a word before a title belongs to the office: ``Prime`` or ``Energy`` before ``Minister``."""
    return word.rstrip(".") in lexicon().titles or word in lexicon().portfolio_words


def _is_common_plural(word: str) -> bool:
    """Whether a word that begins a sentence in capitals is just ``Officials`` or ``Voters``."""
    lists = lexicon()
    return word == "people" or (word.endswith("s") and (word in lists.group_nouns or is_role(word[:-1])))


def _may_be_surname(word: str) -> bool:
    """Whether a lone capitalised word may be a person's name: it is no known place, organisation or nationality."""
    lists = lexicon()
    known = word in lists.organisation_words or word in lists.place_words or word in lists.single_word_organisations
    if known or word.isupper() or word[0].islower() or word in lists.demonyms or word.rstrip("s") in lists.demonyms:
        return False
    return word.lower() not in lists.group_nouns and (word.isalpha() or any(mark in word for mark in "-’'"))


def _is_epithet(token: Token) -> bool:
    """Whether ``the`` and this word stand for a person named before: ``Italian`` and ``Dutchman``, not ``French``."""
    lists = lexicon()
    one = token.text in lists.demonyms and not token.lower.endswith(("ese", "sh", "ch", "ss"))
    return one or token.text in lists.nationals or token.lower.endswith("-year-old")


def _gender(pronoun: str) -> str:
    return "m" if pronoun == "he" else "f"


def _plain(name: str) -> str:
    for article in ("the ", "The ", "a ", "an "):
        name = name.removeprefix(article)
    return name


def _speaker(person: Person, mention: Span | None) -> Speaker:
    return Speaker(person.name, person.role, person.affiliation, mention, "person")
