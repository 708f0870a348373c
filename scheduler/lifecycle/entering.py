"""Entering a lesson's stage from a page: in which role, and how long its tickets open."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from scheduler.access.actor import Actor
from scheduler.events.kinds import EventKind
from scheduler.events.writing import emit
from scheduler.kernel.database import Database
from scheduler.kernel.errors import Forbidden
from scheduler.lessons.events import lesson_event
from scheduler.lessons.predicates import is_over
from scheduler.lessons.rules import stage_role
from scheduler.lessons.shapes import LessonView
from scheduler.lessons.states import LessonState
from scheduler.lessons.tables import Lesson
from scheduler.lessons.timing import Timing
from scheduler.lessons.views import lesson_for
from scheduler.lessons.windows import EARLY, Window, person_window


@dataclass(frozen=True, slots=True)
class StageEntry:
    """A person's way into a lesson. `role`: HOST, PATROL.

    There is no `window` for tickets once the lesson is over, nor days ahead of it.
    """

    lesson: LessonView
    role: str
    window: Window | None


async def enter_stage(
    db: Database, now: datetime, actor: Actor, lesson_id: str, address: str, timing: Timing
) -> StageEntry:
    """Let the actor in. 巡课: every look into a running lesson is written down.

    `address` is masked. Raises NotFound, Forbidden (those who are neither host nor on patrol).
    """
    async with db.read() as session:
        lesson = await lesson_for(session, actor, lesson_id)
    role = stage_role(actor, lesson.ownership, lesson.school_ids)
    if role is None:
        raise Forbidden
    if role == "PATROL" and lesson.state is LessonState.LIVE:
        await _note_patrol(db, now, actor, lesson_id, address)
    window = person_window(lesson.starts_at, lesson.ends_at, timing)
    closed = is_over(lesson.state) or now < window.opens - EARLY
    return StageEntry(lesson, role, None if closed else window)


async def _note_patrol(
    db: Database, now: datetime, actor: Actor, lesson_id: str, address: str
) -> None:
    async def work(session: AsyncSession) -> None:
        lesson = await session.get_one(Lesson, lesson_id)
        kind = EventKind.LESSON_PATROL
        emit(session, lesson_event(kind, now, actor.account_id, lesson, address=address))

    await db.transact(work)
