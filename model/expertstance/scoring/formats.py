"""File formats of batch scoring: told from the file's name or the option, opened as plain byte streams."""

import io
import shutil
import sys
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, BinaryIO, cast
from urllib.parse import urlsplit
from uuid import uuid4

from expertstance.errors import InputError

STANDARD = "-"
"""Stands for stdin among the inputs and for stdout as output."""


class Format(StrEnum):
    """How rows are written in a file."""

    JSONL = "jsonl"
    CSV = "csv"
    TSV = "tsv"
    PARQUET = "parquet"

    @property
    def delimiter(self) -> str:
        """What stands between two cells of a CSV or TSV row."""
        return "\t" if self is Format.TSV else ","


_SUFFIXES = {
    ".jsonl": Format.JSONL,
    ".ndjson": Format.JSONL,
    ".csv": Format.CSV,
    ".tsv": Format.TSV,
    ".parquet": Format.PARQUET,
    ".pq": Format.PARQUET,
}
_COMPRESSIONS = {".gz": "gzip", ".zst": "zstd"}


@dataclass(frozen=True, slots=True)
class FileKind:
    """Format of a file and pyarrow's name of its compression, or None."""

    format: Format
    compression: str | None


def file_kind(path: str, *, given: str | None, option: str) -> FileKind:
    """Tell format and compression from the name; ``given`` overrules the format (and stands in for stdin's: JSONL).

    Raises:
        InputError: The name tells no format, or the combination is not to be had.
    """
    name = urlsplit(path).path if is_uri(path) else path  # a URI may have options behind a question mark
    suffixes = [suffix.lower() for suffix in Path(name).suffixes]
    compression = _COMPRESSIONS.get(suffixes[-1]) if suffixes and path != STANDARD else None
    if compression is not None:
        suffixes.pop()
    if given is not None:
        chosen = parse_format(given, option=option)
    elif path == STANDARD:
        chosen = Format.JSONL
    elif suffixes and suffixes[-1] in _SUFFIXES:
        chosen = _SUFFIXES[suffixes[-1]]
    else:
        raise InputError(
            f"{path}: the name tells no format ({', '.join(_SUFFIXES)}, also with {' or '.join(_COMPRESSIONS)}); "
            f"rename the file or give --{option.replace('_', '-')}"
        )
    if chosen is Format.PARQUET and compression is not None:
        raise InputError(f"{path}: Parquet is compressed inside; drop the suffix {Path(path).suffix}")
    return FileKind(chosen, compression)


def parse_format(given: str, *, option: str) -> Format:
    """The format of that name.

    Raises:
        InputError: There is none.
    """
    try:
        return Format(given)
    except ValueError:
        raise InputError(f"{option} {given!r} is unknown; give one of {', '.join(Format)}") from None


def open_binary(path: str) -> BinaryIO:
    """Open a file for reading: a path, or the URI of a file system that pyarrow knows (``s3://…``, ``gs://…``).

    Raises:
        InputError: It cannot be opened, or is a pipe, of which nothing could be read a second time.
    """
    if not is_uri(path) and Path(path).is_fifo():
        raise InputError(f"{path}: is a pipe, which can be read only once; give - and pipe it to stdin, or save it")
    try:
        if not is_uri(path):
            return Path(path).open("rb")
        system, name = _file_system(path)
        return cast(BinaryIO, system.open_input_file(name))
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror or error}); check it and its permissions") from error


def is_uri(path: str) -> bool:
    """Whether a name is a URI and no path."""
    return "://" in path


def file_size(path: str) -> int | None:
    """Bytes of a file; None where there is no such file.

    Raises:
        InputError: The URI is of no known file system.
    """
    if not is_uri(path):
        return Path(path).stat().st_size if Path(path).exists() else None
    system, name = _file_system(path)
    info = system.get_file_info(name)
    return int(info.size) if info.is_file else None


def is_taken(uri: str) -> bool:
    """Whether a file stands where one is to be written.

    Raises:
        InputError: None can: a folder stands there, or the folder around it is missing where the file system has some.
    """
    from pyarrow import fs

    system, name = _file_system(uri)
    found = system.get_file_info(name).type
    if found is fs.FileType.Directory:
        raise InputError(f"{uri}: is a folder; name a file")
    folder = name.rpartition("/")[0] or "/"
    if _has_folders(system) and system.get_file_info(folder).type is not fs.FileType.Directory:
        raise InputError(f"{uri}: there is no folder {folder}; make it first")
    return found is fs.FileType.File


def copy_to_uri(path: Path, uri: str) -> None:
    """Copy a local file to the file system of a URI, where it appears complete.

    Object stores show a file when its upload ends; elsewhere it gets its name afterwards.
    """
    system, name = _file_system(uri)
    written = f"{name}.{uuid4().hex}.partial" if _has_folders(system) else name
    with path.open("rb") as source, system.open_output_stream(written) as sink:
        shutil.copyfileobj(source, sink, 2**22)
    if written != name:
        system.move(written, name)


def delete_uri(uri: str) -> None:
    """Delete a file, if it is there."""
    system, name = _file_system(uri)
    if system.get_file_info(name).is_file:
        system.delete_file(name)


def local_path(path: str) -> Path | None:
    """Where a file lies on this machine; None for stdin, stdout and the URI of another file system."""
    from pyarrow import fs

    if path == STANDARD:
        return None
    if not is_uri(path):
        return Path(path)
    system, name = _file_system(path)
    return Path(name) if isinstance(system, fs.LocalFileSystem) else None


def _has_folders(system: Any) -> bool:
    from pyarrow import fs

    return isinstance(system, fs.LocalFileSystem | fs.HadoopFileSystem)


def _file_system(uri: str) -> tuple[Any, str]:
    import pyarrow as pa
    from pyarrow import fs

    try:
        system, name = fs.FileSystem.from_uri(uri)
    except (pa.ArrowInvalid, OSError) as error:
        raise InputError(f"{uri}: no file system for it ({str(error).splitlines()[0]}); check the URI") from error
    return system, name


class ByteSource:
    """A byte stream, decompressed, that knows how many bytes of the file on disk it has used."""

    def __init__(self, path: str, compression: str | None) -> None:
        """Open a file, or stdin for ``"-"``."""
        self.path = path
        self._raw = sys.stdin.buffer if path == STANDARD else open_binary(path)
        self.stream: BinaryIO = self._raw
        if compression is not None:
            import pyarrow as pa

            packed = self._raw if isinstance(self._raw, pa.NativeFile) else pa.PythonFile(self._raw, "r")
            self.stream = cast(BinaryIO, io.BufferedReader(pa.CompressedInputStream(packed, compression)))
        elif is_uri(path):
            self.stream = cast(BinaryIO, io.BufferedReader(cast(io.RawIOBase, self._raw)))

    def readline(self, limit: int) -> bytes:
        """The next line, of a longer one the first ``limit`` bytes; empty at the end.

        Raises:
            InputError: The compressed stream is damaged.
        """
        try:
            line = rest = self.stream.readline(limit)
            while len(rest) == limit and not rest.endswith(b"\n"):
                rest = self.stream.readline(limit)
            return line
        except OSError as error:
            raise InputError(f"{self.path}: cannot be read further ({error}); fetch it again") from error

    def used(self) -> int:
        """Bytes of the file on disk that have been read; 0 for stdin."""
        return 0 if self.path == STANDARD else self._raw.tell()

    def close(self) -> None:
        """Close the file; stdin stays open."""
        if self.path != STANDARD:
            self._raw.close()
