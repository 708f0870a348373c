"""Moving a lesson that has not begun: its claims move with it, in one transaction."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from scheduler.access.actor import Actor
from scheduler.booking import claims
from scheduler.booking.alternatives import other_times
from scheduler.booking.changing import change_lesson, state_after
from scheduler.booking.checks.validation import time_problems
from scheduler.booking.commands import BookLesson, LegRequest
from scheduler.booking.errors import BookingConflict, BookingRefused
from scheduler.booking.results import Changed
from scheduler.booking.search import search_if_taken
from scheduler.events.kinds import EventKind
from scheduler.events.writing import emit
from scheduler.kernel.database import Database
from scheduler.kernel.errors import Stale
from scheduler.lessons.events import lesson_event
from scheduler.lessons.rows import locked_lesson
from scheduler.lessons.rules import require_change
from scheduler.lessons.states import LessonEvent
from scheduler.lessons.tables import Leg, Lesson
from scheduler.placement.placing import unplace


async def move(
    db: Database,
    now: datetime,
    actor: Actor,
    lesson_id: str,
    starts_at: datetime,
    ends_at: datetime,
    version: int,
) -> Changed:
    """Move a lesson that has not begun; its claims move with it or nothing changes.

    Raises NotFound, Forbidden, Stale (`version` is not the current one), BookingRefused,
    BookingConflict (with other times as alternatives).
    """
    wrong = tuple(time_problems(starts_at, ends_at, now))
    if wrong:
        raise BookingRefused(wrong)

    async def work(session: AsyncSession) -> Changed:
        lesson, ownership = await locked_lesson(session, lesson_id)
        require_change(actor, ownership)
        if lesson.version != version:
            raise Stale
        return await _move(session, now, actor, lesson, starts_at, ends_at)

    return await db.transact(work)


async def _move(
    session: AsyncSession,
    now: datetime,
    actor: Actor,
    lesson: Lesson,
    starts_at: datetime,
    ends_at: datetime,
) -> Changed:
    state = state_after(lesson.state, LessonEvent.MOVE)
    command = await as_command(session, lesson, starts_at, ends_at)
    before = _times(lesson.starts_at, lesson.ends_at)
    after = {"state": state.value, **_times(starts_at, ends_at)}
    rooms, kind = command.room_ids, EventKind.LESSON_MOVE
    event = lesson_event(kind, now, actor.account_id, lesson, rooms, before=before, after=after)
    version = await change_lesson(
        session, lesson, state=state, starts_at=starts_at, ends_at=ends_at
    )
    search = await search_if_taken(session, now, command, without_lesson=lesson.id)
    if search is not None:
        raise BookingConflict(search.conflicts(), other_times(search))
    await claims.take_again(session, lesson.id, starts_at, ends_at)
    await unplace(session, lesson.id)
    emit(session, event)
    return Changed(lesson.id, version)


def _times(starts_at: datetime, ends_at: datetime) -> dict[str, object]:
    return {"starts_at": starts_at.isoformat(), "ends_at": ends_at.isoformat()}


async def as_command(
    session: AsyncSession, lesson: Lesson, starts_at: datetime, ends_at: datetime
) -> BookLesson:
    """Return the booking that would make this lesson at another time."""
    query = select(Leg).where(col(Leg.lesson_id) == lesson.id).order_by(col(Leg.id))
    legs = (await session.execute(query)).scalars()
    return BookLesson(
        title=lesson.title,
        subject=lesson.subject,
        mode=lesson.mode,
        kind=lesson.kind,
        community_id=lesson.community_id,
        host_room_id=lesson.host_room_id,
        host_teacher_id=lesson.host_teacher_id,
        host_class_id=lesson.host_class_id,
        starts_at=starts_at,
        ends_at=ends_at,
        legs=tuple(LegRequest(leg.room_id, leg.class_id, leg.assistant_id) for leg in legs),
        idempotency_key=lesson.id,
    )
