"""Scoring through Ray Data on a local cluster with two actors: the same files as the local engine, also if one dies."""

import json
import logging
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from expertstance import InputError, MissingExtraError, StanceClassifier, score_file

HAS_RAY = find_spec("ray") is not None and find_spec("psutil") is not None
pytestmark = [pytest.mark.ray, pytest.mark.filterwarnings("default")]
needs_ray = pytest.mark.skipif(not HAS_RAY, reason="needs the extra ray: pip install 'expertstance[ray]'")
WORDS = "the deal plan talks will not fail succeed we hope doubt it may could risk".split()


@pytest.fixture(scope="module")
def cluster() -> Iterator[None]:
    import ray

    for attempt in range(3):  # Ray gives its parts half a minute to start, which a busy machine may not keep to
        try:
            ray.init(num_cpus=3, include_dashboard=False, log_to_driver=False, logging_level=logging.ERROR)
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


@needs_ray
@pytest.mark.usefixtures("cluster")
def test_the_same_files_as_the_local_engine(tiny: StanceClassifier, tmp_path: Path) -> None:
    one, two, three = write(tmp_path)
    empty = tmp_path / "empty.jsonl"
    empty.write_text("")
    for inputs, name in (([one, empty, two], "out.csv"), ([three], "out.parquet")):
        local, far = tmp_path / f"local-{name}", tmp_path / f"ray-{name}"
        expected = score_file(inputs, local, classifier=tiny, chunk_rows=20)
        summary = score_file(inputs, far, classifier=tiny, chunk_rows=20, engine="ray", workers=2)
        assert (summary.rows, summary.scored, summary.rejected) == (expected.rows, expected.scored, expected.rejected)
        assert summary.device == "2 ray actors on cpu"
        if name == "out.parquet":
            assert far.read_bytes() == local.read_bytes()
        else:  # its chunks end with every file, so that last digits may differ
            assert labels(far) == labels(local)
        rejects = [Path(f"{path}.rejects.jsonl").read_bytes() for path in (local, far)]
        assert rejects[0] == rejects[1]
        assert not Path(f"{far}.partial").exists()


def labels(path: Path) -> list[list[str]]:
    """Cells of a CSV file, numbers to three digits."""
    return [[cell[:5] if cell.startswith("0.") else cell for cell in line.split(",")] for line in path.open()]


@needs_ray
@pytest.mark.usefixtures("cluster")
def test_an_actor_that_is_killed_loses_nothing_and_files_may_be_uris(tiny: StanceClassifier, tmp_path: Path) -> None:
    import psutil  # type: ignore[import-untyped]

    one, _, _ = write(tmp_path)
    score_file(one, tmp_path / "local.jsonl", classifier=tiny, chunk_rows=1)
    killed: list[int] = []

    def kill_an_actor(done: int, share: float) -> None:
        for process in psutil.Process().children(recursive=True):
            if done and not killed and "MapBatches(_Scorer)" in " ".join(process.cmdline()):
                process.kill()
                killed.append(done)

    far = (tmp_path / "ray.jsonl").as_uri()
    options = {"chunk_rows": 1, "engine": "ray", "workers": 2, "on_progress": kill_an_actor}
    score_file(one.as_uri(), far, classifier=tiny, **options)  # type: ignore[arg-type]
    assert killed[0] < 100
    assert (tmp_path / "ray.jsonl").read_bytes() == (tmp_path / "local.jsonl").read_bytes()
    found = [
        [entry | {"source": ""} for entry in map(json.loads, (tmp_path / f"{name}.jsonl.rejects.jsonl").open())]
        for name in ("local", "ray")
    ]
    assert found[0] == found[1]
    with pytest.raises(InputError, match="exists; give --overwrite"):
        score_file(one.as_uri(), far, classifier=tiny, engine="ray", workers=2)


@pytest.mark.skipif(HAS_RAY, reason="tells what to install where ray is not")
def test_without_ray_the_way_out_is_named(tiny: StanceClassifier, tmp_path: Path) -> None:
    with pytest.raises(MissingExtraError, match="engine ray needs Ray Data; install it: pip install"):
        score_file(write(tmp_path)[0], tmp_path / "out.jsonl", classifier=tiny, engine="ray")


@needs_ray
@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"output": "-"}, "not stdin or stdout"),
        ({"resume": True}, "resume is for the local engine"),
        ({"engine": "spark"}, "engine 'spark' is unknown; give one of local, ray"),
        ({"engine": "local", "workers": 2}, "workers 2 is for engine ray"),
        ({"workers": 0}, "workers must be at least 1, got 0"),
        ({"engine": "local", "output": "s3://bucket/out.jsonl"}, "the local engine writes to a path; use engine ray"),
    ],
)
def test_what_does_not_go_with_an_engine(
    tiny: StanceClassifier, tmp_path: Path, options: dict[str, object], message: str
) -> None:
    arguments: dict[str, object] = {"inputs": write(tmp_path)[0], "output": tmp_path / "o.csv", "engine": "ray"}
    with pytest.raises(InputError, match=message):
        score_file(classifier=tiny, **arguments | options)  # type: ignore[arg-type]
