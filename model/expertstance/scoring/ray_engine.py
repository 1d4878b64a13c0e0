"""Scoring beyond one machine through Ray Data: files are read by tasks, chunks scored by an actor pool, in order.

expertstance score IN… -o OUT --engine ray

Reading, scoring and writing are those of the local engine; Ray brings the chunks to the actors, starts an actor that
has died again and repeats its chunk. ``RAY_ADDRESS`` names the cluster; without it Ray starts on this machine.
"""

import copy
import json
import logging
import os
import pickle
import tempfile
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from expertstance.errors import EngineError, ExpertstanceError, InputError, MissingExtraError
from expertstance.scoring.chunks import Position
from expertstance.scoring.columns import ColumnKinds
from expertstance.scoring.engine import naming_the_output, publish, rejects_of
from expertstance.scoring.fingerprint import model_facts
from expertstance.scoring.formats import copy_to_uri, delete_uri
from expertstance.scoring.job import ScoreJob, make_plan, rejects_name, work_path
from expertstance.scoring.run import ChunkReader, OnProgress, Run, ScoredChunk, score_chunk
from expertstance.scoring.sources import Source
from expertstance.scoring.spool import FINAL, REJECTS, ROWS, AppendFile, WorkFolder, sync_file
from expertstance.scoring.summary import ScoreSummary, ScoringInterrupted

if TYPE_CHECKING:
    from expertstance.classifier import StanceClassifier


READING_CPUS = 0.5
"""Share of a CPU that a reading task takes. Differs from the actors': operators that ask for the same are fused to one,
and then one actor would both read and score a whole file."""


@dataclass(frozen=True, slots=True)
class _Pool:
    """The actors of a run, and what is left for reading: none where they take every CPU, else both wait for ever."""

    workers: int
    cpus: int
    gpus: int

    @property
    def device(self) -> str:
        return "cuda" if self.gpus else "cpu"

    def reading(self) -> dict[str, Any]:
        """Resources of the reading tasks."""
        if self.gpus or self.workers < self.cpus:
            return {"num_cpus": READING_CPUS}
        return {"num_cpus": 0, "concurrency": max(1, self.cpus)}

    def scoring(self) -> dict[str, Any]:
        """Resources of an actor."""
        return {"num_gpus": 1} if self.gpus else {"num_cpus": 1}


def _pool(ray: Any, workers: int | None) -> _Pool:
    resources = ray.cluster_resources()
    cpus, gpus = int(resources.get("CPU", 1)), int(resources.get("GPU", 0))
    return _Pool(workers or gpus or max(1, cpus - 1), cpus, gpus)


def run_ray_job(
    job: ScoreJob, load: "Callable[[], StanceClassifier]", *, on_progress: OnProgress | None = None
) -> ScoreSummary:
    """Score the inputs of a job into its output on a Ray cluster.

    Args:
        job: What to do.
        load: Gives the classifier; its parts are sent to the actors.
        on_progress: Told the rows done and the share of the inputs read, after every chunk.

    Raises:
        InputError: The job cannot be done as it stands.
        MissingExtraError: Ray is not installed.
        OutputError: The output cannot be written.
        EngineError: The cluster cannot be reached, or failed for good.
        ScoringInterrupted: Ctrl-C; nothing is kept.
    """
    plan = make_plan(job)
    ray = _ray()
    run = Run(plan, load(), on_progress)
    _connect(ray)
    pool = _pool(ray, job.workers)
    if run.classifier.precision == "int8" and pool.device != "cpu":
        raise InputError("precision 'int8' is for CPUs, the cluster has GPUs; give precision 'auto', or engine 'local'")
    with naming_the_output(run, resumable=False), _plain_errors(ray):
        if plan.target is None:
            with tempfile.TemporaryDirectory(prefix="expertstance-") as folder:
                _score_into(run, Path(folder), pool)
                _publish_to_uri(run, Path(folder))
        else:
            with WorkFolder(work_path(plan.target)) as work:
                work.clear()
                try:
                    state = _score_into(run, work.path, pool)
                except BaseException:
                    work.remove()  # it cannot be taken up again
                    raise
                publish(run, work, plan.target, state)
    return run.summary(rejects=rejects_of(run), device=f"{pool.workers} ray actors on {pool.device}")


def _connect(ray: Any) -> None:
    if ray.is_initialized():
        return
    try:
        ray.init(log_to_driver=False, logging_level="error")
    except (OSError, RuntimeError, ValueError) as error:
        address = os.environ.get("RAY_ADDRESS")
        place = "Ray did not start on this machine" if address is None else f"no Ray cluster at RAY_ADDRESS={address}"
        raise EngineError(f"{place} ({_first_line(error)}); check it with: ray status") from error


@contextmanager
def _plain_errors(ray: Any) -> Iterator[None]:
    """Ctrl-C and what Ray could not mend, in one sentence; what fails in our own code over there comes as a row."""
    try:
        yield
    except KeyboardInterrupt:
        raise ScoringInterrupted(0, resumable=False) from None
    except ray.exceptions.RayError as error:
        raise EngineError(f"the Ray cluster failed ({_first_line(error)}); see its logs, then start again") from error


def _first_line(error: BaseException) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0].strip()


def _score_into(run: Run, folder: Path, pool: _Pool) -> dict[str, Any]:
    rows, rejects = AppendFile(folder / ROWS), AppendFile(folder / REJECTS)
    try:
        for used, kinds, chunk in _scored_chunks(run, pool):
            rows.append(chunk.rows)
            rejects.append(chunk.rejects)
            run.kinds.merge(kinds)
            run.note(used)
            run.done(chunk)
        rows.sync()
        rejects.sync()
    finally:
        rows.close()
        rejects.close()
    if not run.plain:
        run.finish(folder / ROWS, folder / FINAL)
        sync_file(folder / FINAL)
    tally = run.tally
    facts = {
        "parameters": run.plan.job.parameters(),
        "model": model_facts(run.classifier),
        "inputs": {source.path: source.size for source in run.plan.sources},
    }
    return {"rows": tally.rows, "scored": tally.scored, "rejected": tally.rejected, "facts": facts}


def _publish_to_uri(run: Run, folder: Path) -> None:
    output = run.plan.job.output
    rejects = rejects_name(output)
    if run.tally.rejected:
        copy_to_uri(folder / REJECTS, rejects)
    else:
        delete_uri(rejects)  # of an output that is being replaced
    copy_to_uri(folder / (ROWS if run.plain else FINAL), output)


def _scored_chunks(run: Run, pool: _Pool) -> Iterator[tuple[int, dict[str, list[str]], ScoredChunk]]:
    """Bytes of the inputs read, columns seen and the scored chunk, chunk by chunk in the order of the inputs."""
    ray = _ray()
    sources = run.plan.sources
    sizes = [source.size for source in sources]
    stored = ray.put(_model_parts(run.classifier, pool.device))
    with _ordered(ray):
        files = ray.data.from_items([{"source": k} for k in range(len(sources))], override_num_blocks=len(sources))
        chunks = files.map_batches(
            _ReadFiles(run.reader(), sources), batch_size=1, batch_format="pyarrow", **pool.reading()
        )
        scored = chunks.map_batches(
            _Scorer,
            fn_constructor_args=[stored],
            batch_size=1,
            batch_format="pyarrow",
            compute=ray.data.ActorPoolStrategy(size=pool.workers),
            **pool.scoring(),
        )
        for batch in scored.iter_batches(batch_size=None, batch_format="pyarrow"):
            for row in batch.to_pylist():
                done = sum(sizes[: row["source"]]) + row["used"]
                if row["error"] is not None:
                    raise pickle.loads(row["error"])
                yield done, json.loads(row["kinds"]), pickle.loads(row["scored"])


@dataclass(frozen=True, slots=True)
class _ModelParts:
    """A classifier without its place: every actor puts it on its own device."""

    model: Any
    tokenizer: Any
    calibration: Any
    name: str
    revision: str
    device: str
    precision: str
    backend: str


def _model_parts(classifier: "StanceClassifier", device: str) -> _ModelParts:
    model = classifier.model
    if model.device.type != "cpu":  # ``to`` would move the caller's own
        model = copy.deepcopy(model).to("cpu")  # type: ignore[arg-type]
    return _ModelParts(
        model,
        classifier.tokenizer,
        classifier.calibration,
        classifier.name,
        classifier.revision,
        device,
        classifier.precision,
        classifier.backend if classifier.device.type == device else "auto",
    )


@dataclass(frozen=True)
class _ReadFiles:
    """Reads a file into pickled chunks, one at a time."""

    reader: ChunkReader
    sources: Sequence[Source]

    def __call__(self, batch: pa.Table) -> Iterator[pa.Table]:
        for k in batch["source"].to_pylist():
            source, kinds, used = self.sources[k], ColumnKinds(), [0]
            try:
                for chunk in self.reader.read([source], start=Position(), kinds=kinds, used=used.append):
                    yield _row(k, used[-1], kinds, chunk=pickle.dumps(chunk))
            except Exception as error:
                yield _row(k, used[-1], kinds, error=_portable(error, f"{source.path}: a worker could not read it"))


def _row(
    source: int, used: int, kinds: ColumnKinds, *, chunk: bytes | None = None, error: bytes | None = None
) -> pa.Table:
    return pa.table(
        {
            "source": [source],
            "used": [used],
            "kinds": [json.dumps(kinds.to_dict())],
            "chunk": pa.array([chunk], pa.large_binary()),
            "error": pa.array([error], pa.binary()),
        }
    )


def _portable(error: Exception, what: str) -> bytes:
    """An error for the calling process, as an exception that can be raised there."""
    if not isinstance(error, ExpertstanceError):
        error = EngineError(f"{what} ({type(error).__name__}: {_first_line(error)}); mend that and start again")
    return pickle.dumps(error)


class _Scorer:
    """Holds a classifier and scores chunks with it."""

    def __init__(self, model: Any) -> None:
        from expertstance.classifier import StanceClassifier

        parts: _ModelParts = _ray().get(model)
        self._classifier = StanceClassifier.from_model(
            parts.model,
            parts.tokenizer,
            calibration=parts.calibration,
            name=parts.name,
            revision=parts.revision,
            device=parts.device,
            precision=parts.precision,
            backend=parts.backend,
        )

    def __call__(self, batch: pa.Table) -> pa.Table:
        if batch.num_rows == 0:  # of a file without rows
            return batch
        scored: list[bytes | None] = []
        errors: list[bytes | None] = []
        for chunk, error in zip(batch["chunk"].to_pylist(), batch["error"].to_pylist(), strict=True):
            result = None
            if error is None:
                try:
                    result = pickle.dumps(score_chunk(self._classifier, pickle.loads(chunk)))
                except Exception as failure:
                    error = _portable(failure, "a worker could not score a chunk")
            scored.append(result)
            errors.append(error)
        columns = {name: batch[name] for name in ("source", "used", "kinds")}
        results = {"scored": pa.array(scored, pa.large_binary()), "error": pa.array(errors, pa.binary())}
        return pa.table(columns | results)


@contextmanager
def _ordered(ray: Any) -> Iterator[None]:
    """Let Ray Data keep the order of rows, hand out every chunk by itself, show no bars and warn of no small inputs."""
    context = ray.data.DataContext.get_current()
    order, bars = context.execution_options.preserve_order, context.enable_progress_bars
    size = context.target_max_block_size
    context.execution_options.preserve_order, context.enable_progress_bars = True, False
    context.target_max_block_size = 1  # bytes: else chunks are gathered, and one actor gets all of a small file
    log = logging.getLogger("ray.data")
    level = log.level
    log.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", module=r"ray\.data\.")
            yield
    finally:
        context.execution_options.preserve_order, context.enable_progress_bars = order, bars
        context.target_max_block_size = size
        log.setLevel(level)


def _ray() -> Any:
    try:
        import ray
        import ray.data
    except ImportError as error:
        raise MissingExtraError("engine ray needs Ray Data; install it: pip install 'expertstance[ray]'") from error
    return ray
