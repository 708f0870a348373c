"""巡课: who looked into a running lesson, and when."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from scheduler.access.actor import Actor
from scheduler.events.kinds import EventKind
from scheduler.events.writing import emit
from scheduler.kernel.database import Database
from scheduler.kernel.errors import NotFound
from scheduler.lessons.events import lesson_event
from scheduler.lessons.tables import Lesson


async def note_patrol(
    db: Database, now: datetime, actor: Actor, lesson_id: str, address: str
) -> None:
    """Write down that the actor looks into a lesson; `address` is masked. Raises NotFound."""

    async def work(session: AsyncSession) -> None:
        lesson = await session.get(Lesson, lesson_id)
        if lesson is None:
            raise NotFound("no such lesson")
        kind = EventKind.LESSON_PATROL
        emit(session, lesson_event(kind, now, actor.account_id, lesson, address=address))

    await db.transact(work)
