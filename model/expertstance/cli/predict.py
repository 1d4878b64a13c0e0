"""``expertstance predict``: the outlook of statements given on the command line or on stdin."""

import sys
from collections.abc import Iterator
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from expertstance.cli.options import (
    BackendOption,
    DeviceOption,
    JsonOption,
    ModelOption,
    PrecisionOption,
    RevisionOption,
)
from expertstance.cli.output import outlook, print_json
from expertstance.errors import InputError
from expertstance.predictions import Prediction


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(name="predict")(predict)


def predict(
    statements: Annotated[
        list[str], typer.Argument(help="Statements; - reads one per line from stdin, blank lines left out.")
    ],
    context: Annotated[str | None, typer.Option("--context", help="The matter at hand, for all statements.")] = None,
    model: ModelOption = None,
    revision: RevisionOption = None,
    device: DeviceOption = "auto",
    precision: PrecisionOption = "auto",
    backend: BackendOption = "auto",
    json: JsonOption = False,
) -> None:
    """Tell the outlook of statements: optimistic, cautious or skeptical."""
    texts = _texts(statements)
    from expertstance.classifier import StanceClassifier

    classifier = StanceClassifier.from_pretrained(
        model, revision=revision, device=device, precision=precision, backend=backend
    )
    predictions = classifier.predict(texts, context=context)
    if json:
        for prediction in predictions:
            print_json(prediction.to_dict())
    else:
        Console().print(_table(predictions))


def _texts(arguments: list[str]) -> list[str]:
    texts: list[str] = []
    for argument in arguments:
        if argument == "-":
            texts.extend(_stdin_lines())
        else:
            texts.append(argument)
    return texts


def _stdin_lines() -> Iterator[str]:
    for number, line in enumerate(sys.stdin.buffer.read().splitlines(), start=1):
        try:
            text = line.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise InputError(
                f"stdin, line {number} is not UTF-8: byte 0x{line[error.start]:02x} at offset {error.start}; "
                "convert it, for instance with: iconv -f WINDOWS-1252 -t UTF-8"
            ) from error
        if text.strip():
            yield text


def _table(predictions: list[Prediction]) -> Table:
    table = Table("outlook", "score", "note", "statement")
    for p in predictions:
        note = (p.reason or "").replace("_", " ")
        table.add_row(outlook(p.label, abstained=p.abstained), f"{p.score:.2f}", note, Text(p.text))
    return table
