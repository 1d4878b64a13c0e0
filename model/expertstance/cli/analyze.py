"""``expertstance extract`` and ``expertstance analyze``: who said what in articles, and with which outlook."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from expertstance.articles import Article, read_article
from expertstance.cli.options import (
    BackendOption,
    DeviceOption,
    JsonOption,
    ModelOption,
    PrecisionOption,
    RevisionOption,
)
from expertstance.cli.output import err, outlook, print_json
from expertstance.errors import InputError
from expertstance.statements import Speaker, Statement

if TYPE_CHECKING:
    from expertstance.analysis import Analysis

Articles = Annotated[list[str], typer.Argument(help="Text, HTML or JSON files; - is stdin.", metavar="ARTICLE...")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command(name="extract")(extract)
    app.command(name="analyze")(analyze)


def extract(articles: Articles, json: JsonOption = False) -> None:
    """List the statements of articles with their speakers; loads no model."""
    from expertstance.quotes import extract_statements

    console = Console()

    def show(article: Article) -> None:
        statements = extract_statements(article.text)
        if json:
            print_json({"source": article.source, "statements": [s.to_dict() for s in statements]})
        else:
            console.print(_statement_table(article.source, statements), soft_wrap=not statements)

    raise typer.Exit(_each(articles, show))


def analyze(
    articles: Articles,
    html: Annotated[Path | None, typer.Option("--html", help="Write one self-contained page of all articles.")] = None,
    model: ModelOption = None,
    revision: RevisionOption = None,
    device: DeviceOption = "auto",
    precision: PrecisionOption = "auto",
    backend: BackendOption = "auto",
    json: JsonOption = False,
) -> None:
    """Tell who said what in articles, and with which outlook."""
    from expertstance.analysis import analyze_text
    from expertstance.classifier import StanceClassifier

    to_stdout = str(html) == "-"
    if to_stdout and json:
        raise InputError("--html - and --json both write to stdout; give --html a file")
    if html is not None and not to_stdout:
        _check_page(html, articles)
    console = Console(stderr=to_stdout)
    classifier = StanceClassifier.from_pretrained(
        model, revision=revision, device=device, precision=precision, backend=backend
    )
    pages: list[tuple[Article, Analysis]] = []

    def show(article: Article) -> None:
        analysis = analyze_text(article.text, predict=classifier.predict)
        if html is not None:
            pages.append((article, analysis))
        if json:
            print_json({"source": article.source, **analysis.to_dict()})
            return
        console.print(_statement_table(article.source, analysis.statements), soft_wrap=not analysis.statements)
        if analysis.statements:
            console.print(_speaker_table(analysis))

    code = _each(articles, show)
    if html is not None and pages:
        from expertstance.page import render_page

        page = render_page(pages).encode(errors="backslashreplace")  # a file's name need not be UTF-8
        if to_stdout:
            sys.stdout.buffer.write(page)
        else:
            html.write_bytes(page)
    raise typer.Exit(code)


def _check_page(html: Path, articles: list[str]) -> None:
    """See that the page can be written and is none of the articles, before the work is done."""
    if html.is_dir() or not html.parent.is_dir():
        raise InputError(f"{html}: is a folder, or stands in one that is not there; name a file in a folder that is")
    for article in articles:
        if html.exists() and article != "-" and Path(article).exists() and html.samefile(article):
            raise InputError(f"{html}: the page would replace the article {article}; give --html another name")


def _each(paths: list[str], show: Callable[[Article], None]) -> int:
    """Show every readable article; 0 if all were, 1 if some, 2 if none."""
    failed = 0
    for path in paths:
        try:
            article = read_article(path)
        except InputError as error:
            err(str(error))
            failed += 1
        else:
            show(article)
    return 0 if not failed else 1 if failed < len(paths) else 2


def _statement_table(source: str, statements: "list[Statement] | tuple[Statement, ...]") -> Table | Text:
    if not statements:
        return Text(f"{source}: no statements found")
    scored = statements[0].prediction is not None
    table = Table(title=Text(source), title_justify="left", show_lines=True)
    for column in ("speaker", *(("outlook", "score") if scored else ()), "kind", "statement"):
        table.add_column(column, no_wrap=column in ("score", "kind", "outlook"))
    for statement in statements:
        table.add_row(_who(statement.speaker), *_outlook_cells(statement), statement.kind, Text(statement.text))
    return table


def _outlook_cells(statement: Statement) -> Iterator[Text]:
    if (p := statement.prediction) is not None:
        yield outlook(p.label, abstained=p.abstained)
        yield Text(f"{p.score:.2f}")


def _who(speaker: Speaker) -> Text:
    detail = ", ".join(part for part in (speaker.role, speaker.affiliation) if part)
    return Text.assemble(speaker.name or "unknown", (f"\n{detail}" if detail else "", "dim"))


def _speaker_table(analysis: "Analysis") -> Table:
    table = Table("speaker", "outlook", "statements", "counts", title="Speakers", title_justify="left")
    for speaker in analysis.speakers:
        counts = ", ".join(f"{n} {label}" for label, n in speaker.tally.outlooks.items())
        if speaker.tally.abstained:
            counts += f"{', ' if counts else ''}{speaker.tally.abstained} not counted"
        row = Speaker(name=speaker.name, role=speaker.role, affiliation=speaker.affiliation)
        label = speaker.tally.outlook.replace("_", " ")
        table.add_row(_who(row), outlook(label), str(speaker.tally.statements), Text(counts))
    return table
