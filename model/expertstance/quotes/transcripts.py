"""Lines of transcripts, interviews and earnings calls: which paragraphs have a label, and whom it names."""

import re
from typing import NamedTuple

from expertstance.quotes.introductions import Introduction
from expertstance.quotes.lexicon import lexicon
from expertstance.quotes.paragraphs import WORD, Paragraph
from expertstance.quotes.role_nouns import is_role
from expertstance.quotes.words import ARTICLES, CONJUNCTIONS, PREPOSITIONS
from expertstance.statements import Span

_ASIDE = r"(?: \([^)]{1,40}\))?"
_CAPITAL_LABEL = re.compile(
    rf"[\"“]?(?P<name>(?:[A-Z][A-Z.'’-]+)(?: [A-Z][A-Z.'’-]+){{0,3}}|[QA]){_ASIDE}(?:, (?P<told>[^:a-z]{{2,60}}?))?"
    rf"{_ASIDE}(?::|(?<=[QA])(?<![^\s\"“].)\.)(?:\s(?=\S)|$)"
)
_PARTICLES = "de|da|di|del|der|den|van|von|la|le|al|bin|af"
_NAME = rf"(?P<name>[A-Z][\w'’-]+(?: (?:[A-Z][\w.'’-]+|{_PARTICLES})){{0,4}})"
_DASH = re.compile(" (?:--|—|–) ")
_NAME_LABEL = re.compile(rf"{_NAME}(?:{_DASH.pattern}(?P<told>[^:.!?]{{2,80}}))?:\s(?=[^\s\"“„«‘'])")
_HEADER = re.compile(rf"{_NAME}(?:{_DASH.pattern}(?P<told>[^:.!?]{{2,80}}))?")
_OPERATOR = "Operator"
_ENDS_WORDS = re.compile(r"[.?!…][)\]”\"]?\s*$")
_HEADINGS = frozenset(
    """NOTE NOTES UPDATE UPDATED CORRECTION BREAKING WATCH READ LISTEN MORE PHOTO PHOTOS VIDEO RELATED TICKETS WHO WHAT
    WHEN WHERE WHY HOW CLAIM FACT FACTS VERDICT RATING SOURCE CONTACT""".split()
)
_FIRST_PERSON = re.compile(r"\b(?:I|[Ww]e|[Mm]y|[Oo]ur|me|us)\b")
_SEVERAL = 3
_FIRST = 20  # labels looked for in the text, which keeps the time linear
_SHORT = 3  # letters up to which a word in capitals may be an acronym


class Label(NamedTuple):
    """Who speaks in a paragraph: code points of the name, where the words begin, what the label adds to the name."""

    name: Span
    words: int
    told: str = ""


def transcript_labels(text: str, paragraphs: list[Paragraph]) -> dict[int, Label]:
    """Where somebody speaks by a label (``NAME: words``): paragraph start -> label.

    A label counts if it is in capitals or is ``Q``/``A``, and at least two labelled paragraphs are there, a label of
    which comes back, adds a role or names somebody whom the text names too: ``TICKETS:`` and ``NOTE:`` are headings of
    a list. Without them, names in small letters count, if one comes back. ``Name -- Role`` on a line of its own opens a
    turn of all paragraphs up to the next such line.
    """
    found = _headed_turns(text, paragraphs) or _capital_labels(text, paragraphs)
    if not found:
        return _name_labels(text, paragraphs)
    if any(text[slice(*label.name)] not in ("Q", "A") for label in found.values()):
        return found
    return {} if _explains(text, paragraphs, found) else _asked_by_name(text, paragraphs, found)


def introduction(told: str) -> Introduction:
    """Role and house of ``CNN HOST``, ``WATER AUTHORITY`` and ``Belmar Bank -- Analyst``."""
    told = _in_small_letters(told) if told.isupper() else told
    parts = [part for part in _DASH.split(told) if part and part != "Byline"]
    role = next((part for part in parts if _tells_role(part)), None)
    return Introduction(role, next((part for part in parts if part != role), None))


def _in_small_letters(words: str) -> str:
    links = ARTICLES | PREPOSITIONS | CONJUNCTIONS
    return " ".join(
        word.lower() if word.lower() in links else word if len(word) <= _SHORT else word.title()
        for word in words.split()
    )


def _tells_role(words: str) -> bool:
    return any(is_role(word.lower()) for word in WORD.findall(words))


def _headed_turns(text: str, paragraphs: list[Paragraph]) -> dict[int, Label]:
    """The paragraphs behind lines such as ``Name -- Chief Executive``, if one comes back or there is an operator."""
    heads = {
        p.start: match
        for p in paragraphs
        if (match := _HEADER.fullmatch(text, p.start, p.end)) is not None
        and (_tells_role(match["told"] or "") or match["name"] == _OPERATOR)
    }
    names = [match["name"] for match in heads.values()]
    if len(names) < 2 or (len(set(names)) == len(names) and _OPERATOR not in names):
        return {}
    found: dict[int, Label] = {}
    head = None
    for p in paragraphs:
        if p.start in heads:
            head = heads[p.start]
        elif head is not None and p.kind == "body" and _ENDS_WORDS.search(text[p.start : p.end]):
            found[p.start] = Label(head.span("name"), p.start, head["told"] or "")
    return found


def _capital_labels(text: str, paragraphs: list[Paragraph]) -> dict[int, Label]:
    """The labels of ``WALLACE: Did he?``, ``ANN REED, HOST: Did he?`` and ``Q. Did he?``."""
    found: dict[int, Label] = {}
    bodies = [p for p in paragraphs if p.kind == "body"]
    for p, after in zip(bodies, [*bodies[1:], None], strict=False):
        match = _CAPITAL_LABEL.match(text, p.start, p.end)
        if match is None or match["name"] in _HEADINGS or (match["told"] and " " not in match["name"]):
            continue
        label = Label(match.span("name"), match.end(), match["told"] or "")
        if match.end() < p.end:
            found[p.start] = label
        elif after is not None and label.told:
            found[after.start] = label._replace(words=after.start)
    names = [text[slice(*label.name)] for label in found.values()]
    if "Q" not in names:  # A. Reed
        found = {start: label for start, label in found.items() if text[slice(*label.name)] != "A"}
    last_words = [name.split()[-1] for name in names]
    spoken = len(set(last_words)) < len(last_words) or "Q" in names or any(_is_named(text, n) for n in names[:_FIRST])
    told = [label.told for label in found.values() if label.told]
    told_by_role = len(told) > 1 and any(map(_tells_role, told))
    return found if len(found) >= 2 and (spoken or told_by_role) else {}


def _explains(text: str, paragraphs: list[Paragraph], found: dict[int, Label]) -> bool:
    """Whether the paper answers its own questions: nobody says ``I`` or ``we`` in several answers."""
    answers = [text[p.start : p.end] for p in paragraphs if p.start in found and text[p.start] == "A"]
    return len(answers) >= _SEVERAL and not any(map(_FIRST_PERSON.search, answers))


def _asked_by_name(text: str, paragraphs: list[Paragraph], asked: dict[int, Label]) -> dict[int, Label]:
    """``Q:`` and ``A:`` behind ``The Ledger: …`` and ``Name: …`` are theirs."""
    first = min(asked)
    named = {start: label for start, label in _names_in_small_letters(text, paragraphs).items() if start < first}
    names = {text[slice(*label.name)]: label.name for label in named.values()}
    if len(names) != 2:
        return asked
    turns = dict(zip("QA", names.values(), strict=True))
    return named | {start: label._replace(name=turns[text[slice(*label.name)]]) for start, label in asked.items()}


def _names_in_small_letters(text: str, paragraphs: list[Paragraph]) -> dict[int, Label]:
    """Every paragraph that begins like ``Falk Weber: It will not``."""
    return {
        p.start: Label(match.span("name"), match.end(), match["told"] or "")
        for p in paragraphs
        if p.kind == "body"
        and (match := _NAME_LABEL.match(text, p.start, p.end)) is not None
        and (match["told"] is None or _tells_role(match["told"]))
        and _is_running(text[match.end() : p.end])
    }


def _name_labels(text: str, paragraphs: list[Paragraph]) -> dict[int, Label]:
    """The labels of ``Falk Weber: It will not.``, if Weber has another turn; a line-up or ``Price: $5`` is nobody's.

    Two that tell a role (``Falk Weber -- Chief Executive: It will not.``) need no other turn.
    """
    found = _names_in_small_letters(text, paragraphs)
    turns: dict[str, list[str]] = {}
    for label in found.values():
        name = text[slice(*label.name)]
        turns.setdefault(name.split()[-1], []).append(name)
    names = [name for name in list(turns)[:_FIRST] if _may_have_turns(text, name)]
    known = {name for name in names if " " in turns[name][0] or _is_named(text, name)}
    repeated = {name for name in names if len(turns[name]) > 1}
    if not known & repeated and sum(bool(label.told) for label in found.values()) < 2:
        return {}
    kept = known | repeated
    return {start: label for start, label in found.items() if text[slice(*label.name)].split()[-1] in kept}


def _is_running(words: str) -> bool:
    """Whether the words behind a label are a sentence: closed, and mostly in small letters."""
    found = WORD.findall(words)
    return bool(_ENDS_WORDS.search(words)) and 2 * sum(word[0].islower() for word in found) >= len(found) > 0


def _may_have_turns(text: str, name: str) -> bool:
    """Whether a label is a name: no heading and no place, and a word that the text never writes in small letters."""
    if name.upper() in _HEADINGS or name in lexicon().place_words:
        return False
    return re.search(rf"\b{re.escape(name.lower())}\b", text) is None


def _is_named(text: str, label: str) -> bool:
    """Whether the name of a label in capitals stands in the text as well, a single word inside a sentence."""
    name = re.escape(label.title())
    return re.search(rf"\b{name}\b" if " " in label else rf"[\w,] {name}\b", text) is not None
