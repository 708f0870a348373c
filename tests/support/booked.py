"""What the booking of the small county left in its database: claims and the audit's words."""

from datetime import timedelta

from sqlalchemy import select
from sqlmodel import col

from scheduler.audit.tables import AuditEvent
from scheduler.booking.tables import Claim
from tests.support.county import MONDAY, Town

MINUTE = timedelta(minutes=1)


async def claims(town: Town, lesson_id: str) -> dict[str, tuple[float, float]]:
    """Return resource -> (start, end) in minutes from Monday 08:00."""
    async with town.db.read() as session:
        found = await session.execute(select(Claim).where(col(Claim.lesson_id) == lesson_id))
        return {
            claim.resource: ((claim.starts_at - MONDAY) / MINUTE, (claim.ends_at - MONDAY) / MINUTE)
            for claim in found.scalars()
        }


async def actions(town: Town) -> list[tuple[str, str | None, str]]:
    """Return (action, account, lesson) of what was done to lessons, in its order."""
    async with town.db.read() as session:
        found = await session.execute(
            select(AuditEvent)
            .where(col(AuditEvent.action).like("lesson.%"))
            .order_by(col(AuditEvent.at))
        )
        return [(one.action, one.account_id, one.object_id) for one in found.scalars()]
