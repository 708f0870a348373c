"""Looking at a booking before it is made: everything that a form can show, and nothing written."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from scheduler.access.actor import Actor
from scheduler.booking.alternatives import alternatives
from scheduler.booking.checks.facts import Facts, gather
from scheduler.booking.checks.permission import require_booker, require_booking
from scheduler.booking.checks.validation import problems, tidy, time_problems
from scheduler.booking.checks.warnings import warnings
from scheduler.booking.commands import BookLesson
from scheduler.booking.errors import BookingProblem
from scheduler.booking.results import Preview
from scheduler.booking.search import search_if_taken
from scheduler.kernel.database import Database


async def preview(db: Database, now: datetime, actor: Actor, command: BookLesson) -> Preview:
    """Return what `book` would say to this command. Raises Forbidden."""
    require_booker(actor)
    command = tidy(command)
    async with db.read() as session:
        facts, wrong = await examine(session, now, command)
        if wrong:
            return Preview(problems=wrong)
        require_booking(actor, command, facts)
        search = await search_if_taken(session, now, command, facts)
    if search is None:
        return Preview(warnings=warnings(command, facts))
    return Preview((), warnings(command, facts), search.conflicts(), alternatives(search))


async def examine(
    session: AsyncSession, now: datetime, command: BookLesson
) -> tuple[Facts, tuple[BookingProblem, ...]]:
    """Return the facts and every problem; a time out of all bounds is never taken to a calendar."""
    late = any(time_problems(command.starts_at, command.ends_at, now))
    asked = replace(command, starts_at=now, ends_at=now) if late else command
    facts = await gather(session, asked)
    return facts, problems(command, facts, now)
