"""What is in the way of a command, and what could be had instead: one reading for both."""

from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from scheduler.booking.alternatives import DAYS_AHEAD, Search
from scheduler.booking.checks.facts import Facts, gather
from scheduler.booking.claims import anything_taken, held_claims
from scheduler.booking.commands import BookLesson
from scheduler.booking.conflicts import wanted_claims
from scheduler.booking.resources import room_resource
from scheduler.calendar.bells import day_bounds
from scheduler.organisation import directory


async def search_if_taken(
    session: AsyncSession,
    now: datetime,
    command: BookLesson,
    facts: Facts | None = None,
    *,
    without_lesson: str | None = None,
) -> Search | None:
    """Return a search that has found conflicts; None when nothing is in the way.

    Most bookings are free, so only the others read the claims of many days. `facts` are those of
    the command, where they are known already; a lesson that moves ignores its own claims.
    """
    if not await anything_taken(session, command, without_lesson):
        return None
    facts = facts or await gather(session, command)
    facts = await _with_other_rooms(session, facts)
    resources = {wanted.resource for wanted in wanted_claims(command)}
    resources |= {room_resource(room_id) for room_id in facts.rooms}
    first, _ = day_bounds(facts.calendar.day_of(command.starts_at), facts.calendar.zone)
    until = first + timedelta(days=DAYS_AHEAD + 2)
    held = await held_claims(session, resources, first, until, without_lesson)
    search = Search(replace(command, only_free=False), facts, held, now)
    return search if search.found else None  # what was in the way a moment ago may be gone


async def _with_other_rooms(session: AsyncSession, facts: Facts) -> Facts:
    """Add every other active room of the schools named: a free one of them is an alternative."""
    schools = {room.school_id for room in facts.rooms.values()}
    others = {room.id: room for room in await directory.rooms(session, school_ids=schools)}
    return replace(facts, rooms={**others, **facts.rooms})
