"""Lessons that a recording host (录播主机) gives: what must be pulled now, and for how long."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from scheduler.lessons.predicates import MEETING
from scheduler.lessons.shapes import LessonPart, Part
from scheduler.lessons.tables import Lesson
from scheduler.lessons.views import lessons_of_room
from scheduler.organisation.tables import Room


@dataclass(frozen=True, slots=True)
class RecordedLesson:
    """A lesson in the lobby or live whose host room names a source.

    `sealed` is its address; the seal (scheduler.organisation.sealing) opens it for `room_code`.
    """

    lesson_id: str
    room_id: str
    room_code: str
    sealed: str
    starts_at: datetime
    ends_at: datetime


async def recorded_lessons(session: AsyncSession) -> list[RecordedLesson]:
    """Return what has to be pulled now, in the order of lesson ids."""
    query = (
        select(Lesson, Room)
        .join(Room, col(Room.id) == col(Lesson.host_room_id))
        .where(col(Lesson.state).in_(MEETING), col(Room.source_url) != "")
        .order_by(col(Lesson.id))
    )
    return [
        RecordedLesson(row.id, room.id, room.code, room.source_url, row.starts_at, row.ends_at)
        for row, room in (await session.execute(query)).all()
    ]


async def lessons_of_terminal(
    session: AsyncSession, room_id: str, starts_at: datetime, ends_at: datetime
) -> list[LessonPart]:
    """Return what a room's terminal does in [starts_at, ends_at).

    Where a recording host gives the room's lessons, the terminal does not.
    """
    parts = await lessons_of_room(session, room_id, starts_at, ends_at)
    if await has_source(session, room_id):
        return [part for part in parts if part.part is not Part.HOST]
    return parts


async def has_source(session: AsyncSession, room_id: str) -> bool:
    """Whether the room's lessons are published from a recording host, not by its terminal."""
    query = select(col(Room.id)).where(col(Room.id) == room_id, col(Room.source_url) != "")
    return (await session.execute(query)).scalar_one_or_none() is not None
