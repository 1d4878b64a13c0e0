"""Inputs cut into chunks that are scored and saved as a whole, always at the same rows, whoever reads them when."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from typing import Any, Protocol

import pyarrow as pa

from expertstance.errors import InputError
from expertstance.predictions import Prediction
from expertstance.scoring.columns import ColumnKinds, json_text, kept_names, prediction_values
from expertstance.scoring.parquet import json_rows, python_values, read_batches, row_count, select_rows
from expertstance.scoring.predicting import Pair
from expertstance.scoring.records import Record, context_problem, text_problem
from expertstance.scoring.sources import RecordStream, Source

CHUNK_CHARACTERS = 8 * 2**20
"""Characters of raw rows that a chunk holds at most, one row more at the most."""


@dataclass(frozen=True, slots=True)
class Position:
    """How far the inputs have been used: sources that are done with, and rows of the next one."""

    source: int = 0
    row: int = 0

    def to_dict(self) -> dict[str, int]:
        """The same for JSON."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Rules:
    """What makes a row fit to be scored, and what a prediction adds to it.

    Attributes:
        text_column: Column with the statement.
        context_column: Column with the second segment, used where a row has it; None for none.
        max_chars: Longest statement that is scored.
        added: Names and Arrow types of the columns that a prediction adds.
        declared: Columns that the headers of the inputs name.
    """

    text_column: str
    context_column: str | None
    max_chars: int
    added: dict[str, str]
    declared: tuple[str, ...] = ()

    def problem(self, values: dict[str, Any]) -> str | None:
        """Why a row cannot be scored, or None."""
        if self.text_column not in values:
            return f"column {self.text_column!r} is missing"
        found = text_problem(values[self.text_column], column=self.text_column, max_chars=self.max_chars)
        if found is None and self.context_column in values:
            found = context_problem(values[self.context_column], column=str(self.context_column))
        return found

    def pair(self, values: dict[str, Any]) -> Pair:
        """Text and context of a row that has no problem."""
        return values[self.text_column], None if self.context_column is None else values.get(self.context_column)


class Chunk(Protocol):
    """Rows that are scored together."""

    @property
    def position(self) -> Position:
        """Where the next chunk starts."""

    @property
    def pairs(self) -> Sequence[Pair]:
        """Texts and contexts of the rows that are fit to be scored."""

    @property
    def rejects(self) -> Sequence[dict[str, Any]]:
        """Entries of the rejects file for the other rows."""

    def rejected(self, k: int, reason: str) -> dict[str, Any]:
        """Entry of the rejects file for the row of ``pairs[k]``."""

    def encode(self, scored: Sequence[tuple[int, Prediction]]) -> bytes:
        """Rows of ``pairs[k]`` with their predictions as bytes of the work file."""


@dataclass(frozen=True, slots=True)
class RowChunk:
    """Rows as dictionaries; its bytes are JSON lines."""

    position: Position
    records: list[Record]
    rows: list[dict[str, Any]]
    pairs: list[Pair]
    rejects: list[dict[str, Any]]

    def rejected(self, k: int, reason: str) -> dict[str, Any]:
        """Entry of the rejects file for the row of ``pairs[k]``."""
        return self.records[k].rejected(reason)

    def encode(self, scored: Sequence[tuple[int, Prediction]]) -> bytes:
        """JSON lines: the row's columns, then those of the prediction."""
        return "".join(json_text(self.rows[k] | prediction_values(p)) + "\n" for k, p in scored).encode()


def row_chunks(
    sources: Sequence[Source],
    rules: Rules,
    *,
    rows: int,
    start: Position,
    kinds: ColumnKinds | None,
    used: Callable[[int], None],
) -> Iterator[RowChunk]:
    """Cut records into chunks of ``rows`` rows, or fewer large ones.

    Args:
        sources: The inputs.
        rules: What fits.
        rows: Most rows of a chunk.
        start: Where to begin.
        kinds: Takes note of the columns, where the output has a header.
        used: Told how many bytes of all inputs have been read.
    """
    chunk = _RowChunkBuilder(rules, kinds)
    done = sum(source.size for source in sources[: start.source])
    for k, source in enumerate(sources[start.source :], start=start.source):
        stream = RecordStream(source)
        try:
            skipped = start.row if k == start.source else 0
            for n, record in enumerate(islice(stream, skipped, None), start=skipped + 1):
                chunk.add(record)
                if len(chunk) >= rows or chunk.characters >= CHUNK_CHARACTERS:
                    used(done + stream.used())
                    yield chunk.finish(Position(k, n))
                    chunk = _RowChunkBuilder(rules, kinds)
        finally:
            stream.close()
        done += source.size
    used(done)
    if len(chunk):
        yield chunk.finish(Position(len(sources), 0))


class _RowChunkBuilder:
    """Collects the records of one chunk."""

    def __init__(self, rules: Rules, kinds: ColumnKinds | None) -> None:
        self._rules = rules
        self._kinds = kinds
        self._records: list[Record] = []
        self._rows: list[dict[str, Any]] = []
        self._pairs: list[Pair] = []
        self._rejects: list[dict[str, Any]] = []
        self.characters = 0

    def __len__(self) -> int:
        return len(self._records) + len(self._rejects)

    def add(self, record: Record) -> None:
        self.characters += (
            len(record.raw)
            if record.raw is not None
            else sum(len(value) for value in (record.values or {}).values() if isinstance(value, str))
        )
        values = record.values
        if record.problem is not None or values is None:
            self._rejects.append(record.rejected(record.problem or "unreadable"))
            return
        if problem := self._rules.problem(values):
            self._rejects.append(record.rejected(problem))
            return
        names = kept_names(list(values), self._rules.added, others=self._rules.declared)
        row = dict(zip(names, values.values(), strict=True))
        if self._kinds is not None and not self._kinds.add(row):
            self._rejects.append(record.rejected("too many new columns for a format with a header; write JSON lines"))
            return
        self._records.append(record)
        self._rows.append(row)
        text, context = self._rules.pair(values)
        self._pairs.append((record.spoken or text, context))

    def finish(self, position: Position) -> RowChunk:
        return RowChunk(position, self._records, self._rows, self._pairs, self._rejects)


@dataclass(frozen=True, slots=True)
class BatchChunk:
    """Rows as one Arrow batch; its bytes are one Arrow IPC stream."""

    position: Position
    batch: pa.RecordBatch
    pairs: list[Pair]
    rejects: list[dict[str, Any]]
    numbers: list[int]
    source: str
    columns: "BatchColumns"

    def rejected(self, k: int, reason: str) -> dict[str, Any]:
        """Entry of the rejects file for the row of ``pairs[k]``."""
        values = json_rows(self.batch.slice(k, 1))[0]
        return Record(self.source, self.numbers[k], None, values, None).rejected(reason)

    def encode(self, scored: Sequence[tuple[int, Prediction]]) -> bytes:
        """An Arrow IPC stream of the columns of all inputs and those of the prediction."""
        batch = select_rows(self.batch, [k for k, _ in scored])
        cells = [prediction_values(p) for _, p in scored]
        schema = self.columns.output
        arrays = [_column(batch, field) for field in self.columns.inputs]
        for name in self.columns.added:
            arrays.append(pa.array([row[name] for row in cells], schema.field(len(arrays)).type))
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, schema) as writer:
            writer.write_batch(pa.RecordBatch.from_arrays(arrays, schema=schema))
        return bytes(sink.getvalue().to_pybytes())


def _column(batch: pa.RecordBatch, field: pa.Field) -> pa.Array:
    index = batch.schema.get_field_index(field.name)
    if index < 0:
        return pa.nulls(batch.num_rows, field.type)
    column = batch.column(index)
    if column.type == field.type:
        return column
    try:
        return column.cast(field.type)
    except pa.ArrowInvalid as error:
        raise InputError(
            f"column {field.name!r} is {column.type} in one input and {field.type} in another, which cannot hold its "
            f"values ({str(error).splitlines()[0]}); score the inputs apart"
        ) from error


@dataclass(frozen=True, slots=True)
class BatchColumns:
    """Columns of a Parquet output: those of all inputs, and the same renamed where they clash with the added ones."""

    inputs: pa.Schema
    added: dict[str, str]

    @property
    def output(self) -> pa.Schema:
        """Schema of the output."""
        names = kept_names(self.inputs.names, self.added)
        fields = [field.with_name(name) for field, name in zip(self.inputs, names, strict=True)]
        added = [pa.field(name, pa.type_for_alias(kind)) for name, kind in self.added.items()]
        return pa.schema([*fields, *added], metadata=self.inputs.metadata if names == self.inputs.names else None)


def batch_chunks(
    sources: Sequence[Source],
    rules: Rules,
    *,
    rows: int,
    start: Position,
    columns: BatchColumns,
    used: Callable[[int], None],
) -> Iterator[BatchChunk]:
    """Cut Parquet files into batches of ``rows`` rows, or fewer large ones; see ``row_chunks``."""
    done = sum(source.size for source in sources[: start.source])
    for k, source in enumerate(sources[start.source :], start=start.source):
        skip = start.row if k == start.source else 0
        position, count = 0, row_count(source.path)
        for batch in read_batches(source.path, rows=rows):
            first, position = position + 1, position + batch.num_rows
            if position <= skip:
                continue
            used(done + source.size * position // max(1, count))
            yield _batch_chunk(batch, rules, source.path, first, Position(k, position), columns)
        done += source.size
        used(done)


def _batch_chunk(
    batch: pa.RecordBatch, rules: Rules, path: str, first: int, position: Position, columns: BatchColumns
) -> BatchChunk:
    texts = python_values(batch.column(batch.schema.get_field_index(rules.text_column)))
    index = -1 if rules.context_column is None else batch.schema.get_field_index(rules.context_column)
    contexts = [None] * batch.num_rows if index < 0 else python_values(batch.column(index))
    kept: list[int] = []
    pairs: list[Pair] = []
    rejects: list[dict[str, Any]] = []
    for k, (text, context) in enumerate(zip(texts, contexts, strict=True)):
        row = {rules.text_column: text, rules.context_column or "": context}
        if problem := rules.problem(row):
            values = json_rows(batch.slice(k, 1))[0]
            rejects.append(Record(path, first + k, None, values, None).rejected(problem))
        else:
            kept.append(k)
            pairs.append(rules.pair(row))
    fit = select_rows(batch, kept) if rejects else batch
    return BatchChunk(position, fit, pairs, rejects, [first + k for k in kept], path, columns)
