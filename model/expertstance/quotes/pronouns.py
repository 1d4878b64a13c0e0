"""Whom a pronoun means: the state of the discourse, sentence by sentence, and the people whom it is about."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from expertstance.quotes.people import Cast
from expertstance.quotes.person import Person
from expertstance.quotes.person_nouns import (
    Gender,
    gender_of_noun,
    is_asker,
    is_epithet,
    is_kin,
    is_person_noun,
    is_told_about,
)
from expertstance.statements import Span, Speaker

NEAR = 3000  # code points that a pronoun looks back
_NEAR_BEFORE = 600  # and how far to whom the text was about before it came to another person
_WITHOUT_GENDER = frozenset("source spokesperson person official insider".split())  # whom an article calls "they"
_NEAR_NAMED = 1500  # and how far to somebody who is only named


class Resolved(NamedTuple):
    """A speaker and how sure the resolution is, 0 to 1."""

    speaker: Speaker
    sure: float


class Focus(NamedTuple):
    """The person whom a sentence was last about: who spoke in it, or else its subject."""

    place: int
    until: int  # one past the sentence
    speaker: Speaker
    person: Person | None
    spoke: bool
    opening: str  # the pronoun with which the reported words begin: "he" in "Name said he would"
    noun: str = ""  # what an unnamed person is called: "engineer"
    told: Gender = ""  # by the pronoun that was found to mean the person

    @property
    def gender(self) -> Gender:
        """What is known of the person's gender, by name, title or the noun: ``f`` for ``a spokeswoman``."""
        known = self.person.gender if self.person is not None else gender_of_noun(self.noun)
        return known or self.told


class Discourse:
    """Remembers in text order whom the sentences were about, who spoke, and who asked whom."""

    def __init__(self, cast: Cast) -> None:
        self._cast = cast
        self._places = [place for place, _ in cast.mentions]
        self._paragraph = self._sentence_end = 0
        self.focus: Focus | None = None
        self.topic: str | None = None  # the organisation that the sentence begins with
        self.own: Person | None = None  # the person with which the words of the sentence begin
        self.thing: tuple[int, str] | None = None  # where a sentence was about a name that is no known person's
        self.firm: tuple[int, str] | None = None  # where a sentence was about a known firm, or somebody of it
        self.group: Speaker | None = None  # who spoke last that is no single person
        self._group_place = -1
        self._before: Focus | None = None  # whom the text was about before it came to the person in focus
        self._people: Speaker | None = None  # the people whom a sentence was about, though they said nothing
        self._people_place = -1
        self._organisation: Speaker | None = None  # the same of an organisation
        self._organisation_place = -1
        self._spoken: set[str] = set()
        self._about: dict[str, int] = {}  # person's name -> the last sentence that was about the person
        self._turn: tuple[Speaker, Speaker | None] | None = None  # who asked or told whom something

    def enter(self, paragraph_start: int, sentence_end: int) -> None:
        """Go on to a sentence that ends at ``sentence_end``."""
        self._paragraph, self._sentence_end, self.topic, self.own = paragraph_start, sentence_end, None, None

    def remember(
        self, speaker: Speaker, place: int, *, opening: str = "", noun: str = "", told: Gender = "", spoke: bool = True
    ) -> None:
        """Let the sentence at ``place`` be about ``speaker``, an unnamed person called ``noun``, or a group."""
        if speaker.name and (noun or speaker.type == "person"):
            person = self._cast.full(tuple(speaker.name.split())) if not noun else None
            if self.focus is not None and self.focus.speaker.name != speaker.name:
                self._before = self.focus
            self.focus = Focus(place, max(self._sentence_end, place + 1), speaker, person, spoke, opening, noun, told)
            self._about[speaker.name] = place
            if spoke:
                self._spoken.add(speaker.name)
        elif speaker.name:
            self.group, self._group_place = speaker, place

    def notice_people(self, speaker: Speaker, place: int) -> None:
        """Take in the people whom a sentence is about at ``place``, for ``they``."""
        self._people, self._people_place = speaker, place

    def notice_organisation(self, speaker: Speaker, place: int) -> None:
        """Take in the organisation that a sentence is about at ``place``, for ``it``."""
        self._organisation, self._organisation_place = speaker, place

    def notice_stranger(self, speaker: Speaker, place: int) -> None:
        """Take in a name of which only its surname is told: who spoke before is in focus, nobody unnamed any longer."""
        if speaker.name in self._spoken:
            self.remember(speaker, place, spoke=False)
        elif self.focus is not None and self.focus.noun:
            self.focus = self._before = None

    def turn_to(self, speaker: Speaker, place: int, noun: str) -> None:
        """Let a sentence be about an unnamed person who may speak next: no reporter, no victim of whom others tell."""
        told_about = is_told_about(noun) and self.focus is not None and self.focus.spoke
        if not is_asker(noun) and not told_about:
            self.remember(speaker, place, noun=noun, spoke=False)

    def is_own(self, owner: str, noun: str) -> bool:
        """Whether ``his brother`` is only told of the person in focus, so that ``he`` stays that person."""
        focus, gender = self.focus, {"his": "m", "her": "f"}.get(owner, "")
        known = focus is not None and focus.person is not None and focus.gender in ("", gender)
        return known and is_kin(noun) and gender_of_noun(noun) == gender

    def take_turn(self, speaker: Speaker, hearer: Speaker | None, *, asked: bool) -> None:
        """Take in that ``speaker`` asked something or told it to ``hearer``; that nobody did, with neither."""
        self._turn = (speaker, hearer) if asked or hearer is not None else None

    def talked_of(self, mentions: Sequence[Person], place: int) -> Person | None:
        """Of the persons of ``mentions``, the last one first: whom the text just was about, else who is named most.

        Whom no sentence was about is only named in passing, so comes last.
        """
        if not mentions:
            return None
        about = max(mentions, key=lambda person: self._about.get(person.name, -1))
        if place - self._about.get(about.name, -NEAR) < _NEAR_BEFORE:
            return about
        named = Counter(map(id, mentions))
        return max(mentions, key=lambda person: (person.name in self._about, named[id(person)]))

    def has_spoken(self, person: Person | None) -> bool:
        """Whether the text has reported words of the person so far."""
        return person is not None and person.name in self._spoken

    def thing_of_paragraph(self) -> str | None:
        """The name that a sentence of the paragraph was about since the last group spoke: ``Zipp struck a …``."""
        fresh = self.thing is not None and self.thing[0] >= max(self._paragraph, self._group_place)
        return self.thing[1] if self.thing is not None and fresh else None

    def organisation_of_paragraph(self) -> str | None:
        """The organisation that spoke in the paragraph or that a sentence of it was about, the last one."""
        spoke = self.group if self.group is not None and self.group.type == "organisation" else None
        told = [(self._group_place, spoke), (self._organisation_place, self._organisation)]
        place, last = max((entry for entry in told if entry[1] is not None), key=lambda e: e[0], default=(-1, None))
        return last.name if last is not None and place >= self._paragraph else self.firm_of_paragraph()

    def firm_of_paragraph(self) -> str | None:
        """The firm that a sentence of the paragraph was about since the last group spoke."""
        if self.firm is not None and self.firm[0] >= max(self._paragraph, self._group_place):
            return self.firm[1]
        return self.thing_of_paragraph()

    def firm_of_sentence(self, place: int) -> str | None:
        """The firm that a sentence before ``place`` was about since the last group spoke."""
        if self.firm is not None and self._group_place <= self.firm[0] and place - self.firm[0] < _NEAR_NAMED:
            return self.firm[1]
        return self.thing_of_paragraph()

    def organisation_before(self, place: int) -> str | None:
        """The organisation that spoke last, if that was shortly before ``place``."""
        spoke = (
            self.group is not None and self.group.type == "organisation" and place - self._group_place < _NEAR_BEFORE
        )
        return self.group.name if self.group is not None and spoke else None

    def called(self, noun: str, place: int) -> Person | None:
        """Who is ``the striker`` at ``place``: the person in focus, unless the article tells a different role.

        That is one of the paragraph or, if the person spoke, of shortly before.
        """
        focus = self.focus
        if focus is None or focus.person is None or not is_epithet(noun):
            return None
        if focus.place < self._paragraph and not (focus.spoke and place - focus.place < _NEAR_BEFORE):
            return None
        fits = gender_of_noun(noun) in ("", focus.gender) or not focus.gender
        return focus.person if fits and focus.person.role is None else None

    def unnamed_again(self, noun: str, mention: Span) -> Resolved | None:
        """``the spokesman`` at ``mention``: the unnamed one whom the text just was about (``A spokesman said``)."""
        focus = self.focus
        if focus is None or focus.noun != noun or mention[0] - focus.place > _NEAR_BEFORE:
            return None
        return Resolved(replace(focus.speaker, mention=mention), 0.75)

    def noun_meant(self, speaker: Speaker) -> str:
        """What the unnamed person is called that a pronoun was found to mean."""
        if speaker.type != "unnamed":
            return ""
        known = (focus for focus in (self.focus, self._before) if focus is not None)
        heard = next((word for word in reversed((speaker.name or "").lower().split()) if is_person_noun(word)), "")
        return next((focus.noun for focus in known if focus.speaker.name == speaker.name), heard)

    def pronoun(
        self, pronoun: str, mention: Span, *, nested: bool, replies: bool = False, goes_on: bool = False
    ) -> Resolved:
        """Who is meant by a pronoun that stands at ``mention``.

        It may be ``nested`` in another's words; if it ``replies``, it is not the speaker who asked or told something;
        if it ``goes_on``, it is who spoke.
        """
        if goes_on and not nested and (same := self._same_speaker(pronoun, mention)) is not None:
            return same
        if pronoun in ("he", "she"):
            answering = self._answering(pronoun, mention) if replies else None
            return answering or self._one_person(pronoun, mention, nested=nested)
        if pronoun == "it":
            return self._organisation_meant(mention)
        people, group = self._people, self.group
        here = self._people_place >= self._paragraph and group is not None and group.type == "organisation"
        if people is not None and (here or self._people_place > self._group_place):
            group = people
        if pronoun == "they" and (several := self._several_told_of()) is not None:
            return Resolved(replace(several, mention=mention), 0.55)
        if pronoun == "they" and (one := self._one_unnamed(mention)) is not None:
            return one
        if pronoun == "they" and group is not None:
            return Resolved(replace(group, mention=mention), 0.6)
        return Resolved(Speaker(None, mention=mention), 0.3)

    def _same_speaker(self, pronoun: str, mention: Span) -> Resolved | None:
        """Who is ``he`` of ``He added`` and ``He also said``: the person in focus, if it spoke in the paragraph."""
        focus = self.focus
        if pronoun not in ("he", "she") or focus is None or not focus.spoke or focus.place < self._paragraph:
            return None
        fits = focus.gender in ("", gender_of_pronoun(pronoun))
        return Resolved(replace(focus.speaker, mention=mention), 0.8) if fits else None

    def _one_unnamed(self, mention: Span) -> Resolved | None:
        """Who is ``they`` behind ``A source said``: that one, if the paragraph tells of no group since."""
        focus = self.focus
        if focus is None or focus.noun not in _WITHOUT_GENDER or not focus.spoke:
            return None
        here = focus.place >= self._paragraph and focus.place > max(self._group_place, self._people_place)
        return Resolved(replace(focus.speaker, mention=mention), 0.55) if here else None

    def _several_told_of(self) -> Speaker | None:
        """The organisation of several (``Name Advocates``) that a sentence of the paragraph is about, if none spoke."""
        told = self._organisation if self._organisation_place >= self._paragraph else None
        spoke_here = max(self._group_place, self._people_place) >= self._paragraph
        several = told is not None and (told.name or "").endswith("s") and not (told.name or "").endswith("ss")
        return told if several and not spoke_here else None

    def _organisation_meant(self, mention: Span) -> Resolved:
        """Who is ``it``: the organisation of the paragraph that spoke, or that a sentence is about; else who spoke."""
        spoke_here = self.group is not None and self._group_place >= self._paragraph
        if self.topic is not None and not spoke_here:
            return Resolved(Speaker(self.topic, None, None, mention, "organisation"), 0.7)
        if self._organisation is not None and self._organisation_place >= self._paragraph and not spoke_here:
            return Resolved(replace(self._organisation, mention=mention), 0.6)
        if not spoke_here and (thing := self.thing_of_paragraph()) is not None:
            return Resolved(Speaker(thing, None, None, mention, "organisation"), 0.55)
        if self.group is not None:
            return Resolved(replace(self.group, mention=mention), 0.6)
        return Resolved(Speaker(None, mention=mention), 0.3)

    def _one_person(self, pronoun: str, mention: Span, *, nested: bool) -> Resolved:
        """Who is ``he``: the person in focus or one nearer, else whom the text was about before, or names last."""
        gender = gender_of_pronoun(pronoun)
        focus = self.focus
        fades = focus is not None and bool(focus.noun) and not focus.spoke and mention[0] - focus.place > _NEAR_BEFORE
        if focus is not None and not fades and focus.gender in ("", gender):
            nearer = self._nearer(focus, mention[0], pronoun, nested=nested)
            if nearer is not None and nearer is not focus.person:
                return Resolved(speaker_of(nearer, mention), 0.75)
            if focus.person is not None:
                return Resolved(speaker_of(focus.person, mention), 0.85 if focus.spoke else 0.8)
            return Resolved(replace(focus.speaker, mention=mention), 0.75)
        before = self._focus_before(mention[0], gender)
        person = self._nearest(mention[0], gender, since=before.until if before else max(0, mention[0] - _NEAR_NAMED))
        if person is not None and (own := self._own_of(gender)) is not None:
            return Resolved(speaker_of(own, mention), 0.75)
        if before is not None and (person is None or (before.noun and person.gender != gender)):
            return Resolved(replace(before.speaker, mention=mention), 0.65)
        if person is not None:
            return Resolved(speaker_of(person, mention), 0.7)
        return Resolved(Speaker(None, mention=mention, type="person"), 0.3)

    def _answering(self, pronoun: str, mention: Span) -> Resolved | None:
        """Who answers with ``she replied``: the hearer of who spoke before, or whom the text was about before that."""
        if self._turn is None:
            return None
        (speaker, hearer), gender = self._turn, gender_of_pronoun(pronoun)
        near = (f for f in (self.focus, self._before) if f is not None and mention[0] - f.place < _NEAR_BEFORE)
        for other in (hearer, *(focus.speaker for focus in near)):
            if other is None or other.name is None or other.name == speaker.name:
                continue
            person = self._cast.full(tuple(other.name.split()))
            noun = self.noun_meant(other)
            if (person.gender if person is not None else gender_of_noun(noun)) in ("", gender):
                return Resolved(replace(other, mention=mention), 0.75 if other is hearer else 0.65)
        nearest = self._nearest(mention[0], gender, since=max(0, mention[0] - _NEAR_NAMED))
        if nearest is not None and nearest.name != speaker.name:
            return Resolved(speaker_of(nearest, mention), 0.6)
        return Resolved(Speaker(None, mention=mention, type="person"), 0.3) if speaker.type == "unnamed" else None

    def _focus_before(self, place: int, gender: Gender) -> Focus | None:
        """Whom the text was about before it came to the person in focus, if not far back and of a fitting gender."""
        before = self._before
        if before is None or before.gender not in ("", gender):
            return None
        return before if place - before.place < (_NEAR_BEFORE if before.noun else _NEAR_NAMED) else None

    def _nearer(self, focus: Focus, place: int, pronoun: str, *, nested: bool) -> Person | None:
        """Who stands nearer to the pronoun at ``place`` than the person in focus and fits at least as well.

        Those named in the sentence about that person do not, unless they alone are known to be of the gender, or the
        pronoun is ``nested`` in that person's words (``Name said Other was right when he said …``).
        """
        gender = gender_of_pronoun(pronoun)
        since = focus.place + 1 if nested else focus.until
        nearer = self._nearest(place, gender, since=max(since, self._paragraph))
        if nearer is None and not focus.gender and focus.opening != pronoun:
            beside = self._nearest(place, gender, since=max(focus.place + 1, self._paragraph))
            nearer = beside if beside is not None and beside.gender else None
        return self._own_of(gender) or nearer if nearer is not None else None

    def _own_of(self, gender: Gender) -> Person | None:
        """The person with which the words of the sentence begin, if the gender fits: ``Reed will go, he said``."""
        return self.own if self.own is not None and self.own.gender in ("", gender) else None

    def _nearest(self, place: int, gender: str, *, since: int) -> Person | None:
        """The person named last from ``since`` to ``place`` whose gender fits.

        One of a known gender comes before one of an unknown one, unless only the latter is named in the paragraph.
        """
        unknown: Person | None = None
        unknown_place = -1
        since = max(since, place - NEAR)
        k = bisect_right(self._places, place) - 1
        while k >= 0 and self._places[k] >= since:
            person = self._cast.mentions[k][1]
            if self._places[k] in self._cast.askers:
                k -= 1
                continue
            if person.gender == gender:
                nearer = unknown is not None and self._places[k] < self._paragraph <= unknown_place
                return unknown if nearer else person
            if not person.gender and unknown is None:
                unknown, unknown_place = person, self._places[k]
            k -= 1
        return unknown


def gender_of_pronoun(pronoun: str) -> Gender:
    """``m`` for ``he``, ``f`` for ``she``; empty for ``they``."""
    return "m" if pronoun == "he" else "f" if pronoun == "she" else ""


def speaker_of(person: Person, mention: Span | None) -> Speaker:
    """The person as a speaker, with what the article tells of role and affiliation."""
    return Speaker(person.name, person.role, person.affiliation, mention, "person")
