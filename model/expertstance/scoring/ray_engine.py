"""Scoring beyond one machine through Ray Data: files are read by tasks, chunks scored by an actor pool, in order.

expertstance score IN… -o OUT --engine ray

Reading, scoring and writing are those of the local engine; Ray brings the chunks to the actors, starts an actor that
has died again and repeats its chunk. ``RAY_ADDRESS`` names the cluster; without it Ray starts on this machine.
"""

import json
import logging
import pickle
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from expertstance.errors import MissingExtraError
from expertstance.scoring.chunks import Position
from expertstance.scoring.columns import ColumnKinds
from expertstance.scoring.engine import naming_the_output, publish, rejects_of
from expertstance.scoring.fingerprint import model_facts, precision_name
from expertstance.scoring.formats import copy_to_uri
from expertstance.scoring.job import ScoreJob, make_plan, work_path
from expertstance.scoring.run import ChunkReader, OnProgress, Run, ScoredChunk, score_chunk
from expertstance.scoring.sources import Source
from expertstance.scoring.spool import FINAL, REJECTS, ROWS, AppendFile, WorkFolder, sync_file
from expertstance.scoring.summary import ScoreSummary

if TYPE_CHECKING:
    from expertstance.classifier import StanceClassifier


READING_CPUS = 0.5
"""Share of a CPU that a reading task takes. Differs from the actors': operators that ask for the same are fused to one,
and then one actor would both read and score a whole file."""


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
    """
    ray = _ray()
    plan = make_plan(job)
    run = Run(plan, load(), on_progress)
    if not ray.is_initialized():
        ray.init(log_to_driver=False, logging_level="warning")
    gpus = int(ray.cluster_resources().get("GPU", 0))
    workers = job.workers or gpus or max(1, int(ray.cluster_resources().get("CPU", 1)) - 1)
    with naming_the_output(run, resumable=False):
        if plan.target is None:
            with tempfile.TemporaryDirectory(prefix="expertstance-") as folder:
                _score_into(run, Path(folder), gpus=gpus, workers=workers)
                _publish_to_uri(run, Path(folder))
        else:
            with WorkFolder(work_path(plan.target)) as work:
                work.clear()
                state = _score_into(run, work.path, gpus=gpus, workers=workers)
                publish(run, work, plan.target, state)
    return run.summary(rejects=rejects_of(run), device=f"{workers} ray actors on {'cuda' if gpus else 'cpu'}")


def _score_into(run: Run, folder: Path, *, gpus: int, workers: int) -> dict[str, Any]:
    rows, rejects = AppendFile(folder / ROWS), AppendFile(folder / REJECTS)
    try:
        for used, kinds, chunk in _scored_chunks(run, gpus=gpus, workers=workers):
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
    if run.tally.rejected:
        copy_to_uri(folder / REJECTS, f"{output}.rejects.jsonl")
    copy_to_uri(folder / (ROWS if run.plain else FINAL), output)


def _scored_chunks(run: Run, *, gpus: int, workers: int) -> Iterator[tuple[int, dict[str, list[str]], ScoredChunk]]:
    """Bytes of the inputs read, columns seen and the scored chunk, chunk by chunk in the order of the inputs."""
    ray = _ray()
    sources = run.plan.sources
    sizes = [source.size for source in sources]
    classifier = run.classifier
    parts = _ModelParts(
        classifier.model.to("cpu"),
        classifier.tokenizer,
        classifier.calibration,
        classifier.name,
        classifier.revision,
        "cuda" if gpus else "cpu",
        precision_name(classifier),
    )
    model = ray.put(parts)
    with _ordered(ray):
        files = ray.data.from_items([{"source": k} for k in range(len(sources))], override_num_blocks=len(sources))
        chunks = files.map_batches(
            _ReadFiles(run.reader(), sources), batch_size=1, batch_format="pyarrow", num_cpus=READING_CPUS
        )
        scored = chunks.map_batches(
            _Scorer,
            fn_constructor_args=[model],
            batch_size=1,
            batch_format="pyarrow",
            compute=ray.data.ActorPoolStrategy(size=workers),
            num_cpus=None if gpus else 1,
            num_gpus=1 if gpus else None,
        )
        for batch in scored.iter_batches(batch_size=None, batch_format="pyarrow"):
            for row in batch.to_pylist():
                done = sum(sizes[: row["source"]]) + row["used"]
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


@dataclass(frozen=True)
class _ReadFiles:
    """Reads a file into pickled chunks, one at a time."""

    reader: ChunkReader
    sources: Sequence[Source]

    def __call__(self, batch: pa.Table) -> Iterator[pa.Table]:
        for k in batch["source"].to_pylist():
            kinds = ColumnKinds()
            used = [0]
            for chunk in self.reader.read([self.sources[k]], start=Position(), kinds=kinds, used=used.append):
                yield pa.table(
                    {
                        "source": [k],
                        "used": [used[-1]],
                        "kinds": [json.dumps(kinds.to_dict())],
                        "chunk": pa.array([pickle.dumps(chunk)], pa.large_binary()),
                    }
                )


class _Scorer:
    """Holds a classifier and scores chunks with it."""

    def __init__(self, model: Any) -> None:
        from expertstance.classifier import StanceClassifier

        parts: _ModelParts = _ray().get(model)
        self._classifier = StanceClassifier(
            parts.model,
            parts.tokenizer,
            calibration=parts.calibration,
            name=parts.name,
            revision=parts.revision,
            device=parts.device,
            precision=parts.precision,
        )

    def __call__(self, batch: pa.Table) -> pa.Table:
        if batch.num_rows == 0:  # of a file without rows
            return batch
        scored = [pickle.dumps(score_chunk(self._classifier, pickle.loads(c))) for c in batch["chunk"].to_pylist()]
        return batch.drop_columns(["chunk"]).append_column("scored", pa.array(scored, pa.large_binary()))


@contextmanager
def _ordered(ray: Any) -> Iterator[None]:
    """Let Ray Data keep the order of rows, hand out every chunk by itself and show no bars of its own."""
    context = ray.data.DataContext.get_current()
    order, bars = context.execution_options.preserve_order, context.enable_progress_bars
    size = context.target_max_block_size
    context.execution_options.preserve_order, context.enable_progress_bars = True, False
    context.target_max_block_size = 1  # bytes: else chunks are gathered, and one actor gets all of a small file
    log = logging.getLogger("ray.data")
    level = log.level
    log.setLevel(logging.ERROR)
    try:
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
