"""Evaluation of extraction: statements and speakers found in articles against gold attributions.

A gold attribution belongs to a tier by how its words are given: ``direct`` (at least 80 % of its words stand inside
quotation marks), ``mixed`` (some), ``reported`` (none, and its cue holds a reporting verb), ``other`` (beliefs,
intentions, threats: not asked for, and never held against the extractor). Words are counted, so that joining or
splitting a quote costs nothing; beside them stands how often a statement has exactly the words of an attribution.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import IO, Any

import numpy as np
from pydantic import BaseModel, ConfigDict

from expertstance.errors import InputError
from expertstance.hub import sha256
from expertstance.json_rows import read_models, read_objects
from expertstance.quotes import extract_statements
from expertstance.statements import Statement
from expertstance_eval.bootstrap import Floats, Resampling, figures_by_group, ratio
from expertstance_eval.config import ExtractionConfig
from expertstance_eval.records import as_written
from expertstance_eval.sources import digest
from expertstance_eval.spans import Spans, words_of

TIERS = ("direct", "mixed", "reported", "other")
ASKED_FOR = TIERS[:3]
COUNTS = ("attributions", "words", "covered", "with_source", "speaker_right", "exact")
ARTICLE_COUNTS = ("extracted", "supported", "statements", "exact_statements")
DIRECT_SHARE = 0.8
COVERED_SHARE = 0.7
_VERB_FORMS = (
    "say says said saying tell tells told telling add adds added adding note notes noted noting state states stated "
    "stating report reports reported reporting reply replies replied write writes wrote deny denies denied "
    "call calls called according"
).split()
_VERB_STEMS = (
    "acknowledg announc argu assert claim comment conced confirm contend declar estimat explain insist predict remark "
    "testif tweet warn"
).split()
_REPORTING = re.compile(rf"\b(?:(?:{'|'.join(_VERB_FORMS)})|(?:{'|'.join(_VERB_STEMS)})\w*)\b", re.IGNORECASE)
_PRONOUNS = {"he", "she", "they", "it", "him", "her", "them", "i", "we", "who"}


class Attribution(BaseModel):
    """Who (source), the reporting words (cue) and what was said (content), each as spans of the text."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    source: list[tuple[int, int]]
    cue: list[tuple[int, int]]
    content: list[tuple[int, int]]


class GoldArticle(BaseModel):
    """An article with its gold attributions."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    id: str
    text: str
    attributions: list[Attribution]


@dataclass(frozen=True, slots=True)
class ArticleWords:
    """An article and what of it stands inside quotation marks.

    Attributes:
        text: The article.
        quoted: Positions inside quotation marks.
    """

    text: str
    quoted: frozenset[int]


def quoted_positions(text: str) -> frozenset[int]:
    """Positions inside double quotation marks, marks included, paragraph by paragraph.

    A curly opening mark always opens, a straight one where none is open; a mark left open runs to the end of its
    paragraph.
    """
    inside: set[int] = set()
    for paragraph in re.finditer(r"[^\n]+", text):
        opened: int | None = None
        for mark in re.finditer('[“”"]', paragraph.group()):
            place = paragraph.start() + mark.start()
            if mark.group() == "“" or (mark.group() == '"' and opened is None):
                opened = place
            elif opened is not None:
                inside.update(range(opened, place + 1))
                opened = None
        if opened is not None:
            inside.update(range(opened, paragraph.end()))
    return frozenset(inside)


def tier_of(article: ArticleWords, attribution: Attribution) -> str:
    """How the words of an attribution are given, one of ``TIERS``; its content must hold words."""
    content = words_of(article.text, attribution.content)
    share = len(content & article.quoted) / len(content)
    if share >= DIRECT_SHARE:
        return "direct"
    if share > 0:
        return "mixed"
    cue = " ".join(article.text[start:end] for start, end in attribution.cue)
    return "reported" if _REPORTING.search(cue) else "other"


def names_source(text: str, source: Spans, statement: Statement) -> bool:
    """Whether a statement's speaker is the source: its mention overlaps it, or its last name stands in it.

    A source that is a pronoun counts by the mention alone.
    """
    mention = statement.speaker.mention
    if mention is not None and any(mention[0] < end and start < mention[1] for start, end in source):
        return True
    name = re.findall(r"\w+", (statement.speaker.name or "").lower())
    gold = re.findall(r"\w+", " ".join(text[start:end] for start, end in source).lower())
    is_pronoun = len(gold) == 1 and gold[0] in _PRONOUNS
    return bool(name) and not is_pronoun and name[-1] in gold


def count_article(gold: GoldArticle, statements: Sequence[Statement]) -> dict[str, Any]:
    """The counts of one article that all figures are sums of: per tier those in ``COUNTS``, and ``ARTICLE_COUNTS``."""
    counts, closest = _span_counts(gold, [s.spans for s in statements])
    for tier, source, k in closest:
        counts["tiers"][tier]["speaker_right"] += names_source(gold.text, source, statements[k])
    return counts


def _span_counts(gold: GoldArticle, statements: Sequence[Spans]) -> tuple[dict[str, Any], list[tuple[str, Spans, int]]]:
    """Every count that spans alone give, ``speaker_right`` still 0.

    Returns:
        The counts; and for each covered attribution with a source its tier, the source, and the index of the statement
        that shares the most words with it.
    """
    article = ArticleWords(gold.text, quoted_positions(gold.text))
    found = [words_of(gold.text, spans) for spans in statements]
    every = frozenset[int]().union(*found)
    exact = {words for words in found if words}
    tiers = {tier: dict.fromkeys(COUNTS, 0) for tier in TIERS}
    closest: list[tuple[str, Spans, int]] = []
    supported: set[int] = set()
    gold_sets: set[frozenset[int]] = set()
    for attribution in gold.attributions:
        content = words_of(gold.text, attribution.content)
        if not content:
            continue
        supported |= content
        gold_sets.add(content)
        covered = content & every
        tier = tier_of(article, attribution)
        row = tiers[tier]
        row["attributions"] += 1
        row["words"] += len(content)
        row["covered"] += len(covered)
        row["exact"] += content in exact
        if attribution.source and len(covered) >= COVERED_SHARE * len(content):
            row["with_source"] += 1
            best = max(range(len(found)), key=lambda k: len(found[k] & content))
            closest.append((tier, attribution.source, best))
    counts = {
        "tiers": tiers,
        "extracted": len(every),
        "supported": len(every & supported),
        "statements": len(exact),
        "exact_statements": len(exact & gold_sets),
    }
    return counts, closest


def read_gold(path: Path) -> Iterator[GoldArticle]:
    """The articles of a gold file.

    Raises:
        InputError: The file is missing, or a line of it is no gold article.
    """
    for number, article in read_models(path, GoldArticle):
        size = len(article.text)
        for attribution in article.attributions:
            for start, end in (*attribution.source, *attribution.cue, *attribution.content):
                if not 0 <= start <= end <= size:
                    raise InputError(f"{path}, line {number}: span [{start}, {end}] is outside the {size} characters")
        yield article


def write_predictions(config: ExtractionConfig, file: IO[str], advance: Callable[[int], None]) -> dict[str, Any]:
    """Extract from every article; writes spans and counts, no text.

    Raises:
        InputError: The gold file cannot be used.
    """
    for article in read_gold(Path(config.gold)):
        statements = extract_statements(article.text)
        record = {
            "id": article.id,
            "text_sha256": digest(article.text),
            "statements": [
                {"spans": s.spans, "mention": s.speaker.mention, "kind": s.kind, "rule": s.rule} for s in statements
            ],
            "counts": count_article(article, statements),
        }
        file.write(json.dumps(record, ensure_ascii=False) + "\n")
        advance(1)
    return {"model": None, "files": input_files(config)}


def input_files(config: ExtractionConfig) -> dict[str, str]:
    """SHA-256 of the gold file, if it is here."""
    return {config.gold: sha256(Path(config.gold))} if Path(config.gold).is_file() else {}


def summarise(config: ExtractionConfig, predictions: Path) -> dict[str, Any]:
    """Figures with intervals over articles, from the counts in ``predictions.jsonl``.

    Raises:
        InputError: The file is not as ``write_predictions`` writes it.
    """
    ids: list[str] = []
    rows: list[list[float]] = []
    for number, record in read_objects(predictions):
        with as_written(predictions, number):
            counts = record["counts"]
            ids.append(record["id"])
            rows.append(
                [float(counts["tiers"][tier][name]) for tier in TIERS for name in COUNTS]
                + [float(counts[name]) for name in ARTICLE_COUNTS]
            )
    if not rows:
        raise InputError(f"{predictions}: no articles in it")
    sums = np.array(rows)
    totals = sums.sum(axis=0)
    sampling = Resampling(resamples=config.resamples, seed=config.seed, confidence=config.confidence)
    groups = figures_by_group(sums, _figures, sampling)
    return {
        "articles": len(ids),
        "tiers": {
            tier: {
                **{name: int(totals[_column(tier, name)]) for name in COUNTS},
                **groups[tier],
            }
            for tier in TIERS
        },
        "asked_for": groups["asked_for"],
        "all": {
            **{name: int(totals[len(TIERS) * len(COUNTS) + k]) for k, name in enumerate(ARTICLE_COUNTS)},
            **groups["all"],
        },
        "samples": {"ids": ids},
    }


def _column(tier: str, count: str) -> int:
    return TIERS.index(tier) * len(COUNTS) + COUNTS.index(count)


def _figures(totals: Floats) -> dict[str, Floats]:
    """Figures of many totals of shape (m, counts) at once; a share of nothing is 0."""

    def total(tiers: Iterable[str], count: str) -> Floats:
        return np.asarray(totals[:, [_column(tier, count) for tier in tiers]].sum(axis=1))

    figures: dict[str, Floats] = {}
    for group, tiers in (*((tier, (tier,)) for tier in TIERS), ("asked_for", ASKED_FOR)):
        figures[f"{group}.word_recall"] = ratio(total(tiers, "covered"), total(tiers, "words"))
        figures[f"{group}.speaker_accuracy"] = ratio(total(tiers, "speaker_right"), total(tiers, "with_source"))
        figures[f"{group}.exact_recall"] = ratio(total(tiers, "exact"), total(tiers, "attributions"))
    extracted, supported, statements, exact_statements = totals[:, len(TIERS) * len(COUNTS) :].T
    precision = ratio(supported, extracted)
    recall = figures["asked_for.word_recall"]
    exact_precision = ratio(exact_statements, statements)
    exact_recall = figures["asked_for.exact_recall"]
    figures["all.word_precision"] = precision
    figures["all.word_f1"] = ratio(2 * precision * recall, precision + recall)
    figures["all.exact_precision"] = exact_precision
    figures["all.exact_f1"] = ratio(2 * exact_precision * exact_recall, exact_precision + exact_recall)
    return figures


def check_rows(config: ExtractionConfig, predictions: Path, temperature: float | None) -> Iterator[str]:
    """Rows of ``predictions.jsonl`` that do not go with the gold file, where it is here."""
    del temperature
    if not Path(config.gold).is_file():
        return
    for entry, article in zip_longest(read_objects(predictions), read_gold(Path(config.gold))):
        if entry is None or article is None or entry[1]["id"] != article.id:
            found = None if entry is None else entry[1]["id"]
            wanted = None if article is None else article.id
            yield f"{predictions.name}: article {found!r} where the gold file has {wanted!r}"
            return
        number, row = entry
        if row["text_sha256"] != digest(article.text):
            yield f"{predictions.name}, line {number}: the text of article {article.id!r} is another one"
        yield from (f"{predictions.name}, line {number}: {fault}" for fault in _count_faults(row, article))


def _count_faults(row: dict[str, Any], article: GoldArticle) -> Iterator[str]:
    """Counts that the stored spans do not give; speakers' names are not stored, so those stay for ``--rerun``."""
    expected, _ = _span_counts(article, [[(start, end) for start, end in one["spans"]] for one in row["statements"]])
    stored = row["counts"]
    pairs = [(name, stored[name], expected[name]) for name in ARTICLE_COUNTS] + [
        (f"{tier} {name}", stored["tiers"][tier][name], expected["tiers"][tier][name])
        for tier in TIERS
        for name in COUNTS
        if name != "speaker_right"
    ]
    for name, found, given in pairs:
        if found != given:
            yield f"{name} is {found}, the spans give {given}"
