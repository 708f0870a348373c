"""Interval arithmetic against the plainest model there is: a set of seconds."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from scheduler.evidence.intervals import Interval
from scheduler.evidence.spans import clip, gaps, total, union

BASE = datetime(2026, 11, 18, 1, 50, tzinfo=UTC)


def span(start: int, end: int) -> Interval:
    return Interval(BASE + timedelta(seconds=start), BASE + timedelta(seconds=end))


def seconds(intervals: tuple[Interval, ...] | list[Interval]) -> set[int]:
    found: set[int] = set()
    for one in intervals:
        start = int((one.starts_at - BASE).total_seconds())
        found |= set(range(start, start + int(one.seconds)))
    return found


spans = st.lists(st.builds(span, st.integers(0, 60), st.integers(0, 60)), max_size=12)


@given(spans)
def test_a_union_is_sorted_apart_and_holds_the_same_seconds(found: list[Interval]) -> None:
    joined = union(found)
    assert seconds(joined) == seconds(found)
    assert all(a.ends_at < b.starts_at for a, b in pairwise(joined))
    assert all(one.seconds > 0 for one in joined)
    assert union(joined) == joined
    assert total(found) == timedelta(seconds=len(seconds(found)))


@given(spans, st.integers(0, 10), st.randoms(use_true_random=False))
def test_order_and_doubles_change_nothing(found: list[Interval], near: int, random: object) -> None:
    again = found * 2
    random.shuffle(again)  # type: ignore[attr-defined]
    assert union(again, timedelta(seconds=near)) == union(found, timedelta(seconds=near))


@given(spans, st.integers(0, 60), st.integers(0, 60))
def test_a_clip_holds_the_seconds_within_the_window(
    found: list[Interval], start: int, end: int
) -> None:
    clipped, window = clip(found, span(start, end)), span(start, end)
    assert seconds(clipped) == seconds(found) & seconds([window])
    assert union(clipped) == clipped


@given(spans, st.integers(0, 10))
def test_gaps_and_evidence_make_the_whole(found: list[Interval], near: int) -> None:
    tolerance = timedelta(seconds=near)
    holes, joined = gaps(found, tolerance), union(found, tolerance)
    assert all(hole.length > tolerance for hole in holes)
    assert len(holes) == max(len(joined) - 1, 0)
    whole = union([*holes, *joined])
    assert len(whole) == (1 if joined else 0)
