"""Arithmetic on half-open intervals: union, never sum. Pure.

Every function returns intervals that are sorted, not empty and apart from each other.
"""

from collections.abc import Iterable
from datetime import timedelta
from itertools import pairwise

from scheduler.evidence.intervals import Interval

NO_TIME = timedelta(0)


def union(intervals: Iterable[Interval], tolerance: timedelta = NO_TIME) -> tuple[Interval, ...]:
    """Return the union; intervals at most `tolerance` apart become one."""
    merged: list[Interval] = []
    for one in sorted(one for one in intervals if one.ends_at > one.starts_at):
        if merged and one.starts_at - merged[-1].ends_at <= tolerance:
            last = merged.pop()
            merged.append(Interval(last.starts_at, max(last.ends_at, one.ends_at)))
        else:
            merged.append(one)
    return tuple(merged)


def clip(intervals: Iterable[Interval], window: Interval) -> tuple[Interval, ...]:
    """Return the parts of the union that lie within `window`."""
    cut = (
        Interval(max(one.starts_at, window.starts_at), min(one.ends_at, window.ends_at))
        for one in intervals
    )
    return union(cut)


def gaps(intervals: Iterable[Interval], longer_than: timedelta) -> tuple[Interval, ...]:
    """Return the holes between first and last evidence that are longer than `longer_than`."""
    joined = union(intervals, longer_than)
    return tuple(Interval(left.ends_at, right.starts_at) for left, right in pairwise(joined))


def total(intervals: Iterable[Interval]) -> timedelta:
    """Return the length of the union."""
    return sum((one.length for one in union(intervals)), NO_TIME)
