"""Parquet in and out: rows as JSON values for outputs of other formats, record batches for Parquet outputs."""

import base64
import json
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from expertstance.errors import InputError
from expertstance.scoring.formats import is_uri, open_binary
from expertstance.scoring.records import Record, is_text, undecodable

BATCH_BYTES = 16 * 2**20
"""Uncompressed bytes that one batch holds at most, going by the file's average row."""
ROW_GROUP_ROWS = 65_536
ROW_GROUP_BYTES = 64 * 2**20


def open_parquet(path: str) -> pq.ParquetFile:
    """Open a Parquet file.

    Raises:
        InputError: It is none.
    """
    try:
        return pq.ParquetFile(open_binary(path) if is_uri(path) else path, pre_buffer=False)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, OSError) as error:
        raise InputError(f"{path}: not readable as Parquet ({str(error).splitlines()[0]}); check the file") from error


def read_schema(path: str) -> pa.Schema:
    """Column names and types of a Parquet file.

    Raises:
        InputError: It is none, or a column name stands in it twice.
    """
    with open_parquet(path) as file:
        schema = file.schema_arrow
    for name in schema.names:
        if schema.names.count(name) > 1:
            raise InputError(f"{path}: column {name!r} stands in it twice; rename one of them")
    return schema


def row_count(path: str) -> int:
    """Rows of a Parquet file, from its index."""
    with open_parquet(path) as file:
        return int(file.metadata.num_rows)


def unified_schema(paths: Sequence[str]) -> pa.Schema:
    """One schema for several Parquet files: all columns, number types widened where they differ.

    Raises:
        InputError: A column has types that do not go together.
    """
    schemas = [read_schema(path) for path in paths]
    try:
        return pa.unify_schemas(schemas, promote_options="permissive")
    except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
        reason = str(error).splitlines()[0]
        raise InputError(f"{', '.join(paths)}: columns do not go together ({reason}); score them apart") from error


def check_text_type(path: str, schema: pa.Schema, column: str) -> None:
    """See that a column is text.

    Raises:
        InputError: It is of another type.
    """
    found = schema.field(column).type
    if pa.types.is_dictionary(found):
        found = found.value_type
    if not (
        pa.types.is_string(found)
        or pa.types.is_large_string(found)
        or pa.types.is_string_view(found)
        or pa.types.is_null(found)
    ):
        raise InputError(f"{path}: column {column!r} is of type {found}, text is needed; name another column")


def read_batches(path: str, *, rows: int) -> Iterator[pa.RecordBatch]:
    """Record batches of at most ``rows`` rows, fewer where the rows are large; always cut at the same places.

    Raises:
        InputError: The file is damaged.
    """
    with open_parquet(path) as file:
        groups = [file.metadata.row_group(k) for k in range(file.metadata.num_row_groups)]
        average = sum(group.total_byte_size for group in groups) / max(1, file.metadata.num_rows)
        size = max(1, min(rows, int(BATCH_BYTES / max(1.0, average))))
        try:
            yield from file.iter_batches(batch_size=size)
        except (pa.ArrowInvalid, OSError) as error:
            reason = str(error).splitlines()[0]
            raise InputError(f"{path}: cannot be read further ({reason}); repair or fetch the file again") from error


def select_rows(batch: pa.RecordBatch, rows: Sequence[int]) -> pa.RecordBatch:
    """Rows of a batch, in ascending order; ``take`` would not do for types as ``string_view``."""
    starts = [k for k, row in enumerate(rows) if k == 0 or row != rows[k - 1] + 1]
    runs = [batch.slice(rows[k], end - k) for k, end in zip(starts, [*starts[1:], len(rows)], strict=True)]
    return pa.concat_batches(runs) if runs else batch.slice(0, 0)


def read_parquet_rows(path: str) -> Iterator[Record]:
    """Every row as a record of JSON values.

    Raises:
        InputError: The file is damaged.
    """
    read_schema(path)
    row = 0
    for batch in read_batches(path, rows=1024):
        for values in json_rows(batch):
            row += 1
            line = json.dumps(values, ensure_ascii=False)
            yield Record(path, row, None, values, None, None if is_text(line) else undecodable(line))


def json_rows(batch: pa.RecordBatch) -> list[dict[str, Any]]:
    """Rows of a batch as JSON values: dates and times in ISO form, decimals as text, bytes in base64."""
    columns = [[json_value(value) for value in python_values(batch.column(k))] for k in range(batch.num_columns)]
    return [dict(zip(batch.schema.names, row, strict=True)) for row in zip(*columns, strict=True)]


def python_values(array: pa.Array) -> list[Any]:
    """Values of a column; text that is not UTF-8 comes with its bytes escaped (``surrogateescape``).

    A date or time that Python cannot hold (a far year, an unknown time zone, nanoseconds where pandas is missing) comes
    as the number that stands in the file.
    """
    try:
        return list(array.to_pylist())
    except (ValueError, OverflowError, LookupError):
        return [_python_value(scalar) for scalar in array]


def _python_value(scalar: pa.Scalar) -> Any:
    if not scalar.is_valid:
        return None
    if isinstance(scalar, pa.DictionaryScalar):
        return _python_value(scalar.value)
    if isinstance(scalar, pa.StructScalar):
        return {name: _python_value(scalar[name]) for name in scalar}
    if isinstance(scalar, pa.ListScalar):
        return [_python_value(item) for item in scalar.values]
    try:
        return scalar.as_py()
    except UnicodeDecodeError:
        return scalar.as_buffer().to_pybytes().decode("utf-8", "surrogateescape")
    except (ValueError, OverflowError, LookupError):
        return scalar.value


def json_value(value: Any) -> Any:
    """A value of Arrow as a value of JSON."""
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float):
        return value if value - value == 0 else None  # JSON knows neither NaN nor infinity
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    if isinstance(value, dict):
        return {str(key): json_value(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [json_value(item) for item in value]
    return str(value)


def write_parquet(batches: Iterator[pa.RecordBatch], schema: pa.Schema, path: Path) -> None:
    """Write batches as row groups of a fixed least size, so that the same rows give the same bytes."""
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        waiting: list[pa.RecordBatch] = []
        rows = size = 0
        for batch in batches:
            waiting.append(batch)
            rows += batch.num_rows
            size += batch.nbytes
            if rows >= ROW_GROUP_ROWS or size >= ROW_GROUP_BYTES:
                _write_group(writer, waiting, schema)
                waiting, rows, size = [], 0, 0
        if rows:
            _write_group(writer, waiting, schema)


def _write_group(writer: pq.ParquetWriter, batches: list[pa.RecordBatch], schema: pa.Schema) -> None:
    table = pa.Table.from_batches(batches, schema=schema)
    writer.write_table(table, row_group_size=table.num_rows)
