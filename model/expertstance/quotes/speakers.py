"""Turn the words beside a statement into a speaker: full names for surnames, people for pronouns and roles."""

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import NamedTuple

from expertstance.quotes.companies import PRESS_NAMES, Companies, may_be_surname
from expertstance.quotes.epithets import (
    is_description,
    is_introduced,
    is_of_other_party,
    is_owned_member,
    is_several,
    joins_first,
    may_own,
    stands_for_one,
)
from expertstance.quotes.introductions import Introduction, after_name, before_name, is_in_field, role_before_comma
from expertstance.quotes.lexicon import lexicon
from expertstance.quotes.names import (
    NameRun,
    ends_company_noun,
    institution_noun,
    is_firm_noun,
    is_person_name,
    is_quality,
    is_ticker,
    name_runs,
    names_tool,
    plain_name,
    strip_possessive,
)
from expertstance.quotes.owners import before_house, end_of_description, join, without_article
from expertstance.quotes.people import Cast
from expertstance.quotes.person import CENTRAL_BANK, ONLY_FIRM, Person, gender_of_first_name, house_meant, without_house
from expertstance.quotes.person_nouns import (
    end_of_people,
    is_common_plural,
    is_kin,
    names_one,
    same_offices,
)
from expertstance.quotes.pronouns import NEAR, Discourse, Resolved, gender_of_pronoun, speaker_of
from expertstance.quotes.role_nouns import is_role
from expertstance.quotes.speaker_phrases import (
    bare_name,
    belongs_to_complement,
    completes_institution,
    head_end,
    is_described_office,
    is_elsewhere,
    is_office,
    is_seen_paper,
    noun_for_one,
    opens_affiliation,
    own_part,
    owner,
    run_in_apposition,
    stands_for_named,
    tells_field,
    tells_knowledge,
)
from expertstance.quotes.subjects import Subject
from expertstance.quotes.tokens import Token
from expertstance.quotes.words import (
    ARTICLES,
    DETERMINERS,
    POSSESSIVES,
    PREPOSITIONS,
    SUBJECT_PRONOUNS,
    is_capital,
    is_comma,
    is_possessive,
)
from expertstance.statements import Span, Speaker, SpeakerType

_INTERVIEWER = re.compile(
    r"\b(?:[Ii]nterview(?:ed)?|[Qq]uestions) by ([A-Z][\w.'’-]*(?: (?:[A-Z][\w.'’-]*|de|van|von|der|la|al))+)"
)
_CENTRAL_BANK = re.compile(r"(?:\b([A-Z][\w-]+['’]s) )?\bcentral bank\b")
_FAR_BACK = 1000  # characters
_CONTRADICTS = frozenset("denied denies rejected rejects dismissed dismisses disputed declined".split())
_LONGEST_COMPLEMENT = 9
_LONGEST_HOUSE = 4  # words of "Selm's finance ministry"
_LONGEST_REACTION = 7  # tokens of "She shakes her head slowly."
_LOCAL = frozenset("state county city town".split())  # tell one house of that name from another
_LABELS_OF_NOBODY = frozenset("Unidentified Male Female Operator Moderator Interviewer Narrator Audience".split())
_PRESS = frozenset("newspaper magazine".split())  # quoted beside the firms of an article, not one of them
_OPENS_NO_NAME = frozenset("Such Another Other".split())
_PRONOUN_FORMS = {
    **{"his": "he", "her": "she", "their": "they", "its": "it", "our": "we", "my": "i"},
    **{"him": "he", "them": "they", "us": "we", "me": "i"},  # according to him
}


class Phrase(NamedTuple):
    """The words ``tokens[first:last]`` that name a speaker; the head ends before ``head``, a complement may follow."""

    tokens: Sequence[Token]
    first: int
    head: int
    last: int
    mention: Span

    @property
    def noun(self) -> str:
        """The last word of the head: ``minister`` of ``the finance minister of Selm``."""
        return self.tokens[self.head - 1].lower

    @property
    def words(self) -> Sequence[Token]:
        """The tokens up to the end of the head."""
        return self.tokens[self.first : self.head]

    @property
    def office(self) -> list[str]:
        """The words of the head behind its first, in small letters."""
        return [token.lower for token in self.words[1:]]

    @property
    def whole(self) -> bool:
        """Whether no complement follows."""
        return self.head == self.last

    @property
    def definite(self) -> bool:
        """Whether the phrase is ``the minister`` or ``that finance minister``."""
        return self.words[0].lower in ("the", "that", "this") and self.head - self.first <= 3

    @property
    def bare(self) -> bool:
        """Whether it is just ``the company``."""
        return self.definite and self.whole and self.head - self.first == 2

    @property
    def owned(self) -> bool:
        """Whether a name owns it: ``Selm's mayor``."""
        return is_possessive(self.words[0]) and is_capital(self.words[0])


def _as_organisation(name: str, phrase: Phrase, sure: float) -> Resolved:
    return Resolved(Speaker(name, None, None, phrase.mention, "organisation"), sure)


class Resolver:
    """Resolves subjects in text order; remembers whom the sentences before were about."""

    def __init__(self, text: str, cast: Cast) -> None:
        self._text = text
        self._cast = cast
        self._talk = Discourse(cast)
        self._companies = Companies(text, cast, self._talk)
        self._central_banks = _central_banks(text)
        asking = _INTERVIEWER.search(text)
        self._interviewer = asking.group(1).rstrip(".") if asking is not None else None
        self._interviewee: Speaker | None = None
        self._titled: dict[tuple[str, str], Person] = {}  # ("Mr", surname) -> who is called so, but has no full name
        self._labels: dict[str, Speaker] = {}  # last word of a transcript's label -> who that is
        self._issuers: dict[str, Speaker] = {}  # "statement" -> who said something in one last
        self._for_part = -1  # where a sentence is about "Reed, for his part,", of whom no more is told
        self._institutions: dict[str, str] = {}  # noun -> the fullest form of the institution that spoke last
        self._only_named: dict[str, str] = {}  # the same of those that sentences were about

    def enter(self, paragraph_start: int, sentence_end: int) -> None:
        """Go on to a sentence that ends at ``sentence_end``."""
        self._talk.enter(paragraph_start, sentence_end)

    def resolve(
        self,
        tokens: Sequence[Token],
        subject: Subject,
        *,
        nested: bool = False,
        replies: bool = False,
        goes_on: bool = False,
        aside: bool = False,
    ) -> Resolved:
        """The speaker that ``subject`` names; whoever is ``nested`` in another's words, the sentence is not about.

        Nor is it about an unnamed source told as an ``aside``. A pronoun that ``replies`` is not the speaker before, if
        that one asked or told somebody; one that ``goes_on`` is.
        """
        first, last = subject.first, subject.last
        mention = (tokens[first].start, tokens[last - 1].end)
        lower = _PRONOUN_FORMS.get(tokens[first].lower, tokens[first].lower.split("'")[0])
        if last - first == 1 and lower in SUBJECT_PRONOUNS:
            resolved = self._talk.pronoun(lower, mention, nested=nested, replies=replies, goes_on=goes_on)
            noun = self._talk.noun_meant(resolved.speaker)
            told = gender_of_pronoun(lower) if noun else ""
        else:
            told = ""
            resolved = self._stand_in(tokens, first, last, mention) or self._phrase(tokens, first, last, mention)
            noun = noun_for_one(tokens, first, last) if resolved.speaker.type == "unnamed" else ""
            if noun and self._talk.focus is not None and (aside or stands_for_named(tokens, first, last)):
                return resolved
        if not nested or (resolved.speaker.type != "person" and not noun):
            opening = next((token.lower for token in tokens[last : last + 4] if token.lower in ("he", "she")), "")
            self._talk.remember(resolved.speaker, mention[0], opening=opening, noun=noun, told=told)
        return resolved

    def resolve_reacting(self, tokens: Sequence[Token], low: int, high: int) -> Resolved | None:
        """Who is ``She`` of ``She shrugs.``, a sentence so short that it only leads to her words; else None."""
        if high - low > _LONGEST_REACTION or tokens[high - 1].text != ".":
            return None
        return self._talk.pronoun(tokens[low].lower, (tokens[low].start, tokens[low].end), nested=False)

    def take_turn(self, tokens: Sequence[Token], speaker: Speaker, hearer: int | None, *, asked: bool) -> None:
        """Take in that ``speaker`` asked something, or told it to the person whom the words at ``hearer`` name."""
        person = self._hearer_at(tokens, hearer) if hearer is not None else None
        self._talk.take_turn(speaker, person, asked=asked)

    def _hearer_at(self, tokens: Sequence[Token], first: int) -> Speaker | None:
        """Who is told something: a person of the article by name, or ``the president``; not ``reporters``."""
        run = next(iter(name_runs(tokens, first, min(len(tokens), first + _LONGEST_COMPLEMENT))), None)
        if run is not None and run.first == first:
            words, place = plain_name(tokens, run), tokens[first].start
            person = self._cast.full(words) or self._cast.by_surname(words[-1], place)
            return speaker_of(person, None) if person is not None else None
        last = end_of_people(tokens, first, min(len(tokens), first + _LONGEST_COMPLEMENT))
        if last == first or not names_one(tokens, first, last):
            return None
        return self._phrase(tokens, first, last, (tokens[first].start, tokens[last - 1].end)).speaker

    def notice(self, tokens: Sequence[Token], subject: Subject) -> Resolved | None:
        """Take in whom a sentence is about though it reports nothing; None if ``subject`` is no person known."""
        first, last = subject.first, subject.last
        named = any(is_capital(token) for token in tokens[first + 1 : last]) or is_comma(tokens[last])
        institution = any(token.lower in lexicon().institution_nouns for token in tokens[first:last])
        mention = (tokens[first].start, tokens[last - 1].end)
        self._companies.notice(tokens, subject)
        if institution and tokens[last - 1].lower in lexicon().institution_nouns:
            spoken = dict(self._institutions)
            speaker = self._phrase(tokens, first, last, mention).speaker
            if speaker.type == "organisation":  # not a spokesman for the council
                self._talk.notice_organisation(speaker, mention[0])
            self._only_named |= {k: v for k, v in self._institutions.items() if len(v.split()) <= _LONGEST_HOUSE}
            self._institutions = spoken  # "the campaign" is the one that spoke, not one that is only named
        if institution or not (named or last - first <= 2):
            self._notice_unnamed(tokens, subject)
            return None
        resolved = self._phrase(tokens, first, last, mention)
        speaker = resolved.speaker
        if speaker.type == "unnamed":
            self._notice_unnamed(tokens, subject)
            return None
        if speaker.type == "organisation":
            self._talk.notice_organisation(speaker, mention[0])
        if speaker.type != "person" or speaker.name is None:
            return None
        if self._cast.full(tuple(speaker.name.split())) is None:
            if is_introduced(tokens, last, speaker):
                gender = gender_of_first_name(speaker.name)
                self._talk.remember(speaker, mention[0], told=gender, spoke=False)
                return resolved
            if told := own_part(tokens, last):
                self._for_part = mention[0]
                self._talk.remember(speaker, mention[0], told=gender_of_pronoun(told), spoke=False)
                return resolved
            self._talk.notice_stranger(speaker, mention[0])
            return None
        self._talk.remember(speaker, mention[0], spoke=False)
        return resolved

    def _notice_unnamed(self, tokens: Sequence[Token], subject: Subject) -> None:
        """Let ``he`` be the engineer of ``An engineer learned it``, ``they`` those of ``Analysts at Firm see``."""
        first = subject.first
        last = end_of_people(tokens, first, subject.last)
        if last == first:
            return
        place = tokens[first].start
        speaker = self._phrase(tokens, first, last, (place, tokens[last - 1].end)).speaker
        if speaker.type == "person" and speaker.name is not None:
            self._talk.remember(speaker, place, spoke=False)  # the mayor, whose name is known
        if speaker.type != "unnamed":
            return
        noun = noun_for_one(tokens, first, last)
        if not noun:
            if is_common_plural(tokens[head_end(tokens, first, last) - 1].lower):
                self._talk.notice_people(speaker, place)
        elif (person := self._named_behind(tokens, last)) is not None:
            self._talk.remember(speaker_of(person, None), place, spoke=False)
        elif self._talk.focus is None or not (
            stands_for_named(tokens, first, last) or self._talk.is_own(tokens[first].lower, noun)
        ):
            self._talk.turn_to(speaker, place, noun)

    def _named_behind(self, tokens: Sequence[Token], end: int) -> Person | None:
        """Belyk in ``Its ambassador | to Selm, Oksana Belyk, said``; None if no name closes the phrase."""
        comma = end
        while comma < min(len(tokens) - 1, end + _LONGEST_COMPLEMENT) and tokens[comma].kind == "word":
            comma += 1
        plain = all(is_capital(t) or t.lower in PREPOSITIONS or t.lower in DETERMINERS for t in tokens[end:comma])
        run = run_in_apposition(tokens, comma + 1) if plain and tokens[comma].text == "," else None
        return self._cast.full(plain_name(tokens, run)) if run is not None else None

    def expect_it(self, tokens: Sequence[Token], subject: Subject) -> None:
        """Let ``it`` be the organisation with which the sentence begins: ``Name will close, it said``."""
        runs = name_runs(tokens, subject.first, subject.last)
        if len(runs) != 1 or runs[0].last != subject.last or is_quality(tokens[subject.last - 1]):
            return
        words, place = plain_name(tokens, runs[0]), tokens[subject.first].start
        if words[0] in _OPENS_NO_NAME or set(words) <= lexicon().place_words:
            return
        if self._cast.full(words) is not None or self._cast.by_surname(words[-1], place) is not None:
            return
        self._talk.topic = self._organisation_name(tokens, subject.first, runs[0], subject.last)

    def expect_person(self, tokens: Sequence[Token], subject: Subject) -> None:
        """Let ``he`` be the person with which the sentence begins: ``Reed will leave Lahn's cabinet, he said``."""
        runs = name_runs(tokens, subject.first, subject.last)
        if len(runs) == 1 and runs[0].last == subject.last and (words := plain_name(tokens, runs[0])):
            person = self._cast.full(words) or self._cast.by_surname(words[-1], tokens[subject.first].start)
            self._talk.own = person

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
        if is_seen_paper(tokens, first, last):
            return Resolved(Speaker(self._text[slice(*mention)], None, None, mention, "unnamed"), 0.85)
        noun, short = tokens[last - 1], last - first == 2
        definite = tokens[first].lower == "the"
        if definite and short and noun.lower in self._issuers:
            return Resolved(replace(self._issuers[noun.lower], mention=mention), 0.75)
        described = definite and is_description(tokens, first, last)
        person = self._talk.called(noun.lower, mention[0]) if described else None
        if person is not None and not self._cast.by_role((noun.lower,), mention[0]):
            return Resolved(speaker_of(person, mention), 0.65)
        if not stands_for_one(tokens, first, last):
            if not is_owned_member(tokens, first, last):
                return None
            unnamed = Speaker(self._text[slice(*mention)], None, None, mention, "unnamed")
            return self._named_in_apposition(tokens, first, last, mention) or Resolved(unnamed, 0.85)
        focus = self._talk.focus
        if definite and focus is not None and mention[0] - focus.place < NEAR and not is_of_other_party(noun, focus):
            return Resolved(replace(focus.speaker, mention=mention), 0.75)
        return Resolved(Speaker(self._text[slice(*mention)], None, None, mention, "unnamed"), 0.85)

    def label(self, words: str, mention: Span, told: Introduction) -> Resolved:
        """The speaker that a transcript's label such as ``WALLACE:`` names, with what it tells besides."""
        if words in ("Q", "A"):
            return self._interview(words, mention)
        plain = words.title() if words.isupper() else words
        parts = tuple(plain.split())
        person = self._cast.full(parts) or (self._cast.by_surname(parts[-1], mention[0]) if parts else None)
        known = self._labels.get(parts[-1])
        houses = parts[-1:] and (parts[-1] in lexicon().organisation_words or parts[0] == "The")
        kind: SpeakerType = "organisation" if houses and not is_role(parts[-1].lower()) else "person"
        if person is not None:
            person.learn(told)
            speaker = speaker_of(person, mention)
        elif known is not None and plain in (known.name, parts[-1]):
            speaker = replace(known, mention=mention)
        else:
            kind = "unnamed" if parts[0] in _LABELS_OF_NOBODY else kind
            speaker = Speaker(plain, told.role, told.affiliation, mention, kind)
        self._labels[parts[-1]] = speaker
        resolved = Resolved(speaker, 0.95)
        self._talk.remember(resolved.speaker, mention[0])
        return resolved

    def _interview(self, label: str, mention: Span) -> Resolved:
        """Who speaks in ``Q:`` and ``A:``: the interviewer of ``Interview by Name``, and who is introduced before."""
        interviewer = self._interviewer
        if label == "Q":
            known = Speaker(interviewer, type="person" if interviewer else None)
        else:
            self._interviewee = self._interviewee or self._introduced(mention[0], interviewer)
            known = self._interviewee or Speaker(None)
        return Resolved(replace(known, mention=mention), 0.5 if known.name else 0.0)

    def _introduced(self, place: int, interviewer: str | None) -> Speaker | None:
        """Whom the text before ``place`` introduces: the person in focus, else the one named most often, or first."""
        focus = self._talk.focus
        if focus is not None and focus.person is not None and focus.person.name != interviewer:
            return focus.speaker
        named = [person for at, person in self._cast.mentions if at < place and person.name != interviewer]
        if named:
            times = Counter(map(id, named))
            return speaker_of(max(named, key=lambda person: times[id(person)]), None)
        return focus.speaker if focus is not None and focus.speaker.name != interviewer else None

    def _phrase(self, tokens: Sequence[Token], first: int, last: int, mention: Span) -> Resolved:
        if last - first == 1 and is_common_plural(tokens[first].lower):
            return self._common_noun(tokens, first, last, last, mention)
        if (pair := self._end_of_first(tokens, first, last)) is not None:
            last, mention = pair, (mention[0], tokens[pair - 1].end)
        head = head_end(tokens, first, last)
        if head < last and (holder := self._office_holder(tokens, first, head, last, mention)) is not None:
            return holder
        if head - first == 1 and head < last and is_common_plural(tokens[first].lower):
            return self._common_noun(tokens, first, last, head, mention)
        runs = name_runs(tokens, first, head)
        if not runs or runs[-1].last != head:
            return self._common_noun(tokens, first, last, head, mention)
        run = runs[-1]
        definite = tokens[first].lower in DETERMINERS
        short = head - first == 2
        called = short and self._is_called(tokens[head - 1].lower, mention[0])  # the YouTuber
        if definite and short and (office := lexicon().office_abbreviations.get(tokens[head - 1].text)) is not None:
            return self._abbreviated(office, mention)
        if definite and run.first == first + 1 and (called or is_office(tokens[head - 1])):
            return self._common_noun(tokens, first, last, head, mention)  # The Prime Minister
        if is_described_office(tokens, first, head):
            return self._common_noun(tokens, first, last, head, mention)  # The local MP
        if not completes_institution(tokens, first, run) and not (definite and run.first == run.name == first + 1):
            person = self._person(tokens, run, mention, alone=len(runs) == 1)
            if person is not None:
                return person
        name = self._organisation_name(tokens, first, run, head)
        return Resolved(Speaker(name, None, None, mention, "organisation"), 0.9)

    def _abbreviated(self, office: str, mention: Span) -> Resolved:
        """Who is meant by ``the PM`` or ``the MD``, abbreviations of ``office``."""
        person = self._talk.talked_of(self._cast.by_role(office.split(), mention[0]), mention[0])
        if person is not None:
            return Resolved(speaker_of(person, mention), 0.8)
        return Resolved(Speaker(self._text[slice(*mention)], office, None, mention, "unnamed"), 0.85)

    def _organisation_name(self, tokens: Sequence[Token], first: int, run: NameRun, last: int) -> str:
        """The words from ``first`` to ``last`` without an article and what only describes the name (``Chipmaker``)."""
        if last - 1 > run.first and is_ticker(tokens[last - 1]):
            last -= 1
        opening = run.first if first < run.first and ends_company_noun(tokens, run.first) else first
        start = first + (tokens[first].lower == "the")
        if run.first == start + 1 and is_quality(tokens[start]):
            opening = run.first  # the Oslo-based | Nordbank
        elif tokens[start].lower not in _LOCAL:
            opening = max(opening, start + before_house(tokens[start:last]))  # the federal | Centers for Health
        name = bare_name(self._text[tokens[opening].start : tokens[last - 1].end])
        stem = strip_possessive(name)
        if self._cast.is_thing((stem,)):
            return self._cast.full_firm(stem)  # Mercor's claim; Moody's stays
        fuller = self._cast.fuller_name(name, tokens[first].start) if name in PRESS_NAMES else None
        return fuller or name

    def _end_of_first(self, tokens: Sequence[Token], first: int, last: int) -> int | None:
        """One past the first name in ``Ruth Carn and (economist) Paul Reed``, where both are persons of the article.

        Of ``Ruth Carn and other officials``, ``Acme and its partners`` and ``the mayor and his aides`` as well.
        """
        joint = next((k for k in range(first + 1, last - 1) if tokens[k].lower == "and"), None)
        if joint is None:
            return None
        if tokens[joint + 1].text.islower() and joins_first(tokens[joint + 1]):
            runs = name_runs(tokens, first, joint)
            named = bool(runs) and runs[-1].last == joint and not is_several(tokens[joint - 1])
            return joint if named or names_one(tokens, first, joint) else None
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
                self._learn_house(person, mention)
                return Resolved(speaker_of(person, mention), 1.0)
            if not alone:
                return None
            role, affiliation = before.role or after.role, before.affiliation or after.affiliation
            return Resolved(Speaker(" ".join(words), role, affiliation, mention, "person"), 1.0)
        if len(words) != 1 or names_tool(tokens, run):
            return None
        titles = [t.text.rstrip(".") for t in tokens[run.first : run.name]]
        person = self._cast.by_short_name(words[0], mention[0], titles)
        if titles and not self._talk.has_spoken(person):
            relative = self._relative(words[0], titles[-1])
            if relative is not None:
                return Resolved(speaker_of(relative, mention), 0.7)
        if person is not None:
            return Resolved(speaker_of(person, mention), 0.97)
        if not titles and (person := self._cast.by_first_name(words[0])) is not None:
            return Resolved(speaker_of(person, mention), 0.85)
        named = words[0] not in lexicon().organisation_words  # three incumbent Democrats
        if titles or (before.role and named):
            return Resolved(Speaker(words[0], before.role, before.affiliation, mention, "person"), 0.95)
        initials = words[0].isupper() and len(words[0]) > 1  # of AP, who tells it, the role is not
        if (after.role and not initials) or may_be_surname(words[0]):
            return Resolved(Speaker(words[0], after.role, after.affiliation, mention, "person"), 0.9)
        return None

    def _relative(self, surname: str, title: str) -> Person | None:
        """Donald for ``Mr MacPhail`` if Euan MacPhail's father Donald spoke last, and from then on."""
        focus = self._talk.focus
        person = focus.person if focus is not None and focus.spoke else None
        if person is not None and self._cast.is_relative(person, surname, title):
            self._titled[title, surname] = person
        return self._titled.get((title, surname))

    def _office_holder(
        self, tokens: Sequence[Token], first: int, head: int, last: int, mention: Span
    ) -> Resolved | None:
        """``Ambassador to the United Nations Name``, ``Minister for Health Name``: a name behind the office."""
        runs = name_runs(tokens, head, last)
        if not runs or runs[-1].last != last:
            return None
        run = runs[-1]
        at_house = is_capital(tokens[head - 1]) and tokens[run.name - 1].text in lexicon().organisation_words
        if not (at_house or is_in_field(tokens, run.first, run.name)):
            return None
        person = self._cast.full(plain_name(tokens, run))
        if person is None:
            return None
        if at_house:
            person.learn(Introduction(self._text[tokens[first].start : tokens[run.name - 1].end], None))
        return Resolved(speaker_of(person, mention), 0.95)

    def _common_noun(self, tokens: Sequence[Token], first: int, last: int, head: int, mention: Span) -> Resolved:
        """Who a phrase with a common noun for its head is: the first of the ways to tell that finds somebody."""
        phrase = Phrase(tokens, first, head, last, mention)
        return (
            self._named_in_apposition(tokens, first, last, mention)
            or (self._talk.unnamed_again(phrase.noun, mention) if phrase.bare else None)
            or self._holder_of_office(phrase)
            or self._holder_soon_named(phrase)
            or self._on_own_part(phrase)
            or self._organisation_called(phrase)
            or self._institution(phrase)
            or self._unnamed(phrase)
        )

    def _holder_of_office(self, phrase: Phrase) -> Resolved | None:
        """Who is ``the mayor``, ``Selm's mayor``: a person of the article with that role."""
        noun, place = phrase.noun, phrase.mention[0]
        called = len(same_offices(noun)) > 1 or (phrase.whole and self._is_called(noun, place))
        if not (phrase.definite or phrase.owned) or not (is_role(noun) or called):
            return None
        holders = [
            person
            for person in self._cast.by_role(phrase.office, place)
            if not is_elsewhere(phrase.tokens, phrase.head, phrase.last, person) and may_own(phrase.words, person)
        ]
        person = self._talk.talked_of(holders, place)
        return Resolved(speaker_of(person, phrase.mention), 0.8) if person is not None else None

    def _holder_soon_named(self, phrase: Phrase) -> Resolved | None:
        """Who is ``its finance minister``, named a little behind with that very office."""
        told = phrase.owned or phrase.definite or phrase.tokens[phrase.first].lower == "its"
        if not (told and phrase.whole and is_role(phrase.noun)):
            return None
        person, place = self._cast.soon_in_office(phrase.office, phrase.mention[0]), phrase.mention[0]
        if person is None or not may_own(phrase.words, person) or not self._is_told_of(person, place):
            return None
        return Resolved(speaker_of(person, phrase.mention), 0.75)

    def _on_own_part(self, phrase: Phrase) -> Resolved | None:
        """Reed for ``the minister`` behind ``Reed, for his part,``, of whom no more is told."""
        focus, noun = self._talk.focus, phrase.noun
        if not (phrase.definite and phrase.whole and is_role(noun)) or focus is None or focus.place != self._for_part:
            return None
        return Resolved(replace(focus.speaker, role=noun, mention=phrase.mention), 0.7)

    def _organisation_called(self, phrase: Phrase) -> Resolved | None:
        """What ``the ministry``, ``the charity``, ``the agency`` and ``the company`` mean, by name."""
        noun, place = phrase.noun, phrase.mention[0]
        if not (phrase.definite and phrase.whole):
            return None
        if (organisation := self._cast.organisation(noun, place)) is not None:
            before = self._talk.organisation_before(place) or ""  # the Department of Work | and Pensions
            return _as_organisation(before if before.startswith(f"{organisation} and ") else organisation, phrase, 0.85)
        spoken = noun in self._institutions
        if not spoken and (named_so := self._companies.described(noun, place)) is not None:
            return _as_organisation(named_so, phrase, 0.8)
        if phrase.bare and not spoken and (spoke := self._companies.spoke_last(noun, place)) is not None:
            return _as_organisation(spoke, phrase, 0.75)
        if not is_firm_noun(noun):
            return None
        plain = phrase.bare or phrase.tokens[phrase.head - 2].lower.endswith("-based")  # not the shipping company
        firm = self._companies.company(place, lead=plain)
        told = firm is not None and (noun not in _PRESS or PRESS_NAMES & set(firm.split()))
        return _as_organisation(firm, phrase, 0.75) if firm is not None and told else None

    def _institution(self, phrase: Phrase) -> Resolved | None:
        """``Selm's finance ministry``, and ``the ministry`` if that spoke or was named."""
        noun, length = phrase.noun, phrase.head - phrase.first
        if noun not in lexicon().institution_nouns:
            return None
        name = bare_name(self._text[slice(*phrase.mention)])
        if phrase.bare:
            name = self._institutions.get(noun) or self._only_named.get(noun) or name
        elif length > 2:
            self._institutions[noun] = name
        return _as_organisation(name, phrase, 0.85)

    def _unnamed(self, phrase: Phrase) -> Resolved:
        tokens, first, head, last, mention = phrase
        role, affiliation = self._role_and_house(tokens, first, last, head, mention)
        told = role if is_role(phrase.noun) else None
        return Resolved(Speaker(self._text[slice(*mention)], told, affiliation, mention, "unnamed"), 0.85)

    def _role_and_house(
        self, tokens: Sequence[Token], first: int, last: int, head: int, mention: Span
    ) -> tuple[str | None, str | None]:
        """Role and affiliation that the phrase of an unnamed speaker tells, or what stands before it."""
        lists, noun = lexicon(), tokens[head - 1].lower
        affiliation, own_first, own_last = None, 0, 0
        part = noun in DETERMINERS or noun == "percent"  # one of the people
        knowing = head < last and (part or is_kin(noun.removesuffix("s")) or tells_knowledge(tokens, head, last))
        if head + 1 < last and opens_affiliation(tokens, head) and not knowing:
            described = end_of_description(without_article(tokens[head + 1 : last]))  # the utility | Nordlink
            start = head + 1 + described + (described > 0 and tokens[head + 1].lower in ARTICLES)
            affiliation = bare_name(self._text[tokens[start].start : mention[1]]) or None
            if affiliation in lists.company_nouns or affiliation in lists.institution_nouns:
                affiliation = self._house(affiliation, mention) or affiliation  # a spokesman for the council
        else:
            affiliation, own_first, own_last = owner(tokens, first, head)
        if affiliation is None and head == last and head - first < 4:
            affiliation = self._house_left_out(tokens, first, head, mention)
            own_first, own_last = (0, head - 1) if affiliation is not None else (own_first, own_last)
        affiliation = self._cast.full_firm(affiliation) if affiliation is not None else None
        if affiliation is not None and noun in lists.documents and self._names_person(affiliation, mention[0]):
            affiliation = None  # Orne's letter
        role_first = first + (tokens[first].lower in DETERMINERS or tokens[first].lower in POSSESSIVES)
        role_last = last if head < last and tells_field(tokens, head, last) else head
        role = join([*tokens[role_first:own_first], *tokens[max(role_first, own_last) : role_last]]) or None
        return role, affiliation

    def _house_left_out(self, tokens: Sequence[Token], first: int, head: int, mention: Span) -> str | None:
        """Whose ``A spokesman`` or ``a company spokeswoman`` is, as what stands before tells."""
        if head - first == 2:
            bare = tokens[first].lower in ("a", "the") and tokens[first + 1].lower.startswith("spokes")
            bare = bare and not (head < len(tokens) and tokens[head].lower in _CONTRADICTS)  # Salve's charge
            return self._talk.organisation_of_paragraph() if bare else None
        noun = tokens[head - 2].lower
        house = noun in lexicon().company_nouns or noun in lexicon().institution_nouns
        return self._house(noun, mention) if house and head - first == 3 and is_role(tokens[head - 1].lower) else None

    def _names_person(self, name: str, place: int) -> bool:
        words = tuple(name.split())
        return self._cast.full(words) is not None or self._cast.by_surname(words[-1], place) is not None

    def _is_told_of(self, person: Person, place: int) -> bool:
        """Whether the text just before ``place`` names the person's affiliation, if there is one."""
        return person.affiliation is None or person.affiliation in self._text[max(0, place - NEAR) : place]

    def _is_called(self, noun: str, place: int) -> bool:
        """Whether the article introduced a person by the noun, in a list or not: ``Ann Reed, a beachcomber,``."""
        lists = lexicon()
        group = (
            noun in lists.group_nouns - lists.roles_beside_names
            or noun in lists.institution_nouns
            or noun in lists.company_nouns
        )
        return not (group or noun in lists.documents or noun.endswith("s")) and self._cast.is_called(noun, place)

    def _named_in_apposition(self, tokens: Sequence[Token], first: int, last: int, mention: Span) -> Resolved | None:
        """``the firm's director, Name Name, said``, ``said the director, Name Name.``: the name in the apposition."""
        if last + 2 >= len(tokens) or tokens[last].text != ",":
            return None
        run = run_in_apposition(tokens, last + 1)
        if run is None:
            return None
        words = plain_name(tokens, run)
        person = self._cast.full(words)
        place = (mention[0], tokens[run.last - 1].end)
        if person is None and (institution_noun(words) is not None or self._cast.is_thing(words)):
            return Resolved(Speaker(" ".join(words), None, None, place, "organisation"), 0.95)
        if person is None or belongs_to_complement(tokens, first, last, run, person):
            return None
        person.learn(role_before_comma(tokens, first, last))
        if tokens[first].lower == "its" and person.affiliation is None:
            owner_meant = self._talk.pronoun("it", mention, nested=False).speaker  # Its president, Name
            person.learn(Introduction(None, owner_meant.name if owner_meant.type == "organisation" else None))
        self._learn_house(person, mention)
        return Resolved(speaker_of(person, place), 0.95)

    def _learn_house(self, person: Person, mention: Span) -> None:
        """Let the house that is meant where the person speaks first be the affiliation that is told by no name."""
        if person.affiliation in (None, person.house) and (noun := house_meant(person)):
            person.house = ""
            if (house := self._house(noun, mention)) is not None:
                person.affiliation, person.role = house, without_house(person.role, noun)

    def _house(self, noun: str, mention: Span) -> str | None:
        """What ``the company`` or ``its`` means at ``mention``."""
        if noun == "it":
            meant = self._talk.pronoun("it", mention, nested=False).speaker
            return meant.name if meant.type == "organisation" else self._companies.company(mention[0])
        if noun == CENTRAL_BANK:
            k = bisect_right(self._central_banks, mention[0], key=lambda entry: entry[0])
            place, bank = self._central_banks[k - 1] if k else (mention[0] - _FAR_BACK, "")
            return bank if mention[0] - place < _FAR_BACK else None
        if noun == ONLY_FIRM:
            firm, firms = self._companies.company(mention[0]), self._cast.firms
            spoke = self._talk.group.name if self._talk.group is not None else None
            about = self._talk.firm_of_paragraph()
            alone = firms.only(mention[0]) or firms.lead(mention[0]) or ""
            return firm if firm in (about, spoke, alone, self._cast.full_firm(alone)) else None
        named_so = self._companies.described(noun, mention[0]) or self._cast.organisation(noun, mention[0])
        named_so = named_so or self._institutions.get(noun)
        return named_so or (self._companies.company(mention[0]) if is_firm_noun(noun) else None)


def _central_banks(text: str) -> list[tuple[int, str]]:
    """Where ``Selm's central bank`` and ``the central bank`` stand, with the name, which lasts until the next owner."""
    found, name = [], ""
    for match in _CENTRAL_BANK.finditer(text):
        owned = match.group(1) is not None and match.group(1)[:-2].lower() not in lexicon().time_words
        name = match.group(0) if owned else name or "central bank"
        found.append((match.start(), name))
    return found
