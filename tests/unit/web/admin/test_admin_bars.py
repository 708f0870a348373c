"""Time lines: where bars and ticks lie, and what their titles say."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from scheduler.evidence.attendance import attend
from scheduler.evidence.intervals import Fact, Interval
from scheduler.evidence.policy import AttendancePolicy
from scheduler.evidence.tables import FactKind
from web.admin.usage.bars import MOST_TICKS, THINNEST, WIDTH, axis_of, bar, bars, length_text, ticks

ZONE = ZoneInfo("Asia/Shanghai")
START = datetime(2026, 9, 16, 9, 50, tzinfo=ZONE)
LESSON = Interval(START, START + timedelta(minutes=40))


def minutes(first: float, last: float) -> Interval:
    return Interval(START + timedelta(minutes=first), START + timedelta(minutes=last))


def test_the_axis_holds_the_plan_and_what_really_happened() -> None:
    axis = axis_of(LESSON, minutes(1, 43), ZONE)
    assert (axis.starts_at, axis.ends_at) == (START, START + timedelta(minutes=43))
    assert (axis.x(START), axis.x(axis.ends_at)) == (0, WIDTH)
    assert axis.x(START - timedelta(hours=1)) == 0
    assert axis.x(START + timedelta(hours=2)) == WIDTH


def test_an_empty_lesson_has_an_axis_too() -> None:
    axis = axis_of(Interval(START, START), None, ZONE)
    assert axis.ends_at - axis.starts_at == timedelta(minutes=1)


def test_ticks_are_round_local_times() -> None:
    found = ticks(axis_of(LESSON, None, ZONE))
    assert [tick.text for tick in found] == [
        f"{at:%H:%M}" for at in (START + timedelta(minutes=5 * n) for n in range(9))
    ]
    assert (found[0].anchor, found[3].anchor, found[-1].anchor) == ("start", "middle", "end")


@pytest.mark.parametrize("length", [1, 7, 45, 180, 600, 1439])
def test_there_are_never_too_many_ticks(length: int) -> None:
    axis = axis_of(minutes(3, 3 + length), None, ZONE)
    assert 1 <= len(ticks(axis)) <= MOST_TICKS + 1


def test_a_bar_lies_where_its_interval_lies_and_says_so() -> None:
    one = bar(axis_of(LESSON, None, ZONE), "shown", minutes(10, 20), "屏幕上有画面")
    assert (one.x, one.width) == (WIDTH / 4, WIDTH / 4)
    assert one.title == "屏幕上有画面 10:00:00–10:10:00 (10 分)"


def test_a_second_is_seen_and_stays_inside() -> None:
    axis = axis_of(LESSON, None, ZONE)
    last = bar(axis, "shown", minutes(39.99, 40), "x")
    assert last.width == THINNEST
    assert last.x + last.width <= WIDTH


def test_a_leg_shows_its_lanes_from_below_and_its_gap() -> None:
    def fact(kind: FactKind, first: float, last: float) -> Fact:
        span = minutes(first, last)
        return Fact(kind, span.starts_at, span.ends_at)

    seen = attend(
        LESSON,
        LESSON,
        [
            fact(FactKind.CONNECTED, 0, 40),
            fact(FactKind.RECEIVED, 0, 40),
            fact(FactKind.SHOWN, 0, 10),
            fact(FactKind.SHOWN, 20, 40),
            fact(FactKind.HEARD, 0, 40),
        ],
        AttendancePolicy(),
    )
    axis = axis_of(LESSON, LESSON, ZONE)
    kinds = [one.kind for one in bars(axis, seen)]
    assert kinds == ["connected", "received", "shown", "shown", "heard", "gap"]
    assert [one.kind for one in bars(axis, seen, host=True)] == ["connected", "shown", "gap"]
    assert all(one.title for one in bars(axis, seen))


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 秒"),
        (40, "40 秒"),
        (80, "1 分 20 秒"),
        (120, "2 分"),
        (2279, "38 分"),
        (59.6, "1 分"),
    ],
)
def test_lengths_read_like_words(seconds: float, text: str) -> None:
    assert length_text(seconds) == text
