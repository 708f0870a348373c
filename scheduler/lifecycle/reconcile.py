"""What is overdue happens now: the database is the schedule, an alarm only calls this.

Every transition is `UPDATE ... WHERE state = :old`, so two processes, or one that was killed in
the middle, do each step once.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Exists, Row, Select, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from scheduler.events.kinds import EventKind
from scheduler.events.writing import emit
from scheduler.evidence.tables import AttendanceFact, FactKind
from scheduler.kernel.database import Database
from scheduler.lessons.events import lesson_event
from scheduler.lessons.predicates import WATCHED
from scheduler.lessons.rows import room_ids_of
from scheduler.lessons.states import LessonEvent, LessonState, next_lesson_state
from scheduler.lessons.tables import Lesson
from scheduler.lessons.timing import Timing
from scheduler.lifecycle.due import LessonTimes, due, next_due
from scheduler.lifecycle.legs import close_legs

RECOVER_WITHIN = timedelta(days=7)
"""A node that was cut off for longer than this no longer turns a missed lesson into a taught one:
its journal would hardly have survived."""


@dataclass(frozen=True, slots=True)
class Transition:
    """What happened to a lesson; `state` is the new one."""

    lesson_id: str
    event: LessonEvent
    state: LessonState


@dataclass(frozen=True, slots=True)
class Reconciled:
    """`next_due` is when to call again at the latest; None when nothing is scheduled."""

    transitions: tuple[Transition, ...]
    next_due: datetime | None


async def reconcile(db: Database, now: datetime, timing: Timing) -> Reconciled:
    """Bring every lesson to where `now` wants it. Safe at any time, from any process."""
    async with db.read() as session:
        rows = await _watched(session, now, timing)
        later = await _first_later(session, now, timing)
    transitions: list[Transition] = []
    moments = [] if later is None else [later]
    for lesson_id, before in rows:
        times = before
        if due(before, now, timing) is not None:
            times, steps = await advance(db, now, timing, lesson_id)
            transitions += steps
        upcoming = next_due(times, timing)
        if upcoming is not None:
            moments.append(upcoming)
    return Reconciled(tuple(transitions), min(moments, default=None))


async def advance(
    db: Database, now: datetime, timing: Timing, lesson_id: str
) -> tuple[LessonTimes, list[Transition]]:
    """Do everything that is due for one lesson, in one transaction."""

    async def work(session: AsyncSession) -> tuple[LessonTimes, list[Transition]]:
        return await advance_in(session, now, timing, lesson_id)

    return await db.transact(work)


async def advance_in(
    session: AsyncSession, now: datetime, timing: Timing, lesson_id: str
) -> tuple[LessonTimes, list[Transition]]:
    """Do everything that is due for one lesson within the caller's transaction."""
    found = await session.execute(_all_times().where(col(Lesson.id) == lesson_id))
    _, times = _times_of(found.one())
    transitions: list[Transition] = []
    while (event := due(times, now, timing)) is not None:
        after = next_lesson_state(times.state, event)
        if not await _step(session, lesson_id, times, event, after):
            break  # somebody else was faster; their reconcile goes on from there
        await _emit_step(session, now, lesson_id, times, after)
        if event in (LessonEvent.END, LessonEvent.ARCHIVE):
            await close_legs(session, lesson_id, final=event is LessonEvent.ARCHIVE)
        times = replace(times, state=after, ended_at=times.ended_at or _end_of(times, event))
        transitions.append(Transition(lesson_id, event, after))
    return times, transitions


def _end_of(lesson: LessonTimes, event: LessonEvent) -> datetime | None:
    ending = event in (LessonEvent.END, LessonEvent.RECOVER)
    return lesson.ends_at if ending else None


async def _step(
    session: AsyncSession,
    lesson_id: str,
    before: LessonTimes,
    event: LessonEvent,
    after: LessonState,
) -> bool:
    """Write one transition; False when the lesson is no longer as it was read (moved, ended)."""
    values: dict[str, object] = {"state": after}
    if event in (LessonEvent.START, LessonEvent.RECOVER):
        values["actual_started_at"] = before.starts_at
    if _end_of(before, event) is not None:
        values["actual_ended_at"] = before.ends_at
    changed = await session.execute(
        update(Lesson)
        .where(
            col(Lesson.id) == lesson_id,
            col(Lesson.state) == before.state,
            col(Lesson.starts_at) == before.starts_at,
            col(Lesson.ends_at) == before.ends_at,
        )
        .values(values)
        .returning(col(Lesson.id))
        .execution_options(synchronize_session=False)
    )
    return changed.first() is not None


async def _emit_step(
    session: AsyncSession, now: datetime, lesson_id: str, before: LessonTimes, after: LessonState
) -> None:
    lesson = await session.get_one(Lesson, lesson_id)
    rooms, kind = await room_ids_of(session, lesson), EventKind.LESSON_STEP
    was = {"state": before.state.value}
    now_is = {"state": after.value, "ends_at": before.ends_at.isoformat()}
    emit(session, lesson_event(kind, now, None, lesson, rooms, before=was, after=now_is))


def _taught() -> Exists:
    """The ledger holds media of the lesson's host, from after its start."""
    return (
        select(col(AttendanceFact.id))
        .where(
            col(AttendanceFact.lesson_id) == col(Lesson.id),
            col(AttendanceFact.role) == "HOST",
            col(AttendanceFact.kind) == FactKind.RECEIVED,
            col(AttendanceFact.ends_at) > col(Lesson.starts_at),
        )
        .correlate(Lesson)
        .exists()
    )


def _all_times() -> Select[str, LessonState, datetime, datetime, datetime | None, bool]:
    return select(
        col(Lesson.id),
        col(Lesson.state),
        col(Lesson.starts_at),
        col(Lesson.ends_at),
        col(Lesson.actual_ended_at),
        _taught().label("taught"),
    )


def _times_of(
    row: Row[str, LessonState, datetime, datetime, datetime | None, bool],
) -> tuple[str, LessonTimes]:
    lesson_id, state, starts_at, ends_at, ended_at, taught = row
    return lesson_id, LessonTimes(state, starts_at, ends_at, ended_at, bool(taught))


async def _watched(
    session: AsyncSession, now: datetime, timing: Timing
) -> list[tuple[str, LessonTimes]]:
    """Return the lessons whose lobby is due by now and that are not at rest, oldest first."""
    found = await session.execute(
        _all_times()
        .where(
            or_(
                col(Lesson.state).in_(WATCHED)
                & (col(Lesson.starts_at) <= now + timing.lobby_before),
                (col(Lesson.state) == LessonState.MISSED)
                & (col(Lesson.ends_at) > now - RECOVER_WITHIN)
                & _taught(),
            )
        )
        .order_by(col(Lesson.starts_at), col(Lesson.id))
    )
    return [_times_of(row) for row in found]


async def _first_later(session: AsyncSession, now: datetime, timing: Timing) -> datetime | None:
    """Return when the first lobby after `now` opens."""
    found = await session.execute(
        select(func.min(col(Lesson.starts_at))).where(
            col(Lesson.state).in_((LessonState.PENDING, LessonState.BOOKED)),
            col(Lesson.starts_at) > now + timing.lobby_before,
        )
    )
    first = found.scalar_one()
    return None if first is None else first - timing.lobby_before
