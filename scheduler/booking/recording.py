"""Lessons that a recording host (录播主机) gives: what must be pulled now, and for how long."""

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from scheduler.booking.tables import Lesson
from scheduler.lifecycle.states import LessonState
from scheduler.organisation.tables import Room

RUNNING = (LessonState.LOBBY, LessonState.LIVE)


@dataclass(frozen=True, slots=True)
class RecordedLesson:
    """A lesson in the lobby or live whose host room names a source.

    `source` may hold a password: it is for the puller alone, and never shown or logged.
    """

    lesson_id: str
    room_id: str
    source: str = field(repr=False)
    starts_at: datetime
    ends_at: datetime


async def recorded_lessons(session: AsyncSession) -> list[RecordedLesson]:
    """Return what has to be pulled now, in the order of lesson ids."""
    query = (
        select(Lesson, col(Room.source_url))
        .join(Room, col(Room.id) == col(Lesson.host_room_id))
        .where(col(Lesson.state).in_(RUNNING), col(Room.source_url) != "")
        .order_by(col(Lesson.id))
    )
    return [
        RecordedLesson(row.id, row.host_room_id, source, row.starts_at, row.ends_at)
        for row, source in (await session.execute(query)).all()
    ]


async def has_source(session: AsyncSession, room_id: str) -> bool:
    """Whether the room's lessons are published from a recording host, not by its terminal."""
    query = select(col(Room.id)).where(col(Room.id) == room_id, col(Room.source_url) != "")
    return (await session.execute(query)).scalar_one_or_none() is not None
