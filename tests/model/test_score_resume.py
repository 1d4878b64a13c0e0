"""What stands in the way of an output, and what a run does when it is stopped or taken up again."""

import json
import resource
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from expertstance import InputError, StanceClassifier, score_file
from expertstance.calibration import Calibration
from expertstance.errors import OutputError
from expertstance.scoring import ScoringInterrupted

ROWS = [{"id": k, "text": f"the deal may fail {'not ' * (k % 7)}"} for k in range(60)]


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "in.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in ROWS))
    return path


def interrupt(source: Path, output: Path, **options: Any) -> ScoringInterrupted:
    """Score with Ctrl-C after the third chunk."""
    chunks = 0

    def on_progress(rows: int, share: float) -> None:
        nonlocal chunks
        chunks += 1
        if chunks == 4:
            signal.raise_signal(signal.SIGINT)

    with pytest.raises(ScoringInterrupted) as caught:
        score_file(source, output, chunk_rows=10, on_progress=on_progress, **options)
    return caught.value


@pytest.mark.parametrize("name", ["out.jsonl", "out.csv", "out.parquet", "out.jsonl.gz"])
def test_interrupted_and_resumed(
    tiny: StanceClassifier, tiny_model: Path, tmp_path: Path, source: Path, name: str
) -> None:
    whole, output = tmp_path / f"whole-{name}", tmp_path / name
    score_file(source, whole, classifier=tiny, chunk_rows=10)
    fresh = StanceClassifier.from_pretrained(tiny_model, device="cpu", precision="fp32")
    stop = interrupt(source, output, classifier=fresh)
    assert (stop.rows, stop.resumable) == (20, True)
    assert not output.exists()
    with pytest.raises(InputError, match=r"an unfinished run stands in .* go on with --resume, or start again"):
        score_file(source, output, classifier=tiny, chunk_rows=10)
    with (tmp_path / f"{name}.partial" / "rows").open("ab") as file:
        file.write(b"half a row, written when the power went")
    summary = score_file(source, output, classifier=fresh, chunk_rows=10, resume=True)
    assert (summary.resumed_at, summary.rows) == (20, 60)
    assert output.read_bytes() == whole.read_bytes()
    assert not (tmp_path / f"{name}.partial").exists()


def test_overwrite_starts_again(tiny: StanceClassifier, tmp_path: Path, source: Path) -> None:
    output = tmp_path / "out.jsonl"
    interrupt(source, output, classifier=tiny)
    assert score_file(source, output, classifier=tiny, overwrite=True).resumed_at == 0
    assert len(output.read_text().splitlines()) == 60


def test_a_change_is_noticed_when_a_run_is_resumed(
    tiny: StanceClassifier, tiny_model: Path, tmp_path: Path, source: Path
) -> None:
    output = tmp_path / "out.jsonl"
    interrupt(source, output, classifier=tiny)
    resume: dict[str, Any] = {"resume": True, "chunk_rows": 10, "classifier": tiny}
    with pytest.raises(InputError, match=r"the parameter value 'chunk_rows' was 10 .* and is 11 now"):
        score_file(source, output, **resume | {"chunk_rows": 11})
    with pytest.raises(InputError, match=r"the parameter value 'text_column' was 'text' .* and is 'id' now"):
        score_file(source, output, **resume, text_column="id")
    cooler = StanceClassifier.from_pretrained(tiny_model, device="cpu", precision="fp32")
    cooler.calibration = Calibration(temperature=1.0)
    with pytest.raises(InputError, match="the model value 'calibration' was"):
        score_file(source, output, **resume | {"classifier": cooler})
    finer = StanceClassifier.from_pretrained(tiny_model, device="cpu", precision="bf16")
    with pytest.raises(InputError, match=r"the model value 'precision' was 'fp32' .* and is 'bf16' now"):
        score_file(source, output, **resume | {"classifier": finer})
    content = source.read_text()
    source.write_text(content.replace("deal", "plan"))
    with pytest.raises(InputError, match=rf"the input {source} has changed since the run began; restore it, or start"):
        score_file(source, output, **resume)
    source.write_text(content)
    assert score_file(source, output, **resume).rows == 60


def test_resume_of_a_finished_or_an_absent_run(tiny: StanceClassifier, tmp_path: Path, source: Path) -> None:
    output = tmp_path / "out.jsonl"
    first = score_file(source, output, classifier=tiny, resume=True)
    assert (first.rows, first.resumed_at) == (60, 0)
    content, changed = output.read_bytes(), output.stat().st_mtime_ns
    again = score_file(source, output, classifier=tiny, resume=True)
    assert (again.rows, again.scored, again.resumed_at) == (60, 60, 60)
    assert (output.read_bytes(), output.stat().st_mtime_ns) == (content, changed)
    with pytest.raises(InputError, match="'max_chars' was 100000"):
        score_file(source, output, classifier=tiny, resume=True, max_chars=99)
    (tmp_path / "out.jsonl.run.json").unlink()
    with pytest.raises(InputError, match="exists, and there is no run to resume"):
        score_file(source, output, classifier=tiny, resume=True)
    output.replace(tmp_path / "out.jsonl.rejects.jsonl")
    with pytest.raises(InputError, match=r"rejects\.jsonl: exists, and there is no run to resume"):
        score_file(source, output, classifier=tiny, resume=True)
    assert (tmp_path / "out.jsonl.rejects.jsonl").read_bytes() == content


def test_a_record_that_cannot_be_read_is_no_run_to_resume(tiny: StanceClassifier, tmp_path: Path, source: Path) -> None:
    output = tmp_path / "out.jsonl"
    record, checkpoint = tmp_path / "out.jsonl.run.json", tmp_path / "out.jsonl.partial" / "checkpoint.json"
    score_file(source, output, classifier=tiny)
    for content in (b"{}", b"", b"[1]", b"\xff", b'{"facts": 1}'):
        record.write_bytes(content)
        with pytest.raises(InputError, match=r"run\.json: is damaged, .* cannot be resumed; start again with --overw"):
            score_file(source, output, classifier=tiny, resume=True)
    for path in (output, record):
        path.unlink()
    interrupt(source, output, classifier=tiny)
    whole = json.loads(checkpoint.read_text())
    for content in (b"", json.dumps(whole | {"state": None}).encode(), json.dumps({"facts": whole["facts"]}).encode()):
        checkpoint.write_bytes(content)
        with pytest.raises(InputError, match=r"checkpoint\.json: is damaged, .* start again with --overwrite"):
            score_file(source, output, classifier=tiny, chunk_rows=10, resume=True)
    assert score_file(source, output, classifier=tiny, overwrite=True).scored == 60


def test_an_output_that_is_gone_is_no_success(tiny: StanceClassifier, tmp_path: Path, source: Path) -> None:
    output, work = tmp_path / "out.csv", tmp_path / "out.csv.partial"
    interrupt(source, output, classifier=tiny)
    state = json.loads((work / "checkpoint.json").read_text())
    (work / "checkpoint.json").write_text(json.dumps(state | {"state": "publishing"}))  # and killed before the end
    with pytest.raises(InputError, match=r"out\.csv: was complete and is gone; start again with --overwrite"):
        score_file(source, output, classifier=tiny, chunk_rows=10, resume=True)
    assert score_file(source, output, classifier=tiny, overwrite=True).scored == 60


def test_what_is_no_work_folder_of_ours_is_left_alone(tiny: StanceClassifier, tmp_path: Path, source: Path) -> None:
    output, work = tmp_path / "out.jsonl", tmp_path / "out.jsonl.partial"
    work.write_text("precious")
    message = r"partial: is in the way of the run's work folder; move it, or choose"
    with pytest.raises(InputError, match=message):
        score_file(source, output, classifier=tiny, resume=True)
    work.replace(tmp_path / "rows")
    work.mkdir()
    (tmp_path / "rows").replace(work / "rows")
    with pytest.raises(InputError, match=message):
        score_file(source, output, classifier=tiny, overwrite=True)
    assert (work / "rows").read_text() == "precious"
    (work / "rows").unlink()
    interrupt(source, output, classifier=tiny)
    (work / "notes.txt").write_text("precious")
    assert score_file(source, output, classifier=tiny, chunk_rows=10, resume=True).rows == 60
    assert [path.name for path in work.iterdir()] == ["notes.txt"]


def test_only_one_process_writes_an_output(tiny: StanceClassifier, tmp_path: Path, source: Path) -> None:
    output = tmp_path / "out.jsonl"
    refused: list[str] = []

    def meddle(rows: int, share: float) -> None:
        if not refused:
            with pytest.raises(InputError) as caught:
                score_file(source, output, classifier=tiny, resume=True)
            refused.append(str(caught.value))

    score_file(source, output, classifier=tiny, on_progress=meddle)
    assert "another run is writing this output now" in refused[0]


def test_outputs_in_the_way(tiny: StanceClassifier, tmp_path: Path, source: Path) -> None:
    output = tmp_path / "out.jsonl"
    output.write_text("precious")
    with pytest.raises(InputError, match="exists; give --overwrite to replace it, or choose another output"):
        score_file(source, output, classifier=tiny)
    assert output.read_text() == "precious"
    output.unlink()
    rejects = tmp_path / "out.jsonl.rejects.jsonl"
    for beside in (tmp_path / "out.jsonl.run.json", rejects):
        beside.write_text("of an earlier run")
        with pytest.raises(InputError, match=f"{beside.name}: exists; give --overwrite"):
            score_file(source, output, classifier=tiny)
        assert beside.read_text() == "of an earlier run"
    score_file(source, output, classifier=tiny, overwrite=True)
    assert not rejects.exists()
    content = source.read_bytes()
    link = tmp_path / "link.jsonl"
    link.symlink_to(source)
    for same in (source, link, tmp_path / "." / "in.jsonl"):
        with pytest.raises(InputError, match="would write over the input"):
            score_file(source, same, classifier=tiny, overwrite=True)
    assert source.read_bytes() == content
    with pytest.raises(InputError, match="is a folder; name a file"):
        score_file(source, tmp_path, classifier=tiny, output_format="jsonl")
    with pytest.raises(InputError, match="there is no folder"):
        score_file(source, tmp_path / "no" / "out.jsonl", classifier=tiny)
    with pytest.raises(InputError, match="is no regular file; give - for stdout"):
        score_file(source, "/dev/null", classifier=tiny, output_format="jsonl", overwrite=True)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"inputs": []}, "no input given"),
        ({"inputs": ["-", "-"]}, "stdin .* named twice"),
        ({"inputs": "no.jsonl"}, "no such file"),
        ({"inputs": "."}, r"is a folder; .* \(--articles\)"),
        ({"inputs": "-", "resume": True}, "stdin cannot be resumed"),
        ({"output": "-", "resume": True}, "stdout cannot be resumed"),
        ({"rejects": "r.jsonl"}, "rejects is for output to stdout"),
        ({"chunk_rows": 0}, "chunk_rows must be at least 1, got 0"),
        ({"max_chars": 0}, "max_chars must be at least 1"),
        ({"input_format": "xml"}, "input_format 'xml' is unknown; give one of jsonl, csv, tsv, parquet"),
        ({"inputs": "-", "input_format": "parquet", "output": "o.csv"}, "Parquet cannot be read from stdin"),
        ({"articles": True, "text_column": "x"}, "does not go with articles"),
        ({"articles": True, "input_format": "csv"}, "does not go with articles"),
        ({"articles": True, "context_column": "x"}, "does not go with articles: they have no such column"),
    ],
)
def test_parameters_are_checked_before_the_model_is_needed(
    tmp_path: Path, source: Path, options: dict[str, Any], message: str
) -> None:
    arguments: dict[str, Any] = {"inputs": source, "output": tmp_path / "out.jsonl", "classifier": object()} | options
    with pytest.raises(InputError, match=message):
        score_file(**arguments)


@contextmanager
def largest_file(size: int) -> Iterator[None]:
    """Let every write behind ``size`` bytes of a file fail, as on a disk that is full."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("name", ["out.jsonl", "out.csv", "out.parquet"])
def test_a_disk_that_fills_up_costs_nothing_that_was_done(
    tiny: StanceClassifier, tmp_path: Path, source: Path, name: str
) -> None:
    output = tmp_path / name
    with largest_file(9000), pytest.raises(OutputError, match=r"cannot be written \(File too large\); make room"):
        score_file(source, output, classifier=tiny, chunk_rows=10)
    assert not output.exists()
    summary = score_file(source, output, classifier=tiny, chunk_rows=10, resume=True)
    assert summary.resumed_at >= 10
    score_file(source, tmp_path / f"whole-{name}", classifier=tiny, chunk_rows=10)
    assert output.read_bytes() == (tmp_path / f"whole-{name}").read_bytes()


@pytest.mark.skipif(not Path("/sys/kernel").is_dir(), reason="needs a folder that nobody may write to")
def test_a_folder_without_write_permission(tiny: StanceClassifier, source: Path) -> None:
    with pytest.raises(
        OutputError, match=r"^/sys/kernel/out\.jsonl: cannot be written \(.*\); make room there or check"
    ):
        score_file(source, "/sys/kernel/out.jsonl", classifier=tiny)


def test_articles_are_told_from_what_runs_leave_beside_them(tiny: StanceClassifier, tmp_path: Path) -> None:
    for k in range(45):
        (tmp_path / f"{k:02}.txt").write_text(f"“It may fail {'again ' * k},” said Ana Roth.\n", encoding="utf-8")
    output = tmp_path / "out.jsonl"
    interrupt(tmp_path, output, articles=True, classifier=tiny)
    assert score_file(tmp_path, output, articles=True, chunk_rows=10, classifier=tiny, resume=True).scored == 45
    assert score_file(tmp_path, output, articles=True, classifier=tiny, overwrite=True).scored == 45
    again = score_file(tmp_path, tmp_path / "again.jsonl", articles=True, classifier=tiny)
    assert (again.scored, again.rejected) == (45, 0)
