"""Claims in the database: reading what is held, taking what is free.

`take` writes in one fixed order. The database refuses an overlap (PostgreSQL: exclusion
constraint, SQLite: trigger): then the transaction runs again, and the rules find and explain what
came first.
"""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, insert, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from scheduler.booking.commands import BookLesson
from scheduler.booking.conflicts import HeldClaim, wanted_claims
from scheduler.booking.resources import Resource
from scheduler.booking.tables import Claim
from scheduler.kernel.ids import new_id
from scheduler.kernel.races import losing_a_race
from scheduler.lessons.tables import Lesson
from scheduler.organisation.tables import Person

LONGEST_CLAIM = timedelta(hours=24)
"""The database's cap (migration 0001): nothing that began earlier than this can still hold."""


async def anything_taken(
    session: AsyncSession, command: BookLesson, without_lesson: str | None
) -> bool:
    """Whether somebody else holds what the command wants; a lesson that moves ignores its own."""
    resources = [wanted.resource for wanted in wanted_claims(command)]
    query = select(col(Claim.id)).where(
        *_on(resources, command.starts_at, command.ends_at, without_lesson)
    )
    return (await session.execute(query.limit(1))).first() is not None


async def held_claims(
    session: AsyncSession,
    resources: Collection[Resource],
    starts_at: datetime,
    ends_at: datetime,
    without_lesson: str | None,
) -> list[HeldClaim]:
    """Return the claims on these resources that overlap [starts_at, ends_at)."""
    query = (
        select(Claim, col(Lesson.title), col(Person.name))
        .join(Lesson, col(Claim.lesson_id) == col(Lesson.id))
        .join(Person, col(Lesson.host_teacher_id) == col(Person.id))
        .where(*_on(resources, starts_at, ends_at, without_lesson))
    )
    return [
        HeldClaim(claim.resource, claim.lesson_id, title, teacher, claim.starts_at, claim.ends_at)
        for claim, title, teacher in (await session.execute(query))
    ]


def _on(
    resources: Collection[Resource],
    starts_at: datetime,
    ends_at: datetime,
    without_lesson: str | None,
) -> list[ColumnElement[bool]]:
    where = [
        col(Claim.resource).in_(resources),
        col(Claim.starts_at) < ends_at,
        col(Claim.starts_at) >= starts_at - LONGEST_CLAIM,
        col(Claim.ends_at) > starts_at,
    ]
    if without_lesson is not None:
        where.append(col(Claim.lesson_id) != without_lesson)
    return where


async def take(
    session: AsyncSession,
    lesson_id: str,
    wanted: Iterable[tuple[Resource, str | None]],
    starts_at: datetime,
    ends_at: datetime,
) -> None:
    """Claim (resource, leg id) pairs in the order of the resources; raise LostRace."""
    rows = [
        {
            "id": new_id(),
            "resource": resource,
            "lesson_id": lesson_id,
            "leg_id": leg_id,
            "starts_at": starts_at,
            "ends_at": ends_at,
        }
        for resource, leg_id in sorted(wanted, key=lambda pair: pair[0])
    ]
    with losing_a_race():
        await session.execute(insert(Claim), rows)


async def take_again(
    session: AsyncSession, lesson_id: str, starts_at: datetime, ends_at: datetime
) -> None:
    """Give up every claim of a lesson, and take the same resources at another time."""
    query = select(col(Claim.resource), col(Claim.leg_id)).where(col(Claim.lesson_id) == lesson_id)
    held = [(resource, leg_id) for resource, leg_id in await session.execute(query)]
    await give_up(session, lesson_id)
    await take(session, lesson_id, held, starts_at, ends_at)


async def give_up(session: AsyncSession, lesson_id: str) -> None:
    """Free everything that a lesson holds."""
    await session.execute(delete(Claim).where(col(Claim.lesson_id) == lesson_id))


async def give_up_leg(session: AsyncSession, leg_id: str) -> None:
    """Free what one leg of a lesson holds."""
    await session.execute(delete(Claim).where(col(Claim.leg_id) == leg_id))
