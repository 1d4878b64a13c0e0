"""Rows of a JSON-lines file: one object a line, read line by line, nothing guessed and nothing reshaped."""

import json
import math
from collections.abc import Iterator
from typing import Any

from expertstance.scoring.formats import ByteSource
from expertstance.scoring.records import BOM, MAX_ROW_BYTES, TOO_LONG, Record, is_text, raw_row, undecodable


def read_json_lines(source: ByteSource) -> Iterator[Record]:
    """Every line that is not blank as a record, the unusable ones with their problem.

    Raises:
        InputError: The compressed stream is damaged.
    """
    row = line = 0
    while data := source.readline(MAX_ROW_BYTES + 1):
        line += 1
        if line == 1:
            data = data.removeprefix(BOM)
        if not data.strip():
            continue
        row += 1
        raw = raw_row(data)
        values, fault = (None, TOO_LONG) if len(data) > MAX_ROW_BYTES else parse_object(raw)
        yield Record(source.path, row, line, values, raw, fault)


def parse_object(raw: str) -> tuple[dict[str, Any] | None, str | None]:
    """The object that a line holds, or the reason why it holds none."""
    if not raw.isascii() and any("\udc80" <= c <= "\udcff" for c in raw):
        return None, undecodable(raw)
    try:
        values = json.loads(raw, object_pairs_hook=_unique, parse_constant=_constant, parse_float=_number)
    except json.JSONDecodeError as error:
        return None, f"invalid JSON: {error.msg} at character {error.pos + 1}"
    except RecursionError:
        return None, "invalid JSON: nested too deeply"
    except ValueError as error:
        return None, f"invalid JSON: {error}"
    if not isinstance(values, dict):
        return None, f"a JSON object is needed, this is {type(values).__name__}"
    if "\\u" in raw and not is_text(json.dumps(values, ensure_ascii=False)):
        return None, "half of a surrogate pair (a \\ud800 to \\udfff escape alone), which is no text"
    return values, None


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values = dict(pairs)
    if len(values) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise ValueError(f"key {twice!r} stands twice in one object")
    return values


def _constant(name: str) -> float:
    raise ValueError(f"{name} is no JSON number")


def _number(digits: str) -> float:
    value = float(digits)
    if math.isinf(value):
        raise ValueError(f"the number {digits[:40]} is too large")
    return value
