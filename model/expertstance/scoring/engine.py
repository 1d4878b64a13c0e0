"""The local engine: read a chunk, predict, write, make it safe, next; at the end the output in one step."""

import json
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from expertstance.errors import InputError, OutputError
from expertstance.scoring.chunks import Position
from expertstance.scoring.columns import ColumnKinds
from expertstance.scoring.fingerprint import check_unchanged, input_facts, model_facts
from expertstance.scoring.formats import STANDARD
from expertstance.scoring.job import ScoreJob, make_plan, record_path, rejects_name, rejects_path, work_path
from expertstance.scoring.run import OnProgress, Run
from expertstance.scoring.spool import (
    CHECKPOINT,
    FINAL,
    REJECTS,
    ROWS,
    AppendFile,
    WorkFolder,
    read_checkpoint,
    read_state,
    sync_file,
    sync_folder,
    write_atomically,
)
from expertstance.scoring.summary import ScoreSummary, ScoringInterrupted

if TYPE_CHECKING:
    from expertstance.classifier import StanceClassifier

State = dict[str, Any]


def run_job(
    job: ScoreJob, load: "Callable[[], StanceClassifier]", *, on_progress: OnProgress | None = None
) -> ScoreSummary:
    """Score the inputs of a job into its output.

    Args:
        job: What to do.
        load: Gives the classifier; called once the job has been checked.
        on_progress: Told the rows done and the share of the inputs read, after every chunk.

    Raises:
        InputError: The job cannot be done as it stands.
        OutputError: The output cannot be written.
        ScoringInterrupted: Ctrl-C.
    """
    plan = make_plan(job)
    run = Run(plan, load(), on_progress)
    resumable = plan.target is not None and STANDARD not in job.inputs
    with naming_the_output(run, resumable=resumable):
        try:
            return _score_to_stdout(run) if plan.target is None else _score_to_file(run, plan.target)
        except KeyboardInterrupt:
            raise ScoringInterrupted(_rows_done(run), resumable=resumable) from None


def _score_to_file(run: Run, target: Path) -> ScoreSummary:
    job = run.plan.job
    facts = _facts(run)
    if job.resume and target.exists() and not (work_path(target) / CHECKPOINT).exists():
        record = read_state(record_path(target))
        check_unchanged(record["facts"], facts, output=job.output)
        _take_counts(run, record)
        return run.summary(rejects=rejects_of(run))
    with WorkFolder(work_path(target)) as work:
        state = work.checkpoint() if job.resume else None
        if state is None:
            work.clear()
            state = {"state": "scoring", "facts": facts, "overwrite": job.overwrite}
        else:
            check_unchanged(state["facts"], facts, output=job.output)
            _take_counts(run, state)
        if state["state"] == "scoring":
            if target.exists() and not state["overwrite"]:
                raise InputError(f"{job.output}: has appeared since the run began; move it, or begin with --overwrite")
            state = _score_into(run, work, state)
        publish(run, work, target, state)
    return run.summary(rejects=rejects_of(run))


def _facts(run: Run) -> State:
    has_files = STANDARD not in run.plan.job.inputs
    facts = {
        "parameters": run.plan.job.parameters(),
        "model": model_facts(run.classifier),
        "inputs": input_facts(run.plan.sources) if has_files else {},
    }
    normal: State = json.loads(json.dumps(facts))  # as it comes back from a checkpoint
    return normal


def _take_counts(run: Run, state: State) -> None:
    tally = run.tally
    tally.rows, tally.scored, tally.rejected = (int(state.get(name, 0)) for name in ("rows", "scored", "rejected"))
    tally.resumed_at = tally.rows
    run.kinds = ColumnKinds(state.get("kinds"))


def _score_into(run: Run, work: WorkFolder, state: State) -> State:
    rows = AppendFile(work / ROWS, length=state.get("rows_bytes", 0))
    rejects = AppendFile(work / REJECTS, length=state.get("rejects_bytes", 0))
    start = Position(**state.get("position", {}))
    try:
        state = _checkpoint(run, work, state, rows, rejects, start)
        run.tell()
        for chunk in run.chunks(start):
            scored = run.score(chunk)
            rows.append(scored.rows)
            rejects.append(scored.rejects)
            run.done(scored)
            state = _checkpoint(run, work, state, rows, rejects, chunk.position)
    finally:
        rows.close()
        rejects.close()
    if not run.plain:
        run.finish(work / ROWS, work / FINAL)
        sync_file(work / FINAL)
    state = state | {"state": "publishing"}
    work.save_checkpoint(state)
    return state


def _checkpoint(
    run: Run, work: WorkFolder, state: State, rows: AppendFile, rejects: AppendFile, position: Position
) -> State:
    rows.sync()
    rejects.sync()
    state = state | {
        "position": position.to_dict(),
        "rows_bytes": rows.length,
        "rejects_bytes": rejects.length,
        "kinds": run.kinds.to_dict(),
        "rows": run.tally.rows,
        "scored": run.tally.scored,
        "rejected": run.tally.rejected,
    }
    work.save_checkpoint(state)
    return state


def publish(run: Run, work: WorkFolder, target: Path, state: State) -> None:
    """Give the files their final names, the output last; a crash in between is mended by doing it again.

    Raises:
        InputError: That was done, and the output has been taken away since.
    """
    final = work / (ROWS if run.plain else FINAL)
    if not (final.exists() or target.exists()):
        raise InputError(f"{run.plan.job.output}: was complete and is gone; start again with --overwrite")
    if state["rejected"]:
        if (work / REJECTS).exists():
            (work / REJECTS).replace(rejects_path(target))
    else:
        rejects_path(target).unlink(missing_ok=True)  # of an output that is being replaced
    record = {name: state[name] for name in ("rows", "scored", "rejected", "facts")}
    write_atomically(record_path(target), json.dumps(record, ensure_ascii=False, indent=2) + "\n")
    if final.exists():
        final.replace(target)
    sync_folder(target.parent)
    work.remove()


def rejects_of(run: Run) -> str | None:
    """Name of the rejects file beside an output that has one."""
    return rejects_name(run.plan.job.output) if run.tally.rejected else None


def _score_to_stdout(run: Run) -> ScoreSummary:
    """JSON lines leave chunk by chunk; the other formats, whose header comes first, at the end."""
    rejects = run.plan.job.rejects
    with tempfile.TemporaryDirectory(prefix="expertstance-") as folder:
        rows = None if run.plain else AppendFile(Path(folder) / ROWS)
        rejected = None if rejects is None else Path(rejects).open("wb")  # noqa: SIM115
        try:
            for chunk in run.chunks(Position()):
                scored = run.score(chunk)
                _emit(scored.rows) if rows is None else rows.append(scored.rows)
                if rejected is not None:
                    with _naming(rejected.name):
                        rejected.write(scored.rejects)
                        rejected.flush()
                else:
                    sys.stderr.write(_for_stderr(scored.rejects))
                run.done(scored)
        finally:
            if rejected is not None:
                with _naming(rejected.name):
                    rejected.close()
            if rows is not None:
                rows.close()
        if rows is not None:
            run.finish(rows.path, Path(folder) / FINAL)
            with (Path(folder) / FINAL).open("rb") as final:
                shutil.copyfileobj(final, sys.stdout.buffer, 2**20)
            sys.stdout.buffer.flush()
    return run.summary(rejects=rejects if run.tally.rejected else None)


def _for_stderr(rejects: bytes) -> str:
    """JSON lines, with escapes where stderr has no UTF-8."""
    if (sys.stderr.encoding or "").lower().startswith("utf"):
        return rejects.decode()
    return "".join(json.dumps(json.loads(line)) + "\n" for line in rejects.splitlines())


@contextmanager
def _naming(path: str) -> Iterator[None]:
    """Errors of the operating system get the file's name, which those of a file that is open lack."""
    try:
        yield
    except OSError as error:
        error.filename = path
        raise


def _rows_done(run: Run) -> int:
    """Rows that have left through stdout, or that a checkpoint covers."""
    if run.plan.target is None:
        return run.tally.rows
    state = read_checkpoint(work_path(run.plan.target))
    return 0 if state is None else int(state.get("rows", 0))


def _emit(data: bytes) -> None:
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()


@contextmanager
def naming_the_output(run: Run, *, resumable: bool) -> Iterator[None]:
    """Turn an error of the operating system into a sentence about the output."""
    job = run.plan.job
    name = "stdout" if job.output == STANDARD else job.output
    try:
        yield
    except (OutputError, BrokenPipeError):
        raise
    except OSError as error:
        if job.rejects is not None and error.filename in (job.rejects, str(Path(job.rejects))):
            name = job.rejects
        way_out = "make room there or check its permissions"
        if resumable:
            way_out += f", then go on with --resume ({_rows_done(run):,} rows are safe)"
        raise OutputError(f"{name}: cannot be written ({error.strerror or error}); {way_out}") from error
