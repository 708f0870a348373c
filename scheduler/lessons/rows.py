"""Rows of one lesson for whoever is about to change it."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from scheduler.kernel.errors import NotFound
from scheduler.lessons.rules import Ownership
from scheduler.lessons.tables import Leg, Lesson
from scheduler.organisation.tables import Campus, Room


async def locked_lesson(session: AsyncSession, lesson_id: str) -> tuple[Lesson, Ownership]:
    """Return the lesson, locked on PostgreSQL, and whose it is; raise NotFound."""
    found = await session.execute(
        select(Lesson, col(Campus.school_id))
        .join(Room, col(Room.id) == col(Lesson.host_room_id))
        .join(Campus, col(Campus.id) == col(Room.campus_id))
        .where(col(Lesson.id) == lesson_id)
        .with_for_update(of=Lesson)
        .execution_options(populate_existing=True)
    )
    row = found.one_or_none()
    if row is None:
        raise NotFound("no such lesson")
    lesson, school_id = row
    return lesson, Ownership(lesson.host_teacher_id, school_id)


async def locked_leg(
    session: AsyncSession, lesson_id: str, leg_id: str
) -> tuple[Lesson, Ownership, Leg]:
    """Return a leg and its lesson, locked on PostgreSQL, and whose that is; raise NotFound."""
    lesson, ownership = await locked_lesson(session, lesson_id)
    leg = await session.get(Leg, leg_id)
    if leg is None or leg.lesson_id != lesson_id:
        raise NotFound("no such leg")
    return lesson, ownership, leg


async def room_ids_of(session: AsyncSession, lesson: Lesson) -> list[str]:
    """Return the host room of a lesson and the rooms of its legs."""
    legs = await session.scalars(select(col(Leg.room_id)).where(col(Leg.lesson_id) == lesson.id))
    return [lesson.host_room_id, *legs]
