"""Labels of public statements without their text, and back: ``expertstance data hydrate COLLECTION... -o OUT``.

The project ships its labels of public statements as stand-off annotation: source, article id, a hash of the words, the
label and who gave it; for a collection of whole articles also where the statement stands. Whoever has the public
collection gets labelled rows from it; the texts are never shipped.
"""

import hashlib
import re
from collections import defaultdict
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from expertstance.json_rows import read_models

READERS, TEACHER = "annotations.jsonl", "soft_labels.jsonl.gz"


class Annotation(BaseModel):
    """The label of one public statement.

    Attributes:
        words: ``words_hash`` of its text.
        source: Collection that it stands in.
        article_id: The collection's id of the article.
        label: The label.
        second: Another label about as likely, or None.
        annotator: Who gave it.
        spans: Where the collection holds whole articles: ``(start, end)`` pairs of the statement's parts in code points
            of the article's text, end-exclusive; the parts are joined by one blank.
        probabilities: Where a model is the annotator: its distribution over the labels.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    words: str
    source: str
    article_id: str
    label: str
    second: str | None
    annotator: str
    spans: tuple[tuple[int, int], ...] | None = None
    probabilities: dict[str, float] | None = None


class _Text(BaseModel):
    """One line of a public collection."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    text: str
    id: str | int | None = None


def words_hash(text: str) -> str:
    """First 16 hexadecimal digits of the SHA-256 of the lower-cased words; marks and blanks do not count."""
    return hashlib.sha256(" ".join(re.findall(r"\w+", text.lower())).encode()).hexdigest()[:16]


def shipped_annotations(name: str = READERS) -> Path:
    """An annotation file that comes with the package: ``READERS`` labels, or the ``TEACHER`` model's."""
    return Path(str(files("expertstance_training"))) / "data" / name


def read_annotations(path: Path) -> list[Annotation]:
    """All annotations of a file.

    Raises:
        InputError: The file cannot be read, or a line is no annotation.
    """
    return [annotation for _, annotation in read_models(path, Annotation)]


def hydrate(annotations: Sequence[Annotation], collections: Sequence[Path]) -> tuple[list[dict[str, Any]], int]:
    """Labelled rows for every annotation whose statement stands in the collections.

    Args:
        annotations: What to look for.
        collections: JSON-lines files (``.gz`` too) with a ``text`` column, for articles an ``id`` column too; further
            columns are left aside.

    Returns:
        Rows in the order of the annotations, and the number of annotations without a text.

    Raises:
        InputError: A collection cannot be read or has a line without text.
    """
    wanted = {annotation.words for annotation in annotations}
    spans_in: dict[str, list[tuple[tuple[int, int], ...]]] = defaultdict(list)
    for annotation in annotations:
        if annotation.spans:
            spans_in[annotation.article_id].append(annotation.spans)
    texts: dict[str, str] = {}
    for path in collections:
        for _, row in read_models(path, _Text):
            parts = [" ".join(row.text[a:b] for a, b in spans) for spans in spans_in.get(str(row.id), ())]
            found = {words_hash(part): part for part in (row.text, *parts)}
            for key in found.keys() & wanted:
                texts.setdefault(key, found[key])
    rows = [
        {"text": texts[a.words], **a.model_dump(exclude={"words", "spans"})} for a in annotations if a.words in texts
    ]
    return rows, len(annotations) - len(rows)
