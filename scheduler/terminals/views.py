"""Terminals for reading, in the order of their rooms."""

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from scheduler.organisation import directory
from scheduler.organisation.shapes import RoomView
from scheduler.terminals.shapes import TerminalView
from scheduler.terminals.tables import Terminal


async def enrolled_terminals(
    session: AsyncSession,
    *,
    school_ids: Collection[str] | None = None,
    terminal_ids: Collection[str] | None = None,
    with_revoked: bool = False,
) -> list[TerminalView]:
    """Return enrolled terminals in the order of their rooms."""
    query = select(Terminal)
    if terminal_ids is not None:
        query = query.where(col(Terminal.id).in_(terminal_ids))
    if not with_revoked:
        query = query.where(col(Terminal.revoked_at).is_(None))
    places = await directory.rooms(session, school_ids=school_ids, active_only=False)
    order = {place.id: (number, place) for number, place in enumerate(places)}
    rows = (await session.execute(query)).scalars().all()
    found = [(order[row.room_id], row) for row in rows if row.room_id in order]
    found.sort(key=lambda pair: (pair[0][0], pair[1].approved_at))
    return [terminal_view(row, place) for (_, place), row in found]


def terminal_view(row: Terminal, place: RoomView) -> TerminalView:
    """Return the read model of a terminal in its room."""
    return TerminalView(
        row.id,
        row.name,
        place,
        row.state,
        row.detail,
        row.approved_at,
        row.last_seen_at,
        row.revoked_at,
    )
