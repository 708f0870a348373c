"""What a clock owes a lesson: pure, so that reconcile can run at any time, or twice."""

from dataclasses import dataclass
from datetime import datetime

from scheduler.lessons.predicates import is_open
from scheduler.lessons.states import LegEvent, LegState, LessonEvent, LessonState, next_leg_state
from scheduler.lessons.timing import Timing


@dataclass(frozen=True, slots=True)
class LessonTimes:
    """The part of a lesson's row that its states hang on.

    `ended_at` is the actual end, if it is over; `taught` says that the ledger holds evidence of
    its host: it took place, whatever this process noticed of it.
    """

    state: LessonState
    starts_at: datetime
    ends_at: datetime
    ended_at: datetime | None = None
    taught: bool = False


def due(lesson: LessonTimes, now: datetime, timing: Timing) -> LessonEvent | None:
    """Return the one event that is overdue for this lesson, or None.

    Apply it and ask again: a lesson whose lobby nobody opened goes BOOKED -> LIVE -> ENDED.
    A lesson is MISSED when its end passed before it could go live; terminals meet on the relay
    without us, so one that was taught all the same starts late on paper, or is recovered.
    """
    if lesson.state is LessonState.PENDING:
        return LessonEvent.MISS if now >= lesson.starts_at else None
    if is_open(lesson.state):
        return _before_start(lesson, now, timing)
    if lesson.state is LessonState.LIVE:
        return LessonEvent.END if now >= lesson.ends_at else None
    if lesson.state is LessonState.ENDED:
        return LessonEvent.ARCHIVE if now >= _archive_at(lesson, timing) else None
    if lesson.state is LessonState.MISSED:
        return LessonEvent.RECOVER if lesson.taught else None
    return None


def next_due(lesson: LessonTimes, timing: Timing) -> datetime | None:
    """Return when the lesson's next event falls due; None for a lesson at rest."""
    if lesson.state is LessonState.PENDING:
        return lesson.starts_at
    if lesson.state is LessonState.BOOKED:
        return min(lesson.starts_at - timing.lobby_before, lesson.starts_at)
    if lesson.state is LessonState.LOBBY:
        return lesson.starts_at
    if lesson.state is LessonState.LIVE:
        return lesson.ends_at
    if lesson.state is LessonState.ENDED:
        return _archive_at(lesson, timing)
    return None


def leg_event(state: LegState, present: bool) -> LegEvent | None:
    """Return what the evidence of this moment does to a leg of a running lesson, or None."""
    if present:
        arriving = state in (LegState.INVITED, LegState.CONFIRMED, LegState.READY, LegState.LOST)
        return LegEvent.JOIN if arriving else None
    return LegEvent.LOSE if state is LegState.ATTENDING else None


def closed_leg(state: LegState, came: bool) -> LegState:
    """Return a leg's state once its lesson is over; `came`: there is evidence of it.

    Evidence may arrive late (a journal read after a restart), so a leg that came is LEFT even if
    no moment of its presence was ever noticed. A declined leg stays declined.
    """
    if came and leg_event(state, True) is LegEvent.JOIN:
        state = next_leg_state(state, LegEvent.JOIN)
    if state in (LegState.DECLINED, LegState.LEFT, LegState.ABSENT):
        return state
    return next_leg_state(state, LegEvent.CLOSE)


def _before_start(lesson: LessonTimes, now: datetime, timing: Timing) -> LessonEvent | None:
    if now >= lesson.ends_at:
        return LessonEvent.START if lesson.taught else LessonEvent.MISS
    if now >= lesson.starts_at:
        return LessonEvent.START
    if lesson.state is LessonState.BOOKED and now >= lesson.starts_at - timing.lobby_before:
        return LessonEvent.OPEN_LOBBY
    return None


def _archive_at(lesson: LessonTimes, timing: Timing) -> datetime:
    """An early end archives early; evidence needs the same time to arrive either way."""
    return (lesson.ended_at or lesson.ends_at) + timing.archive_after
