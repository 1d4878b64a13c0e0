"""Rows of any input as plain values, and what makes a row unfit to be scored."""

import base64
from dataclasses import dataclass
from typing import Any

BOM = b"\xef\xbb\xbf"
MAX_ROW_BYTES = 32 * 2**20
"""A longer row is rejected: one row must fit in memory many times over."""
TOO_LONG = f"row has more than {MAX_ROW_BYTES:,} bytes; only its beginning is kept here"


@dataclass(frozen=True, slots=True)
class Record:
    """One row of an input.

    Attributes:
        source: The file that it comes from, as it was named.
        row: Number of the row in its file, from 1; blank lines and the header are not counted.
        line: Number of the line in the file where it starts, from 1; None where the format has no lines.
        values: Columns of the row; None where it could not be read.
        raw: The row as it stands in the file; None where the format is binary (``values`` then says it).
        problem: Why the row cannot be used, or None.
        spoken: What is scored in place of the text column, where that alone says the opposite; None elsewhere.
    """

    source: str
    row: int
    line: int | None
    values: dict[str, Any] | None
    raw: str | None
    problem: str | None = None
    spoken: str | None = None

    def rejected(self, reason: str) -> dict[str, Any]:
        """The row's entry in the rejects file."""
        entry: dict[str, Any] = {"source": self.source, "row": self.row, "line": self.line, "reason": reason}
        if self.raw is None:
            entry["raw"] = self.values
        elif is_text(self.raw):
            entry["raw"] = self.raw
        else:
            data = self.raw.encode("utf-8", "surrogateescape")
            entry["raw"] = data.decode("utf-8", "backslashreplace")
            entry["raw_base64"] = base64.b64encode(data).decode("ascii")
        return entry


def raw_row(data: bytes) -> str:
    """A row as it stands in the file; of one that is too long the beginning."""
    kept = data[:1000] if len(data) > MAX_ROW_BYTES else data
    return kept.rstrip(b"\r\n").decode("utf-8", "surrogateescape")


def is_text(value: str) -> bool:
    """Whether a string is Unicode text: no undecodable byte, no half of a surrogate pair."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def undecodable(raw: str) -> str:
    """Say which byte of a row that was decoded with ``surrogateescape`` is not UTF-8."""
    data = raw.encode("utf-8", "surrogateescape")
    try:
        data.decode()
    except UnicodeDecodeError as error:
        return f"not UTF-8: byte 0x{data[error.start]:02X} at byte {error.start + 1} of the row; convert the file"
    return "not UTF-8"


def text_problem(value: object, *, column: str, max_chars: int) -> str | None:
    """Why the value of the text column cannot be scored, or None."""
    if value is None:
        return f"column {column!r} is null"
    if not isinstance(value, str):
        return f"column {column!r} is not a string but {_kind(value)}"
    if not value.strip():
        return f"column {column!r} is empty"
    if len(value) > max_chars:
        return f"column {column!r} has {len(value):,} characters, at most {max_chars:,} are scored (max_chars)"
    if "\0" in value:
        return f"column {column!r} holds a NUL character"
    if not is_text(value):
        return f"column {column!r} is {undecodable(value)}"
    return None


def context_problem(value: object, *, column: str) -> str | None:
    """Why the value of the context column cannot be used, or None; null and empty mean no context."""
    if value is None:
        return None
    if not isinstance(value, str):
        return f"column {column!r} is not a string but {_kind(value)}"
    return None if is_text(value) else f"column {column!r} is {undecodable(value)}"


def _kind(value: object) -> str:
    names = {bool: "true or false", int: "a number", float: "a number", list: "a list", dict: "an object"}
    return names.get(type(value), f"a {type(value).__name__}")
