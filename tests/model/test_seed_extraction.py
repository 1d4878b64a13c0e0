"""The public example article: who is found in it, in which office, and with how many statements."""

from collections import Counter
from pathlib import Path

import pytest

from expertstance.quotes import extract_statements
from expertstance.statements import Statement

MARKS = "“”\"'‘’"


@pytest.fixture(scope="module")
def article(shared: Path) -> str:
    (path,) = sorted((shared / "seed").glob("000_*.txt"))
    return path.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def statements(article: str) -> list[Statement]:
    return extract_statements(article)


def by(statements: list[Statement], name: str) -> list[Statement]:
    return [s for s in statements if s.speaker.name == name]


def test_speakers_and_their_counts(statements: list[Statement]) -> None:
    counts = Counter(s.speaker.name for s in statements)
    assert counts == {
        "Howard Lutnick": 5,
        "Jianwei Xu": 2,
        "Scott Kennedy": 1,
        "Scott Bessent": 1,
        "Li": 1,
        "representatives from both sides": 1,
    }


@pytest.mark.parametrize(
    ("name", "role", "affiliation"),
    [
        ("Howard Lutnick", "Commerce Secretary", "U.S."),
        ("Jianwei Xu", "senior economist", "Natixis"),
        (
            "Scott Kennedy",
            "senior adviser and trustee chair in Chinese Business and Economics",
            "Center for Strategic and International Studies",
        ),
        ("Scott Bessent", "Treasury Secretary", "U.S."),
        ("Li", "Vice Commerce Minister", None),
    ],
)
def test_role_and_affiliation(statements: list[Statement], name: str, role: str, affiliation: str | None) -> None:
    found = {(s.speaker.role, s.speaker.affiliation) for s in by(statements, name)}
    assert found == {(role, affiliation)}


def test_pronouns_go_to_the_speaker_before(article: str, statements: list[Statement]) -> None:
    mentions = {
        s.speaker.name: article[slice(*s.speaker.mention)].lower()
        for s in statements
        if s.speaker.mention is not None and article[slice(*s.speaker.mention)].lower() == "he"
    }
    assert set(mentions) == {"Jianwei Xu", "Howard Lutnick"}


def test_the_split_quote_is_one_statement_of_two_spans(article: str, statements: list[Statement]) -> None:
    (statement,) = by(statements, "Scott Kennedy")
    assert len(statement.spans) == 2
    assert statement.kind == "direct"
    for start, end in statement.spans:
        assert article[start - 1] in MARKS
        assert article[end] in MARKS


def test_direct_spans_start_and_end_at_marks(article: str, statements: list[Statement]) -> None:
    for statement in statements:
        if statement.kind == "direct":
            for start, end in statement.spans:
                assert article[start - 1] in MARKS
                assert article[end] in MARKS


def test_caption_credit_and_sign_up_lines_hold_no_statement(article: str, statements: list[Statement]) -> None:
    lines = article.split("\n")
    furniture = [k for k, line in enumerate(lines) if any(word in line for word in ("Getty", "Subscribe", "inbox"))]
    starts = [sum(len(line) + 1 for line in lines[:k]) for k in furniture]
    assert len(starts) == 3
    for start in starts:
        end = article.index("\n", start)
        assert not any(s < end and start < e for statement in statements for s, e in statement.spans)


def test_people_who_only_appear_say_nothing(statements: list[Statement]) -> None:
    names = {s.speaker.name or "" for s in statements}
    assert not any(name.split()[0:1] == ["Xi"] or "Trump" in name or "Lifeng" in name for name in names)
