"""The command line: tables and JSON on stdout, one-line errors on stderr, exit codes."""

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from expertstance.cli.main import main

ARTICLE = """Bridge opens late

“We will open the bridge in May,” said Ana Roth, a city engineer. “It will hold.”

Piet Oram, an economist at Delta Bank, said the bridge may cost more.
"""


@pytest.fixture
def article(tmp_path: Path) -> Path:
    path = tmp_path / "article.txt"
    path.write_text(ARTICLE, encoding="utf-8")
    return path


def give(monkeypatch: pytest.MonkeyPatch, content: bytes) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content), encoding="utf-8"))


def lines(text: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in text.splitlines()]


def test_predict_prints_a_row_or_a_json_line_per_statement(
    tiny_model: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(["predict", "--model", str(tiny_model), "the deal will fail", "we hope"]) == 0
    assert "the deal will fail" in capsys.readouterr().out
    give(monkeypatch, b"one\n\ntwo\n")
    assert main(["predict", "--model", str(tiny_model), "--json", "zero", "-"]) == 0
    rows = lines(capsys.readouterr().out)
    assert [row["text"] for row in rows] == ["zero", "one", "two"]
    assert set(rows[0]) == {
        "text", "label", "score", "scores", "abstained", "reason", "n_tokens", "windows", "model", "revision"
    }  # fmt: skip


def test_predict_names_the_line_of_stdin_that_is_no_text(
    tiny_model: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    give(monkeypatch, b"one\ntr\xe8s bien\n")
    assert main(["predict", "--model", str(tiny_model), "-"]) == 2
    assert "error: stdin, line 2 is not UTF-8: byte 0xe8 at offset 2; convert it" in capsys.readouterr().err


def test_extract_and_analyze_agree_on_who_said_what(
    article: Path, tiny_model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["extract", "--json", str(article)]) == 0
    (extracted,) = lines(capsys.readouterr().out)
    assert main(["analyze", "--json", "--model", str(tiny_model), str(article)]) == 0
    (analysed,) = lines(capsys.readouterr().out)
    bare = [{**s, "prediction": None} for s in analysed["statements"]]  # type: ignore[attr-defined]
    assert bare == extracted["statements"]
    assert [s["speaker"]["name"] for s in bare] == ["Ana Roth", "Piet Oram"]
    first = bare[0]
    assert [ARTICLE[start:end] for start, end in first["spans"]] == ["We will open the bridge in May,", "It will hold."]
    assert [s["name"] for s in analysed["speakers"]] == ["Ana Roth", "Piet Oram"]  # type: ignore[attr-defined]
    assert analysed["summary"]["statements"] == 2  # type: ignore[index]


def test_analyze_shows_tables_and_writes_a_page(
    article: Path, tiny_model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    article.write_text(ARTICLE + "\n“It is <b>bold</b>,” said Ana Roth.\n", encoding="utf-8")
    page = tmp_path / "page.html"
    assert main(["analyze", "--model", str(tiny_model), "--html", str(page), str(article)]) == 0
    out = capsys.readouterr().out
    assert "Ana Roth" in out
    assert "Speakers" in out
    html = page.read_text(encoding="utf-8")
    assert html.count("<mark") == 4
    assert [n for n in range(1, 9) if html.count(f'id="s1-{n}"') == 1] == [1, 2, 3]
    assert [n for n in range(1, 9) if f'href="#s1-{n}"' in html] == [1, 2, 3]
    assert "It is &lt;b&gt;bold&lt;/b&gt;," in html
    assert "Bridge opens late" in html


def test_a_page_on_stdout_is_utf8_whatever_the_terminal(
    article: Path, tiny_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with io.TextIOWrapper(io.BytesIO(), encoding="cp1252") as stdout, monkeypatch.context() as patch:
        patch.setattr(sys, "stdout", stdout)
        assert main(["analyze", "--model", str(tiny_model), str(article), "--html", "-"]) == 0
        page = stdout.buffer.getvalue().decode("utf-8")
    assert '<meta charset="utf-8">' in page
    assert "“" in page


def test_a_page_goes_to_stdout_and_never_over_an_article(
    article: Path, tiny_model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["analyze", "--model", str(tiny_model), str(article), "--html"]
    assert main([*command, "-"]) == 0
    captured = capsys.readouterr()
    assert captured.out.startswith("<!doctype html>")
    assert "Speakers" in captured.err
    assert main([*command, str(article)]) == 2
    assert "would replace the article" in capsys.readouterr().err
    assert article.read_text(encoding="utf-8") == ARTICLE
    assert main([*command, str(tmp_path / "absent" / "page.html")]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""  # refused before the work is done
    assert "name a file in a folder that is" in captured.err
    assert main([*command, "-", "--json"]) == 2
    assert "both write to stdout" in capsys.readouterr().err


def test_an_article_without_statements_is_a_result(
    tmp_path: Path, tiny_model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "plain.txt"
    path.write_text("The index rose 2 % on Monday.\n", encoding="utf-8")
    assert main(["analyze", "--model", str(tiny_model), str(path)]) == 0
    assert "no statements found" in capsys.readouterr().out
    assert main(["analyze", "--json", "--model", str(tiny_model), str(path)]) == 0
    (row,) = lines(capsys.readouterr().out)
    assert row["statements"] == []
    assert row["summary"]["outlook"] == "no_outlook"  # type: ignore[index]


@pytest.mark.parametrize("command", ["extract", "analyze"])
@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("absent.txt", None, "absent.txt"),
        ("empty.txt", b"", "empty"),
        ("blank.txt", b" \n\n ", "empty"),
        ("binary.txt", b"\x89PNG\r\n\x00\x00\x1a", "binary"),
        ("latin.txt", "“Très bien”, a dit Émile".encode("cp1252"), "UTF-8"),
    ],
)
def test_unusable_articles_are_one_clear_line(
    command: str,
    name: str,
    content: bytes | None,
    message: str,
    tmp_path: Path,
    article: Path,
    tiny_model: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    options = ["--model", str(tiny_model)] if command == "analyze" else []
    assert main([command, *options, str(path)]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    (line,) = captured.err.splitlines()
    assert line.startswith("error: ")
    assert message in line
    # the bad one takes nothing from the good one
    assert main([command, *options, "--json", str(path), str(article)]) == 1
    assert len(lines(capsys.readouterr().out)) == 1


def test_a_large_article_is_analysed_whole(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "large.txt"
    filler = "The bridge spans the river and was painted in the colours of the town last year.\n\n" * 1250
    path.write_text((filler + ARTICLE + "\n") * 50, encoding="utf-8")
    assert path.stat().st_size > 5_000_000
    assert main(["extract", "--json", str(path)]) == 0
    (row,) = lines(capsys.readouterr().out)
    assert len(row["statements"]) == 100  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["predict", "--model", "/absent/model", "x"], "model folder '/absent/model' does not exist"),
        (["predict", "--precision", "int3", "x"], "precision 'int3' is unknown"),
        (["predict", "--device", "meta", "x"], "device 'meta' is not on this machine"),
        (["predict", "--device", "hpu", "x"], "device 'hpu' is not on this machine"),
        (["train", "absent.yaml"], "config absent.yaml cannot be read"),
        (["data", "check", "absent.jsonl"], "no such file"),
    ],
)
def test_errors_are_one_line_and_exit_2(
    arguments: list[str], message: str, tiny_model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if arguments[1] in ("--precision", "--device"):
        arguments = [*arguments, "--model", str(tiny_model)]
    assert main(arguments) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert message in line
    assert main(["--debug", *arguments]) == 2
    shown = capsys.readouterr().err
    assert shown.startswith("Traceback")
    assert message in shown.splitlines()[-1]


@pytest.mark.parametrize("arguments", [["analyze"], ["nonsense"], ["predict", "--nonsense"]])
def test_wrong_usage_exits_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 2
    assert "--help" in capsys.readouterr().err


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out.startswith("expertstance ")


@pytest.mark.skipif(os.name != "posix", reason="closes a stream with the shell")
def test_closed_streams_are_empty_ones(article: Path, tmp_path: Path) -> None:
    program = f"{sys.executable} -c 'from expertstance.cli.main import run; run()'"
    for arguments, closed, code in ((f"extract {article}", ">&-", 0), ("extract -", "<&-", 2)):
        done = subprocess.run(f"{program} {arguments} {closed}", shell=True, capture_output=True, check=False)
        assert done.returncode == code
        assert b"Traceback" not in done.stderr
    assert b"- is empty" in done.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_tables_on_a_full_disk(
    article: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with io.TextIOWrapper(io.FileIO("/dev/full", "wb")) as full, monkeypatch.context() as patch:
        patch.setattr(sys, "stdout", full)
        code = main(["extract", str(article)])
    assert code == 2
    assert "error: output cannot be written (No space left on device)" in capsys.readouterr().err


def test_letters_that_the_terminal_lacks_are_escaped(tmp_path: Path) -> None:
    path = tmp_path / "article.json"
    path.write_text(json.dumps({"text": "“We will go 🚀,” said Ann Roth."}), encoding="utf-8")
    command = [sys.executable, "-c", "from expertstance.cli.main import run; run()", "extract", str(path)]
    environment = {**os.environ, "PYTHONIOENCODING": "cp1252", "PYTHONUTF8": "0"}
    for option in ([], ["--json"]):
        done = subprocess.run([*command, *option], capture_output=True, env=environment, check=False)
        assert (done.returncode, done.stderr) == (0, b"")
    assert json.loads(done.stdout.decode("cp1252"))["statements"][0]["text"] == "We will go 🚀,"


def test_a_name_that_is_not_utf8_does_not_lose_the_page(tiny_model: Path, tmp_path: Path) -> None:
    path, page = tmp_path / os.fsdecode(b"boats\xff.txt"), tmp_path / "page.html"
    path.write_text("“We will go,” said Ann Roth.", encoding="utf-8")
    assert main(["analyze", "--model", str(tiny_model), str(path), "--html", str(page)]) == 0
    assert "boats\\udcff.txt" in page.read_text(encoding="utf-8")


def test_words_in_square_brackets_are_words(
    tiny_model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a[b].txt"
    path.write_text('"It will [sic] fail [/b]," said Ana Roth.\n', encoding="utf-8")
    assert main(["predict", "--model", str(tiny_model), "the deal [/b] will [sic] fail"]) == 0
    assert "the deal [/b] will [sic] fail" in capsys.readouterr().out
    for command in (["extract"], ["analyze", "--model", str(tiny_model)]):
        assert main([*command, str(path)]) == 0
        shown = capsys.readouterr().out
        assert "[sic] fail [/b]" in " ".join(shown.split())
        assert "a[b]" in shown
