"""The work folder of a run beside its output: rows written so far, rejects, checkpoint; all of it survives kill -9.

Rows are appended to plain files and flushed to disk before the checkpoint says how long the files are; whatever stands
behind that length after a crash is cut off, so a run that is taken up again writes the same bytes once more.
"""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

from expertstance.errors import InputError

RECORD_SUFFIX, WORK_SUFFIX = ".run.json", ".partial"
"""Of an output: what is written down of its run, and the folder of an unfinished one."""
ROWS, REJECTS, FINAL, CHECKPOINT, LOCK = "rows", "rejects.jsonl", "final", "checkpoint.json", "lock"


class AppendFile:
    """A file that only grows, from a length that is known to be safe."""

    def __init__(self, path: Path, *, length: int = 0) -> None:
        """Open it and cut off whatever stands behind ``length``.

        Raises:
            InputError: It is shorter than that.
        """
        self.path = path
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
        self._file = os.fdopen(descriptor, "r+b", buffering=0)
        found = os.fstat(descriptor).st_size
        if found < length:
            raise InputError(f"{path} has {found:,} bytes, its checkpoint says {length:,}; start again with overwrite")
        self._file.truncate(length)
        self._file.seek(length)
        self.length = length

    def append(self, data: bytes) -> None:
        """Write at the end."""
        view = memoryview(data)
        while view:
            view = view[self._file.write(view) :]
        self.length += len(data)

    def sync(self) -> None:
        """Return when everything appended is on disk."""
        os.fsync(self._file.fileno())

    def close(self) -> None:
        """Close the file."""
        self._file.close()


class WorkFolder:
    """The folder ``OUT.partial`` of one run, held by one process at a time."""

    def __init__(self, path: Path) -> None:
        """Make the folder where it is not there, and take it.

        Raises:
            InputError: Another process works in it.
        """
        self.path = path
        path.mkdir(exist_ok=True)
        self._lock = (path / LOCK).open("a")
        if not _take(self._lock.fileno()):
            self._lock.close()
            raise InputError(f"{path}: another run is writing this output now; wait for it, or choose another output")

    def __truediv__(self, name: str) -> Path:
        return self.path / name

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self._lock.close()

    def checkpoint(self) -> dict[str, Any] | None:
        """The last checkpoint, or None."""
        return read_checkpoint(self.path)

    def save_checkpoint(self, state: Mapping[str, Any]) -> None:
        """Replace the checkpoint in one step; returns when it is on disk."""
        write_atomically(self / CHECKPOINT, json.dumps(state, ensure_ascii=False))

    def clear(self) -> None:
        """Remove what an earlier run left."""
        # the checkpoint first: without it the rest means nothing
        for name in (CHECKPOINT, f"{CHECKPOINT}.new", ROWS, REJECTS, FINAL):
            (self / name).unlink(missing_ok=True)

    def remove(self) -> None:
        """Remove the folder, unless somebody has put other files into it."""
        self.clear()
        (self / LOCK).unlink()
        if not any(self.path.iterdir()):
            self.path.rmdir()


def check_work_folder(path: Path) -> None:
    """See that a run may work there.

    Raises:
        InputError: Something stands there that is no folder of a run.
    """
    is_folder = path.is_dir() and not path.is_symlink()
    if is_folder and ((path / CHECKPOINT).exists() or (path / LOCK).exists() or not any(path.iterdir())):
        return
    if os.path.lexists(path):
        raise InputError(f"{path}: is in the way of the run's work folder; move it, or choose another output")


def read_checkpoint(folder: Path) -> dict[str, Any] | None:
    """The last checkpoint in a work folder, or None.

    Raises:
        InputError: It is damaged.
    """
    path = folder / CHECKPOINT
    return read_state(path, state=str, overwrite=bool) if path.is_file() else None


def read_state(path: Path, **needed: type) -> dict[str, Any]:
    """What was written down of a run: its facts, and other values of the types that are needed.

    Raises:
        InputError: It is damaged.
    """
    try:
        state: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        if all(isinstance(state[name], kind) for name, kind in {"facts": dict, **needed}.items()):
            return state
    except (ValueError, KeyError, TypeError):
        pass
    raise InputError(f"{path}: is damaged, so that its run cannot be resumed; start again with --overwrite")


def write_atomically(path: Path, content: str) -> None:
    """Write a small text file so that it holds either the old or the new content at any moment."""
    new = path.with_name(path.name + ".new")
    # half of a surrogate pair, in a file's name, becomes its escape, which JSON reads back
    with new.open("w", encoding="utf-8", errors="backslashreplace") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)
    sync_folder(path.parent)


def sync_file(path: Path) -> None:
    """Return when a file's content is on disk."""
    with path.open("rb") as file:
        os.fsync(file.fileno())


def sync_folder(path: Path) -> None:
    """Return when a folder's entries are on disk, where the system lets one ask."""
    if os.name != "posix":
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _take(descriptor: int) -> bool:
    """Lock the file for this process; the system lets go of it when the process ends, however it ends."""
    try:
        import fcntl
    except ImportError:  # not POSIX
        return True
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
