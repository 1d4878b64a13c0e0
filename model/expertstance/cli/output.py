"""What commands write: JSON lines and tables on stdout, one-line errors on stderr."""

import json
import sys
from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.text import Text

STYLES = {"optimistic": "green", "cautious": "yellow", "skeptical": "red"}


def err(message: str) -> None:
    """One error line on stderr."""
    Console(stderr=True, soft_wrap=True).print(Text.assemble(("error: ", "bold red"), " ".join(message.split())))


def warn(message: str) -> None:
    """One line on stderr about something that is done all the same."""
    Console(stderr=True, soft_wrap=True).print(Text.assemble(("warning: ", "bold yellow"), message))


def print_json(value: Mapping[str, Any]) -> None:
    """One JSON object on one line of stdout, with escapes where that has no UTF-8."""
    has_all = (sys.stdout.encoding or "").lower().startswith("utf")
    sys.stdout.write(json.dumps(value, ensure_ascii=not has_all) + "\n")


def outlook(label: str, *, abstained: bool = False) -> Text:
    """A label in its colour; in brackets where it should not be counted."""
    return Text(f"({label})", style="dim") if abstained else Text(label, style=STYLES.get(label, ""))
