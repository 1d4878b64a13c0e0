"""What a run reads: the list of inputs, each opened as a stream of records."""

import os
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

from expertstance.articles import SUFFIXES
from expertstance.errors import InputError
from expertstance.scoring.delimited import read_delimited, read_header
from expertstance.scoring.formats import (
    STANDARD,
    ByteSource,
    FileKind,
    Format,
    file_kind,
    file_size,
    local_path,
    open_binary,
)
from expertstance.scoring.json_lines import read_json_lines
from expertstance.scoring.parquet import check_text_type, read_parquet_rows, read_schema
from expertstance.scoring.records import Record
from expertstance.scoring.spool import CHECKPOINT, RECORD_SUFFIX, WORK_SUFFIX


@dataclass(frozen=True, slots=True)
class Source:
    """One input.

    Attributes:
        path: The file as it was named, ``"-"`` for stdin.
        kind: Format and compression; None for an article.
        article_id: For an article: its path inside the folder that was given, or with that folder where several inputs
            would share one.
        size: Bytes on disk when the run began; 0 for stdin.
    """

    path: str
    kind: FileKind | None
    article_id: str
    size: int


class RecordStream:
    """The records of one source, and how far the file has been read."""

    def __init__(self, source: Source) -> None:
        """Open the source."""
        self._source = source
        self._bytes: ByteSource | None = None
        if source.kind is not None and source.kind.format is not Format.PARQUET:
            self._bytes = ByteSource(source.path, source.kind.compression)

    def __iter__(self) -> Iterator[Record]:
        """The records.

        Raises:
            InputError: The file is damaged as a whole.
        """
        kind = self._source.kind
        if kind is None:
            from expertstance.scoring.article_rows import read_article_rows

            return read_article_rows(self._source.path, article_id=self._source.article_id)
        if self._bytes is None:
            return read_parquet_rows(self._source.path)
        if kind.format is Format.JSONL:
            return read_json_lines(self._bytes)
        return read_delimited(self._bytes, kind.format)

    def used(self) -> int:
        """Bytes of the file that have been read, where the format tells."""
        return self._bytes.used() if self._bytes is not None else 0

    def close(self) -> None:
        """Close the file."""
        if self._bytes is not None:
            self._bytes.close()


def list_sources(inputs: tuple[str, ...], *, articles: bool, input_format: str | None) -> tuple[Source, ...]:
    """The inputs in the order given; folders of articles as their files, sorted by path.

    Raises:
        InputError: An input is missing, of no known format, or the wrong kind of thing.
    """
    if not inputs:
        raise InputError("no input given; name at least one file, or - for stdin")
    if inputs.count(STANDARD) > 1:
        raise InputError("stdin (-) is named twice among the inputs; it can be read once")
    for path in inputs:
        if path != STANDARD and file_size(path) is None:
            raise InputError(f"{path}: no such file; check the path")
    if articles:
        if input_format is not None:
            raise InputError(f"input_format {input_format!r} does not go with articles; their names tell what they are")
        return _told_apart(_named_once([source for path in inputs for source in _articles(path)]))
    for path in inputs:
        if Path(path).is_dir():
            raise InputError(f"{path}: is a folder; name its files, or say that it holds articles (--articles)")
    sources = [_source(path, file_kind(path, given=input_format, option="input_format")) for path in inputs]
    return tuple(_named_once(sources))


def _source(path: str, kind: FileKind | None, article_id: str = "") -> Source:
    return Source(path, kind, article_id, 0 if path == STANDARD else file_size(path) or 0)


def _named_once(sources: list[Source]) -> list[Source]:
    """The same sources, none of which is the file of another one."""
    seen: dict[str, str] = {}
    for source in sources:
        here = local_path(source.path)
        file = source.path if here is None else os.path.realpath(here)
        if file in seen:
            raise InputError(f"{source.path}: is named twice among the inputs, also as {seen[file]}; name it once")
        seen[file] = source.path
    return sources


def check_columns(source: Source, *, text_column: str, context_column: str | None) -> list[str]:
    """See that a file has the columns asked for, JSON lines the context in one row at least; stdin is checked by row.

    Returns:
        The declared columns.

    Raises:
        InputError: It has not, or the file cannot be opened.
    """
    if source.path == STANDARD:
        if source.kind is not None and source.kind.format is Format.PARQUET:
            raise InputError("Parquet cannot be read from stdin, its index stands at the end; give a file")
        return []
    open_binary(source.path).close()
    if source.kind is None:
        return []
    if source.kind.format is Format.JSONL:
        if context_column is not None:
            _check_some_row(source, context_column)
        return []
    if source.kind.format is Format.PARQUET:
        schema = read_schema(source.path)
        names = list(schema.names)
    else:
        with closing(ByteSource(source.path, source.kind.compression)) as stream:
            names = read_header(stream, source.kind.format)
    if text_column not in names:
        raise InputError(_no_column(source.path, source.kind.format, names, text_column))
    if context_column is not None and context_column not in names:
        shown = ", ".join(map(repr, names))
        raise InputError(f"{source.path}: no column {context_column!r}; it has {shown}; mend --context-column")
    if source.kind.format is Format.PARQUET:
        check_text_type(source.path, schema, text_column)
    return names


def _check_some_row(source: Source, column: str) -> None:
    with closing(RecordStream(source)) as records:
        if not any(column in (record.values or {}) for record in records):
            raise InputError(f"{source.path}: no row has the column {column!r}; mend --context-column")


def _no_column(path: str, format: Format, names: list[str], wanted: str) -> str:
    shown = ", ".join(map(repr, names[:20])) + (", …" if len(names) > 20 else "")
    beginning = f"{path}: no column {wanted!r}; it has {shown}"
    others = [mark for mark in ",;\t|" if len(names) == 1 and wanted in names[0].split(mark)]
    if format is Format.PARQUET or not others:
        return f"{beginning}; name the one with --text-column"
    way_out = {",": "give --input-format csv", "\t": "give --input-format tsv"}.get(others[0], "convert the file")
    return f"{beginning}, so the cells are not parted by {format.delimiter!r}; {way_out}"


def _is_of_a_run(file: Path, root: Path) -> bool:
    """Whether scoring wrote the file: the record beside an output, or something in an unfinished run's folder."""
    if file.name.endswith(RECORD_SUFFIX) and file.with_name(file.name.removesuffix(RECORD_SUFFIX)).is_file():
        return True
    folders = file.parents[: len(file.relative_to(root).parts) - 1]
    return any(f.name.endswith(WORK_SUFFIX) and (f / CHECKPOINT).is_file() for f in folders)


def _articles(path: str) -> list[Source]:
    if path == STANDARD:
        return [_source(path, None, "stdin")]
    root = Path(path)
    if root.is_file():
        return [_source(path, None, _shown(root.name))]
    files = sorted(
        file.relative_to(root).as_posix()
        for folder, _, names in os.walk(root, onerror=_unreadable)
        for file in (Path(folder, name) for name in names)
        if file.is_file() and file.suffix.lower() in SUFFIXES and not _is_of_a_run(file, root)
    )
    if not files:
        raise InputError(f"{path}: no article in this folder; files ending in {', '.join(SUFFIXES)} are taken")
    return [_source((root / name).as_posix(), None, _shown(name)) for name in files]


def _unreadable(error: OSError) -> None:
    raise InputError(f"{error.filename}: cannot be read ({error.strerror}); mend its permissions, or name other inputs")


def _told_apart(sources: list[Source]) -> tuple[Source, ...]:
    """The articles with the names that were given to them, or their whole paths where inputs share a name."""
    if len({source.article_id for source in sources}) < len(sources):
        sources = [replace(source, article_id=_shown(source.path)) for source in sources]
    return tuple(sources)


def _shown(name: str) -> str:
    """A file's name as text: bytes in it that are not UTF-8 become escapes."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
