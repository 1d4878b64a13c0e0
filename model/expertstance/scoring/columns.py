"""Columns of an output: what a prediction adds, what becomes of input columns of the same name, which types."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from expertstance.predictions import Prediction

TAKEN_PREFIX = "input_"
"""Put before the name of an input column that an output column needs, ``label`` for instance."""
MAX_COLUMNS = 2000
"""Columns that a format with a header takes; rows with further ones are rejected: they use keys as values."""

_DIGITS = 6
_LINE_ENDS = {0x85: "\\u0085", 0x2028: "\\u2028", 0x2029: "\\u2029"}
_AFTER = {"abstained": "bool", "reason": "string", "windows": "int64", "model": "string", "revision": "string"}


def prediction_columns(labels: Iterable[str]) -> dict[str, str]:
    """Names and Arrow types of the columns that a model with these labels adds, in order."""
    return {"label": "string", "score": "double", **{f"p_{label}": "double" for label in labels}, **_AFTER}


def prediction_values(prediction: Prediction) -> dict[str, Any]:
    """The added cells of one row; probabilities to six decimals."""
    return {
        "label": prediction.label,
        "score": round(prediction.score, _DIGITS),
        **{f"p_{label}": round(p, _DIGITS) for label, p in prediction.scores.items()},
        **{name: getattr(prediction, name) for name in _AFTER},
    }


def kept_names(names: Sequence[str], added: Mapping[str, Any], *, others: Iterable[str] = ()) -> list[str]:
    """Input column names, those that clash with an added column prefixed until they are free.

    ``others`` are the columns of further inputs, which are taken too.
    """
    if not any(name in added for name in names):
        return list(names)
    taken = {*names, *added, *others}
    kept = []
    for name in names:
        new = name
        while new in added or (new != name and new in taken):
            new = TAKEN_PREFIX + new
        taken.add(new)
        kept.append(new)
    return kept


class ColumnKinds:
    """Columns of rows without a declared schema, in order of appearance, with the kinds of values seen in each."""

    def __init__(self, kinds: Mapping[str, Iterable[str]] | None = None) -> None:
        """Go on from what ``to_dict`` gave."""
        self._kinds: dict[str, set[str]] = {name: set(seen) for name, seen in (kinds or {}).items()}

    def add(self, values: Mapping[str, Any]) -> bool:
        """Take note of a row; False, and nothing noted, where its new columns would be too many for a header."""
        if len(self._kinds) + sum(name not in self._kinds for name in values) > MAX_COLUMNS:
            return False
        for name, value in values.items():
            self._kinds.setdefault(name, set()).add(_kind(value))
        return True

    def merge(self, kinds: Mapping[str, Iterable[str]]) -> None:
        """Add what another one's ``to_dict`` gave."""
        for name, seen in kinds.items():
            self._kinds.setdefault(name, set()).update(seen)

    def to_dict(self) -> dict[str, list[str]]:
        """The same as plain lists, ready for JSON."""
        return {name: sorted(seen) for name, seen in self._kinds.items()}

    def types(self) -> dict[str, str]:
        """Arrow type of every column; ``"json"`` marks a string column whose cells are JSON text."""
        return {name: _column_type(seen - {"null"}) for name, seen in self._kinds.items()}


def _kind(value: object) -> str:
    if value is None:
        return "null"
    if isinstance(value, str):
        return "string"
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, float):
        return "float"
    if isinstance(value, int):
        return "int" if abs(value) <= 2**53 else "long" if -(2**63) <= value < 2**63 else "huge"
    return "nested"


def _column_type(kinds: set[str]) -> str:
    if kinds <= {"string"}:
        return "string"
    if kinds == {"bool"}:
        return "bool"
    if kinds <= {"int", "long"}:
        return "int64"
    if kinds <= {"int", "float"}:
        return "double"
    return "json"


def csv_cell(value: object, *, guard: bool) -> str:
    """A value as a CSV cell: text as it is, null as nothing, everything else as JSON; see ``guard_formula``."""
    if value is None:
        return ""
    if not isinstance(value, str):
        return json_text(value)
    return guard_formula(value) if guard else value


def json_text(value: object) -> str:
    """A value as JSON text on one line, also for readers that take other characters than a line feed as line ends."""
    return json.dumps(value, ensure_ascii=False).translate(_LINE_ENDS)


_FORMULA = re.compile(r"[=+\-@\t\r\n＝＋－＠]")
_NUMBER = re.compile(r"[+-]?\d+(?:[.,]\d+)*(?:[eE][+-]?\d+)?%?")


def guard_formula(cell: str) -> str:
    """Put an apostrophe before a cell that a spreadsheet would run as a formula; plain numbers stay as they are.

    The first characters are those that OWASP names under "CSV Injection".

    >>> [guard_formula(cell) for cell in ("=1+1", "-3.5", "+12%", "@SUM(A1)", "fine")]
    ["'=1+1", '-3.5', '+12%', "'@SUM(A1)", 'fine']
    """
    return f"'{cell}" if _FORMULA.match(cell) and not _NUMBER.fullmatch(cell) else cell
