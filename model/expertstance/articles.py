r"""Read an article from a file or standard input: plain text, HTML (its main content) or JSON.

    from expertstance.articles import read_article
    article = read_article("report.html")

Offsets of statements count code points of ``Article.text``: the decoded text without a byte order mark, with ``\r\n``
and ``\r`` turned into ``\n``, and for HTML the main content as trafilatura gives it, one paragraph a line.
"""

import json
import re
import sys
from dataclasses import dataclass
from pathlib import Path

from expertstance.errors import InputError

_FORMATS = {
    ".htm": "html",
    ".html": "html",
    ".xhtml": "html",
    ".json": "json",
    ".md": "plain",
    ".text": "plain",
    ".txt": "plain",
}
SUFFIXES = tuple(_FORMATS)
"""Endings of names that tell an article's format; in a folder of articles the files that have one are taken."""
_HTML = re.compile(rb"(?>\xef\xbb\xbf|\s|<\?.*?\?>|<!--.*?-->)*+<(?:!doctype html|html)", re.DOTALL | re.IGNORECASE)
"""How a page begins, behind an XML declaration and comments."""


@dataclass(frozen=True, slots=True)
class Article:
    r"""An article as it is worked on.

    Attributes:
        text: The words, line ends as ``\n``.
        title: The title that the file gives apart from the text, or None.
        source: Where it came from: the path as given, or ``-`` for standard input.
    """

    text: str
    title: str | None
    source: str


def read_article(path: str | Path) -> Article:
    """Read one article.

    The format follows the name's ending where that is one of ``SUFFIXES``; for any other name and for standard input
    it is told from the first bytes.

    Args:
        path: A file, or ``-`` for standard input.

    Returns:
        The article; ``title`` is None for plain text.

    Raises:
        InputError: The file is missing, a folder, unreadable, empty, binary, not UTF-8 (plain text and JSON), without
            main content (HTML), or without a ``text`` (JSON).
    """
    source = str(path)
    data = _read_bytes(source)
    if not data.strip():
        raise InputError(f"{source} is empty: an article needs some text")
    if (at := data.find(b"\0")) >= 0:
        raise InputError(
            f"{source} is not a text file: it has a NUL byte at offset {at}; give plain text, HTML or JSON in UTF-8"
            " (a UTF-16 file must be converted first)"
        )
    form = _format_of(source, data)
    if form == "html":
        return _from_html(source, data)
    text = _decode(source, data)
    return _from_json(source, text) if form == "json" else _article(source, text, None)


def _read_bytes(source: str) -> bytes:
    if source == "-":
        return sys.stdin.buffer.read()
    try:
        return Path(source).read_bytes()
    except FileNotFoundError:
        raise InputError(f"{source} does not exist: check the path, or give - to read standard input") from None
    except IsADirectoryError:
        raise InputError(f"{source} is a folder, not an article: name the files in it") from None
    except (OSError, ValueError) as error:
        raise InputError(f"{source} cannot be read: {error}") from error


def _format_of(source: str, data: bytes) -> str:
    if told := _FORMATS.get(Path(source).suffix.lower()):
        return told
    if _HTML.match(data):
        return "html"
    return "json" if data.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"{") and b'"text"' in data else "plain"


def _decode(source: str, data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(
            f"{source} is not UTF-8: byte 0x{data[error.start]:02x} at offset {error.start} cannot be decoded;"
            f" convert it, for instance with: iconv -f WINDOWS-1252 -t UTF-8 {source}"
        ) from None


def _from_html(source: str, data: bytes) -> Article:
    from trafilatura import bare_extraction

    document = bare_extraction(data, with_metadata=True, include_comments=False, include_tables=False)
    text = getattr(document, "text", None)
    if not text:
        raise InputError(f"{source} has no main content that can be told from the page around it: give the text itself")
    return _article(source, text, getattr(document, "title", None))


def _from_json(source: str, text: str) -> Article:
    try:
        values = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError(f"{source} is not valid JSON: {error}") from None
    if not isinstance(values, dict):
        raise InputError(
            f"{source} holds a JSON {type(values).__name__}: an article is one object with 'text' and maybe 'title'"
        )
    body, title = values.get("text"), values.get("title")
    if not isinstance(body, str):
        found = "no key 'text'" if "text" not in values else f"a {type(body).__name__} under 'text'"
        raise InputError(f"{source} has {found}: an article needs its words as a string under 'text'")
    if title is not None and not isinstance(title, str):
        raise InputError(f"{source} has a {type(title).__name__} under 'title': give a string, or leave it out")
    return _article(source, body, title)


def _article(source: str, text: str, title: str | None) -> Article:
    if not text.strip():
        raise InputError(f"{source} is empty: an article needs some text")
    for part, words in (("text", text), ("title", title or "")):
        try:
            words.encode()
        except UnicodeEncodeError as error:
            raise InputError(
                f"{source} has half a surrogate pair at code point {error.start} of its {part}: mend the escape in it"
            ) from None
    return Article(text.replace("\r\n", "\n").replace("\r", "\n"), title or None, source)
