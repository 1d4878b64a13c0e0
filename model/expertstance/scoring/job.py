"""What one run of batch scoring is asked to do, checked as far as that goes without a model."""

import os
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from expertstance.errors import InputError
from expertstance.scoring.formats import STANDARD, FileKind, Format, file_kind, is_taken, is_uri, local_path
from expertstance.scoring.sources import Source, check_columns, list_sources
from expertstance.scoring.spool import CHECKPOINT, RECORD_SUFFIX, WORK_SUFFIX, check_work_folder

MAX_CHARS = 100_000
CHUNK_ROWS = 2048
CONTEXT_COLUMN = "context"


class Engine(StrEnum):
    """Who does the work: this process, or actors of a Ray cluster."""

    LOCAL = "local"
    RAY = "ray"


def parse_engine(given: str) -> Engine:
    """The engine of that name.

    Raises:
        InputError: There is none.
    """
    try:
        return Engine(given)
    except ValueError:
        raise InputError(f"engine {given!r} is unknown; give one of {', '.join(Engine)}") from None


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreJob:
    """One run of batch scoring; see ``expertstance.score_file`` for what the fields mean."""

    inputs: tuple[str, ...]
    output: str
    text_column: str = "text"
    context_column: str | None = CONTEXT_COLUMN
    articles: bool = False
    input_format: str | None = None
    output_format: str | None = None
    rejects: str | None = None
    resume: bool = False
    overwrite: bool = False
    guard_formulas: bool = False
    max_chars: int = MAX_CHARS
    chunk_rows: int = CHUNK_ROWS
    engine: Engine = Engine.LOCAL
    workers: int | None = None

    def parameters(self) -> dict[str, Any]:
        """The fields that the bytes of the output depend on."""
        fields = asdict(self)
        for name in ("output", "rejects", "resume", "overwrite", "workers"):
            del fields[name]
        return fields | {"inputs": list(self.inputs)}


@dataclass(frozen=True, slots=True)
class Plan:
    """A job with its files looked up.

    Attributes:
        job: The job.
        sources: What is read, in order.
        output: Format and compression of the output.
        target: The file to write; None for stdout and for a URI.
        columns: Declared by the inputs, kept in the output also where no row is.
        arrow: Whether rows stay Arrow batches all the way: Parquet in, Parquet out.
        size: Bytes of all inputs on disk; 0 where one is stdin.
    """

    job: ScoreJob
    sources: tuple[Source, ...]
    output: FileKind
    target: Path | None
    columns: tuple[str, ...]
    arrow: bool
    size: int


def make_plan(job: ScoreJob) -> Plan:
    """Check a job and look up its files.

    Raises:
        InputError: A parameter is out of range, an input is unusable, or the output is in the way of something.
    """
    _check_parameters(job)
    sources = list_sources(job.inputs, articles=job.articles, input_format=job.input_format)
    if job.rejects is not None:
        _keep_inputs(job.rejects, sources)
    output = file_kind(job.output, given=job.output_format, option="output_format")
    if job.guard_formulas and output.format not in (Format.CSV, Format.TSV):
        raise InputError(f"guard_formulas is for CSV and TSV outputs, this one is {output.format}; drop it")
    if is_uri(job.output):
        target = None
        _check_uri(job, sources)
    else:
        target = None if job.output == STANDARD else _check_target(job, sources)
    columns: dict[str, None] = {}
    if not job.articles:
        for source in sources:
            names = check_columns(source, text_column=job.text_column, context_column=_named_context(job))
            columns.update(dict.fromkeys(names))
    arrow = output.format is Format.PARQUET and all(
        source.kind is not None and source.kind.format is Format.PARQUET for source in sources
    )
    size = 0 if STANDARD in job.inputs else sum(source.size for source in sources)
    return Plan(job, sources, output, target, tuple(columns), arrow, size)


def _named_context(job: ScoreJob) -> str | None:
    """The context column, if it was asked for: files need not have the one that is taken by default."""
    return None if job.context_column == CONTEXT_COLUMN else job.context_column


def rejects_name(output: str) -> str:
    """Name of the file for the rejected rows of an output that is a path or a URI, with the URI's options."""
    name, mark, options = output.partition("?") if is_uri(output) else (output, "", "")
    return f"{name}.rejects.jsonl{mark}{options}"


def rejects_path(target: Path) -> Path:
    """Where the rejected rows of an output go."""
    return Path(rejects_name(str(target)))


def record_path(target: Path) -> Path:
    """Where it is written down what an output was made from."""
    return target.with_name(target.name + RECORD_SUFFIX)


def work_path(target: Path) -> Path:
    """Folder of a run that is not finished."""
    return target.with_name(target.name + WORK_SUFFIX)


def _check_parameters(job: ScoreJob) -> None:
    for name in ("max_chars", "chunk_rows", "workers"):
        value = getattr(job, name)
        if value is not None and value < 1:
            raise InputError(f"{name} must be at least 1, got {value}")
    if job.engine is Engine.RAY:
        _check_ray(job)
    elif job.workers is not None:
        raise InputError(f"workers {job.workers} is for engine ray; the local engine is one process")
    if job.articles and job.text_column != "text":
        raise InputError(f"text_column {job.text_column!r} does not go with articles: their statements stand in 'text'")
    if job.articles and _named_context(job) is not None:
        raise InputError(f"context_column {job.context_column!r} does not go with articles: they have no such column")
    for path in job.inputs:
        if job.articles and is_uri(path):
            raise InputError(f"{path}: articles are read from paths, not from URIs; copy it here first")
    if job.resume and job.overwrite:
        raise InputError("resume goes on with an output and overwrite begins again; give one of the two")
    if job.resume and STANDARD in job.inputs:
        raise InputError("stdin cannot be resumed, it cannot be read again; save it to a file first")
    if job.output == STANDARD:
        if job.resume:
            raise InputError("stdout cannot be resumed; write to a file with -o FILE")
        if job.rejects is not None and Path(job.rejects).exists() and not job.overwrite:
            raise InputError(f"{job.rejects}: exists; give --overwrite or another name for the rejects")
        if job.rejects == STANDARD:
            raise InputError(
                "rejects '-' would stand among the rows on stdout; name a file, or leave it out for stderr"
            )
        if job.rejects is not None and not Path(job.rejects).parent.is_dir():
            raise InputError(f"{job.rejects}: there is no folder {Path(job.rejects).parent}; make it first")
    elif job.rejects is not None:
        raise InputError("rejects is for output to stdout; a file's rejects go to OUT.rejects.jsonl beside it")


def _check_ray(job: ScoreJob) -> None:
    if STANDARD in (*job.inputs, job.output):
        raise InputError("engine ray reads and writes files, not stdin or stdout; use the local engine for them")
    if job.resume:
        raise InputError("resume is for the local engine; with engine ray, Ray itself repeats what has failed")


def _check_uri(job: ScoreJob, sources: tuple[Source, ...]) -> None:
    if job.engine is not Engine.RAY:
        raise InputError(f"{job.output}: the local engine writes to a path; use engine ray, or copy the file there")
    for name in (job.output, rejects_name(job.output)):
        _keep_inputs(name, sources)
        if is_taken(name) and not job.overwrite:
            raise InputError(f"{name}: exists; give --overwrite to replace it, or choose another output")


def _keep_inputs(name: str, sources: tuple[Source, ...]) -> None:
    written = local_path(name)
    if written is not None and not written.exists():
        return
    for source in sources:
        read = local_path(source.path)
        if source.path == name or (written is not None and read is not None and written.samefile(read)):
            raise InputError(f"{name}: would write over the input {source.path}; choose another output")


def _check_target(job: ScoreJob, sources: tuple[Source, ...]) -> Path:
    target = Path(os.path.realpath(job.output))
    if target.is_dir():
        raise InputError(f"{job.output}: is a folder; name a file")
    if target.exists() and not target.is_file():
        raise InputError(f"{job.output}: is no regular file; give - for stdout and redirect it")
    if not target.parent.is_dir():
        raise InputError(f"{job.output}: there is no folder {target.parent}; make it first")
    files = {job.output: target} | {str(path): path for path in (rejects_path(target), record_path(target))}
    for name in files:
        _keep_inputs(name, sources)
    check_work_folder(work_path(target))
    unfinished = (work_path(target) / CHECKPOINT).exists()
    if not (job.overwrite or (job.resume and (unfinished or record_path(target).exists()))):
        for name, written in files.items():
            if written.exists():
                why = "exists, and there is no run to resume" if job.resume else "exists"
                raise InputError(f"{name}: {why}; give --overwrite to replace it, or choose another output")
        if unfinished:
            raise InputError(
                f"{job.output}: an unfinished run stands in {work_path(target)}; "
                "go on with --resume, or start again with --overwrite"
            )
    return target
