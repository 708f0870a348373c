"""How ready a room is, from what its terminal last said."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from scheduler.lessons.predicates import is_meeting
from scheduler.lessons.shapes import LessonView
from scheduler.lessons.states import LessonState
from scheduler.organisation import directory
from scheduler.terminals.shapes import TerminalView
from scheduler.terminals.states import TerminalState
from scheduler.terminals.views import enrolled_terminals
from web.kit.rooms.terminal_states import state_now
from web.kit.words.i18n import gettext as _
from web.kit.words.labels import label, look


@dataclass(frozen=True, slots=True)
class Readiness:
    """One room: a state class of base.css, a word, and since when it has been silent."""

    look: str
    word: str
    silent_since: datetime | None = None

    @property
    def fine(self) -> bool:
        return self.look in ("good", "live")


def readiness_of(terminal: TerminalView | None, now: datetime, lesson: LessonState) -> Readiness:
    """Return what a teacher reads about a room of a lesson in the state `lesson`.

    A terminal in a lesson is in another one as long as nobody can be in this one yet.
    """
    if terminal is None:
        return Readiness("bad", _("没有终端"))
    state = state_now(terminal, now)
    if state is TerminalState.IN_LESSON and not is_meeting(lesson):
        return Readiness(look(state), _("在上别的课"))
    silent = terminal.last_seen_at if state is TerminalState.OFFLINE else None
    return Readiness(look(state), label(state), silent)


async def readiness_of_rooms(
    session: AsyncSession, lesson: LessonView, now: datetime
) -> Mapping[str, Readiness]:
    """Return room id -> readiness, for every room of the lesson."""
    rooms = await directory.rooms(session, room_ids=lesson.room_ids, active_only=False)
    found = await enrolled_terminals(session, school_ids={room.school_id for room in rooms})
    by_room = {terminal.room.id: terminal for terminal in found}
    return {
        room_id: readiness_of(by_room.get(room_id), now, lesson.state)
        for room_id in lesson.room_ids
    }
