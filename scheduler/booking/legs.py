"""Taking one leg out of a lesson that is to come."""

from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from scheduler.access.actor import Actor
from scheduler.booking import claims
from scheduler.booking.changing import change_lesson
from scheduler.booking.results import Changed
from scheduler.events.kinds import EventKind
from scheduler.events.writing import emit
from scheduler.evidence.tables import HeadCount
from scheduler.kernel.database import Database
from scheduler.kernel.errors import Refusal
from scheduler.kernel.sentences import N_, say
from scheduler.lessons.events import lesson_event
from scheduler.lessons.rows import locked_leg, room_ids_of
from scheduler.lessons.rules import require_change
from scheduler.lessons.states import LessonState
from scheduler.lessons.tables import Leg


async def remove_leg(
    db: Database, now: datetime, actor: Actor, lesson_id: str, leg_id: str
) -> Changed:
    """Take a room out of a booked lesson; what was claimed for it is free at once.

    Raises NotFound, Forbidden, Refusal (it has begun, its pupils were counted, or it is the
    only room).
    """

    async def work(session: AsyncSession) -> Changed:
        lesson, ownership, leg = await locked_leg(session, lesson_id, leg_id)
        require_change(actor, ownership)
        if lesson.state is not LessonState.BOOKED:
            raise Refusal(sentence=say(N_("已经候课或开始，不能再移除教室。")))
        legs = select(func.count()).select_from(Leg).where(col(Leg.lesson_id) == lesson_id)
        if (await session.execute(legs)).scalar_one() == 1:
            raise Refusal(sentence=say(N_("这是唯一的听讲教室：请取消这节课。")))
        counted = select(func.count()).select_from(HeadCount)
        if (await session.execute(counted.where(col(HeadCount.leg_id) == leg_id))).scalar_one():
            raise Refusal(sentence=say(N_("这间教室已填过人数，不能移除。")))
        await claims.give_up_leg(session, leg_id)
        await session.execute(delete(Leg).where(col(Leg.id) == leg_id))
        version = await change_lesson(session, lesson)
        rooms, kind = await room_ids_of(session, lesson), EventKind.LESSON_REMOVE_LEG
        before = {"room": leg.room_id}
        concerned = [*rooms, leg.room_id]
        emit(session, lesson_event(kind, now, actor.account_id, lesson, concerned, before=before))
        return Changed(lesson_id, version)

    return await db.transact(work)
