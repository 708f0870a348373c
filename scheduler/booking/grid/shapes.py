"""What the booking grid shows: rooms by periods."""

from dataclasses import dataclass
from datetime import date, datetime

from scheduler.calendar.tables import DayKind
from scheduler.lessons.shapes import Part
from scheduler.lessons.states import LessonState
from scheduler.organisation.shapes import RoomView


@dataclass(frozen=True, slots=True)
class GridColumn:
    """One period of a day; the times are those of the reference bell (the host school's)."""

    number: int
    name: str
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class GridDay:
    """One day of the grid. `week` is the teaching week from 1, None outside a term."""

    day: date
    kind: DayKind
    taught: bool
    name: str  # of a holiday or make-up day, else empty
    follows_weekday: int | None  # ISO weekday whose timetable is played; None when not taught
    week: int | None
    columns: tuple[GridColumn, ...]


@dataclass(frozen=True, slots=True)
class GridEntry:
    """A lesson in one room of the grid."""

    lesson_id: str
    part: Part
    title: str
    subject: str
    teacher_id: str
    teacher_name: str
    host_school_name: str
    state: LessonState
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class GridCell:
    """One room in one period, on the room's own bell; empty `entries` means free."""

    number: int
    starts_at: datetime
    ends_at: datetime
    entries: tuple[GridEntry, ...]


@dataclass(frozen=True, slots=True)
class GridRowDay:
    """One room on one day. `cells` has a place per column, None where its bell has none.

    `outside` are lessons that touch no period of this room (evenings, events).
    """

    day: date
    cells: tuple[GridCell | None, ...]
    outside: tuple[GridEntry, ...]


@dataclass(frozen=True, slots=True)
class GridRow:
    """One room over all days of the grid."""

    room: RoomView
    days: tuple[GridRowDay, ...]


@dataclass(frozen=True, slots=True)
class Grid:
    """Rooms by periods. Rows: recording rooms first, then by school and room name."""

    community_id: str | None
    days: tuple[GridDay, ...]
    rows: tuple[GridRow, ...]
