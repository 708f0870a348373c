from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from scheduler.lessons.states import (
    LegEvent,
    LegState,
    LessonEvent,
    LessonState,
    next_leg_state,
    next_lesson_state,
)
from scheduler.lessons.timing import DEFAULT_TIMING, Timing
from scheduler.lifecycle.due import LessonTimes, closed_leg, due, leg_event, next_due

START = datetime(2026, 11, 18, 1, 50, tzinfo=UTC)
END = START + timedelta(minutes=40)
S, E = LessonState, LessonEvent


def at(minutes: float) -> datetime:
    return START + timedelta(minutes=minutes)


def lesson(state: LessonState, **more: object) -> LessonTimes:
    return replace(LessonTimes(state, START, END), **more)  # type: ignore[arg-type]


def step_through(begin: LessonTimes, now: datetime) -> LessonTimes:
    while (event := due(begin, now, DEFAULT_TIMING)) is not None:
        ended = begin.ends_at if event is E.END else begin.ended_at
        begin = replace(begin, state=next_lesson_state(begin.state, event), ended_at=ended)
    return begin


@pytest.mark.parametrize(
    ("state", "minutes", "event"),
    [
        (S.BOOKED, -5.01, None),
        (S.BOOKED, -5, E.OPEN_LOBBY),
        (S.BOOKED, -0.01, E.OPEN_LOBBY),
        (S.BOOKED, 0, E.START),
        (S.BOOKED, 39.99, E.START),
        (S.BOOKED, 40, E.MISS),
        (S.LOBBY, -0.01, None),
        (S.LOBBY, 0, E.START),
        (S.LOBBY, 40, E.MISS),
        (S.LIVE, 39.99, None),
        (S.LIVE, 40, E.END),
        (S.ENDED, 41.99, None),
        (S.ENDED, 42, E.ARCHIVE),
        (S.PENDING, -0.01, None),
        (S.PENDING, 0, E.MISS),
        (S.DRAFT, 500, None),
        (S.CANCELLED, 500, None),
        (S.ARCHIVED, 500, None),
        (S.MISSED, 500, None),
    ],
)
def test_what_falls_due_when(state: LessonState, minutes: float, event: LessonEvent | None) -> None:
    assert due(lesson(state), at(minutes), DEFAULT_TIMING) is event


def test_a_lesson_that_was_taught_without_us_is_not_missed() -> None:
    assert step_through(lesson(S.BOOKED, taught=True), at(40.5)).state is S.ENDED
    assert due(lesson(S.MISSED, taught=True), at(60), DEFAULT_TIMING) is E.RECOVER


def test_an_early_end_archives_early() -> None:
    early = lesson(S.ENDED, ended_at=at(10))
    assert next_due(early, DEFAULT_TIMING) == at(12)
    assert due(early, at(12), DEFAULT_TIMING) is E.ARCHIVE


timings = st.builds(
    Timing,
    lobby_before=st.timedeltas(timedelta(0), timedelta(hours=1)),
    archive_after=st.timedeltas(timedelta(0), timedelta(hours=1)),
)


@given(st.sampled_from(LessonState), timings, st.integers(-7200, 10800), st.booleans())
def test_nothing_is_due_before_next_due_and_something_is_at_it(
    state: LessonState, timing: Timing, second: int, taught: bool
) -> None:
    assume(state is not S.MISSED)  # it waits for evidence, not for a time
    times, now = lesson(state, taught=taught), START + timedelta(seconds=second)
    upcoming = next_due(times, timing)
    assert (due(times, now, timing) is not None) == (upcoming is not None and now >= upcoming)


@given(st.lists(st.integers(-400, 3000), max_size=12), st.booleans())
def test_any_moments_of_looking_end_in_the_same_place(seconds: list[int], taught: bool) -> None:
    """Restarted or asleep at any time: looked at in LIVE's time or taught it is ARCHIVED."""
    moments = sorted(START + timedelta(seconds=second) for second in seconds)
    walked = lesson(S.BOOKED, taught=taught)
    for now in moments:
        walked = step_through(walked, now)
        assert step_through(walked, now) == walked
    walked = step_through(walked, at(500))
    seen_live = any(START <= now < END for now in moments)
    assert walked.state is (S.ARCHIVED if seen_live or taught else S.MISSED)


ARRIVING = (LegState.INVITED, LegState.CONFIRMED, LegState.READY, LegState.LOST)


@pytest.mark.parametrize("state", LegState)
def test_a_leg_that_is_present_joins_where_it_may(state: LegState) -> None:
    assert leg_event(state, True) is (LegEvent.JOIN if state in ARRIVING else None)
    if state in ARRIVING:
        assert next_leg_state(state, LegEvent.JOIN) is LegState.ATTENDING


@pytest.mark.parametrize("state", LegState)
def test_only_a_leg_that_attends_is_lost(state: LegState) -> None:
    attends = state is LegState.ATTENDING
    assert leg_event(state, False) is (LegEvent.LOSE if attends else None)
    if attends:
        assert next_leg_state(state, LegEvent.LOSE) is LegState.LOST


@pytest.mark.parametrize(
    ("state", "came", "after"),
    [
        (LegState.INVITED, False, LegState.ABSENT),
        (LegState.INVITED, True, LegState.LEFT),
        (LegState.CONFIRMED, False, LegState.ABSENT),
        (LegState.READY, False, LegState.ABSENT),
        (LegState.READY, True, LegState.LEFT),
        (LegState.ATTENDING, True, LegState.LEFT),
        (LegState.LOST, True, LegState.LEFT),
        (LegState.DECLINED, False, LegState.DECLINED),
        (LegState.DECLINED, True, LegState.DECLINED),
        (LegState.LEFT, True, LegState.LEFT),
        (LegState.ABSENT, True, LegState.ABSENT),
    ],
)
def test_how_a_leg_ends(state: LegState, came: bool, after: LegState) -> None:
    assert closed_leg(state, came) is after


def test_a_leg_event_is_never_illegal() -> None:
    events = {leg_event(state, here) for state in LegState for here in (True, False)}
    assert events == {None, LegEvent.JOIN, LegEvent.LOSE}


@pytest.mark.parametrize("field", ["lobby_before", "archive_after", "leg_silent_after"])
def test_a_timing_has_no_negative_times(field: str) -> None:
    with pytest.raises(ValueError, match="negative"):
        Timing(**{field: timedelta(seconds=-1)})
