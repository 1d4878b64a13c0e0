"""The sub-commands that evaluation adds to ``expertstance``: ``evaluate`` and ``report``."""

import shlex
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from expertstance.cli.options import JsonOption
from expertstance.cli.output import err, print_json
from expertstance.errors import InputError, MissingExtraError

Folder = Annotated[Path, typer.Argument(help="Report folder that evaluate wrote.", metavar="DIR")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command(name="evaluate")(evaluate)
    report = typer.Typer(help="Check, show and compare report folders.", no_args_is_help=True)
    report.command(name="verify")(verify)
    report.command(name="show")(show)
    report.command(name="compare")(compare)
    report.command(name="figures")(figures)
    app.add_typer(report, name="report")


@contextmanager
def _evaluation_extra() -> Iterator[None]:
    try:
        yield
    except ModuleNotFoundError as error:
        raise MissingExtraError(
            f"this command needs the package {error.name!r}: pip install 'expertstance[eval]'"
        ) from error


def evaluate(
    config: Annotated[Path, typer.Argument(help="YAML configuration, e.g. configs/eval-real_dev.yaml.")],
    out: Annotated[Path | None, typer.Option("--out", "-o", help="Report folder.", show_default="runs/NAME")] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the report that is there.")] = False,
    json: JsonOption = False,
) -> None:
    """Measure a model, ready predictions or the extraction as a configuration says, and write a report."""
    with _evaluation_extra():
        from expertstance_eval.config import load_config
        from expertstance_eval.run import evaluate as run
    loaded = load_config(config)
    folder = out if out is not None else Path("runs") / loaded.name
    with _progress() as advance:
        results = run(
            loaded,
            folder,
            overwrite=overwrite,
            command=shlex.join(["expertstance", *sys.argv[1:]]),
            advance=advance,
        )
    for name, reason in results["inputs"].get("left_out", {}).items():
        Console(stderr=True).print(f"note: {name} is left out: {reason}", soft_wrap=True, markup=False, highlight=False)
    if json:
        print_json(results)
    else:
        Console().print(f"{folder}: {_headline(results)}", soft_wrap=True, markup=False)


@contextmanager
def _progress() -> Iterator[Any]:
    console = Console(stderr=True)
    columns = (TextColumn("scored"), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as progress:
        task = progress.add_task("", total=None)
        yield lambda n: progress.advance(task, n)


def _headline(results: dict[str, Any]) -> str:
    figures = results["figures"]
    if results["task"] == "extraction":
        asked, overall = figures["asked_for"], figures["all"]
        return (
            f"word recall {asked['word_recall']:.3f}, speaker {asked['speaker_accuracy']:.3f}, "
            f"precision {overall['word_precision']:.3f} on {figures['articles']} articles"
        )
    if results["task"] == "articles":
        spans, labels = figures["spans"], figures["labels"]
        return (
            f"span F1 {spans['word_f1']:.3f}, speaker {figures['speakers']['accuracy']:.3f}, macro-F1 "
            f"{labels['gold_statements']['macro_f1']:.3f} on gold statements, "
            f"{labels['end_to_end']['macro_f1']:.3f} end to end, on {figures['articles']} articles"
        )
    if results["task"] == "behaviour":
        return f"{figures['all']['failures']} of {figures['all']['n']} cases failed"
    return "; ".join(
        f"{name} macro-F1 {data['model']['macro_f1']:.3f}, accuracy {data['model']['accuracy']:.3f} on {data['n']}"
        for name, data in figures["datasets"].items()
    )


def verify(
    folder: Folder,
    rerun: Annotated[bool, typer.Option("--rerun", help="Predict again and compare, too.")] = False,
    json: JsonOption = False,
) -> None:
    """Recompute every figure from the report's predictions, compare with data and pages, and say what differs."""
    with _evaluation_extra():
        from expertstance_eval.verify import verify as run
    with _progress() as advance:
        verdict = run(folder, rerun=rerun, advance=advance)
    if json:
        print_json(asdict(verdict))
    console = Console(stderr=True, soft_wrap=True, markup=False, highlight=False)
    for note in verdict.notes:
        console.print(f"note: {note}")
    for fault in verdict.faults:
        err(fault)
    if verdict.faults:
        raise typer.Exit(1)
    if json:
        return
    again = ", and so does predicting again" if rerun else ""
    Console(soft_wrap=True, markup=False).print(f"{folder}: {verdict.figures} figures hold{again}")


def show(folder: Folder, json: JsonOption = False) -> None:
    """Print a report."""
    with _evaluation_extra():
        from expertstance_eval.render import render_markdown
        from expertstance_eval.run import read_results
    results = read_results(folder)
    if json:
        print_json(results)
        return
    try:
        report = render_markdown(results)
    except (KeyError, IndexError, TypeError, AttributeError, ValueError) as error:
        raise InputError(f"{folder}: results.json is not as evaluate wrote it ({error!r}); evaluate again") from error
    if sys.stdout.isatty():
        from rich.markdown import Markdown

        Console().print(Markdown(report))
    else:
        sys.stdout.write(report)


def compare(
    first: Annotated[Path, typer.Argument(help="Report folder.", metavar="A")],
    second: Annotated[Path, typer.Argument(help="Report folder.", metavar="B")],
    json: JsonOption = False,
) -> None:
    """Compare two reports on the same rows; say what cannot be compared, and why."""
    with _evaluation_extra():
        from expertstance_eval.compare import compare as run
    comparison = run(first, second)
    if json:
        print_json({"compared": comparison.compared, "refused": comparison.refused})
    elif comparison.compared:
        Console().print(_comparison_table(comparison.compared))
    for reason in comparison.refused:
        err(f"not comparable: {reason}")
    if comparison.refused:
        raise typer.Exit(1)


def figures(
    reports: Annotated[Path, typer.Option("--reports", help="Folder with the reports of the shipped model.")] = Path(
        "eval/expertstance_eval/reports"
    ),
    readme: Annotated[Path, typer.Option("--readme", help="File with the markers for the figures.")] = Path(
        "README.md"
    ),
    model: Annotated[Path, typer.Option("--model", help="Model folder, for its card and .eval_results/.")] = Path(
        "model/expertstance/shipped"
    ),
    write: Annotated[bool, typer.Option("--write", help="Write what differs.")] = False,
) -> None:
    """Check that README, model card and .eval_results/ hold the reports' figures, or write them there."""
    with _evaluation_extra():
        from expertstance_eval import figures as run
    files = run.expected_files(reports=reports, readme=readme, model=model)
    changed = run.write(files) if write else run.differing(files)
    for path in changed:
        if write:
            Console().print(f"{path}: written", soft_wrap=True, markup=False)
        else:
            err(f"{path}: not the figures of the reports; run expertstance report figures --write")
    if changed and not write:
        raise typer.Exit(1)


def _comparison_table(compared: dict[str, dict[str, Any]]) -> Table:
    table = Table("data set", "n", "figure", "A", "B", "A - B", "interval", "McNemar p")
    for name, row in compared.items():
        for figure in ("macro_f1", "accuracy"):
            test = row["first_minus_second"]
            interval = test[figure].get("interval")
            table.add_row(
                name,
                str(row["n"]),
                figure,
                f"{row['first'][figure]:.3f}",
                f"{row['second'][figure]:.3f}",
                f"{test[figure]['difference']:+.3f}",
                f"{interval[0]:+.3f} to {interval[1]:+.3f}" if interval else "",
                f"{test['mcnemar']['p_value']:.4f}" if figure == "accuracy" else "",
            )
    return table
