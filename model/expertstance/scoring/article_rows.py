"""Articles as rows: one row per statement that the extraction finds, in text order."""

from collections.abc import Iterator
from typing import Any

from expertstance.articles import read_article
from expertstance.errors import InputError
from expertstance.quotes import as_spoken, extract_statements
from expertstance.scoring.records import Record
from expertstance.statements import Statement


def read_article_rows(path: str, *, article_id: str) -> Iterator[Record]:
    """The statements of an article as records; an unreadable article is one record with its problem."""
    try:
        article = read_article(path)
    except InputError as error:
        yield Record(path, 1, None, {"article_id": article_id}, None, str(error))
        return
    for row, statement in enumerate(extract_statements(article.text), start=1):
        yield Record(path, row, None, _values(article_id, statement), None, spoken=as_spoken(statement))


def _values(article_id: str, statement: Statement) -> dict[str, Any]:
    speaker = statement.speaker
    return {
        "article_id": article_id,
        "text": statement.text,
        "speaker": speaker.name,
        "role": speaker.role,
        "affiliation": speaker.affiliation,
        "speaker_type": speaker.type,
        "kind": statement.kind,
        "cue": statement.cue,
        "rule": statement.rule,
        "confidence": statement.confidence,
        "spans": [list(span) for span in statement.spans],
        "mention": None if speaker.mention is None else list(speaker.mention),
    }
