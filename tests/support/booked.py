"""Lessons of the small county, booked and taught, and what they left in its database."""

from datetime import timedelta

from sqlalchemy import select
from sqlmodel import col

from scheduler.access.roles import Role
from scheduler.booking.book import book
from scheduler.booking.tables import Claim
from scheduler.events.kinds import BY_ITSELF
from scheduler.events.tables import EventRow
from scheduler.lessons.timing import DEFAULT_TIMING
from scheduler.lifecycle.reconcile import reconcile
from tests.support.county import MONDAY, NOW, Town

MINUTE = timedelta(minutes=1)


async def claims(town: Town, lesson_id: str) -> dict[str, tuple[float, float]]:
    """Return resource -> (start, end) in minutes from Monday 08:00."""
    async with town.db.read() as session:
        found = await session.execute(select(Claim).where(col(Claim.lesson_id) == lesson_id))
        return {
            str(claim.resource): (
                (claim.starts_at - MONDAY) / MINUTE,
                (claim.ends_at - MONDAY) / MINUTE,
            )
            for claim in found.scalars()
        }


async def actions(town: Town) -> list[tuple[str, str | None, str]]:
    """Return (action, account, lesson) of what was done to lessons, in its order."""
    async with town.db.read() as session:
        found = await session.execute(
            select(EventRow)
            .where(col(EventRow.kind).like("lesson.%"))
            .where(col(EventRow.kind).not_in(BY_ITSELF))
            .order_by(col(EventRow.number))
        )
        return [(one.kind, one.account_id, one.object_id) for one in found.scalars()]


async def taught(
    town: Town,
    day: int = 0,
    host: str = "core-rec",
    legs: tuple[str, ...] = ("east-1", "west-1"),
    **how: str,
) -> str:
    """Book a lesson at 08:00 on Monday + `day`, and let the clock run over it."""
    start = MONDAY + timedelta(days=day)
    command = town.command(
        f"{day}{host}", host=host, legs=legs, starts_at=start, people=False, **how  # type: ignore[arg-type]
    )  # fmt: skip
    admin = town.actor(Role.COUNTY_ADMIN)
    one = (await book(town.db, NOW, admin, command)).lesson_id
    for minutes in (0, 40, 42):
        await reconcile(town.db, start + timedelta(minutes=minutes), DEFAULT_TIMING)
    return one
