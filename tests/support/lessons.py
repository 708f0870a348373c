"""Lessons for tests of the pages, booked through the scheduler as a page would."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from scheduler.booking.book import book
from scheduler.booking.commands import BookLesson, LegRequest
from scheduler.lessons.tables import LessonKind, LessonMode
from scheduler.organisation import directory
from scheduler.organisation.shapes import RoomView
from tests.support.webclient import MORNING, Site


async def rooms_of_school(site: Site, code: str) -> list[RoomView]:
    """Return the rooms of a school, recording rooms first."""
    async with site.db.read() as session:
        school = next(s for s in await directory.schools(session) if s.code == code)
        return await directory.rooms(session, school_ids=[school.id])


async def host_rooms(site: Site, login: str) -> list[RoomView]:
    """Return the rooms of this person's school."""
    actor = await site.actor(login)
    async with site.db.read() as session:
        (me,) = await directory.people(session, person_ids=[actor.person_id])
        return await directory.rooms(session, school_ids=[me.school_id or ""])


async def lesson_command(
    site: Site, login: str, legs: Sequence[str], key: str, starts_at: datetime | None = None
) -> BookLesson:
    """Return a booking by `login` in the first room of their school; `legs` are school codes."""
    actor = await site.actor(login)
    host = (await host_rooms(site, login))[0]
    rooms = [(await rooms_of_school(site, code))[0] for code in legs]
    starts_at = starts_at or await free_start(site)
    return BookLesson(
        title="草原",
        subject="语文",
        mode=LessonMode.INTERACTIVE,
        kind=LessonKind.MASTER,
        community_id=None,
        host_room_id=host.id,
        host_teacher_id=actor.person_id,
        host_class_id=None,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=40),
        legs=tuple(LegRequest(room.id) for room in rooms),
        idempotency_key=key,
    )


async def free_start(site: Site) -> datetime:
    """Return a start on a later day that no lesson of this site has had yet."""
    site.days_used += 1
    return MORNING.replace(hour=10, minute=0) + timedelta(days=site.days_used)


async def book_lesson(
    site: Site, login: str, legs: Sequence[str], key: str, starts_at: datetime | None = None
) -> str:
    """Book a lesson and return its id."""
    command = await lesson_command(site, login, legs, key, starts_at)
    return (await book(site.db, site.clock(), await site.actor(login), command)).lesson_id
