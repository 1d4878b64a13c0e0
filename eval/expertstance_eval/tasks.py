"""What each kind of evaluation does, under parallel names."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from expertstance_eval import articles, behaviour, classification, extraction, sections
from expertstance_eval.config import EvalConfig

Advance = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Task:
    """One kind of evaluation.

    Attributes:
        write_predictions: Scores the data into an open ``predictions.jsonl``; returns model facts and file hashes.
        summarise: All figures from ``predictions.jsonl`` alone.
        input_files: SHA-256 of the data files that are here, by path.
        check_rows: What is wrong with single rows of ``predictions.jsonl``.
        sections: The report's content from ``results.json``.
    """

    write_predictions: Callable[[Any, IO[str], Advance], dict[str, Any]]
    summarise: Callable[[Any, Path], dict[str, Any]]
    input_files: Callable[[Any], dict[str, str]]
    check_rows: Callable[[Any, Path, float | None], Iterator[str]]
    sections: Callable[[dict[str, Any]], list[sections.Section]]


TASKS = {
    "classification": Task(
        write_predictions=classification.write_predictions,
        summarise=classification.summarise,
        input_files=classification.input_files,
        check_rows=classification.check_rows,
        sections=sections.classification_sections,
    ),
    "extraction": Task(
        write_predictions=extraction.write_predictions,
        summarise=extraction.summarise,
        input_files=extraction.input_files,
        check_rows=extraction.check_rows,
        sections=sections.extraction_sections,
    ),
    "behaviour": Task(
        write_predictions=behaviour.write_predictions,
        summarise=behaviour.summarise,
        input_files=behaviour.input_files,
        check_rows=behaviour.check_rows,
        sections=sections.behaviour_sections,
    ),
    "articles": Task(
        write_predictions=articles.write_predictions,
        summarise=articles.summarise,
        input_files=articles.input_files,
        check_rows=articles.check_rows,
        sections=sections.articles_sections,
    ),
}


def task_of(config: EvalConfig) -> Task:
    """The task that a configuration asks for."""
    return TASKS[config.task]
