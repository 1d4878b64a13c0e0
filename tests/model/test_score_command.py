"""``expertstance score`` as a user runs it: exit codes, standard streams, one-line messages."""

import io
import json
import os
import pty
import signal
import subprocess
import sys
import time
from dataclasses import MISSING, fields
from inspect import signature
from pathlib import Path

import pytest

from expertstance import score_file
from expertstance.cli.main import main
from expertstance.cli.score import score
from expertstance.scoring import ScoreJob

TEXTS = ["The deal will fail.", "We hope it may work."]


@pytest.fixture
def model(tiny_model: Path) -> list[str]:
    return ["--model", str(tiny_model), "--device", "cpu", "--precision", "fp32"]


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "in.jsonl"
    path.write_text("".join(json.dumps({"text": text}) + "\n" for text in TEXTS))
    return path


def give(monkeypatch: pytest.MonkeyPatch, content: bytes) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content), encoding="utf-8"))


def test_exit_codes_and_the_closing_line(
    model: list[str], source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = str(tmp_path / "out.csv")
    assert main(["score", str(source), "-o", output, *model]) == 0
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("2 scored, 0 rejected; ")
    for part in ("statements/s", "tokens/s", "on cpu, fp32", "model tiny"):
        assert part in err
    assert err.count("\n") == 1
    assert main(["score", str(source), "-o", output, *model]) == 2
    assert capsys.readouterr().err.startswith(f"error: {output}: exists; give --overwrite")
    source.write_text(source.read_text() + "no row\n")
    assert main(["score", str(source), "-o", output, "--overwrite", "--json", *model]) == 1
    out, err = capsys.readouterr()
    assert json.loads(out)["rejected"] == 1
    assert f"2 scored, 1 rejected (see {output}.rejects.jsonl)" in err
    source.write_text("no row\n")
    assert main(["score", str(source), "-o", output, "--overwrite", *model]) == 2
    assert main(["score", str(source), "-o", output, "--resume", *model]) == 2
    assert "nothing was left to resume" in capsys.readouterr().err


def test_options_that_contradict_or_fit_no_column_are_refused(
    model: list[str], source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = str(tmp_path / "out.jsonl")
    assert main(["score", str(source), "-o", output, "--resume", "--overwrite", *model]) == 2
    assert "give one of the two" in capsys.readouterr().err
    table = tmp_path / "in.csv"
    table.write_text("text,matter\nThe deal will fail.,the deal\n")
    assert main(["score", str(table), "-o", output, "--context-column", "mater", *model]) == 2
    assert "no column 'mater'; it has 'text', 'matter'; mend --context-column" in capsys.readouterr().err
    assert main(["score", str(table), "-o", output, "--context-column", "matter", *model]) == 0
    assert main(["score", str(source), "-o", "-", "--json", *model]) == 2
    assert "-o - and --json both write to stdout; name a file with -o" in capsys.readouterr().err
    for rejects, message in (("-", "rejects '-' would stand among the rows"), ("absent/r.jsonl", "there is no folder")):
        assert main(["score", str(source), "-o", "-", "--rejects", rejects, *model]) == 2
        assert message in capsys.readouterr().err


def test_an_unwritable_file_for_rejects_is_named_as_it_was_given(
    model: list[str], source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    assert main(["score", str(source), "-o", "-", "--overwrite", "--rejects", "./folder", *model]) == 2
    assert "error: ./folder: cannot be written (Is a directory)" in capsys.readouterr().err


def test_a_file_for_rejects_is_named_where_a_row_was_rejected(
    model: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source, rejects = tmp_path / "in.jsonl", tmp_path / "r.jsonl"
    for rows, told in (('{"text": "it may"}\n', "1 scored, 0 rejected;"), ("no row\n", f"rejected (see {rejects})")):
        source.write_text(rows)
        main(["score", str(source), "-o", "-", "--overwrite", "--rejects", str(rejects), *model])
        assert told in capsys.readouterr().err


def test_defaults_are_the_same_for_the_command_and_the_functions() -> None:
    job = {field.name: field.default for field in fields(ScoreJob) if field.default is not MISSING}
    for function in (score, score_file):
        found = {name: parameter.default for name, parameter in signature(function).parameters.items()}
        assert {name: found[name] for name in job} == job


def test_where_no_row_can_be_used_the_first_reason_is_told(
    model: list[str], source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["score", str(source), "-o", str(tmp_path / "out.jsonl"), "--text-column", "quote", *model]) == 2
    assert "0 scored, 2 rejected" in (told := capsys.readouterr().err)
    assert "the first one: column 'quote' is missing" in told


def test_stdin_to_stdout(
    model: list[str], monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    give(monkeypatch, b'{"text": "it may work", "n": 1}\n{"text": ""}\n')
    with monkeypatch.context() as patch:
        patch.setattr(sys, "stdout", io.TextIOWrapper(io.FileIO(1, "wb", closefd=False), encoding="utf-8"))
        assert main(["score", "-", "-o", "-", *model]) == 1
    out, err = capfdbinary.readouterr()
    (row,) = [json.loads(line) for line in out.splitlines()]
    assert (row["text"], row["n"]) == ("it may work", 1)
    assert json.loads(err.splitlines()[0])["reason"] == "column 'text' is empty"


def test_rejects_on_a_stderr_that_is_not_utf_8_are_json(
    model: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    source = tmp_path / "bad.jsonl"
    source.write_text('{"text": "", "note": "🚀 ü"}\n', encoding="utf-8")
    stderr = io.TextIOWrapper(shown := io.BytesIO(), encoding="cp1252", errors="backslashreplace")
    with monkeypatch.context() as patch:
        patch.setattr(sys, "stderr", stderr)
        assert main(["score", str(source), "-o", "-", *model]) == 2
    stderr.flush()
    assert json.loads(json.loads(shown.getvalue().splitlines()[0])["raw"])["note"] == "🚀 ü"


def test_csv_from_stdin_to_csv_on_stdout(
    model: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    give(monkeypatch, b"text,n\nit may work,1\n,2\n")
    rejects = tmp_path / "rejects.jsonl"
    formats = ["--input-format", "csv", "--output-format", "csv", "--rejects", str(rejects)]
    with monkeypatch.context() as patch:
        patch.setattr(sys, "stdout", io.TextIOWrapper(io.FileIO(1, "wb", closefd=False), encoding="utf-8"))
        assert main(["score", "-", "-o", "-", *formats, *model]) == 1
    header, row = capfdbinary.readouterr().out.decode().splitlines()
    assert header.startswith("text,n,label,score,p_optimistic")
    assert row.startswith("it may work,1,")
    assert json.loads(rejects.read_text())["row"] == 2


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_stdout_on_a_full_disk(
    model: list[str], source: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with io.TextIOWrapper(io.FileIO("/dev/full", "wb")) as full, monkeypatch.context() as patch:
        patch.setattr(sys, "stdout", full)
        code = main(["score", str(source), "-o", "-", *model])
    assert code == 2
    assert "error: stdout: cannot be written (No space left on device)" in capsys.readouterr().err


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_full_disk_is_that_of_the_rejects_where_they_are_written(
    model: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = tmp_path / "bad.jsonl"
    source.write_text('{"text": 1}\n', encoding="utf-8")
    assert main(["score", str(source), "-o", "-", "--rejects", "/dev/full", "--overwrite", *model]) == 2
    assert "error: /dev/full: cannot be written (No space left on device)" in capsys.readouterr().err


def test_articles(model: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "articles"
    folder.mkdir()
    (folder / "a.txt").write_text(
        '"The quay will hold for years," said Mara Oduya, chief engineer at Tidewater Works.\n'
    )
    output = tmp_path / "out.csv"
    assert main(["score", str(folder), "--articles", "-o", str(output), *model]) == 0
    header = output.read_text().splitlines()[0].split(",")
    assert header[:9] == "article_id,text,speaker,role,affiliation,speaker_type,kind,cue,rule".split(",")
    assert main(["score", str(tmp_path), "-o", str(tmp_path / "x.csv"), *model]) == 2
    assert "(--articles)" in capsys.readouterr().err


def test_ctrl_c_and_the_bar_on_a_terminal(model: list[str], tmp_path: Path) -> None:
    source, output = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_text("".join(json.dumps({"text": f"the deal may fail {k}"}) + "\n" for k in range(4000)))
    command = [sys.executable, "-c", "from expertstance.cli.main import run; run()"]
    command += ["score", str(source), "-o", str(output), "--chunk-rows", "5", *model]
    terminal, end = pty.openpty()
    environment = os.environ | {"OMP_NUM_THREADS": "1", "TERM": "xterm", "COLUMNS": "120"}
    process = subprocess.Popen(command, stderr=end, stdout=subprocess.DEVNULL, env=environment)
    os.close(end)
    checkpoint = tmp_path / "out.jsonl.partial" / "checkpoint.json"
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and not (checkpoint.exists() and json.loads(checkpoint.read_text())["rows"] > 20):
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    shown = b""
    try:
        while piece := os.read(terminal, 65536):
            shown += piece
    except OSError:  # the other end of a pseudo-terminal is closed
        pass
    os.close(terminal)
    assert process.wait(timeout=60) == 130
    assert not output.exists()
    text = shown.decode()
    rows = json.loads(checkpoint.read_text())["rows"]
    assert f"interrupted, {rows:,} rows are done; go on with the same command and --resume" in text
    assert "rows/s" in text
    assert "Traceback" not in text


def test_ctrl_c_before_the_model_is_loaded(model: list[str], source: Path, tmp_path: Path) -> None:
    program = """
import signal, sys
def interrupt(event, arguments):
    if event == "open" and str(arguments[0]).endswith("tiny-model/config.json"):
        signal.raise_signal(signal.SIGINT)
signal.signal(signal.SIGINT, signal.default_int_handler)
sys.addaudithook(interrupt)
from expertstance.cli.main import run
run()
"""
    command = [sys.executable, "-c", program, "score", str(source), "-o", str(tmp_path / "out.jsonl"), *model]
    done = subprocess.run(command, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (130, "interrupted before a row was scored\n")
    assert [path.name for path in tmp_path.iterdir()] == ["in.jsonl"]


def test_help_is_cheap() -> None:
    program = (
        "import sys; from expertstance.cli.main import main; main(['score', '--help']); "
        "print(sorted({'torch', 'transformers', 'datasets', 'pyarrow', 'ray'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
    assert "--resume" in done.stdout


def test_rejects_never_replace_an_input(model: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = tmp_path / "in.jsonl"
    source.write_text('{"text": "the deal will fail"}\n', encoding="utf-8")
    options = ["-o", "-", "--rejects", str(source), "--overwrite"]
    assert main(["score", str(source), *options, *model]) == 2
    assert f"{source}: would write over the input {source}" in capsys.readouterr().err
    assert source.read_text(encoding="utf-8") == '{"text": "the deal will fail"}\n'


def test_a_named_pipe_is_refused(model: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    os.mkfifo(tmp_path / "pipe.jsonl")
    assert main(["score", str(tmp_path / "pipe.jsonl"), "-o", str(tmp_path / "out.jsonl"), *model]) == 2
    assert "is a pipe, which can be read only once; give - and pipe it to stdin" in capsys.readouterr().err


def test_the_text_is_not_its_own_context(model: list[str], tmp_path: Path) -> None:
    source = tmp_path / "in.jsonl"
    source.write_text('{"context": "the deal will fail"}\n', encoding="utf-8")
    scores = []
    for name, options in (("a.jsonl", []), ("b.jsonl", ["--context-column", ""])):
        assert (
            main(["score", str(source), "-o", str(tmp_path / name), "--text-column", "context", *options, *model]) == 0
        )
        scores.append(json.loads((tmp_path / name).read_text(encoding="utf-8"))["p_skeptical"])
    assert scores[0] == scores[1]
