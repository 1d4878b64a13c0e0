"""Rows of a CSV or TSV file through Python's ``csv`` module: cells stay text, a broken row costs only itself."""

import csv
from collections import deque
from collections.abc import Iterator

from expertstance.errors import InputError
from expertstance.scoring.formats import ByteSource, Format
from expertstance.scoring.records import BOM, MAX_ROW_BYTES, TOO_LONG, Record, is_text, raw_row, undecodable


class _Lines:
    """Lines of a file for one ``csv.reader`` after another; remembers those of the row being read."""

    def __init__(self, source: ByteSource) -> None:
        self._source = source
        self._waiting: deque[bytes] = deque()
        self.number = 0
        self.current: list[bytes] = []
        self._size = 0

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        if self._size > MAX_ROW_BYTES:
            raise csv.Error(TOO_LONG)
        line = self._waiting.popleft() if self._waiting else self._read()
        if not line:
            raise StopIteration
        self.number += 1
        self.current.append(line)
        self._size += len(line)
        if len(line) > MAX_ROW_BYTES:
            raise csv.Error(TOO_LONG)
        return line.decode("utf-8", "surrogateescape")

    def _read(self) -> bytes:
        line = self._source.readline(MAX_ROW_BYTES + 1)
        return line.removeprefix(BOM) if self.number == 0 else line

    def done(self) -> None:
        """The row is complete."""
        self.current = []
        self._size = 0

    def give_back(self) -> bytes:
        """Keep the first line of the row, hand out the others again; returns the first."""
        first, *rest = self.current
        self._waiting.extendleft(reversed(rest))
        self.number -= len(rest)
        self.done()
        return first


def read_header(source: ByteSource, format: Format) -> list[str]:
    """Column names of a CSV or TSV file.

    Raises:
        InputError: There is no header, it is damaged, or a name stands in it twice.
    """
    return _header(_Lines(source), source.path, format)


def read_delimited(source: ByteSource, format: Format) -> Iterator[Record]:
    """Every row as a record, the unusable ones with their problem; blank lines are no rows.

    An opening quotation mark that is never closed, or stands inside a cell that goes on after the closing one, costs
    the line that it stands in; reading goes on with the next line.

    Raises:
        InputError: The header is missing or damaged, or the compressed stream is.
    """
    lines = _Lines(source)
    header = _header(lines, source.path, format)
    row = 0
    reader = _reader(lines, format)
    while True:
        start = lines.number + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            row += 1
            raw = raw_row(lines.give_back())
            yield Record(source.path, row, start, None, raw, f"damaged row: {error}")
            reader = _reader(lines, format)
            continue
        data = b"".join(lines.current)
        lines.done()
        if not cells:
            continue
        row += 1
        raw = raw_row(data)
        problem = TOO_LONG if len(data) > MAX_ROW_BYTES else _problem(cells, header, raw)
        yield Record(source.path, row, start, None if problem else dict(zip(header, cells, strict=True)), raw, problem)


def _reader(lines: _Lines, format: Format) -> "Iterator[list[str]]":
    # the module's own limit is 128 KiB a cell; here it is that of a row that gets too long with its last line
    csv.field_size_limit(max(csv.field_size_limit(), 2 * MAX_ROW_BYTES))
    return csv.reader(lines, delimiter=format.delimiter, strict=True)


def _header(lines: _Lines, path: str, format: Format) -> list[str]:
    try:
        header = next(_reader(lines, format), [])
    except csv.Error as error:
        raise InputError(f"{path}: the header row is damaged ({error}); the first row must name the columns") from error
    raw = raw_row(b"".join(lines.current))
    lines.done()
    if not header:
        raise InputError(f"{path}: no header in the first line; the first row must name the columns")
    if not is_text(raw):
        encoding = "UTF-16" if raw.startswith(("\udcff\udcfe", "\udcfe\udcff")) else "WINDOWS-1252"
        raise InputError(f"{path}: the header is {undecodable(raw)}, for instance with iconv -f {encoding} -t UTF-8")
    if "\0" in raw:
        raise InputError(f"{path}: NUL bytes in the header; save the file as UTF-8 text")
    for name in header:
        if header.count(name) > 1:
            raise InputError(f"{path}: the header names column {name!r} twice; rename one of them")
    return header


def _problem(cells: list[str], header: list[str], raw: str) -> str | None:
    if len(cells) != len(header):
        return f"row has {len(cells)} cells, the header has {len(header)}"
    if not is_text(raw):
        return undecodable(raw)
    if "\0" in raw:
        return "row holds a NUL byte"
    return None
