"""How ready a room is, from what its terminal last said."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from scheduler.organisation import directory
from scheduler.organisation.enums import TerminalState
from scheduler.organisation.shapes import TerminalView
from web.i18n import gettext as _
from web.labels import label, look

SILENT_AFTER = timedelta(seconds=45)
"""Terminals speak every 15 s; three words missed in a row are silence."""


@dataclass(frozen=True, slots=True)
class Readiness:
    """One room: a state class of base.css, a word, and since when it has been silent."""

    look: str
    word: str
    silent_since: datetime | None = None

    @property
    def fine(self) -> bool:
        return self.look in ("good", "live")


def state_of(terminal: TerminalView, now: datetime) -> TerminalState:
    """Return the terminal's state, OFFLINE when it has not spoken for a while."""
    seen = terminal.last_seen_at
    if seen is None or now - seen > SILENT_AFTER:
        return TerminalState.OFFLINE
    return terminal.state


def readiness_of(terminal: TerminalView | None, now: datetime) -> Readiness:
    """Return what a teacher reads about a room."""
    if terminal is None:
        return Readiness("bad", _("没有终端"))
    state = state_of(terminal, now)
    silent = terminal.last_seen_at if state is TerminalState.OFFLINE else None
    return Readiness(look(state), label(state), silent)


async def readiness_of_rooms(
    session: AsyncSession, room_ids: Collection[str], now: datetime
) -> Mapping[str, Readiness]:
    """Return room id -> readiness, for every room asked for."""
    places = await directory.rooms(session, room_ids=room_ids, active_only=False)
    found = await directory.terminals(session, school_ids={room.school_id for room in places})
    by_room = {terminal.room.id: terminal for terminal in found}
    return {room_id: readiness_of(by_room.get(room_id), now) for room_id in room_ids}
