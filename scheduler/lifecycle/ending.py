"""Ending a lesson by hand: its rooms and people are free at once (docs/lessons.md)."""

from datetime import datetime

from sqlalchemy import delete, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from scheduler.access.actor import Actor
from scheduler.booking.tables import Claim
from scheduler.events.kinds import EventKind
from scheduler.events.writing import emit
from scheduler.kernel.database import Database
from scheduler.kernel.errors import Forbidden
from scheduler.lessons.events import lesson_event
from scheduler.lessons.rows import locked_lesson, room_ids_of
from scheduler.lessons.rules import may_end
from scheduler.lessons.states import LessonEvent, next_lesson_state
from scheduler.lessons.tables import Lesson
from scheduler.lessons.timing import DEFAULT_TIMING, Timing
from scheduler.lifecycle.legs import close_legs
from scheduler.lifecycle.reconcile import Transition, advance_in


async def end_lesson(
    db: Database,
    now: datetime,
    actor: Actor,
    lesson_id: str,
    timing: Timing = DEFAULT_TIMING,
) -> Transition:
    """End a LIVE lesson now: state, actual end, claims cut, legs that came closed.

    The host teacher may, and whoever may edit lessons of the host's school. Raise NotFound,
    Forbidden, or IllegalTransition when it does not run (not begun, over, cancelled).
    """

    async def work(session: AsyncSession) -> Transition:
        lesson, ownership = await locked_lesson(session, lesson_id)
        if not may_end(actor, ownership):
            raise Forbidden
        times, _ = await advance_in(session, now, timing, lesson_id)
        after = next_lesson_state(times.state, LessonEvent.END)
        await session.execute(
            update(Lesson)
            .where(col(Lesson.id) == lesson_id)
            .values(state=after, actual_ended_at=now, version=Lesson.version + 1)
            .execution_options(synchronize_session=False)
        )
        await cut_claims(session, lesson_id, now)
        await close_legs(session, lesson_id, final=False)
        rooms, kind = await room_ids_of(session, lesson), EventKind.LESSON_END
        ended = {"state": after.value}
        emit(session, lesson_event(kind, now, actor.account_id, lesson, rooms, after=ended))
        return Transition(lesson_id, LessonEvent.END, after)

    return await db.transact(work)


async def cut_claims(session: AsyncSession, lesson_id: str, now: datetime) -> None:
    """Give back what a lesson holds from `now` on."""
    of_lesson = col(Claim.lesson_id) == lesson_id
    await session.execute(
        delete(Claim)
        .where(of_lesson, col(Claim.starts_at) >= now)
        .execution_options(synchronize_session=False)
    )
    await session.execute(
        update(Claim)
        .where(of_lesson, col(Claim.ends_at) > now)
        .values(ends_at=now)
        .execution_options(synchronize_session=False)
    )
