"""The word lists of the extraction rules, read once from ``lexicon.json`` beside this module.

Reporting verbs, speech nouns, titles, role words and name lists are data: to add a verb, add a line to the file.
"""

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any


@dataclass(frozen=True, slots=True)
class Verb:
    """A reporting verb.

    Attributes:
        lemma: The plain form, for instance ``"warn"``.
        frames: What the verb may take: ``clause`` (that …), ``that`` (nothing else of a clause), ``bare`` (a clause
            without that), ``quote``, ``person`` (the hearer as object), ``object`` (an object whose wording is the
            statement, as in "called the plan …"), ``as`` (such an object only where a quote follows "as": "rejected
            the plan as …"); ``document``: only papers and figures do it ("the survey showed").
        particle: Word that must follow (``"out"`` in "pointed out"), or None.
    """

    lemma: str
    frames: frozenset[str]
    particle: str | None

    @property
    def only_object(self) -> bool:
        """Whether the verb takes nothing but an object (``slammed the plan``)."""
        return "object" in self.frames and self.frames <= {"object", "as"}


@dataclass(frozen=True, slots=True)
class Lexicon:
    """All word lists; every set holds the words in the case in which they are compared."""

    verbs: dict[str, Verb]
    noun_like_forms: frozenset[str]
    speech_nouns: frozenset[str]
    aside_participles: frozenset[str]  # open a remark of the reporter's behind a statement: "shrugging off warnings"
    effect_participles: frozenset[str]  # do so with one of effect_nouns: "sending its shares down"
    effect_nouns: frozenset[str]
    aside_nouns: frozenset[str]  # stand in apposition to a statement: "a claim that …"
    role_heads: frozenset[str]
    ranks: frozenset[str]  # in small letters: roles beside which any other tells more, "colonel", "billionaire"
    roles_beside_names: frozenset[str]  # words that are a role beside a full name only: "prop" in "Prop Ann Reed"
    not_roles: frozenset[str]  # words with the ending of a role that are none: "shortlist", "water"
    group_nouns: frozenset[str]
    institution_nouns: frozenset[str]
    speaker_nouns: frozenset[str]  # role heads and group nouns
    titles: frozenset[str]
    male_names: frozenset[str]
    female_names: frozenset[str]
    male_titles: frozenset[str]
    female_titles: frozenset[str]
    first_name_words: frozenset[str]  # first names that are a verb or a month as well
    family_first_surnames: frozenset[str]
    name_particles: frozenset[str]
    name_suffixes: frozenset[str]  # what may follow a name, without a full stop: "OBE", "Jr"
    office_suffixes: frozenset[str]  # those of name_suffixes that tell an office: "MP"
    demonyms: dict[str, str]
    office_abbreviations: dict[str, str]  # behind "the": "PM" -> "prime minister"
    nationals: frozenset[str]  # nouns for one person: "Spaniard", "Democrat"
    male_nouns: frozenset[str]  # "father"; those in -man besides are not listed
    female_nouns: frozenset[str]
    epithets: frozenset[str]  # what an article calls a person whom it has named: "the striker"
    documents: frozenset[str]  # what is issued: "statement" in "the statement said"
    organisation_words: frozenset[str]
    firm_words: frozenset[str]  # those of organisation_words that end the name of a company
    surname_words: frozenset[str]  # those of organisation_words that are family names too: "Steel", "Day"
    portfolio_words: frozenset[str]  # what an office is for: "Harbour" in "Harbour Commissioner"
    role_verbs: dict[str, str]  # "chairs" -> "chair"
    company_nouns: frozenset[str]
    house_nouns: frozenset[str]
    place_words: frozenset[str]
    single_word_organisations: frozenset[str]
    time_words: frozenset[str]


@cache
def lexicon() -> Lexicon:
    """The lexicon, read on first use."""
    raw: dict[str, Any] = json.loads(files(__package__).joinpath("lexicon.json").read_text(encoding="utf-8"))
    verbs = {
        form: Verb(entry["lemma"], frozenset(entry["frames"]), entry.get("particle"))
        for entry in raw.pop("verbs")
        for form in entry["forms"]
    }
    lists: dict[str, Any] = {
        name: words if isinstance(words, dict) else frozenset(words) for name, words in raw.items()
    }
    derived = {
        "verbs": verbs,
        "speaker_nouns": lists["role_heads"] | lists["group_nouns"],
        "house_nouns": lists["company_nouns"] | lists["institution_nouns"],
        "organisation_words": lists["organisation_words"] | lists["firm_words"],
        "place_words": lists["place_words"] | frozenset(raw["demonyms"].values()),
    }
    return Lexicon(**(lists | derived))
