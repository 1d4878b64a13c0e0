"""From article to tallies, with a classifier of known answers."""

import json
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from expertstance import InputError, Prediction, StanceClassifier, analyze, extract
from expertstance.analysis import Analysis, analyze_text

OUTLOOKS = ["optimistic", "cautious", "skeptical"]


def article(*turns: tuple[str, str]) -> str:
    return "\n\n".join(f"“{words},” said {name}, a local banker." for name, words in turns)


def read_aloud(texts: Sequence[str]) -> list[Prediction]:
    """A classifier for which every statement names its own outlook in its first word."""
    answers = []
    for text in texts:
        word = text.split()[0].lower()
        abstained = word not in OUTLOOKS
        answers.append(
            Prediction(
                text=text,
                label="cautious" if abstained else word,
                score=0.9,
                scores={},
                abstained=abstained,
                reason="no_outlook" if abstained else None,
                n_tokens=3,
                windows=1,
                model="test",
                revision="test",
            )
        )
    return answers


def analysed(*turns: tuple[str, str]) -> Analysis:
    return analyze_text(article(*turns), predict=read_aloud)


def test_mixed_views_are_kept_apart() -> None:
    analysis = analysed(
        ("Ana Roth", "Optimistic words came first"),
        ("Ana Roth", "Optimistic words came again"),
        ("Ana Roth", "Skeptical words came last"),
        ("Piet Oram", "Cautious words were enough"),
        ("Lena Falk", "Optimistic words and then"),
        ("Lena Falk", "Skeptical words in turn"),
        ("Omar Dietz", "Nothing that takes a side"),
    )
    tallies = {s.name: s.tally for s in analysis.speakers}
    assert list(tallies) == ["Ana Roth", "Piet Oram", "Lena Falk", "Omar Dietz"]
    ana, piet, lena, omar = tallies.values()
    assert (ana.outlook, ana.mixed, ana.outlooks) == ("optimistic", True, {"optimistic": 2, "skeptical": 1})
    assert (piet.outlook, piet.mixed) == ("cautious", False)
    assert (lena.outlook, lena.mixed) == ("mixed", True)
    assert (omar.outlook, omar.abstained, omar.statements) == ("no_outlook", 1, 1)
    assert analysis.summary.statements == 7
    assert analysis.summary.outlook == "mixed"


def test_unnamed_speakers_of_other_houses_are_kept_apart() -> None:
    text = (
        "NorthLine said no trains would run. A spokesperson said: “Optimistic words about Sunday came first.”\n\n"
        "Velora Ferries said its boats were late. A spokesperson said: “Skeptical words about boats came next.”\n\n"
        "The police said roads were open. Police said lights were on."
    )
    tallies = {(s.name, s.affiliation): s.tally for s in analyze_text(text, predict=read_aloud).speakers}
    assert tallies["A spokesperson", "NorthLine"].outlook == "optimistic"
    assert tallies["A spokesperson", "Velora Ferries"].outlook == "skeptical"
    assert [tally.statements for (name, _), tally in tallies.items() if name and "olice" in name] == [2]


@pytest.mark.parametrize(
    ("sentence", "read"),
    [
        ("Ann Reed denied that the dam was weak.", "I deny that the dam was weak"),
        ("Ann Reed denied the dam was weak.", "I deny the dam was weak"),
        ("Ann Reed went on to deny that the dam was weak.", "I deny that the dam was weak"),
        ("Ann Reed doubts that wages will rise.", "I doubt that wages will rise"),
        ("Ann Reed questioned whether it would hold.", "I question whether it would hold"),
        ("Ann Reed dismissed fears that it would break.", "I dismiss fears that it would break"),
        ("Ann Reed said that the dam was weak.", "the dam was weak"),
        ("“The dam is not weak,” Ann Reed denied.", "The dam is not weak,"),
    ],
)
def test_what_is_denied_or_doubted_is_read_as_its_speaker_would_say_it(sentence: str, read: str) -> None:
    (statement,) = analyze_text(sentence, predict=read_aloud).statements
    assert statement.prediction is not None
    assert statement.prediction.text == read
    assert statement.text in read


@pytest.mark.parametrize(
    "sentence", ["Ann Reed denied that wages would rise.", "Ann Reed doubts that the dam will hold."]
)
def test_who_denies_or_doubts_something_good_is_skeptical(sentence: str) -> None:
    (statement,) = analyze(sentence).statements
    assert statement.prediction is not None
    assert (statement.prediction.label, statement.prediction.abstained) == ("skeptical", False)


@given(
    st.lists(st.tuples(st.sampled_from(["Ana Roth", "Piet Oram"]), st.sampled_from([*OUTLOOKS, "plain"])), max_size=8)
)
def test_tallies_add_up(turns: list[tuple[str, str]]) -> None:
    analysis = analysed(*((name, f"{word.title()} words number {k} here") for k, (name, word) in enumerate(turns)))
    total = analysis.summary
    assert total.statements == len(turns) == len(analysis.statements)
    assert sum(total.outlooks.values()) + total.abstained == total.statements
    for label in OUTLOOKS:
        assert sum(s.tally.outlooks.get(label, 0) for s in analysis.speakers) == total.outlooks.get(label, 0)
    assert sum(s.tally.statements for s in analysis.speakers) == total.statements


def test_analyze_is_extract_plus_predict(tiny: StanceClassifier) -> None:
    text = article(("Ana Roth", "We hope the plan may work"), ("Piet Oram", "The deal will fail"))
    analysis = analyze(text, classifier=tiny)
    statements = extract(text)
    assert [s.text for s in analysis.statements] == [s.text for s in statements]
    assert [s.prediction for s in analysis.statements] == tiny.predict([s.text for s in statements])
    values = analysis.to_dict()
    assert values["statements"][0]["prediction"]["model"] == "tiny"
    assert values == json.loads(json.dumps(values))  # plain lists, not tuples


@pytest.mark.parametrize("text", [None, 3, b"bytes", ["a list"]])
def test_what_is_no_text_is_named(text: object) -> None:
    with pytest.raises(InputError, match="article text must be a string, got"):
        extract(text)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="article text must be a string, got"):
        analyze_text(text, predict=read_aloud)  # type: ignore[arg-type]


@pytest.mark.parametrize("text", ["", " \n", "The index rose on Monday."])
def test_an_article_without_statements_has_an_empty_analysis(text: str, tiny: StanceClassifier) -> None:
    analysis = analyze(text, classifier=tiny)
    assert analysis.statements == ()
    assert analysis.speakers == ()
    assert analysis.summary.outlook == "no_outlook"
