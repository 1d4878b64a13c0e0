"""``expertstance score``: files of statements, or folders of articles, scored row by row."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from expertstance.cli.options import (
    BackendOption,
    DeviceOption,
    JsonOption,
    ModelOption,
    PrecisionOption,
    RevisionOption,
)
from expertstance.cli.output import print_json
from expertstance.errors import InputError

if TYPE_CHECKING:
    from expertstance.classifier import StanceClassifier
    from expertstance.scoring import ScoreSummary

EXIT_INTERRUPTED = 130

Inputs = Annotated[
    list[str],
    typer.Argument(
        metavar="IN...",
        help="JSONL, CSV, TSV (also .gz, .zst) or Parquet files; - is stdin. With --articles: articles.",
    ),
]
Output = Annotated[str, typer.Option("--output", "-o", metavar="OUT", help="File to write; - is stdout.")]
TextColumnOption = Annotated[str, typer.Option("--text-column", help="Column with the statement.")]
ContextColumnOption = Annotated[
    str, typer.Option("--context-column", help="Column with the second segment, where a row has one; '' for none.")
]
FormatHelp = "jsonl, csv, tsv or parquet, where the name does not tell."


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(name="score")(score)


def score(
    inputs: Inputs,
    output: Output,
    text_column: TextColumnOption = "text",
    context_column: ContextColumnOption = "context",
    articles: Annotated[
        bool, typer.Option("--articles", help="Inputs are articles or folders of them: extract, then score.")
    ] = False,
    input_format: Annotated[str | None, typer.Option("--input-format", help=FormatHelp)] = None,
    output_format: Annotated[str | None, typer.Option("--output-format", help=FormatHelp)] = None,
    rejects: Annotated[
        str | None, typer.Option("--rejects", help="With -o -: file for rejected rows; else they go to stderr.")
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with an interrupted run.")] = False,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace an output that exists.")] = False,
    guard_formulas: Annotated[
        bool, typer.Option("--guard-formulas", help="Disarm CSV cells that a spreadsheet would run as formulas.")
    ] = False,
    max_chars: Annotated[int, typer.Option("--max-chars", help="Reject longer texts.")] = 100_000,
    chunk_rows: Annotated[int, typer.Option("--chunk-rows", help="Rows scored and saved together.")] = 2048,
    engine: Annotated[str, typer.Option("--engine", help="local, or ray for a Ray cluster.")] = "local",
    workers: Annotated[
        int | None,
        typer.Option("--workers", help="Actors of engine ray.", show_default="one per GPU, else per CPU less one"),
    ] = None,
    model: ModelOption = None,
    revision: RevisionOption = None,
    device: DeviceOption = "auto",
    precision: PrecisionOption = "auto",
    backend: BackendOption = "auto",
    json: JsonOption = False,
) -> None:
    """Score the statements of files: all columns and the row order are kept, the outlook is added."""
    from expertstance.scoring import ScoreJob, ScoringInterrupted, parse_engine, run_score

    if json and output == "-":
        raise InputError("-o - and --json both write to stdout; name a file with -o")
    job = ScoreJob(
        inputs=tuple(inputs),
        output=output,
        text_column=text_column,
        context_column=context_column or None,
        articles=articles,
        input_format=input_format,
        output_format=output_format,
        rejects=rejects,
        resume=resume,
        overwrite=overwrite,
        guard_formulas=guard_formulas,
        max_chars=max_chars,
        chunk_rows=chunk_rows,
        engine=parse_engine(engine),
        workers=workers,
    )

    def load() -> "StanceClassifier":
        from expertstance.classifier import StanceClassifier

        return StanceClassifier.from_pretrained(
            model, revision=revision, device=device, precision=precision, backend=backend
        )

    try:
        with _progress() as on_progress:
            summary = run_score(job, load, on_progress=on_progress)
    except ScoringInterrupted as stop:
        way_on = "; go on with the same command and --resume" if stop.resumable else ""
        _say(f"interrupted, {stop.rows:,} rows are done{way_on}")
        raise typer.Exit(EXIT_INTERRUPTED) from None
    except KeyboardInterrupt:
        _say("interrupted before a row was scored")
        raise typer.Exit(EXIT_INTERRUPTED) from None
    if json:
        print_json(summary.to_dict())
    _say(_report(summary))
    raise typer.Exit(summary.exit_code)


def _report(summary: "ScoreSummary") -> str:
    counts = f"{summary.scored:,} scored, {summary.rejected:,} rejected"
    if summary.rejects is not None:
        counts += f" (see {summary.rejects})"
        if not summary.scored and Path(summary.rejects).is_file():
            counts += f"; the first one: {_first_reason(summary.rejects)}"
    if summary.rows and summary.resumed_at == summary.rows:
        return f"{counts}; all of it before, nothing was left to resume"
    if summary.resumed_at:
        counts += f", {summary.resumed_at:,} rows of it before"
    return (
        f"{counts}; {summary.statements_per_second:,.0f} statements/s, {summary.tokens_per_second:,.0f} tokens/s "
        f"over {summary.seconds:,.1f} s on {summary.device}, {summary.precision}, {summary.backend}; "
        f"model {summary.model} {summary.revision}"
    )


def _first_reason(rejects: str) -> str:
    with Path(rejects).open(encoding="utf-8") as file:
        return str(json.loads(file.readline())["reason"])


def _say(line: str) -> None:
    sys.stderr.write(line + "\n")


@contextmanager
def _progress() -> "Iterator[Callable[[int, float], None] | None]":
    """A bar on stderr; None where stderr is no terminal."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield None
        return
    columns = (
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[rows]:,} rows"),
        TextColumn("{task.fields[rate]:,.0f} rows/s"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("", total=None, rows=0, rate=0.0)
        start: list[float] = []

        def update(rows: int, share: float) -> None:
            now = perf_counter()
            start.extend([now, rows] if not start else [])
            rate = (rows - start[1]) / max(now - start[0], 1e-9)
            progress.update(task, total=1.0 if share else None, completed=share, rows=rows, rate=rate)

        yield update
