"""The day of a room as its terminal keeps it: lessons with tickets, so that it needs us no more.

Pure but for the ticket office that is passed in. Times in the document are Unix seconds.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from media.contract.day import (
    DayDocument,
    DayLesson,
    DayRoom,
    DayTerminal,
    DayTickets,
    LegRoom,
    RelayEntry,
)
from media.contract.subjects import Subject
from scheduler.lessons.predicates import holds_claims
from scheduler.lessons.shapes import LessonPart, LessonView, Part
from scheduler.lessons.timing import Timing
from scheduler.lessons.windows import room_window
from scheduler.organisation.shapes import RoomView
from scheduler.terminals.shapes import TerminalView
from web.kit.ports import RelayAddress, StageTicket

REFRESH_AFTER = 60
"""Seconds after which a terminal asks again without a message."""


Mint = Callable[[str, Subject, str, str, datetime, datetime, str], StageTicket]
"""`TicketIssuer.mint`: stage, subject, role, grant, opens, closes, device."""


def local_day_bounds(now: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Return the start and the end of the local day that holds `now`, for a half-open query."""
    today: date = now.astimezone(zone).date()
    start = datetime.combine(today, time(), zone)
    return start, datetime.combine(today + timedelta(days=1), time(), zone)


def day_document(
    now: datetime,
    zone: ZoneInfo,
    terminal: TerminalView,
    parts: Iterable[LessonPart],
    relays: Sequence[RelayAddress],
    orders: Mapping[str, Sequence[RelayAddress]],
    timing: Timing,
    mint: Mint,
) -> DayDocument:
    """Return the document of `GET /api/v1/terminal/day`.

    `relays` are all nodes, `orders` those of each lesson in its own order (`Placement`).
    """
    return DayDocument(
        server_time=now.timestamp(),
        time_zone=str(zone),
        terminal=DayTerminal(id=terminal.id),
        room=room_document(terminal.room),
        relays=_relays(relays),
        lessons=tuple(
            _lesson(part, terminal, now, timing, orders[part.lesson.id], mint) for part in parts
        ),
        refresh_after=REFRESH_AFTER,
    )


def _relays(relays: Iterable[RelayAddress]) -> tuple[RelayEntry, ...]:
    return tuple(RelayEntry(node=relay.node, url=relay.url) for relay in relays)


def room_document(room: RoomView) -> DayRoom:
    """Return a room as a terminal's document has it."""
    return DayRoom(id=room.id, name=room.name, school=room.school_name)


def _lesson(
    part: LessonPart,
    terminal: TerminalView,
    now: datetime,
    timing: Timing,
    order: Sequence[RelayAddress],
    mint: Mint,
) -> DayLesson:
    lesson = part.lesson
    lobby_at = lesson.starts_at - timing.lobby_before
    return DayLesson(
        id=lesson.id,
        title=lesson.title,
        subject=lesson.subject,
        state=lesson.state.value,
        teacher=lesson.host_teacher.name,
        host_school=lesson.host_room.school_name,
        host_room=lesson.host_room.name,
        role=part.part.value,
        leg_id=part.leg_id,
        lobby_at=lobby_at.timestamp(),
        starts_at=lesson.starts_at.timestamp(),
        ends_at=lesson.ends_at.timestamp(),
        legs=tuple(
            LegRoom(room_id=leg.room.id, name=leg.room.name, school=leg.room.school_name)
            for leg in lesson.legs
        ),
        tickets=_tickets(lesson, part.part, terminal, now, timing, mint),
        relays=_relays(order),
    )


def _tickets(
    lesson: LessonView,
    part: Part,
    terminal: TerminalView,
    now: datetime,
    timing: Timing,
    mint: Mint,
) -> DayTickets:
    """The host publishes; a leg only views. Nothing for what is over."""
    window = room_window(lesson.starts_at, lesson.ends_at, timing)
    if not holds_claims(lesson.state) or now >= window.closes:
        return DayTickets()
    subject = Subject.room(terminal.room.id)

    def ticket(grant: str) -> str:
        times = (window.opens, window.closes)
        return mint(lesson.id, subject, part.value, grant, *times, terminal.id).token

    publish = ticket("publish") if part is Part.HOST else None
    return DayTickets(publish=publish, view=ticket("view"))
