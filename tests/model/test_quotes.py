"""Golden articles: each phenomenon of news attribution, with the exact words, speaker and kind of every statement."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from expertstance.quotes import extract_statements
from expertstance.statements import Statement

FOLDER = Path(__file__).parent / "golden_articles"
NAMES = sorted(path.stem for path in FOLDER.glob("*.json"))


def load(name: str) -> tuple[str, list[dict[str, Any]]]:
    golden = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return "\n\n".join(golden["paragraphs"]), golden["statements"]


def told(text: str, statement: Statement, expected: dict[str, Any]) -> dict[str, Any]:
    """The statement in the form of a golden entry, with just the keys that the entry has."""
    speaker = statement.speaker
    found = {
        "spans": [text[start:end] for start, end in statement.spans],
        "speaker": speaker.name,
        "kind": statement.kind,
        "role": speaker.role,
        "affiliation": speaker.affiliation,
        "type": speaker.type,
        "cue": statement.cue,
    }
    return {key: found[key] for key in expected}


def test_there_are_at_least_thirty_golden_articles() -> None:
    assert len(NAMES) >= 30


@pytest.mark.parametrize("name", NAMES)
def test_golden_article(name: str) -> None:
    text, expected = load(name)
    statements = extract_statements(text)
    keys = [*expected, *({"spans": [], "speaker": None, "kind": None} for _ in statements[len(expected) :])]
    assert [told(text, s, e) for s, e in zip(statements, keys, strict=False)] == expected


@pytest.mark.parametrize("name", NAMES)
def test_a_mark_where_paragraphs_begin_changes_nothing(name: str) -> None:
    text, _ = load(name)
    marked = "¶ " + re.sub(r"(\n+)(?=\S)", r"\1¶ ", text)
    plain, found = extract_statements(text), extract_statements(marked)
    assert [[marked[a:b].replace("¶ ", "") for a, b in s.spans] for s in found] == [
        [text[a:b] for a, b in s.spans] for s in plain
    ]
    assert [(s.kind, s.speaker.name, s.speaker.role) for s in found] == [
        (s.kind, s.speaker.name, s.speaker.role) for s in plain
    ]


@pytest.mark.parametrize("name", NAMES)
def test_mentions_stand_in_the_text(name: str) -> None:
    text, _ = load(name)
    for statement in extract_statements(text):
        if statement.speaker.mention is not None:
            start, end = statement.speaker.mention
            assert text[start:end].strip()
        if statement.cue is not None:
            assert statement.cue in text


@pytest.mark.parametrize("name", NAMES)
def test_a_speaker_below_the_threshold_is_left_open(name: str) -> None:
    text, _ = load(name)
    for statement in extract_statements(text):
        assert 0.0 <= statement.confidence <= 1.0
        if statement.confidence < 0.4:
            assert statement.speaker.name is None


def test_the_documented_rules_are_those_of_the_golden_articles(root: Path) -> None:
    rules = (root / "docs" / "extraction.md").read_text(encoding="utf-8").partition("\n## Rules\n")[2]
    table = [line for line in rules.partition("\n## ")[0].splitlines() if line.startswith("| `")]
    documented = [rule for line in table for rule in re.findall(r"`([a-z-]+)`", line.split("|")[1])]
    found = {s.rule for name in NAMES for s in extract_statements(load(name)[0])}
    assert sorted(documented) == sorted(found)


def test_order_and_repetition_do_not_matter() -> None:
    texts = [load(name)[0] for name in NAMES]
    assert [extract_statements(t) for t in texts] == [extract_statements(t) for t in reversed(texts)][::-1]


def test_the_example_article_has_its_speakers_with_role_and_affiliation() -> None:
    path = Path(__file__).parents[2] / "examples" / "harbour_accord.txt"
    statements = extract_statements(path.read_text(encoding="utf-8"))
    speakers = [(s.speaker.name, s.speaker.role, s.speaker.affiliation, s.speaker.type) for s in statements]
    almqvist = ("Teresa Almqvist", "Harbour Commissioner", None, "person")
    dumont = ("Rafael Dumont", "senior economist", "Belmar Bank", "person")
    brandt = ("Oksana Brandt", "general secretary", "Eldrin Dockers’ Union", "person")
    ministry = ("regional transport ministry", None, None, "organisation")
    osei = ("Henrik Osei", None, None, "person")
    varga = ("Colm Varga", "Deputy Assembly Leader", None, "person")
    assert [s for s in speakers if s[3] != "unnamed"] == [
        almqvist,
        *[dumont] * 2,
        *[brandt] * 2,
        *[ministry] * 2,
        almqvist,
        *[osei] * 2,
        *[varga] * 2,
        *[("Mei-Ling Forsythe", "analyst", "Northern Trade Institute", "person")] * 2,
    ]
    ((name, _, affiliation, _),) = [s for s in speakers if s[3] == "unnamed"]
    assert (name, affiliation) == ("Two officials close to the talks", None)


ASTRUP = "Yvonne Astrup"
THINNER, FAST = "The ice shelf is thinner than ever.", "But if it goes, it will go fast"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f'"{THINNER}\n\n"Who knows?\n\n"{FAST}," said {ASTRUP}.', [(f"{THINNER} Who knows? {FAST},", ASTRUP)]),
        (f'"{THINNER}\n\n"{FAST}." — {ASTRUP}', [(f"{THINNER} {FAST}.", ASTRUP)]),
        (
            f'"We met," said Paul Lund.\n\n"{THINNER}\n\n"{FAST}," said {ASTRUP}.',
            [("We met,", "Paul Lund"), (f"{THINNER} {FAST},", ASTRUP)],
        ),
        (
            f'"We met," said Paul Lund. "{THINNER}\n\n"{FAST}," said {ASTRUP}.',
            [(f"We met, {THINNER}", "Paul Lund"), (f"{FAST},", ASTRUP)],
        ),
        (
            f'"{THINNER}\n\n"Who knows?" Paul Lund left. {ASTRUP} said: "{FAST}."',
            [(f"{THINNER} Who knows?", None), (f"{FAST}.", ASTRUP)],
        ),
        (f'"{THINNER}" Paul Lund left. {ASTRUP} said: "{FAST}."', [(THINNER, None), (f"{FAST}.", ASTRUP)]),
        (f'"{THINNER}\n\n"{THINNER}"', [(f"{THINNER} {THINNER}", None)]),
        (f"'{THINNER}\n\n“{FAST},” said {ASTRUP}.", [(THINNER, None), (f"{FAST},", ASTRUP)]),
        (
            f'"{THINNER}\n\n"LUND: Who knows?"\n\nLUND: Nobody.',
            [(THINNER, None), ('Who knows?"', "Lund"), ("Nobody.", "Lund")],
        ),
    ],
)
def test_a_quote_left_open_waits_for_its_attribution(text: str, expected: list[tuple[str, str | None]]) -> None:
    assert [(s.text, s.speaker.name) for s in extract_statements(text)] == expected


FIST = "You could put your fist in"
PROUD = "Proud day for the valley!"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f'Ann Reed was hiking. "{FIST},"\nshe said. "I did."', [(f"{FIST}, I did.", "Ann Reed")]),
        (f"“{FIST}?”\nasked Ann Reed.", [(f"{FIST}?", "Ann Reed")]),
        (f"“{FIST},”\n¶ Ann Reed said.", [(f"{FIST},", "Ann Reed")]),
        (f"“{FIST},” he said.\nAnn Reed said that it was late.", [(f"{FIST},", None), ("it was late", "Ann Reed")]),
        (f"“{FIST},”\nAnn Reed said that it was late.", [(f"{FIST},", None), ("it was late", "Ann Reed")]),
        (f"“{FIST},”\n“I did,” said Ann Reed.", [(f"{FIST},", None), ("I did,", "Ann Reed")]),
        (f"The town met.\n{PROUD}\n— Dale Corrigan (@dcorrigan) May 3, 2026\nIt left.", [(PROUD, "Dale Corrigan")]),
        (f"{PROUD}\n\n¶ -- Dale Corrigan (@dcorrigan)", [(PROUD, "Dale Corrigan")]),
    ],
)
def test_an_attribution_on_a_line_of_its_own(text: str, expected: list[tuple[str, str | None]]) -> None:
    assert [(s.text, s.speaker.name) for s in extract_statements(text)] == expected


FERROW, DREYFUS = ("Jane Ferrow", "Host", None, "person"), ("Sana Dreyfus", None, "Water Authority", "person")
DESSEN = ("Marla Dessen", "Chief Executive Officer", None, "person")
REYES = ("Jon Reyes", "Analyst", "Belmar Bank", "person")
LEDGER, SANA = ("The Ledger", None, None, "organisation"), ("Sana Dreyfus", None, None, "person")
NOBODY = (None, None, None, None)


@pytest.mark.parametrize(
    ("lines", "speakers"),
    [
        (
            [
                "JANE FERROW, HOST: Will it last?",
                "SANA DREYFUS, WATER AUTHORITY: It will.",
                "FERROW: And?",
                "DREYFUS: No.",
            ],
            [FERROW, DREYFUS, FERROW, DREYFUS],
        ),
        (
            [
                "JANE FERROW, HOST:",
                "Will it last?",
                "SANA DREYFUS, BYLINE: It will.",
                "UNIDENTIFIED MALE: It will not.",
            ],
            [FERROW, SANA, ("Unidentified Male", None, None, "unnamed")],
        ),
        (["Sana Dreyfus came.", "Q. Will it last?", "A. It will.", "Q. And?"], [NOBODY, SANA, NOBODY]),
        (["Q. Will it last?", "A. It will.", "Q. And?", "A. We hope so."], [NOBODY] * 4),
        (["Q. Is it safe?", "A. It is.", "Q. When?", "A. In May.", "Q. Where?", "A. At sea."], []),
        (["The Ledger: Will it last?", "Sana Dreyfus: It will.", "Q: And?", "A: We hope so."], [LEDGER, SANA] * 2),
        (
            [
                "Operator",
                "Good day to you.",
                "Marla Dessen -- Chief Executive Officer",
                "We grew.",
                "Costs will fall.",
                "Questions and Answers:",
                "Jon Reyes -- Belmar Bank -- Analyst",
                "By how much?",
                "Marla Dessen -- Chief Executive Officer",
                "By half.",
            ],
            [("Operator", None, None, "unnamed"), DESSEN, DESSEN, REYES, DESSEN],
        ),
        (
            [
                "Marla Dessen -- Chief Executive Officer: We grew.",
                "Jon Reyes -- Belmar Bank -- Analyst: By how much?",
                "Dessen: By half.",
            ],
            [DESSEN, REYES, DESSEN],
        ),
        (["Ann Reed -- Governor", "Reed runs the state.", "Paul Lund -- Senator", "Lund likes it."], []),
        (["A. Reed came on Monday.", "A. Lund came on Friday."], []),
        (["THE BIG CHILL: It is cold.", "SNOW IN SELM, RAIN IN ORB: It is wet."], []),
    ],
)
def test_labels_of_transcripts(lines: list[str], speakers: list[tuple[str | None, ...]]) -> None:
    found = [s for s in extract_statements("\n\n".join(["News of the day", *lines])) if s.rule == "transcript"]
    assert [(s.speaker.name, s.speaker.role, s.speaker.affiliation, s.speaker.type) for s in found] == speakers
    assert all(any(line.endswith(s.text) for line in lines) for s in found)
