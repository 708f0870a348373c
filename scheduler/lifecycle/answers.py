"""The far end answers: the class of a leg will come, or will not (docs/lessons.md)."""

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from scheduler.access.actor import Actor
from scheduler.access.permissions import Action
from scheduler.booking.legs import leg_of
from scheduler.events.trail import record
from scheduler.kernel.database import Database
from scheduler.kernel.errors import Forbidden, Stale
from scheduler.lessons.states import (
    IllegalTransition,
    LegEvent,
    LegState,
    LessonState,
    next_leg_state,
)
from scheduler.lessons.tables import Leg

ANSWERABLE = frozenset({LessonState.BOOKED, LessonState.LOBBY})
"""Before the lesson; afterwards the evidence speaks."""

ANSWERS = frozenset({LegEvent.CONFIRM, LegEvent.DECLINE})


def may_answer(actor: Actor, assistant_id: str | None, school: str) -> bool:
    """Tell whether the actor may answer for a leg of this school: its assistant, or an admin."""
    own = actor.person_id == assistant_id and actor.may(Action.LEG_ANSWER)
    return own or actor.may(Action.LESSON_EDIT, school)


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
        lesson, leg = await leg_of(session, lesson_id, leg_id)
        if not may_answer(actor, leg.assistant_id, leg.school_id):
            raise Forbidden
        if lesson.state not in ANSWERABLE:
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
        data: dict[str, object] = {"leg": leg_id}
        record(
            session,
            now,
            actor.account_id,
            f"lesson.{answer.lower()}",
            lesson_id,
            lesson.title,
            data=data,
        )
        return after

    return await db.transact(work)
