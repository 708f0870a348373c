"""Cancelling a lesson that has not begun: what it claimed is free at once, the reason stays."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from scheduler.access.actor import Actor
from scheduler.booking import claims
from scheduler.booking.changing import change_lesson, state_after
from scheduler.booking.errors import BookingProblem, BookingRefused
from scheduler.booking.results import Changed
from scheduler.events.kinds import EventKind
from scheduler.events.writing import emit
from scheduler.kernel.database import Database
from scheduler.kernel.sentences import N_, say
from scheduler.kernel.text import is_plain
from scheduler.lessons.events import lesson_event
from scheduler.lessons.rows import locked_lesson, room_ids_of
from scheduler.lessons.rules import require_change
from scheduler.lessons.states import LessonEvent

REASON_LENGTH = 500


async def cancel(db: Database, now: datetime, actor: Actor, lesson_id: str, reason: str) -> Changed:
    """Cancel a lesson. Raises NotFound, Forbidden, Stale, BookingRefused (no reason, or begun)."""
    reason = _reason(reason)

    async def work(session: AsyncSession) -> Changed:
        lesson, ownership = await locked_lesson(session, lesson_id)
        require_change(actor, ownership)
        state = state_after(lesson.state, LessonEvent.CANCEL)
        rooms, kind = await room_ids_of(session, lesson), EventKind.LESSON_CANCEL
        before = {
            "starts_at": lesson.starts_at.isoformat(),
            "ends_at": lesson.ends_at.isoformat(),
        }
        after = {**before, "state": state.value, "reason": reason}
        event = lesson_event(kind, now, actor.account_id, lesson, rooms, before=before, after=after)
        version = await change_lesson(session, lesson, state=state, cancel_reason=reason)
        await claims.give_up(session, lesson_id)
        emit(session, event)
        return Changed(lesson_id, version)

    return await db.transact(work)


def _reason(text: str) -> str:
    """Return the reason on one line; raise BookingRefused where there is none."""
    reason = " ".join(text.split())
    if not reason or len(reason) > REASON_LENGTH or not is_plain(reason):
        sentence = say(N_("请写明取消原因（最多 %(count)d 个字）。"), count=REASON_LENGTH)
        raise BookingRefused((BookingProblem("NO_REASON", "reason", sentence),))
    return reason
