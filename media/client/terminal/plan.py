"""What a terminal does now: a pure function of its day document and the clock.

The document is the answer of `GET /api/v1/terminal/day`; the terminal keeps the last one, so that
it finds its lesson, its ticket and the nodes also while the coordinator is down. All times are Unix
seconds.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from pydantic import ValidationError

from media.contract.day import DayDocument, DayLesson, RelayEntry
from media.contract.model import first_fault

OVERTIME = 60.0
"""Seconds after the planned end after which a terminal leaves by itself."""

SKIPPED = frozenset({"DRAFT", "PENDING", "CANCELLED", "MISSED", "ENDED", "ARCHIVED"})
"""Lesson states (scheduler.lessons.states) in which nobody joins."""


class DayError(ValueError):
    """this is not a day document"""


class Phase(StrEnum):
    """What the room is for at this moment."""

    STANDBY = "standby"
    LOBBY = "lobby"
    LESSON = "lesson"


class ReportedState(StrEnum):
    """A terminal's state as it reports it (glossary: Terminal)."""

    STANDBY = "STANDBY"
    CHECKING = "CHECKING"
    READY = "READY"
    IN_LESSON = "IN_LESSON"
    FAULT = "FAULT"


@dataclass(frozen=True, slots=True)
class LessonEntry:
    """A lesson of this room today. `hosts` tells whether the room gives it or follows it; `relays`
    are the base URLs of its nodes in the order that everybody of the lesson was given."""

    id: str
    title: str
    state: str
    hosts: bool
    lobby_at: float
    starts_at: float
    ends_at: float
    publish_ticket: str
    view_ticket: str
    relays: tuple[str, ...] = ()

    @property
    def ticket(self) -> str:
        """The ticket for this room's part; empty where the document holds none."""
        return self.publish_ticket if self.hosts else self.view_ticket


@dataclass(frozen=True, slots=True)
class Day:
    """A room's day: `relays` are the base URLs of all nodes."""

    room_id: str
    room_name: str
    relays: tuple[str, ...]
    lessons: tuple[LessonEntry, ...]
    refresh_after: float


@dataclass(frozen=True, slots=True)
class Plan:
    """What to do now, in which lesson, and when at the latest to ask again."""

    phase: Phase
    lesson: LessonEntry | None
    until: float


def parse_day(text: str | bytes) -> DayDocument:
    """Return the document; raise DayError when it lacks what a terminal needs."""
    try:
        return DayDocument.model_validate_json(text)
    except ValidationError as error:
        raise DayError(f"not a day document: {first_fault(error)}") from None


def day_of(document: DayDocument) -> Day:
    """Return the day that a document describes."""
    return Day(
        room_id=document.room.id,
        room_name=document.room.name,
        relays=_urls(document.relays),
        lessons=tuple(_lesson(entry) for entry in document.lessons),
        refresh_after=max(5.0, document.refresh_after),
    )


def _lesson(entry: DayLesson) -> LessonEntry:
    return LessonEntry(
        id=entry.id,
        title=entry.title,
        state=entry.state,
        hosts=entry.role == "HOST",
        lobby_at=entry.lobby_at,
        starts_at=entry.starts_at,
        ends_at=entry.ends_at,
        publish_ticket=entry.tickets.publish or "",
        view_ticket=entry.tickets.view or "",
        relays=_urls(entry.relays),
    )


def _urls(relays: Iterable[RelayEntry]) -> tuple[str, ...]:
    return tuple(relay.url.rstrip("/") for relay in relays)


def plan(lessons: Sequence[LessonEntry], now: float, over: frozenset[str]) -> Plan:
    """Return what to do at `now`. `over` holds ids of lessons that a node has closed.

    Of several lessons the latest begun wins: the next one ends the overtime of the one before.
    """
    ours = [
        lesson
        for lesson in lessons
        if lesson.id not in over and lesson.state not in SKIPPED and lesson.ticket
    ]
    running = [lesson for lesson in ours if _begun(lesson, now) and now < lesson.ends_at + OVERTIME]
    if running:
        current = max(running, key=lambda lesson: lesson.starts_at)
        return Plan(Phase.LESSON, current, _next_start(ours, now, current.ends_at + OVERTIME))
    waiting = [lesson for lesson in ours if lesson.lobby_at <= now < lesson.starts_at]
    if waiting:
        first = min(waiting, key=lambda lesson: lesson.starts_at)
        return Plan(Phase.LOBBY, first, first.starts_at)
    lobbies = [lesson.lobby_at for lesson in ours if lesson.lobby_at > now]
    return Plan(Phase.STANDBY, None, min(lobbies, default=now + 3600.0))


def _begun(lesson: LessonEntry, now: float) -> bool:
    """By the clock, or because the coordinator said that it is live."""
    return lesson.starts_at <= now or lesson.state == "LIVE"


def _next_start(lessons: Sequence[LessonEntry], now: float, latest: float) -> float:
    return min([lesson.starts_at for lesson in lessons if lesson.starts_at > now] + [latest])


TROUBLE_AFTER = 5.0
"""Seconds without picture or connection in a lesson after which a terminal reports FAULT."""


def reported_state(phase: Phase, ready: bool | None, without_media: float) -> ReportedState:
    """Return the state to report.

    `ready` is the outcome of the readiness check (None while it runs); `without_media` the seconds
    since media last flowed in a lesson.
    """
    if phase is Phase.STANDBY:
        return ReportedState.STANDBY
    if phase is Phase.LESSON:
        return ReportedState.IN_LESSON if without_media < TROUBLE_AFTER else ReportedState.FAULT
    if ready is None:
        return ReportedState.CHECKING
    return ReportedState.READY if ready else ReportedState.FAULT
