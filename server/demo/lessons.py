"""Keeps a demo lesson going: whenever the recording classroom has none, the next one is booked.

It is booked like every other lesson: when a visitor has taken the room or the teacher, the demo
waits until they are free.
"""

import asyncio
import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, or_, select
from sqlmodel import col

from scheduler.access.actor import Actor
from scheduler.booking.book import book
from scheduler.booking.commands import BookLesson, LegRequest
from scheduler.booking.errors import BookingConflict
from scheduler.lessons.predicates import HOLDING
from scheduler.lessons.tables import Leg, Lesson, LessonKind, LessonMode
from scheduler.organisation import directory
from scheduler.organisation.enums import RoomKind
from scheduler.organisation.shapes import PersonView, RoomView
from web.kit.services import Services

LOG = logging.getLogger(__name__)

LEAD = timedelta(seconds=20)
"""Between booking and start: terminals hear of it, show their lobby and get ready."""

LOOK, PATIENCE = 2.0, 30.0


TITLE, SUBJECT = "演示课：同上一节课", "语文"


class NoCast(Exception):
    """the county has no rooms and people for a demo lesson"""


@dataclass(frozen=True, slots=True)
class Cast:
    """Who and where a demo lesson is."""

    community_id: str
    host: RoomView
    teacher: PersonView
    legs: tuple[RoomView, ...]

    @property
    def rooms(self) -> tuple[RoomView, ...]:
        return (self.host, *self.legs)


def choose_cast(
    rooms: Sequence[RoomView], people: Sequence[PersonView], teachers: Collection[str], count: int
) -> Cast:
    """Return the first recording room with a teacher, and `count` classrooms of other schools.

    `teachers` are person ids. Of the host's communities the widest is taken, and of each other
    school in it one room, spread over the list so that not all are of the first few schools.
    Raise NoCast.
    """
    for host in rooms:
        able = [p for p in people if p.school_id == host.school_id and p.id in teachers]
        if host.kind is not RoomKind.RECORDING or not able or not host.community_ids:
            continue
        choices = {community: _legs(rooms, host, community) for community in host.community_ids}
        widest = max(choices, key=lambda community: (len(choices[community]), community))
        if choices[widest]:
            return Cast(widest, host, able[0], _spread(choices[widest], count))
    raise NoCast("the county has no recording room with a teacher and other schools' classrooms")


def _legs(rooms: Sequence[RoomView], host: RoomView, community_id: str) -> list[RoomView]:
    by_school: dict[str, RoomView] = {}
    for room in rooms:
        receiving = room.kind is RoomKind.INTERACTIVE and community_id in room.community_ids
        if receiving and room.school_id != host.school_id:
            by_school.setdefault(room.school_id, room)
    return list(by_school.values())


def _spread(rooms: Sequence[RoomView], count: int) -> tuple[RoomView, ...]:
    step = max(1, len(rooms) // count)
    return tuple(rooms[step - 1 :: step][:count])


class DemoLessons:
    """Books one lesson after the other."""

    def __init__(self, services: Services, actor: Actor, cast: Cast, length: timedelta) -> None:
        self._services, self._actor, self._cast, self._length = services, actor, cast, length

    async def run(self) -> None:
        """Look every two seconds; a clash or a fault makes it wait, never end."""
        while True:
            try:
                if await self._is_free():
                    await self._book_next()
                await asyncio.sleep(LOOK)
            except BookingConflict as conflict:
                LOG.info("the demo lesson waits: %s", conflict)
                await asyncio.sleep(PATIENCE)

    async def _is_free(self) -> bool:
        """Whether nothing is coming soon to the recording classroom."""
        now = self._services.clock()
        mine = (
            select(func.count())
            .select_from(Lesson)
            .outerjoin(Leg, col(Leg.lesson_id) == col(Lesson.id))
            .where(
                col(Lesson.state).in_(HOLDING),
                col(Lesson.ends_at) > now,
                col(Lesson.starts_at) < now + LEAD + self._length,
                or_(
                    col(Lesson.host_room_id) == self._cast.host.id,
                    col(Leg.room_id) == self._cast.host.id,
                ),
            )
        )
        async with self._services.db.read() as session:
            return (await session.execute(mine)).scalar_one() == 0

    async def _book_next(self) -> None:
        services = self._services
        now = services.clock()
        starts_at = (now + LEAD).replace(microsecond=0)
        await book(services.db, now, self._actor, self._lesson(starts_at))
        LOG.info("a demo lesson starts in %d s", LEAD.total_seconds())

    def _lesson(self, starts_at: datetime) -> BookLesson:
        cast = self._cast
        return BookLesson(
            title=TITLE,
            subject=SUBJECT,
            mode=LessonMode.INTERACTIVE,
            kind=LessonKind.MASTER,
            community_id=cast.community_id,
            host_room_id=cast.host.id,
            host_teacher_id=cast.teacher.id,
            host_class_id=None,
            starts_at=starts_at,
            ends_at=starts_at + self._length,
            legs=tuple(LegRequest(room.id) for room in cast.legs),
            idempotency_key=f"demo-{int(starts_at.timestamp())}",
            only_free=True,
        )


async def load_cast(services: Services, teachers: Collection[str], count: int) -> Cast:
    """Read rooms and people and choose."""
    async with services.db.read() as session:
        rooms = await directory.rooms(session, day=services.clock().date())
        people = await directory.people(session)
    return choose_cast(rooms, people, teachers, count)
