"""The far end answers: the class of a leg will come, or will not (docs/lessons.md)."""

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from scheduler.access.actor import Actor
from scheduler.events.kinds import EventKind
from scheduler.events.writing import emit
from scheduler.kernel.database import Database
from scheduler.kernel.errors import Forbidden, Stale
from scheduler.kernel.transitions import IllegalTransition
from scheduler.lessons.events import lesson_event
from scheduler.lessons.predicates import is_open
from scheduler.lessons.rows import locked_leg
from scheduler.lessons.rules import may_answer
from scheduler.lessons.states import LegEvent, LegState, next_leg_state
from scheduler.lessons.tables import Leg

ANSWERS = {
    LegEvent.CONFIRM: EventKind.LESSON_CONFIRM,
    LegEvent.DECLINE: EventKind.LESSON_DECLINE,
}


async def answer_leg(
    db: Database, now: datetime, actor: Actor, lesson_id: str, leg_id: str, answer: LegEvent
) -> LegState:
    """Confirm or decline a leg; return its state. The same answer again changes nothing.

    A declined leg keeps its claims: whoever booked decides about the room. Raises NotFound,
    Forbidden, IllegalTransition (the lesson has begun, the room is at it already), Stale.
    """
    if answer not in ANSWERS:
        raise ValueError(f"{answer} is no answer")

    async def work(session: AsyncSession) -> LegState:
        lesson, _, leg = await locked_leg(session, lesson_id, leg_id)
        if not may_answer(actor, leg.assistant_id, leg.school_id):
            raise Forbidden
        if not is_open(lesson.state):
            raise IllegalTransition(leg.state, answer)
        if leg.state is (LegState.CONFIRMED if answer is LegEvent.CONFIRM else LegState.DECLINED):
            return leg.state
        after = next_leg_state(leg.state, answer)
        changed = await session.execute(
            update(Leg)
            .where(col(Leg.id) == leg_id, col(Leg.state) == leg.state)
            .values(state=after)
            .returning(col(Leg.id))
            .execution_options(synchronize_session=False)
        )
        if changed.scalar() is None:
            raise Stale
        kind = ANSWERS[answer]
        answered = {"leg": leg_id, "leg_state": after.value}
        emit(session, lesson_event(kind, now, actor.account_id, lesson, after=answered))
        return after

    return await db.transact(work)
