"""Claims in the database: reading what is held, taking what is free.

`take` writes in one fixed order. The database refuses an overlap with an IntegrityError
(PostgreSQL: exclusion constraint, SQLite: trigger): the caller starts over, and then the rules
find and explain what came first.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from scheduler.booking.conflicts import Held
from scheduler.booking.tables import Claim
from scheduler.kernel.ids import new_id
from scheduler.lessons.tables import Lesson
from scheduler.organisation.tables import Campus, ClassGroup, Person, Room, School

LONGEST_CLAIM = timedelta(hours=24)
"""The database's cap (migration 0001): nothing that began earlier than this can still hold."""


async def held_claims(
    session: AsyncSession,
    resources: Collection[str],
    starts_at: datetime,
    ends_at: datetime,
    *,
    without_lesson: str | None = None,
) -> list[Held]:
    """Return the claims on these resources that overlap [starts_at, ends_at)."""
    query = (
        select(Claim, col(Lesson.title), col(Person.name))
        .join(Lesson, col(Claim.lesson_id) == col(Lesson.id))
        .join(Person, col(Lesson.host_teacher_id) == col(Person.id))
        .where(
            col(Claim.resource).in_(resources),
            col(Claim.starts_at) < ends_at,
            col(Claim.starts_at) >= starts_at - LONGEST_CLAIM,
            col(Claim.ends_at) > starts_at,
        )
    )
    if without_lesson is not None:
        query = query.where(col(Claim.lesson_id) != without_lesson)
    return [
        Held(claim.resource, claim.lesson_id, title, teacher, claim.starts_at, claim.ends_at)
        for claim, title, teacher in (await session.execute(query))
    ]


async def take(
    session: AsyncSession,
    lesson_id: str,
    wanted: Iterable[tuple[str, str | None]],
    starts_at: datetime,
    ends_at: datetime,
) -> None:
    """Claim (resource, leg id) pairs in the order of the resource's name."""
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
    await session.execute(insert(Claim), rows)


async def names_of(session: AsyncSession, resources: Sequence[str]) -> dict[str, str]:
    """Return resource -> the name that people know; rooms and classes with their school."""
    ids = [one.partition(":")[2] for one in resources]
    rooms = (
        select(col(Room.id), col(School.name), col(Room.name))
        .join(Campus, col(Room.campus_id) == col(Campus.id))
        .join(School, col(Campus.school_id) == col(School.id))
        .where(col(Room.id).in_(ids))
    )
    classes = (
        select(col(ClassGroup.id), col(School.name), col(ClassGroup.name))
        .join(School, col(ClassGroup.school_id) == col(School.id))
        .where(col(ClassGroup.id).in_(ids))
    )
    people = select(col(Person.id), col(Person.name)).where(col(Person.id).in_(ids))
    names = {f"room:{i}": f"{s} {n}" for i, s, n in (await session.execute(rooms))}
    names |= {f"class:{i}": f"{s} {n}" for i, s, n in (await session.execute(classes))}
    names |= {f"person:{i}": n for i, n in (await session.execute(people))}
    return names
