"""Head counts of a class, typed beside the evidence: added, never changed; the newest counts."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from scheduler.access.actor import Actor
from scheduler.events.kinds import EventKind
from scheduler.events.writing import emit
from scheduler.evidence.tables import HeadCount
from scheduler.kernel.database import Database
from scheduler.kernel.errors import Forbidden, Refusal
from scheduler.kernel.sentences import N_, say
from scheduler.lessons.events import lesson_event
from scheduler.lessons.predicates import is_countable
from scheduler.lessons.rows import locked_leg
from scheduler.lessons.rules import may_count
from scheduler.lessons.tables import Leg

MOST_PUPILS = 500
"""More than any hall of a school holds: a slip of the finger, not a count."""


async def enter_head_count(
    db: Database, now: datetime, actor: Actor, lesson_id: str, leg_id: str, pupils: int
) -> None:
    """Add a head count; the same number by the same person again adds nothing.

    Raises NotFound, Forbidden, Refusal (no number of pupils, or the lesson is to come).
    """

    async def work(session: AsyncSession) -> None:
        lesson, _, leg = await locked_leg(session, lesson_id, leg_id)
        if not may_count(actor, (lesson.host_teacher_id, leg.assistant_id), leg.school_id):
            raise Forbidden
        if not 0 <= pupils <= MOST_PUPILS:
            sentence = say(N_("人数应在 0 到 %(most)d 之间。"), most=MOST_PUPILS)
            raise Refusal(sentence=sentence)
        if not is_countable(lesson.state):
            raise Refusal(sentence=say(N_("候课开始后才能填人数。")))
        newest = await _newest_count(session, leg)
        if newest is not None and (newest.pupils, newest.counted_by) == (pupils, actor.person_id):
            return
        session.add(
            HeadCount(leg_id=leg_id, pupils=pupils, counted_by=actor.person_id, counted_at=now)
        )
        kind, after = EventKind.LESSON_HEAD_COUNT, {"leg": leg_id, "pupils": pupils}
        emit(session, lesson_event(kind, now, actor.account_id, lesson, after=after))

    await db.transact(work)


async def _newest_count(session: AsyncSession, leg: Leg) -> HeadCount | None:
    found = await session.execute(
        select(HeadCount)
        .where(col(HeadCount.leg_id) == leg.id)
        .order_by(col(HeadCount.counted_at).desc(), col(HeadCount.id).desc())
        .limit(1)
    )
    return found.scalar()
