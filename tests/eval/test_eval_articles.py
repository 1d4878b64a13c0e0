"""From article to label: the articles that ship, matching, figures by hand, reports that hold, tampering caught."""

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from expertstance import InputError
from expertstance_eval.article_figures import Counts, figures_of
from expertstance_eval.articles import match, names_speaker, read_articles
from expertstance_eval.bootstrap import Resampling
from expertstance_eval.config import ArticlesConfig
from expertstance_eval.run import evaluate
from expertstance_eval.spans import words_of
from expertstance_eval.verify import verify

LABELS = ["optimistic", "cautious", "skeptical", "none"]
SHIPPED = ArticlesConfig(task="articles", name="shipped")
TEXT = (
    "“The deal will succeed,” said Vera Lindqvist, who runs the port.\n\n"
    "Tomas Brandt said the talks may fail.\n\n"
    "The market was closed."
)


def test_the_articles_that_ship_are_many_short_and_varied() -> None:
    articles = list(read_articles(SHIPPED))
    assert len(articles) == 24
    assert all(6 <= len(article.statements) <= 12 for article in articles)
    every = [statement for article in articles for statement in article.statements]
    assert set(Counter(s.kind for s in every)) == {"direct", "mixed", "reported"}
    assert min(Counter(s.label for s in every)[label] for label in LABELS) >= 40


def test_the_documentation_counts_articles_and_statements_right(root: Path) -> None:
    articles = list(read_articles(SHIPPED))
    text = (root / "docs" / "evaluation.md").read_text(encoding="utf-8")
    assert f"{len(articles)} articles with {sum(len(a.statements) for a in articles)} statements" in text


def test_spans_of_the_articles_that_ship_are_whole_words_apart_from_each_other() -> None:
    for article in read_articles(SHIPPED):
        seen: set[int] = set()
        for statement in article.statements:
            for start, end in statement.spans:
                around = article.text[max(0, start - 1) : start], article.text[end : end + 1]
                assert not re.match(r"\w", around[0]), (article.id, article.text[start:end])
                assert not re.match(r"\w", around[1]), (article.id, article.text[start:end])
                assert article.text[start:end] == article.text[start:end].strip()
                marked = around[0] in '“"' and around[0] != ""
                assert marked == (statement.kind == "direct"), (article.id, article.text[start:end])
            words = words_of(article.text, statement.spans)
            assert not words & seen, (article.id, statement)
            seen |= words
            assert statement.speaker is not None
            assert statement.speaker.lower() in article.text.lower()


def test_statements_are_matched_one_to_one_by_their_words() -> None:
    gold = [frozenset({1, 2, 3, 4}), frozenset({5, 6}), frozenset({7, 8, 9})]
    found = [frozenset({5, 6, 10}), frozenset({1, 2, 3}), frozenset({4}), frozenset({9, 11, 12})]
    assert match(gold, found) == [1, 0, None]
    assert match(gold, []) == [None, None, None]


@pytest.mark.parametrize(
    ("gold", "found", "right"),
    [
        ("Vera Lindqvist", "Lindqvist", True),
        ("Vera Lindqvist", "Vera Lindqvist", True),
        ("Vera Lindqvist", "Anna Lindqvist", False),
        ("a spokesman", "A spokesman for the port", True),
        ("the ministry", "The Ministry", True),
        ("Vera Lindqvist", None, False),
        (None, None, True),
        (None, "Brandt", False),
        ("the", "the", False),
    ],
)
def test_names_of_one_speaker(gold: str | None, found: str | None, right: bool) -> None:
    assert names_speaker(gold, found) is right


def record() -> dict[str, Any]:
    """Three gold statements, of which one is missed; three found, of which one matches none."""
    return {
        "labels": ["good", "bad"],
        "gold": [
            {"spans": [[0, 9]], "kind": "direct", "label": "good", "match": 0, "speaker_right": True},
            {"spans": [[9, 19]], "kind": "reported", "label": "bad", "match": 1, "speaker_right": False},
            {"spans": [[20, 29]], "kind": "mixed", "label": "bad", "match": None, "speaker_right": None},
        ],
        "found": [
            {"spans": [[0, 9]], "kind": "direct", "rule": "x"},
            {"spans": [[9, 15]], "kind": "direct", "rule": "x"},
            {"spans": [[40, 49]], "kind": "direct", "rule": "x"},
        ],
        "counts": {"gold_words": 10, "found_words": 8, "shared_words": 6, "exact": 1},
        "probabilities": [[0.9, 0.1], [0.2, 0.8], [0.7, 0.3], [0.9, 0.1], [0.2, 0.8], [0.4, 0.6]],
    }


def test_figures_by_hand() -> None:
    counts = Counts(labels=("good", "bad"))
    counts.add(record())
    figures = figures_of(counts, Resampling(resamples=0, seed=1, confidence=0.95))
    assert (figures["statements"], figures["found"], figures["matched"]) == (3, 3, 2)
    spans = figures["spans"]
    assert (spans["word_precision"], spans["word_recall"]) == (0.75, 0.6)
    assert spans["word_f1"] == pytest.approx(12 / 18, abs=1e-6)
    assert spans["exact_f1"] == pytest.approx(1 / 3, abs=1e-6)
    assert spans["kind_accuracy"] == 0.5
    assert figures["speakers"]["accuracy"] == 0.5
    labels = figures["labels"]
    assert labels["gold_statements"]["accuracy"] == pytest.approx(2 / 3, abs=1e-6)
    assert labels["matched_statements"] == {"macro_f1": 1.0, "accuracy": 1.0, "intervals": {}}
    # good: 1 of 1 found; bad: 1 right, 1 missed, 1 given to a statement that is none: F1 2 / (2 + 2)
    assert labels["end_to_end"]["macro_f1"] == pytest.approx((1 + 0.5) / 2, abs=1e-6)
    assert labels["end_to_end"]["complete"] == pytest.approx(1 / 3, abs=1e-6)
    assert labels["confusion"] == [[1, 0], [1, 1]]
    assert figures["kinds"]["mixed"] == {
        "statements": 1,
        "matched": 0,
        "speaker_right": 0,
        "matched_recall": 0.0,
        "speaker_accuracy": 0.0,
        "intervals": {},
    }


def article(name: str = "port") -> dict[str, Any]:
    def statement(words: str, kind: str, speaker: str, label: str) -> dict[str, Any]:
        start = TEXT.index(words)
        return {"spans": [[start, start + len(words)]], "kind": kind, "speaker": speaker, "label": label}

    return {
        "id": name,
        "text": TEXT,
        "statements": [
            statement("The deal will succeed,", "direct", "Vera Lindqvist", "optimistic"),
            statement("the talks may fail", "reported", "Tomas Brandt", "cautious"),
        ],
    }


def write(path: Path, articles: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(a) + "\n" for a in articles), encoding="utf-8")
    return path


def config(tiny_model: Path, path: Path, **model: Any) -> ArticlesConfig:
    return ArticlesConfig.model_validate(
        {
            "task": "articles",
            "name": "x",
            "model": {"source": str(tiny_model), **model},
            "articles": [str(path)],
            "resamples": 50,
        }
    )


def test_a_report_from_article_to_label_holds(tmp_path: Path, tiny_model: Path) -> None:
    path = write(tmp_path / "gold.jsonl", [article(), article("again")])
    results = evaluate(config(tiny_model, path), tmp_path / "out")
    figures = results["figures"]
    assert figures["articles"] == 2
    assert figures["spans"]["exact_f1"] == 1.0
    assert figures["speakers"] == {"accuracy": 1.0, "intervals": {"accuracy": [1.0, 1.0]}}
    assert figures["labels"]["gold_statements"] == figures["labels"]["matched_statements"]
    assert verify(tmp_path / "out", rerun=True).faults == []
    stored = (tmp_path / "out" / "predictions.jsonl").read_text(encoding="utf-8")
    assert "succeed" not in stored
    assert "Lindqvist" not in stored
    page = (tmp_path / "out" / "report.md").read_text(encoding="utf-8")
    assert "| exactly the words | 1.000 [1.000, 1.000] |" in page


def edit(folder: Path, change: Any) -> list[str]:
    path = folder / "predictions.jsonl"
    before = path.read_text(encoding="utf-8")
    rows = [json.loads(line) for line in before.splitlines()]
    change(rows)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    faults = verify(folder).faults
    path.write_text(before, encoding="utf-8")
    return faults


def test_tampering_is_caught(tmp_path: Path, tiny_model: Path) -> None:
    path, folder = write(tmp_path / "gold.jsonl", [article(), article("again")]), tmp_path / "out"
    evaluate(config(tiny_model, path), folder)
    changes = {
        "gold statements of article": lambda rows: rows[0]["gold"][0].update(label="skeptical"),
        "softmax": lambda rows: rows[0]["probabilities"][0].reverse(),
        "matches are": lambda rows: rows[0]["gold"][0].update(match=None),
        "counts are": lambda rows: rows[0]["counts"].update(shared_words=99),
        "where the gold file has 'again'": lambda rows: rows.pop(),
        "SHA-256 differs": lambda rows: rows[1]["gold"][0].update(speaker_right=False),
        "cannot be recomputed": lambda rows: rows[0]["found"].pop(),
    }
    for expected, change in changes.items():
        assert any(expected in fault for fault in edit(folder, change)), expected
    assert verify(folder).faults == []
    path.write_text(path.read_text(encoding="utf-8").replace("closed", "opened"), encoding="utf-8")
    assert any("SHA-256 is" in fault for fault in verify(folder).faults)
    path.unlink()
    verdict = verify(folder)
    assert verdict.faults == []
    assert any("is not here" in note for note in verdict.notes)


def test_articles_that_cannot_be_used_are_refused(tmp_path: Path, tiny_model: Path) -> None:
    gold = tmp_path / "gold.jsonl"
    outside, wordless, unknown = article(), article(), article()
    outside["statements"][0]["spans"] = [[0, 9999]]
    wordless["statements"][0]["spans"] = [[0, 1]]
    unknown["statements"][0]["label"] = "gloomy"
    for broken, message in (
        ([outside], r"line 1: the line: span \[0, 9999\] is outside"),
        ([wordless], "hold no word"),
        ([unknown], r"labels \['gloomy'\]"),
        ([article(), article()], "line 2: article 'port' stands twice"),
    ):
        write(gold, broken)
        with pytest.raises(InputError, match=message):
            evaluate(config(tiny_model, gold), tmp_path / "out")
    gold.write_text("", encoding="utf-8")
    with pytest.raises(InputError, match="no articles"):
        evaluate(config(tiny_model, gold), tmp_path / "out")
