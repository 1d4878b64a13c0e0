"""From the work file to the finished output: header and types are known only when the last row has been read."""

import csv
import io
import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, cast

import pyarrow as pa

from expertstance.scoring.columns import ColumnKinds, csv_cell, json_text
from expertstance.scoring.formats import FileKind, Format
from expertstance.scoring.parquet import write_parquet

_BATCH_ROWS = 4096
_BATCH_BYTES = 16 * 2**20


def write_output(
    rows: Path, final: Path, output: FileKind, *, kinds: ColumnKinds, added: dict[str, str], guard: bool
) -> None:
    """Turn JSON lines into the output's format.

    Args:
        rows: JSON lines of the scored rows.
        final: The file to write.
        output: Its format and compression.
        kinds: Columns of the inputs, as seen in the rows.
        added: Columns of the predictions with their types.
        guard: Whether CSV cells that look like formulas are disarmed.
    """
    if output.format is Format.PARQUET:
        types = kinds.types() | added
        write_parquet(_batches(rows, types), _schema(types), final)
    elif output.format is Format.JSONL:
        with rows.open("rb") as source, _packed(final, output.compression) as sink:
            shutil.copyfileobj(source, sink, 2**20)
    else:
        with _packed(final, output.compression) as sink:
            _write_delimited(rows, sink, output.format, columns=list(kinds.types() | added), guard=guard)


def write_batches(rows: Path, final: Path, schema: pa.Schema) -> None:
    """Turn Arrow IPC streams, one after another, into a Parquet file."""
    write_parquet(_stored_batches(rows), schema, final)


def _stored_batches(rows: Path) -> Iterator[pa.RecordBatch]:
    size = rows.stat().st_size
    with pa.OSFile(str(rows), "rb") as file:
        while file.tell() < size:
            yield from pa.ipc.open_stream(file)


def _write_delimited(rows: Path, sink: BinaryIO, format: Format, *, columns: list[str], guard: bool) -> None:
    text = io.TextIOWrapper(sink, encoding="utf-8", newline="", write_through=False)
    writer = csv.writer(text, delimiter=format.delimiter, lineterminator="\n")
    writer.writerow([csv_cell(name, guard=guard) for name in columns])
    careful = csv.writer(text, delimiter=format.delimiter, lineterminator="\n", quoting=csv.QUOTE_ALL)
    for values in _rows(rows):
        cells = [csv_cell(values.get(name), guard=guard) for name in columns]
        lone_return = any("\r" in cell for cell in cells)  # csv.writer quotes it by itself from Python 3.13 on only
        (careful if lone_return else writer).writerow(cells)
    text.flush()
    text.detach()


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    with path.open("rb") as file:
        for line in file:
            yield json.loads(line)


def _schema(types: dict[str, str]) -> pa.Schema:
    return pa.schema([(name, pa.type_for_alias("string" if kind == "json" else kind)) for name, kind in types.items()])


def _batches(path: Path, types: dict[str, str]) -> Iterator[pa.RecordBatch]:
    schema = _schema(types)
    waiting: list[dict[str, Any]] = []
    size = 0
    with path.open("rb") as file:
        for line in file:
            waiting.append(json.loads(line))
            size += len(line)
            if len(waiting) >= _BATCH_ROWS or size >= _BATCH_BYTES:
                yield _batch(waiting, types, schema)
                waiting, size = [], 0
    if waiting:
        yield _batch(waiting, types, schema)


def _batch(rows: list[dict[str, Any]], types: dict[str, str], schema: pa.Schema) -> pa.RecordBatch:
    arrays = []
    for (name, kind), field in zip(types.items(), schema, strict=True):
        cells = [row.get(name) for row in rows]
        if kind == "json":
            cells = [None if cell is None else json_text(cell) for cell in cells]
        arrays.append(pa.array(cells, field.type))
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


@contextmanager
def _packed(path: Path, compression: str | None) -> Iterator[BinaryIO]:
    if compression is None:
        with path.open("wb") as file:
            yield file
    else:
        with pa.CompressedOutputStream(pa.OSFile(str(path), "wb"), compression) as stream:
            yield cast(BinaryIO, stream)
