"""Lists of what an article mentions, in text order: ``(place, value)`` pairs looked up by place."""

from bisect import bisect_right
from collections.abc import Sequence
from operator import itemgetter
from typing import TypeVar

T = TypeVar("T")
LOOK_BACK = 40  # entries, which keeps the time linear


def split_at(entries: Sequence[tuple[int, T]], place: int) -> int:
    """How many of the entries stand at or before ``place``."""
    return bisect_right(entries, place, key=itemgetter(0))


def before(entries: Sequence[tuple[int, T]], place: int, *, most: int = LOOK_BACK) -> Sequence[tuple[int, T]]:
    """The last entries up to ``place``, in text order."""
    k = split_at(entries, place)
    return entries[max(0, k - most) : k]


def last_before(entries: Sequence[tuple[int, T]], place: int) -> tuple[int, T] | None:
    """The last entry up to ``place``."""
    return next(iter(before(entries, place, most=1)), None)
