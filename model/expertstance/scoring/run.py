"""One pass over the inputs with one model: what both a file and stdout as output need."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

from expertstance.predictions import Prediction
from expertstance.scoring.chunks import BatchColumns, Chunk, Position, Rules, batch_chunks, row_chunks
from expertstance.scoring.columns import ColumnKinds, json_text, kept_names, prediction_columns
from expertstance.scoring.finish import write_batches, write_output
from expertstance.scoring.formats import STANDARD, FileKind, Format
from expertstance.scoring.job import Plan
from expertstance.scoring.parquet import unified_schema
from expertstance.scoring.predicting import predict_pairs
from expertstance.scoring.sources import Source
from expertstance.scoring.summary import ScoreSummary

if TYPE_CHECKING:
    from expertstance.classifier import StanceClassifier

OnProgress = Callable[[int, float], None]
"""Told the rows that are done and the share of the inputs' bytes that has been read (0 where it cannot be told)."""


@dataclass(slots=True)
class Tally:
    """Counts of an output so far; ``fresh`` and ``tokens`` are this process's part."""

    rows: int = 0
    scored: int = 0
    rejected: int = 0
    resumed_at: int = 0
    fresh: int = 0
    tokens: int = 0


class Run:
    """A plan with its model.

    Attributes:
        tally: Counts of all chunks that ``done`` was told of.
        kinds: Columns seen so far, where rows have no declared schema.
    """

    def __init__(self, plan: Plan, classifier: "StanceClassifier", on_progress: OnProgress | None) -> None:
        """Get ready; the clock starts here."""
        self.plan = plan
        self.classifier = classifier
        self.tally = Tally()
        self._added = prediction_columns(str(label) for label in classifier.classes_)
        self.kinds = ColumnKinds()
        self._on_progress = on_progress
        self._used = 0
        self._started = perf_counter()
        job = plan.job
        # "context" is taken by default, so that a file whose text stands there would give each text to itself
        context_column = None if job.context_column == job.text_column else job.context_column
        self._rules = Rules(job.text_column, context_column, job.max_chars, self._added, plan.columns)
        inputs = unified_schema([source.path for source in plan.sources]) if plan.arrow else None
        self._columns = None if inputs is None else BatchColumns(inputs, self._added)

    @property
    def plain(self) -> bool:
        """Whether the work file already is the output: uncompressed JSON lines."""
        return self.plan.output == FileKind(Format.JSONL, None)

    def chunks(self, start: Position) -> Iterator[Chunk]:
        """The rows from there on, chunk by chunk."""
        return self.reader().read(self.plan.sources, start=start, kinds=self.kinds, used=self.note)

    def score(self, chunk: Chunk) -> "ScoredChunk":
        """Predict the rows of a chunk."""
        return score_chunk(self.classifier, chunk)

    def reader(self) -> "ChunkReader":
        """Reads the inputs chunk by chunk, here or elsewhere."""
        return ChunkReader(self._rules, self.plan.job.chunk_rows, self._columns, self.plan.output.format)

    def done(self, chunk: "ScoredChunk") -> None:
        """Count a chunk that is written."""
        self.tally.rows += chunk.scored + chunk.rejected
        self.tally.scored += chunk.scored
        self.tally.rejected += chunk.rejected
        self.tally.fresh += chunk.scored
        self.tally.tokens += chunk.tokens
        self.tell()

    def tell(self) -> None:
        """Report the progress."""
        if self._on_progress is not None:
            self._on_progress(self.tally.rows, self._used / self.plan.size if self.plan.size else 0.0)

    def finish(self, rows: Path, final: Path) -> None:
        """Write the output in its own format from the work file."""
        if self._columns is not None:
            write_batches(rows, final, self._columns.output)
        else:
            self.kinds.merge(dict.fromkeys(kept_names(self.plan.columns, self._added), ()))
            guard = self.plan.job.guard_formulas
            write_output(rows, final, self.plan.output, kinds=self.kinds, added=self._added, guard=guard)

    def summary(self, *, rejects: str | None, device: str | None = None) -> ScoreSummary:
        """What has been done, and where, if not on the classifier's own device."""
        seconds = perf_counter() - self._started
        return ScoreSummary(
            output=None if self.plan.job.output == STANDARD else self.plan.job.output,
            rejects=rejects,
            rows=self.tally.rows,
            scored=self.tally.scored,
            rejected=self.tally.rejected,
            resumed_at=self.tally.resumed_at,
            seconds=seconds,
            statements_per_second=self.tally.fresh / seconds,
            tokens_per_second=self.tally.tokens / seconds,
            device=device or str(self.classifier.device),
            precision=self.classifier.precision,
            backend=self.classifier.backend,
            model=self.classifier.name,
            revision=self.classifier.revision,
        )

    def note(self, used: int) -> None:
        """Take note of how many bytes of the inputs have been read."""
        self._used = used


@dataclass(frozen=True, slots=True)
class ChunkReader:
    """How inputs are cut into chunks.

    Attributes:
        rules: What makes a row fit.
        rows: Most rows of a chunk.
        columns: Columns of a Parquet output made of Parquet inputs; None where rows are read as JSON values.
        output: Format of the output.
    """

    rules: Rules
    rows: int
    columns: BatchColumns | None
    output: Format

    def read(
        self, sources: Sequence[Source], *, start: Position, kinds: ColumnKinds, used: Callable[[int], None]
    ) -> Iterator[Chunk]:
        """The chunks from a position on; ``kinds`` takes note of columns, ``used`` is told of the bytes read."""
        if self.columns is not None:
            yield from batch_chunks(sources, self.rules, rows=self.rows, start=start, columns=self.columns, used=used)
        else:
            noted = None if self.output is Format.JSONL else kinds
            yield from row_chunks(sources, self.rules, rows=self.rows, start=start, kinds=noted, used=used)


@dataclass(frozen=True, slots=True)
class ScoredChunk:
    """A chunk as bytes for the work file and for the rejects file, with its counts."""

    rows: bytes
    rejects: bytes
    scored: int
    rejected: int
    tokens: int


def score_chunk(classifier: "StanceClassifier", chunk: Chunk) -> ScoredChunk:
    """Predict the rows of a chunk."""
    answers = predict_pairs(classifier, chunk.pairs)
    scored = [(k, answer) for k, answer in enumerate(answers.answers) if isinstance(answer, Prediction)]
    refused = [chunk.rejected(k, answer) for k, answer in enumerate(answers.answers) if isinstance(answer, str)]
    rejects = [*chunk.rejects, *refused]
    lines = b"".join(_json_line(entry) for entry in rejects)
    return ScoredChunk(chunk.encode(scored), lines, len(scored), len(rejects), answers.tokens)


def _json_line(entry: dict[str, Any]) -> bytes:
    try:
        return json_text(entry).encode() + b"\n"
    except UnicodeEncodeError:  # half of a surrogate pair: only its escape can be written
        return json.dumps(entry).encode() + b"\n"
