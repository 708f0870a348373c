"""Signed remarks beside a leg's computed attendance: added, never changed, never an edit of it."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from scheduler.access.actor import Actor
from scheduler.access.permissions import Action
from scheduler.events.kinds import EventKind
from scheduler.events.writing import emit
from scheduler.evidence.attendance import AttendanceStatus
from scheduler.evidence.tables import Correction
from scheduler.kernel.database import Database
from scheduler.kernel.errors import Forbidden, Refusal
from scheduler.kernel.sentences import N_, say
from scheduler.kernel.text import is_plain
from scheduler.lessons.events import lesson_event
from scheduler.lessons.predicates import is_remarkable
from scheduler.lessons.rows import locked_leg

REASON_LENGTH = 200

STATUSES = tuple(status for status in AttendanceStatus if status is not AttendanceStatus.EXPECTED)
"""What a remark can say that the status was."""


async def write_remark(
    db: Database,
    now: datetime,
    actor: Actor,
    lesson_id: str,
    leg_id: str,
    status: AttendanceStatus,
    reason: str,
) -> None:
    """Sign a remark beside a leg's computed attendance, which stays as it is.

    Raises NotFound, Forbidden (another school's leg), Refusal (no reason, or the lesson is not
    over).
    """
    reason = " ".join(reason.split())

    async def work(session: AsyncSession) -> None:
        lesson, _, leg = await locked_leg(session, lesson_id, leg_id)
        if not actor.may(Action.REMARK_WRITE, leg.school_id):
            raise Forbidden
        if not reason or len(reason) > REASON_LENGTH or not is_plain(reason):
            sentence = say(N_("请写明理由（最多 %(count)d 个字）。"), count=REASON_LENGTH)
            raise Refusal(sentence=sentence)
        if status not in STATUSES or not is_remarkable(lesson.state):
            raise Refusal(sentence=say(N_("下课后才能写更正说明。")))
        session.add(
            Correction(
                leg_id=leg_id,
                status=status.value,
                reason=reason,
                made_by=actor.person_id,
                made_at=now,
            )
        )
        kind, after = EventKind.LESSON_REMARK, {"leg": leg_id, "status": status.value}
        emit(session, lesson_event(kind, now, actor.account_id, lesson, after=after))

    await db.transact(work)
