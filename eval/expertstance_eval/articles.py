"""Evaluation end to end: statements, speakers and labels found in articles whose statements are known.

The label is scored twice, on the gold statements and on the statements that the extraction finds, so that a report
tells apart what the classifier gets wrong and what never reaches it. The articles that come with the package are
``suites/articles/articles.jsonl``.
"""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from importlib.resources import files
from itertools import zip_longest
from pathlib import Path
from typing import IO, Any, Self

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, model_validator
from scipy.optimize import linear_sum_assignment

from expertstance.calibration import Calibration
from expertstance.errors import InputError
from expertstance.hub import sha256
from expertstance.json_rows import read_models, read_objects
from expertstance.quotes import as_spoken, extract_statements
from expertstance.statements import Kind, Statement
from expertstance_eval.article_figures import Counts, figures_of
from expertstance_eval.bootstrap import Resampling
from expertstance_eval.config import ArticlesConfig
from expertstance_eval.records import as_written, probability_faults, stored
from expertstance_eval.sources import digest
from expertstance_eval.spans import Spans, words_of
from expertstance_eval.systems import load_system

MATCHED_OVERLAP = 0.5
"""Smallest share of shared words in all words of a gold and a found statement that makes them one statement."""
_DETERMINERS = {"a", "an", "the"}


class GoldStatement(BaseModel):
    """One statement: its words as spans of the text, how they are given, who said them (or null), and the label."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    spans: list[tuple[int, int]] = Field(min_length=1)
    kind: Kind
    speaker: str | None
    label: str


class LabelledArticle(BaseModel):
    """An article and all its statements."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    text: str
    statements: list[GoldStatement] = Field(min_length=1)

    @model_validator(mode="after")
    def _spans_hold_words(self) -> Self:
        for statement in self.statements:
            for start, end in statement.spans:
                if not 0 <= start < end <= len(self.text):
                    raise ValueError(f"span [{start}, {end}] is outside the {len(self.text)} characters or empty")
            if not words_of(self.text, statement.spans):
                raise ValueError(f"spans {statement.spans} hold no word")
        return self


def match(gold: Sequence[frozenset[int]], found: Sequence[frozenset[int]]) -> list[int | None]:
    """For each gold statement the found one with its words, one to one, or None.

    The assignment with the largest sum of overlaps (shared words over all words of the two, Jaccard) is taken; pairs
    below ``MATCHED_OVERLAP`` are left out of it.
    """
    overlap = np.zeros((len(gold), len(found)))
    for i, one in enumerate(gold):
        for j, other in enumerate(found):
            share = len(one & other) / max(1, len(one | other))
            overlap[i, j] = share if share >= MATCHED_OVERLAP else 0.0
    rows, columns = linear_sum_assignment(overlap, maximize=True)
    pairs = {int(i): int(j) for i, j in zip(rows, columns, strict=True) if overlap[i, j] > 0}
    return [pairs.get(i) for i in range(len(gold))]


def names_speaker(gold: str | None, found: str | None) -> bool:
    """Whether two names are of one speaker: all words of the shorter stand in the longer, articles left out."""
    if gold is None or found is None:
        return gold is found
    one, other = (set(re.findall(r"\w+", name.lower())) - _DETERMINERS for name in (gold, found))
    return bool(one and other) and (one <= other or other <= one)


def gold_paths(config: ArticlesConfig) -> dict[str, Path]:
    """The files of articles by the name a report gives them: as in the configuration, or those of the package."""
    if config.articles:
        return {source: Path(source) for source in config.articles}
    return {"suites/articles/articles.jsonl": Path(str(files("expertstance_eval"))) / "suites/articles/articles.jsonl"}


def read_articles(config: ArticlesConfig) -> Iterator[LabelledArticle]:
    """The articles in file order.

    Raises:
        InputError: A file is missing, a line of it is no labelled article, or an id repeats.
    """
    seen: set[str] = set()
    for name, path in gold_paths(config).items():
        for number, article in read_models(path, LabelledArticle):
            if article.id in seen:
                raise InputError(f"{name}, line {number}: article {article.id!r} stands twice; make ids unique")
            seen.add(article.id)
            yield article


def write_predictions(config: ArticlesConfig, file: IO[str], advance: Callable[[int], None]) -> dict[str, Any]:
    """Extract from every article and score its gold and its found statements; writes no text and no names.

    Raises:
        InputError: The articles cannot be used, or hold a label that the model lacks.
        ModelError: The model is not to be had.
    """
    system = load_system(config.model, labels=None)
    for article in read_articles(config):
        unknown = sorted({s.label for s in article.statements} - set(system.labels))
        if unknown:
            raise InputError(
                f"article {article.id!r} has the labels {unknown}, the model has {system.labels}; "
                "map them in model.label_map"
            )
        found = extract_statements(article.text)
        texts = [" ".join(article.text[s:e] for s, e in gold.spans) for gold in article.statements]
        logits = system.text_logits(texts + [as_spoken(s) for s in found])
        record = {
            "id": article.id,
            "text_sha256": digest(article.text),
            "labels": system.labels,
            **_compared(article, found),
            "logits": [stored(row) for row in logits],
            "probabilities": [stored(row) for row in system.probabilities(logits)],
        }
        file.write(json.dumps(record, ensure_ascii=False) + "\n")
        advance(1)
    return {"model": system.facts, "files": input_files(config)}


def _compared(article: LabelledArticle, found: Sequence[Statement]) -> dict[str, Any]:
    gold_spans = [gold.spans for gold in article.statements]
    matches, counts = _word_counts(article.text, gold_spans, [list(s.spans) for s in found])
    return {
        "gold": [
            {"spans": gold.spans, "kind": gold.kind, "label": gold.label, "match": j}
            | {"speaker_right": None if j is None else names_speaker(gold.speaker, found[j].speaker.name)}
            for gold, j in zip(article.statements, matches, strict=True)
        ],
        "found": [{"spans": s.spans, "kind": s.kind, "rule": s.rule} for s in found],
        "counts": counts,
    }


def _word_counts(text: str, gold: Sequence[Spans], found: Sequence[Spans]) -> tuple[list[int | None], dict[str, int]]:
    gold_words, found_words = ([words_of(text, spans) for spans in side] for side in (gold, found))
    every_gold, every_found = (frozenset[int]().union(*side) for side in (gold_words, found_words))
    counts = {
        "gold_words": len(every_gold),
        "found_words": len(every_found),
        "shared_words": len(every_gold & every_found),
        "exact": len(set(gold_words) & set(found_words)),
    }
    return match(gold_words, found_words), counts


def input_files(config: ArticlesConfig) -> dict[str, str]:
    """SHA-256 of the files of articles that are here, by name."""
    return {name: sha256(path) for name, path in gold_paths(config).items() if path.is_file()}


def summarise(config: ArticlesConfig, predictions: Path) -> dict[str, Any]:
    """Figures with intervals over articles, from ``predictions.jsonl`` alone.

    Raises:
        InputError: The file is not as ``write_predictions`` writes it.
    """
    ids: list[str] = []
    counts: Counts | None = None
    for number, record in read_objects(predictions):
        with as_written(predictions, number):
            counts = counts or Counts(labels=tuple(record["labels"]))
            counts.add(record)
            ids.append(record["id"])
    if counts is None:
        raise InputError(f"{predictions}: no articles in it")
    sampling = Resampling(resamples=config.resamples, seed=config.seed, confidence=config.confidence)
    return {"articles": len(ids), **figures_of(counts, sampling), "samples": {"ids": ids}}


def check_rows(config: ArticlesConfig, predictions: Path, temperature: float | None) -> Iterator[str]:
    """Rows of ``predictions.jsonl`` that do not go with the articles, their own spans, or their own logits."""
    calibration = Calibration(temperature=temperature or 1.0)
    present = all(path.is_file() for path in gold_paths(config).values())
    articles = read_articles(config) if present else iter(())
    for entry, article in zip_longest(read_objects(predictions), articles):
        if present and (entry is None or article is None or entry[1]["id"] != article.id):
            found, wanted = (None if entry is None else entry[1]["id"]), (None if article is None else article.id)
            yield f"{predictions.name}: article {found!r} where the gold file has {wanted!r}"
            return
        number, row = entry
        place = f"{predictions.name}, line {number}"
        yield from (f"{place}: {fault}" for fault in probability_faults(row, calibration))
        if article is not None:
            yield from (f"{place}: {fault}" for fault in _article_faults(row, article))


def _article_faults(row: dict[str, Any], article: LabelledArticle) -> Iterator[str]:
    """What the gold file and the stored spans do not give; names are not stored, so speakers stay for ``--rerun``."""
    if row["text_sha256"] != digest(article.text):
        yield f"the text of article {article.id!r} is another one"
        return
    gold = [{"spans": [list(span) for span in s.spans], "kind": s.kind, "label": s.label} for s in article.statements]
    if [{name: one[name] for name in ("spans", "kind", "label")} for one in row["gold"]] != gold:
        yield f"the gold statements of article {article.id!r} are others"
        return
    spans = [[(start, end) for start, end in one["spans"]] for one in row["found"]]
    matches, counts = _word_counts(article.text, [s.spans for s in article.statements], spans)
    if counts != row["counts"]:
        yield f"counts are {row['counts']}, the spans give {counts}"
    if matches != [one["match"] for one in row["gold"]]:
        yield f"matches are {[one['match'] for one in row['gold']]}, the spans give {matches}"
