"""Looking up what is in the way of a command, and what could be had instead."""

from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from scheduler.booking.alternatives import DAYS_AHEAD, Search
from scheduler.booking.checks.facts import gather
from scheduler.booking.claims import held_claims, names_of
from scheduler.booking.commands import BookLesson
from scheduler.booking.conflicts import Clash, clashes, explain, resource, wishes
from scheduler.booking.errors import Conflict, ResourceKind
from scheduler.calendar.bells import day_bounds


async def find_clashes(
    session: AsyncSession, command: BookLesson, *, without_lesson: str | None = None
) -> tuple[Clash, ...]:
    """Return every claim in the way of the command; a lesson that moves ignores its own."""
    wanted = wishes(command)
    held = await held_claims(
        session,
        [wish.resource for wish in wanted],
        command.starts_at,
        command.ends_at,
        without_lesson=without_lesson,
    )
    return clashes(wanted, command.starts_at, command.ends_at, held)


async def conflicts_of(session: AsyncSession, found: tuple[Clash, ...]) -> tuple[Conflict, ...]:
    """Return the clashes with the names that people know."""
    names = await names_of(session, [clash.held.resource for clash in found])
    return tuple(explain(clash, names) for clash in found)


async def prepare_search(
    session: AsyncSession,
    now: datetime,
    command: BookLesson,
    *,
    without_lesson: str | None = None,
) -> Search:
    """Read the claims of the days in which alternatives are looked for."""
    facts = await gather(session, command, siblings=True)
    first, _ = day_bounds(facts.calendar.day_of(command.starts_at), facts.calendar.zone)
    resources = {wish.resource for wish in wishes(command)}
    resources |= {resource(ResourceKind.ROOM, room_id) for room_id in facts.rooms}
    held = await held_claims(
        session,
        resources,
        first,
        first + timedelta(days=DAYS_AHEAD + 2),
        without_lesson=without_lesson,
    )
    return Search(replace(command, only_free=False), facts, held, now)
