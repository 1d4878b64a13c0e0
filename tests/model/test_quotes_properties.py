"""Properties of extraction that hold for any text at all."""

import json
import re
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from expertstance.quotes import extract_statements

GOLDEN = sorted((Path(__file__).parent / "golden_articles").glob("*.json"))
MARKS = "\"'“”‘’„‚«»‹›`「」『』"
PIECES = [
    *MARKS,
    "''",
    "``",
    "'s ",
    "6'2\" ",
    " ",
    "\n",
    "\n\n",
    "\r\n",
    ", ",
    ". ",
    "? ",
    ": ",
    " -- ",
    " — ",
    "(",
    ") ",
    "… ",
    "said ",
    "Said ",
    "says that ",
    "told reporters ",
    "adding that ",
    "and warned ",
    "according to ",
    "For ",
    "called it ",
    "as saying ",
    "he ",
    "She ",
    "who ",
    "the minister ",
    "two officials ",
    "Ms. ",
    "Nora Quist ",
    "Quist ",
    "Li Wen ",
    "QUIST: ",
    "an economist at Delta Bank ",
    "the plan will fail ",
    "is ",
    "by ",
    "Getty Images | ",
    "(@quist) ",
    "𝔘😀",
    "e\u0301",
    "\u2028",
    "\u00a0",
    "\x0b",
]
news_like = st.lists(st.sampled_from(PIECES), max_size=60).map("".join)
any_text = st.one_of(st.text(max_size=300), news_like)


def check(text: str) -> None:
    statements = extract_statements(text)
    for statement in statements:
        assert statement.spans
        ends = [0]
        for start, end in statement.spans:
            assert ends[-1] <= start < end <= len(text)
            ends.append(end)
        assert statement.text == " ".join(text[start:end] for start, end in statement.spans)
        assert statement.text.strip()
        assert statement.kind in ("direct", "mixed", "reported")
        assert 0.0 <= statement.confidence <= 1.0
        if statement.speaker.mention is not None:
            start, end = statement.speaker.mention
            assert 0 <= start < end <= len(text)
        if statement.speaker.name is not None:
            assert statement.speaker.name.strip()
            assert statement.speaker.type in ("person", "organisation", "unnamed")
        assert statement.cue is None or statement.cue in text
        assert statement.rule
    assert [s.spans for s in statements] == sorted(s.spans for s in statements)


@settings(max_examples=400, deadline=None)
@given(any_text)
@example("“We '... BST was never mistake\" In")
def test_any_text_gives_well_formed_statements(text: str) -> None:
    check(text)


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_an_article_cut_off_after_any_word_is_survived(path: Path) -> None:
    text = "\n\n".join(json.loads(path.read_text(encoding="utf-8"))["paragraphs"])
    paragraph = text[: text.find("\n\n", 300)]
    for number, word in enumerate(re.finditer(r"\S+", paragraph)):
        check(paragraph[: word.end()].rstrip(".,") + ("", ",", " —")[number % 3])


@pytest.mark.parametrize(
    "text",
    [
        "It was Velm, who, according to Ann Reed",
        "It was late, according to Ann Reed, an analyst at Acme,",
        "Ann Reed said it was late, in what",
        "It was described by Joe “Big Sky” Smith",
        "Nora Pell, who works",
        "The protocol called for",
        "The bank, which has called for",
        "Velm lashed out at",
    ],
)
def test_a_text_that_ends_where_more_should_follow_is_survived(text: str) -> None:
    check(text)


@pytest.mark.parametrize("sentence", ["Ann Reed said it was late. ", "Growers’ Alliance "])
def test_the_time_grows_with_the_length_of_a_paragraph_not_with_its_square(sentence: str) -> None:
    calls = [_calls(sentence * count) for count in (200, 400)]
    assert calls[1] < 2.1 * calls[0]


def _calls(text: str) -> int:
    """How many lines run: a measure of time that does not depend on the machine."""
    lines = 0

    def count(frame: FrameType, event: str, argument: object) -> Callable[..., Any]:
        nonlocal lines
        lines += event == "line"
        return count

    before = sys.gettrace()
    sys.settrace(count)
    try:
        extract_statements(text)
    finally:
        sys.settrace(before)
    return lines


@example("“We will go,” Ann Smith warned")
@settings(max_examples=100, deadline=None)
@given(any_text)
def test_same_text_same_statements(text: str) -> None:
    assert extract_statements(text) == extract_statements(text)


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet=MARKS + " a.,\n", max_size=80))
def test_any_sequence_of_marks_is_survived(text: str) -> None:
    check(text)


@settings(max_examples=100, deadline=None)
@given(
    st.sampled_from(["“{}”", '"{}"', "«{}»", "„{}“", "‘{}’", "''{}''"]),
    st.lists(st.sampled_from("we will not sell the old yard to anyone before spring".split()), min_size=3, max_size=20),
    st.sampled_from(["{} said Nora Quist.", "{} Nora Quist said.", "{} Nora Quist, a baker, said on Monday."]),
)
def test_marked_words_before_an_attribution_come_back_whole(marks: str, words: list[str], frame: str) -> None:
    sentence = " ".join(words).capitalize() + ","
    text = frame.format(marks.format(sentence))
    (statement,) = extract_statements(text)
    assert statement.text == sentence
    assert statement.kind == "direct"
    assert statement.speaker.name == "Nora Quist"


@settings(max_examples=60, deadline=None)
@given(st.integers(min_value=1, max_value=6), st.sampled_from(["\n\n", "\n", "\r\n\r\n"]))
def test_a_quote_over_any_number_of_paragraphs_is_one_statement(count: int, gap: str) -> None:
    inner = [f"“The water rose for {k + 2} hours in the night." for k in range(count)]
    text = gap.join(["“It began at noon,” said Nora Quist. “We ran.", *inner]) + "”"
    (statement,) = extract_statements(text)
    assert len(statement.spans) == count + 2
    assert statement.speaker.name == "Nora Quist"
