"""Folders that a command empties before it writes there: none but those that hold what it writes, and nothing else."""

import re
from pathlib import Path

from expertstance.errors import InputError


def check_emptiable(folder: Path, *, written: str, what: str) -> None:
    """Refuse a folder that must not be emptied.

    Args:
        folder: An existing folder.
        written: Regular expression of every path, from the folder on, that ``what`` writes.
        what: What kind of folder it should be, for the message.

    Raises:
        InputError: Something else lies in it, or it is or holds the current folder.
    """
    if Path.cwd().is_relative_to(folder.resolve()):
        raise InputError(f"{what} folder {folder} is or holds the current folder, which is never emptied; {_WAY_OUT}")
    for name in sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*")):
        if not re.fullmatch(written, name):
            raise InputError(f"folder {folder} holds {name!r}, which no {what} writes; move it away, or {_WAY_OUT}")


_WAY_OUT = "give another --out"
