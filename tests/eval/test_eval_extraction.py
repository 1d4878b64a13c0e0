"""Extraction against gold attributions: counts by hand, figures equal to the reference scorer's, tampering caught."""

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from expertstance import InputError, extract
from expertstance.hub import sha256
from expertstance.statements import Speaker, Statement
from expertstance_eval.config import EvalConfig, parse_config
from expertstance_eval.extraction import Attribution, GoldArticle, count_article, quoted_positions
from expertstance_eval.render import render_html, render_markdown
from expertstance_eval.run import evaluate, read_results
from expertstance_eval.tasks import task_of
from expertstance_eval.verify import verify

TEXT = (
    "“The harbour will open in May,” said Vera Lindqvist, head of the port.\n\n"
    "Tomas Brandt said the bridge may need two more years.\n\n"
    "He called the tender “a farce from start to end” on Monday.\n\n"
    "Mina Okafor believes that the ferry is safe."
)


def span(words: str) -> tuple[int, int]:
    start = TEXT.index(words)
    return start, start + len(words)


def attribution(source: str, cue: str, content: str) -> Attribution:
    return Attribution(source=[span(source)] if source else [], cue=[span(cue)], content=[span(content)])


GOLD = GoldArticle(
    id="harbour",
    text=TEXT,
    attributions=[
        attribution("Vera Lindqvist, head of the port", "said", "“The harbour will open in May,”"),
        attribution("Tomas Brandt", "said", "the bridge may need two more years"),
        attribution("He", "called", "the tender “a farce from start to end”"),
        attribution("Mina Okafor", "believes", "the ferry is safe"),
    ],
)


def statement(content: str, *, name: str | None = None, mention: str | None = None) -> Statement:
    speaker = Speaker(name=name, mention=None if mention is None else span(mention))
    return Statement(
        text=content,
        spans=(span(content),),
        kind="direct",
        cue="said",
        speaker=speaker,
        rule="test",
        confidence=1.0,
    )


def test_counts_by_hand() -> None:
    found = [
        statement("The harbour will open in May", name="Vera Lindqvist"),
        statement("the bridge may need two more years", name="Anton Weiss", mention="Mina Okafor"),
        statement("a farce from start to end”", name="he"),
        statement("on Monday"),
    ]
    counts = count_article(GOLD, found)
    assert counts["tiers"] == {
        "direct": {"attributions": 1, "words": 6, "covered": 6, "with_source": 1, "speaker_right": 1, "exact": 1},
        "mixed": {"attributions": 1, "words": 8, "covered": 6, "with_source": 1, "speaker_right": 0, "exact": 0},
        "reported": {"attributions": 1, "words": 7, "covered": 7, "with_source": 1, "speaker_right": 0, "exact": 1},
        "other": {"attributions": 1, "words": 4, "covered": 0, "with_source": 0, "speaker_right": 0, "exact": 0},
    }
    assert {key: counts[key] for key in ("extracted", "supported", "statements", "exact_statements")} == {
        "extracted": 21,
        "supported": 19,
        "statements": 4,
        "exact_statements": 2,
    }


def test_an_article_without_statements_or_attributions_counts_nothing() -> None:
    assert count_article(GOLD, [])["extracted"] == 0
    empty = GoldArticle(id="x", text=TEXT, attributions=[])
    assert count_article(empty, [statement("on Monday")])["supported"] == 0


def test_quotation_marks_close_at_the_paragraph_end() -> None:
    assert quoted_positions('a "b" c') == {2, 3, 4}
    assert quoted_positions("“ab\n\ncd”") == {0, 1, 2}
    assert quoted_positions("no marks, it's “") == {15}


def config(path: Path) -> EvalConfig:
    return parse_config({"task": "extraction", "name": "x", "gold": str(path), "resamples": 50}, place="test")


@pytest.fixture
def gold(tmp_path: Path) -> Path:
    path = tmp_path / "gold.jsonl"
    second = GOLD.model_copy(update={"id": "again", "attributions": GOLD.attributions[:2]})
    path.write_text("".join(article.model_dump_json() + "\n" for article in (GOLD, second)), encoding="utf-8")
    return path


def test_a_report_on_extraction_holds(tmp_path: Path, gold: Path) -> None:
    results = evaluate(config(gold), tmp_path / "out")
    figures = results["figures"]
    assert figures["articles"] == 2
    assert figures["tiers"]["direct"]["word_recall"] == 1.0
    assert figures["tiers"]["direct"]["speaker_accuracy"] == 1.0
    assert figures["tiers"]["direct"]["intervals"]["word_recall"] == [1.0, 1.0]
    assert verify(tmp_path / "out", rerun=True).faults == []
    stored = (tmp_path / "out" / "predictions.jsonl").read_text(encoding="utf-8")
    assert "harbour will" not in stored
    assert "Lindqvist" not in stored


def edit(folder: Path, **changes: Any) -> None:
    path = folder / "predictions.jsonl"
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    rows[0].update(changes)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


def test_tampered_extraction_is_caught(tmp_path: Path, gold: Path) -> None:
    folder = tmp_path / "out"
    evaluate(config(gold), folder)
    edit(folder, statements=[])
    assert any("extracted is" in fault for fault in verify(folder).faults)
    edit(folder, id="harbor")
    assert any("article 'harbor' where the gold file has 'harbour'" in fault for fault in verify(folder).faults)
    gold.write_text(gold.read_text(encoding="utf-8").replace("safe", "late"), encoding="utf-8")
    assert any("SHA-256" in fault for fault in verify(folder).faults)


def forge(folder: Path, config: EvalConfig, change: Callable[[dict[str, Any]], None]) -> None:
    """Change every row's counts, then make hash, figures and pages anew, so that they agree with one another."""
    path = folder / "predictions.jsonl"
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    for row in rows:
        change(row["counts"])
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    figures = task_of(config).summarise(config, path)
    results = {**read_results(folder), "predictions_sha256": sha256(path), "figures": figures}
    (folder / "results.json").write_text(json.dumps(results), encoding="utf-8")
    (folder / "report.md").write_text(render_markdown(results), encoding="utf-8")
    (folder / "report.html").write_text(render_html(results), encoding="utf-8")


@pytest.mark.parametrize("count", ["attributions", "words", "covered", "with_source", "exact"])
@pytest.mark.parametrize("tier", ["direct", "other"])
def test_forged_counts_of_a_tier_are_caught(tmp_path: Path, gold: Path, tier: str, count: str) -> None:
    folder = tmp_path / "out"
    evaluate(config(gold), folder)
    rows = (folder / "predictions.jsonl").read_text(encoding="utf-8").splitlines()
    honest = [json.loads(row)["counts"]["tiers"][tier][count] for row in rows]
    forge(folder, config(gold), lambda counts: counts["tiers"][tier].update({count: 9}))
    assert verify(folder).faults == [
        f"predictions.jsonl, line {number}: {tier} {count} is 9, the spans give {value}"
        for number, value in enumerate(honest, start=1)
    ]


@pytest.mark.parametrize("count", ["extracted", "supported", "statements", "exact_statements"])
def test_forged_counts_of_an_article_are_caught(tmp_path: Path, gold: Path, count: str) -> None:
    folder = tmp_path / "out"
    evaluate(config(gold), folder)
    forge(folder, config(gold), lambda counts: counts.update({count: 99}))
    faults = verify(folder).faults
    assert len(faults) == 2
    assert all(f"{count} is 99, the spans give" in fault for fault in faults)


def test_gold_with_spans_outside_the_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "gold.jsonl"
    path.write_text('{"id": "a", "text": "abc", "attributions": [{"source": [], "cue": [], "content": [[0, 9]]}]}\n')
    with pytest.raises(InputError, match=r"line 1: span \[0, 9\] is outside the 3 characters"):
        evaluate(config(path), tmp_path / "out")
    path.write_text('{"id": "a", "text": "abc"}\n')
    with pytest.raises(InputError, match=r"line 1: attributions: it is missing; mend or remove the line"):
        evaluate(config(path), tmp_path / "other")


def test_figures_are_those_of_the_reference_scorer(tmp_path: Path, shared: Path) -> None:
    source = shared / "benchmarks" / "polnear_dev.jsonl"
    articles = [json.loads(line) for line in source.read_text(encoding="utf-8").splitlines()][:30]
    path, predicted = tmp_path / "gold.jsonl", tmp_path / "predicted.jsonl"
    path.write_text("".join(json.dumps(a) + "\n" for a in articles), encoding="utf-8")
    with predicted.open("w", encoding="utf-8") as file:
        for article in articles:
            statements = [
                {"spans": s.spans, "speaker_mention": s.speaker.mention, "speaker": s.speaker.name}
                for s in extract(article["text"])
            ]
            file.write(json.dumps({"id": article["id"], "statements": statements}) + "\n")
    command = [sys.executable, str(shared / "tools" / "score_quotes.py"), "--gold", str(path), "--pred", str(predicted)]
    reference = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    figures = evaluate(config(path), tmp_path / "out")["figures"]
    for tier, row in figures["tiers"].items():
        expected = rf"{tier} +{row['attributions']} +{row['word_recall']:.3f} +{row['speaker_accuracy']:.3f}"
        assert re.search(expected, reference), (tier, reference)
    asked = figures["asked_for"]
    assert re.search(rf"asked for +\d+ +{asked['word_recall']:.3f} +{asked['speaker_accuracy']:.3f}", reference)
    overall = figures["all"]
    assert f"precision {overall['word_precision']:.3f} over {overall['extracted']} extracted" in reference
