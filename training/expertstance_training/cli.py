"""The sub-commands that training adds to ``expertstance``: ``train`` and ``data``."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from expertstance.cli.options import JsonOption
from expertstance.cli.output import err, print_json, warn
from expertstance.errors import InputError, MissingExtraError

if TYPE_CHECKING:
    from expertstance_training.check import Check

CORPUS = ["corpus:train", "corpus:figurative", "corpus:borders", "corpus:clauses", "corpus:dev", "corpus:test"]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command(name="train")(train)
    data = typer.Typer(help="Look after labelled data.", no_args_is_help=True)
    data.command(name="check")(check)
    data.command(name="hydrate")(hydrate)
    app.add_typer(data, name="data")


@contextmanager
def _training_extra() -> Iterator[None]:
    try:
        yield
    except ModuleNotFoundError as error:
        raise MissingExtraError(
            f"this command needs the package {error.name!r}: pip install 'expertstance[train]'"
        ) from error


def train(
    config: Annotated[Path, typer.Argument(help="YAML configuration, e.g. configs/e5-small.yaml.")],
    out: Annotated[Path | None, typer.Option("--out", "-o", help="Run folder.", show_default="runs/NAME")] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on from the run folder's checkpoint.")] = False,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Empty the run folder first.")] = False,
    json: JsonOption = False,
) -> None:
    """Fine-tune a classifier as a configuration says."""
    with _training_extra():
        from expertstance_training.config import load_config
        from expertstance_training.run import train as run
    loaded = load_config(config)
    folder = out if out is not None else Path("runs") / loaded.name
    facts = run(loaded, folder, resume=resume, overwrite=overwrite)
    scores, trained_on = facts["validation"], facts["data"]["validation_statements_trained_on"]
    if trained_on:
        warn(
            f"{trained_on} of the {scores['n']} validation statements stand in the training data too, so figures and "
            "calibration are too good; take them out of one of the two"
        )
    if not facts["min_accuracy_reached"]:
        warn(
            f"no threshold makes accepted held-out predictions right {loaded.min_accuracy * 100:g}% of the time, so "
            "the model refuses nothing; lower min_accuracy"
        )
    if json:
        print_json(facts)
        return
    Console(markup=False).print(
        f"{folder / 'model'}: macro-F1 {scores['macro_f1']:.3f}, accuracy {scores['accuracy']:.3f} "
        f"on {scores['n']} held-out statements (epoch {', '.join(str(run['best_epoch']) for run in facts['runs'])})",
        soft_wrap=True,
    )


def check(
    files: Annotated[
        list[str] | None, typer.Argument(help="JSON-lines files, one split each.", show_default="the project's corpus")
    ] = None,
    labels: Annotated[str, typer.Option("--labels", help="Comma-separated.")] = "optimistic,cautious,skeptical,none",
    json: JsonOption = False,
) -> None:
    """Check labelled files: schema, duplicates, near-duplicates over splits, label balance, agreement."""
    with _training_extra():
        from expertstance_training.check import check_corpus
    allowed = [label.strip() for label in labels.split(",")]
    result = check_corpus(files or CORPUS, labels=allowed)
    if json:
        print_json({name: getattr(result, name) for name in ("counts", "agreement", "kappa", "faults")})
    else:
        _show_check(result, allowed)
    for fault in result.faults:
        err(fault)
    if result.faults:
        raise typer.Exit(1)


def _show_check(result: "Check", labels: list[str]) -> None:
    table = Table()
    for column in ("split", *labels, "all"):
        table.add_column(Text(column))
    for source, count in result.counts.items():
        table.add_row(Text(source), *(str(count[label]) for label in labels), str(count.total()))
    console = Console(markup=False)
    console.print(table)
    if result.agreement:
        kappa = "–" if result.kappa is None else f"{result.kappa:.3f}"
        per_label = ", ".join(f"{label} {value:.3f}" for label, value in result.agreement.items())
        console.print(f"agreement of writer and blind reader: kappa {kappa}; {per_label}", soft_wrap=True)
    if not result.faults:
        console.print("no faults")


def hydrate(
    collections: Annotated[
        list[Path], typer.Argument(help="Your copies of the public collections: JSON lines, .gz too.")
    ],
    out: Annotated[Path, typer.Option("--out", "-o", help="Labelled rows, JSON lines.")],
    annotations: Annotated[
        Path | None, typer.Option("--annotations", help="Stand-off labels.", show_default="the project's")
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace OUT.")] = False,
) -> None:
    """Put the texts of a public collection back to the project's stand-off labels."""
    from expertstance_training import hydrate as standoff

    if out.exists() and not overwrite:
        raise InputError(f"{out} exists; give --overwrite or another --out")
    labels = standoff.read_annotations(annotations or standoff.shipped_annotations())
    rows, missing = standoff.hydrate(labels, collections)
    out.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    Console(markup=False).print(f"{out}: {len(rows)} labelled statements", soft_wrap=True)
    if missing:
        err(f"{missing} of {len(labels)} labels found no text; give all collections that they come from")
        raise typer.Exit(1)
