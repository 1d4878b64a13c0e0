"""JSON lines that people write or collect: labelled rows, statements to try a model on, articles with their gold.

Blank lines are passed over, a byte order mark may stand at the start, and every fault is one sentence with file and
line. Files to score have a reader of their own in ``expertstance.scoring``, which keeps the rows that it cannot use.
"""

import gzip
import json
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from expertstance.errors import InputError, faults_of

_BOM = b"\xef\xbb\xbf"

M = TypeVar("M", bound=BaseModel)


def read_objects(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Line numbers, from 1, and objects of a file, plain or ``.gz``.

    Raises:
        InputError: The file cannot be read, or a line of it is no JSON object in UTF-8.
    """
    for number, line in read_lines(path):
        yield number, parse_object(line, f"{path}, line {number}")


def read_models(path: Path, schema: type[M]) -> Iterator[tuple[int, M]]:
    """The same, each object checked against a schema.

    Raises:
        InputError: As ``read_objects``, or an object breaks a rule of the schema.
    """
    for number, line in read_lines(path):
        yield number, parse_model(line, schema, f"{path}, line {number}")


def read_lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """Line numbers, from 1, and lines that are not blank.

    Raises:
        InputError: The file cannot be read.
    """
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            yield from numbered_lines(file)
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(
            f"{path} cannot be read ({getattr(error, 'strerror', None) or error}); give JSON lines, plain or .gz; "
            "paths are taken from the current folder"
        ) from error


def numbered_lines(file: Iterable[bytes]) -> Iterator[tuple[int, bytes]]:
    """The same of a file that is open; in bytes, so that a broken encoding is found on its own line."""
    for number, line in enumerate(file, start=1):
        content = line.removeprefix(_BOM) if number == 1 else line
        if content.strip():
            yield number, content


def parse_object(line: bytes, place: str) -> dict[str, Any]:
    """The object that a line holds.

    Raises:
        InputError: It holds none; the message begins with ``place``.
    """
    try:
        row = json.loads(line.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise InputError(f"{place}: no JSON in UTF-8 ({error}); mend or remove the line") from error
    if not isinstance(row, dict):
        raise InputError(f"{place}: not a JSON object; mend or remove the line")
    return row


def parse_model(line: bytes, schema: type[M], place: str) -> M:
    """The object that a line holds, checked.

    Raises:
        InputError: It holds none, or one that breaks a rule of the schema; the message begins with ``place``.
    """
    try:
        return schema.model_validate(parse_object(line, place))
    except ValidationError as error:
        raise InputError(f"{place}: {faults_of(error, whole='the line')[0]}; mend or remove the line") from error
