"""Reading articles: plain text, HTML, JSON and standard input, and what is said of files that cannot be used."""

import io
import json
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from expertstance.articles import Article, read_article
from expertstance.errors import InputError

WORDS = "“We are ready,” said Mara Quist, head of the ferry line. The first boat leaves in April."
PAGE = """<!doctype html><html><head><title>Ferry line to reopen</title><script>var x = "“no”";</script></head><body>
<nav><a href="/">Home</a> <a href="/news">News</a></nav><article><h1>Ferry line to reopen</h1>
<p>The ferry line will reopen in spring, the operator said on Tuesday, after three years of repairs to the boats.</p>
<p>“We are ready,” said Mara Quist, head of the line. “The first boat leaves in April.”</p>
<p>Passengers on the north shore have waited a long time, and the town has paid for a bus in the meantime.</p></article>
<footer>Subscribe to our letter</footer></body></html>"""


def save(folder: Path, name: str, data: bytes | str) -> Path:
    path = folder / name
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


def test_plain_text(tmp_path: Path) -> None:
    path = save(tmp_path, "a.txt", WORDS)
    assert read_article(path) == Article(text=WORDS, title=None, source=str(path))
    assert read_article(str(path)).text == WORDS


def test_byte_order_mark_and_line_ends(tmp_path: Path) -> None:
    path = save(tmp_path, "a.txt", b"\xef\xbb\xbfone\r\ntwo\rthree\n")
    assert read_article(path).text == "one\ntwo\nthree\n"


@pytest.mark.parametrize("name", ["a.html", "a.htm", "page"])
def test_html_main_content(tmp_path: Path, name: str) -> None:
    article = read_article(save(tmp_path, name, PAGE))
    assert article.title == "Ferry line to reopen"
    assert "“We are ready,” said Mara Quist, head of the line. “The first boat leaves in April.”" in article.text
    assert "Subscribe" not in article.text
    assert "News" not in article.text
    assert "var x" not in article.text


@pytest.mark.parametrize(
    ("before", "page"),
    [
        ("<!-- saved from a page -->\n", True),
        ('\ufeff<?xml version="1.0"?>\n<!-- ' + "long " * 500 + "--> <!-- <p> -->\n", True),
        ("<!-- never closed ", False),
        ("<!-- a -->" * 5000 + "words ", False),
    ],
)
def test_a_page_is_told_behind_comments(tmp_path: Path, before: str, page: bool) -> None:
    article = read_article(save(tmp_path, "page", before + PAGE))
    assert (article.title == "Ferry line to reopen", "<nav>" in article.text) == (page, not page)


def test_html_in_the_encoding_it_declares(tmp_path: Path) -> None:
    page = PAGE.replace("<head>", '<head><meta charset="windows-1252">').encode("windows-1252")
    assert "“We are ready,”" in read_article(save(tmp_path, "a.html", page)).text


def test_a_text_file_may_talk_of_html_and_json(tmp_path: Path) -> None:
    assert read_article(save(tmp_path, "a.txt", "<html> is a tag, he said.")).text.startswith("<html>")
    assert read_article(save(tmp_path, "b.txt", '{"text": 1}')).text == '{"text": 1}'
    assert read_article(save(tmp_path, "c", "{ is a brace, he said.")).text.startswith("{")


def test_json(tmp_path: Path) -> None:
    path = save(tmp_path, "a.json", json.dumps({"title": "Boats", "text": WORDS + "\r\n", "id": 7}))
    assert read_article(path) == Article(text=WORDS + "\n", title="Boats", source=str(path))
    assert read_article(save(tmp_path, "b.json", json.dumps({"text": WORDS}))).title is None


@pytest.mark.parametrize(
    ("data", "text", "title"),
    [
        (WORDS, WORDS, None),
        (json.dumps({"title": "Boats", "text": WORDS}), WORDS, "Boats"),
    ],
)
def test_standard_input(monkeypatch: pytest.MonkeyPatch, data: str, text: str, title: str | None) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data.encode()), encoding="utf-8"))
    assert read_article("-") == Article(text=text, title=title, source="-")


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("a.txt", b"", "is empty"),
        ("a.txt", b" \n\t\n", "is empty"),
        ("a.json", b'{"text": " "}', "is empty"),
        ("a.txt", b"words\0more", "NUL byte at offset 5"),
        ("a.html", b"<html>\0</html>", "NUL byte at offset 6"),
        ("a.txt", "caf\u00e9 said".encode("latin-1"), "byte 0xe9 at offset 3 cannot be decoded; convert it"),
        ("a.json", b'{"title": "x"}', "no key 'text'"),
        ("a.json", b'{"text": 3}', "a int under 'text'"),
        ("a.json", b'{"text": "x", "title": ["y"]}', "a list under 'title'"),
        ("a.json", b"[1]", "holds a JSON list"),
        ("a.json", b'{"text": ', "is not valid JSON"),
        ("a.json", b'{"text": "\\ud800"}', "half a surrogate pair at code point 0 of its text"),
        ("a.json", b'{"text": "x", "title": "A \\ud800"}', "half a surrogate pair at code point 2 of its title"),
        ("a.html", b"<html><body></body></html>", "has no main content"),
    ],
)
def test_unusable_files_are_named_with_a_way_out(tmp_path: Path, name: str, data: bytes, message: str) -> None:
    path = save(tmp_path, name, data)
    with pytest.raises(InputError) as caught:
        read_article(path)
    assert str(caught.value).startswith(str(path))
    assert message in str(caught.value)


def test_missing_file_and_folder(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="does not exist"):
        read_article(tmp_path / "none.txt")
    with pytest.raises(InputError, match="is a folder"):
        read_article(tmp_path)
    with pytest.raises(InputError, match="cannot be read"):
        read_article("a\0b.txt")


def test_five_megabytes(tmp_path: Path) -> None:
    words = (WORDS + "\n\n") * (5_000_000 // len(WORDS))
    assert read_article(save(tmp_path, "a.txt", words)).text == words


@settings(max_examples=50, deadline=None)
@given(st.text(min_size=1, max_size=200).filter(lambda t: t.strip() and "\0" not in t))
def test_any_text_comes_back_but_for_line_ends(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    path = save(tmp_path_factory.mktemp("any"), "a.txt", text)
    assert read_article(path).text == text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
