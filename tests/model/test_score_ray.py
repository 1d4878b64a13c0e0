"""Scoring through Ray Data on a local cluster with two actors: the same rows as the local engine, also if one dies."""

import gzip
import json
import logging
import signal
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest

from expertstance import InputError, MissingExtraError, StanceClassifier, score_file
from expertstance.cli.main import main
from expertstance.scoring import ScoringInterrupted
from expertstance.scoring.formats import FileKind, Format, copy_to_uri, file_kind
from expertstance.scoring.job import rejects_name

WORDS = "the deal plan talks will not fail succeed we hope doubt it may could risk".split()
CPUS = 3


def on_ray(test: Any) -> Any:
    """Mark a test that needs Ray and its cluster; Ray itself warns of much that is not ours."""
    has_ray = find_spec("ray") is not None and find_spec("psutil") is not None
    for mark in (
        pytest.mark.ray,
        pytest.mark.skipif(not has_ray, reason="needs the extra ray: pip install 'expertstance[ray]'"),
        pytest.mark.filterwarnings("default"),
        pytest.mark.usefixtures("cluster"),
    ):
        test = mark(test)
    return test


@pytest.fixture(scope="module")
def cluster() -> Iterator[None]:
    import ray

    for attempt in range(3):  # Ray gives its parts half a minute to start, which a busy machine may not keep to
        try:
            ray.init(num_cpus=CPUS, include_dashboard=False, log_to_driver=False, logging_level=logging.ERROR)
            break
        except Exception:
            ray.shutdown()
            if attempt == 2:
                raise
    yield
    ray.shutdown()


def rows(n: int) -> list[dict[str, str]]:
    return [
        {"id": str(k), "text": "" if k % 50 == 7 else " ".join(WORDS[(k * j) % 15] for j in range(1, 4 + k % 9))}
        for k in range(n)
    ]


def write(folder: Path) -> tuple[Path, Path, Path]:
    one, two, three = folder / "one.jsonl", folder / "two.jsonl", folder / "three.parquet"
    one.write_text("".join(json.dumps(row) + "\n" for row in rows(150)) + "no row\n")
    two.write_text(json.dumps({"text": "it may work", "late": [1, {"a": None}]}) + "\n")
    pq.write_table(pa.Table.from_pylist(rows(90)), three)
    return one, two, three


def table(path: Path) -> pa.Table:
    if path.suffix == ".parquet":
        return pq.read_table(path)
    if path.suffix == ".csv":
        return pa.csv.read_csv(path)
    return pa.Table.from_pylist([json.loads(line) for line in path.read_text().splitlines()])


def rejected(output: Path) -> list[dict[str, Any]]:
    lines = Path(f"{output}.rejects.jsonl").read_text().splitlines()
    return [json.loads(line) | {"source": ""} for line in lines]


def assert_same(found: Path, expected: Path) -> None:
    """The same rows in the same order, columns, types, labels and rejects; probabilities within 1e-4."""
    ours, theirs = table(found), table(expected)
    assert ours.schema.equals(theirs.schema, check_metadata=True)
    for name in theirs.schema.names:
        if name == "score" or name.startswith("p_"):
            assert ours[name].to_pylist() == pytest.approx(theirs[name].to_pylist(), abs=1e-4)
        else:
            assert ours[name].to_pylist() == theirs[name].to_pylist()
    assert rejected(found) == rejected(expected)


@on_ray
@pytest.mark.parametrize("name", ["out.csv", "out.parquet"])
def test_the_same_rows_as_the_local_engine(tiny: StanceClassifier, tmp_path: Path, name: str) -> None:
    one, two, three = write(tmp_path)
    empty = tmp_path / "empty.jsonl"
    empty.write_text("")
    inputs = [one, empty, two] if name == "out.csv" else [three]
    local, far = tmp_path / f"local-{name}", tmp_path / f"ray-{name}"
    expected = score_file(inputs, local, classifier=tiny, chunk_rows=20)
    summary = score_file(inputs, far, classifier=tiny, chunk_rows=20, engine="ray", workers=2)
    assert (summary.rows, summary.scored, summary.rejected) == (expected.rows, expected.scored, expected.rejected)
    assert summary.device == "2 ray actors on cpu"
    assert_same(far, local)
    assert not Path(f"{far}.partial").exists()


@on_ray
def test_an_actor_that_is_killed_loses_nothing(tiny: StanceClassifier, tmp_path: Path) -> None:
    import psutil  # type: ignore[import-untyped]

    one, _, _ = write(tmp_path)
    local, far = tmp_path / "local.jsonl", tmp_path / "ray.jsonl"
    score_file(one, local, classifier=tiny, chunk_rows=2)
    killed: list[int] = []

    def kill_an_actor(done: int, share: float) -> None:
        for process in psutil.Process().children(recursive=True):
            try:
                if done and not killed and "MapBatches(_Scorer)" in " ".join(process.cmdline()):
                    process.kill()
                    killed.append(done)
            except psutil.NoSuchProcess:  # another part of Ray, which has ended since
                continue

    score_file(one, far, classifier=tiny, chunk_rows=2, engine="ray", workers=2, on_progress=kill_an_actor)
    assert killed[0] < 100
    assert_same(far, local)


@on_ray
def test_uris_and_an_actor_on_every_cpu(tiny: StanceClassifier, tmp_path: Path) -> None:
    one, two, _ = write(tmp_path)
    local, far = tmp_path / "local.jsonl", tmp_path / "ray.jsonl"
    score_file(one, local, classifier=tiny)
    options: dict[str, Any] = {"classifier": tiny, "engine": "ray", "workers": CPUS}
    score_file(one.as_uri(), far.as_uri(), **options)
    assert_same(far, local)
    with pytest.raises(InputError, match="exists; give --overwrite"):
        score_file(one.as_uri(), far.as_uri(), **options)
    score_file(two.as_uri(), far.as_uri(), **options, overwrite=True)
    assert len(far.read_text().splitlines()) == 1
    assert sorted(path.name for path in tmp_path.iterdir() if path.name.startswith("ray")) == ["ray.jsonl"]


@on_ray
def test_what_fails_far_away_is_told_in_one_sentence(tiny: StanceClassifier, tmp_path: Path) -> None:
    source = tmp_path / "in.jsonl.gz"
    source.write_bytes(gzip.compress(b'{"text": "the deal may fail"}\n' * 900)[:50])
    with pytest.raises(InputError, match=r"in\.jsonl\.gz: cannot be read further \(Truncated.*\); fetch it again$"):
        score_file(source, tmp_path / "out.csv", classifier=tiny, engine="ray", workers=1)
    assert [path.name for path in tmp_path.iterdir()] == ["in.jsonl.gz"]


@on_ray
def test_ctrl_c_leaves_nothing_behind(tiny: StanceClassifier, tmp_path: Path) -> None:
    one, _, _ = write(tmp_path)
    stop = lambda rows, share: signal.raise_signal(signal.SIGINT)  # noqa: E731
    with pytest.raises(ScoringInterrupted) as caught:
        score_file(one, tmp_path / "o.csv", classifier=tiny, chunk_rows=10, engine="ray", workers=1, on_progress=stop)
    assert (caught.value.rows, caught.value.resumable) == (0, False)
    assert not list(tmp_path.glob("o.csv*"))


def test_without_ray_the_way_out_is_named(
    tiny: StanceClassifier,
    tiny_model: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)  # an import of it now fails, as where it is not installed
    source, output = str(write(tmp_path)[0]), str(tmp_path / "out.jsonl")
    with pytest.raises(MissingExtraError, match="engine ray needs Ray Data; install it: pip install"):
        score_file(source, output, classifier=tiny, engine="ray")
    assert main(["score", source, "-o", output, "--engine", "ray", "--model", str(tiny_model)]) == 2
    message = "error: engine ray needs Ray Data; install it: pip install 'expertstance[ray]'\n"
    assert capsys.readouterr().err == message


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"output": "-"}, "not stdin or stdout"),
        ({"resume": True}, "resume is for the local engine"),
        ({"engine": "spark"}, "engine 'spark' is unknown; give one of local, ray"),
        ({"engine": "local", "workers": 2}, "workers 2 is for engine ray"),
        ({"workers": 0}, "workers must be at least 1, got 0"),
        ({"engine": "local", "output": "s3://bucket/out.jsonl"}, "the local engine writes to a path; use engine ray"),
        ({"output": "nowhere://bucket/out.jsonl"}, "nowhere://bucket/out.jsonl: no file system for it"),
    ],
)
def test_what_does_not_go_with_an_engine(
    tiny: StanceClassifier, tmp_path: Path, options: dict[str, object], message: str
) -> None:
    arguments: dict[str, object] = {"inputs": write(tmp_path)[0], "output": tmp_path / "o.csv", "engine": "ray"}
    with pytest.raises(InputError, match=message):
        score_file(classifier=tiny, **arguments | options)  # type: ignore[arg-type]


def test_an_input_is_not_written_over_under_another_name(tiny: StanceClassifier, tmp_path: Path) -> None:
    one, _, _ = write(tmp_path)
    for source, output in ((one, one.as_uri()), (one.as_uri(), one), (one.as_uri(), one.as_uri())):
        with pytest.raises(InputError, match="would write over the input"):
            score_file(source, output, classifier=tiny, engine="ray", overwrite=True)


def test_a_uri_with_options_tells_its_format_and_its_rejects() -> None:
    kind = file_kind("s3://bucket/quotes.csv.gz?region=eu-north-1", given=None, option="input_format")
    assert kind == FileKind(Format.CSV, "gzip")
    assert rejects_name("s3://bucket/o.csv?region=eu-north-1") == "s3://bucket/o.csv.rejects.jsonl?region=eu-north-1"


def test_a_uri_that_cannot_become_the_output_is_refused_before_anything_is_scored(
    tiny: StanceClassifier, tmp_path: Path
) -> None:
    one, _, _ = write(tmp_path)
    output, rejects = tmp_path / "o.jsonl", tmp_path / "o.jsonl.rejects.jsonl"
    rejects.write_text("precious")
    (tmp_path / "folder").mkdir()
    for inputs, uri, overwrite, message in (
        (rejects, output.as_uri(), True, r"rejects\.jsonl: would write over the input"),
        (rejects.as_uri(), output.as_uri(), True, r"rejects\.jsonl: would write over the input"),
        (one, output.as_uri(), False, r"o\.jsonl\.rejects\.jsonl: exists; give --overwrite"),
        (one, (tmp_path / "nope" / "o.jsonl").as_uri(), False, "there is no folder .*nope; make it first"),
        (one, (tmp_path / "folder").as_uri(), True, "folder: is a folder; name a file"),
    ):
        with pytest.raises(InputError, match=message):
            score_file(inputs, uri, classifier=tiny, engine="ray", overwrite=overwrite, output_format="jsonl")
    assert rejects.read_text() == "precious"


def test_a_file_that_is_copied_to_a_uri_replaces_no_other(tmp_path: Path) -> None:
    source, foreign = tmp_path / "rows", tmp_path / "o.jsonl.partial"
    source.write_text("new")
    foreign.write_text("precious")
    copy_to_uri(source, (tmp_path / "o.jsonl").as_uri())
    assert (foreign.read_text(), (tmp_path / "o.jsonl").read_text()) == ("precious", "new")
