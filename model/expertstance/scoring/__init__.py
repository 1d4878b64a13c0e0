"""Batch scoring: files of statements or folders of articles in, the same rows with their outlooks out."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from expertstance.errors import InputError
from expertstance.scoring.job import CHUNK_ROWS, CONTEXT_COLUMN, MAX_CHARS, Engine, ScoreJob, parse_engine
from expertstance.scoring.summary import ScoreSummary, ScoringInterrupted

if TYPE_CHECKING:
    from expertstance.classifier import StanceClassifier

__all__ = ["Engine", "ScoreJob", "ScoreSummary", "ScoringInterrupted", "parse_engine", "run_score", "score_file"]


def score_file(
    inputs: str | Path | Sequence[str | Path],
    output: str | Path,
    *,
    text_column: str = "text",
    context_column: str | None = CONTEXT_COLUMN,
    articles: bool = False,
    input_format: str | None = None,
    output_format: str | None = None,
    rejects: str | Path | None = None,
    resume: bool = False,
    overwrite: bool = False,
    guard_formulas: bool = False,
    max_chars: int = MAX_CHARS,
    chunk_rows: int = CHUNK_ROWS,
    engine: str = "local",
    workers: int | None = None,
    classifier: "StanceClassifier | None" = None,
    on_progress: Callable[[int, float], None] | None = None,
) -> ScoreSummary:
    """Score files of any size: every input column and the row order are kept, the columns of a prediction are added.

    Formats are told from the names: ``.jsonl``, ``.ndjson``, ``.csv``, ``.tsv``, ``.parquet``, the text formats also
    with ``.gz`` or ``.zst``. Memory does not grow with the file. Rows that cannot be scored go to
    ``OUTPUT.rejects.jsonl`` with their number and the reason. ``OUTPUT.run.json`` records what the output was made
    from. The output appears under its name only when it is complete; until then the work stands in ``OUTPUT.partial``.

    Args:
        inputs: A file, or several; ``"-"`` is stdin (JSON lines unless ``input_format`` says otherwise).
        output: The file to write; ``"-"`` is stdout.
        text_column: Column with the statement.
        context_column: Column with the second segment, used for the rows that have one; None for none.
        articles: The inputs are articles or folders of articles: extract their statements and score those.
        input_format: ``"jsonl"``, ``"csv"``, ``"tsv"`` or ``"parquet"``, where the names do not tell.
        output_format: The same for the output.
        rejects: With stdout as output, the file for rejected rows; without, they go to stderr.
        resume: Go on with an interrupted run; the output is byte-equal to that of an uninterrupted one. Starts afresh
            where there is none.
        overwrite: Replace an output that exists.
        guard_formulas: In CSV and TSV outputs put an apostrophe before cells that a spreadsheet would run as formulas.
        max_chars: A longer text is rejected.
        chunk_rows: Rows that are scored and saved together.
        engine: ``"local"``, or ``"ray"`` to score through Ray Data (extra ``ray``); then inputs and output may also be
            URIs of file systems that pyarrow knows.
        workers: Actors of engine ray, by default one per GPU of the cluster, else one per CPU less one for reading.
        classifier: Another model than the shipped one.
        on_progress: Told the rows done and the share of the inputs read (0 to 1), after every chunk.

    Raises:
        InputError: An input or parameter is unusable, the output exists, or what a resumed run was begun with changed.
        OutputError: The output cannot be written; what is done is kept for ``resume``.
        ScoringInterrupted: Ctrl-C; what is done is kept for ``resume``.
        ModelError: The model cannot be loaded.
        EngineError: The cluster cannot be reached or failed.
        MissingExtraError: The engine needs a library that is not installed.
    """
    if isinstance(inputs, str | Path):
        inputs = [inputs]
    if not isinstance(inputs, Sequence):
        raise InputError(f"inputs must be a path or a list of paths, got {inputs!r}")
    job = ScoreJob(
        inputs=tuple(_path(path, "inputs") for path in inputs),
        output=_path(output, "output"),
        text_column=text_column,
        context_column=context_column,
        articles=articles,
        input_format=input_format,
        output_format=output_format,
        rejects=None if rejects is None else _path(rejects, "rejects"),
        resume=resume,
        overwrite=overwrite,
        guard_formulas=guard_formulas,
        max_chars=max_chars,
        chunk_rows=chunk_rows,
        engine=parse_engine(engine),
        workers=workers,
    )
    return run_score(job, lambda: classifier or _shipped(), on_progress=on_progress)


def run_score(
    job: ScoreJob, load: "Callable[[], StanceClassifier]", *, on_progress: Callable[[int, float], None] | None = None
) -> ScoreSummary:
    """Do a job with its engine; ``load`` is called once the job has been checked. See ``score_file``."""
    if job.engine is Engine.RAY:
        from expertstance.scoring.ray_engine import run_ray_job

        return run_ray_job(job, load, on_progress=on_progress)
    from expertstance.scoring.engine import run_job

    return run_job(job, load, on_progress=on_progress)


def _path(given: str | Path, parameter: str) -> str:
    if not isinstance(given, str | Path):
        raise InputError(f"{parameter}: a path is needed, got {given!r}; give a string or a Path")
    return str(given)


def _shipped() -> "StanceClassifier":
    from expertstance.api import default_classifier

    return default_classifier()
