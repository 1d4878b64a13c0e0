"""The page that ``expertstance analyze --html FILE`` writes: articles with their statements marked, in one file."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from jinja2 import Environment, PackageLoader, StrictUndefined

from expertstance.analysis import Analysis
from expertstance.articles import Article
from expertstance.statements import Statement


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of an article's text; ``statement`` is None outside statements, ``number`` counts them from 1."""

    text: str
    statement: Statement | None = None
    number: int | None = None


def render_page(pages: Sequence[tuple[Article, Analysis]]) -> str:
    """One self-contained HTML document; everything taken from articles is escaped."""
    environment = Environment(
        loader=PackageLoader("expertstance"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    articles = [
        {"article": article, "analysis": analysis, "pieces": list(pieces(article.text, analysis.statements))}
        for article, analysis in pages
    ]
    return environment.get_template("analysis.html.j2").render(articles=articles)


def pieces(text: str, statements: Sequence[Statement]) -> Iterator[Piece]:
    """The text cut at the borders of statements, in order and complete; where two overlap, the first one has it."""
    spans = sorted((start, end, k) for k, statement in enumerate(statements) for start, end in statement.spans)
    done = 0
    for start, end, k in spans:
        if end <= done:  # wholly inside a statement already marked
            continue
        start = max(start, done)
        if start > done:
            yield Piece(text[done:start])
        yield Piece(text[start:end], statements[k], k + 1)
        done = end
    if done < len(text):
        yield Piece(text[done:])
