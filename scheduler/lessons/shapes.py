"""What the pages read: lessons with every name in place, and the grid of rooms by periods."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from scheduler.calendar.tables import DayKind
from scheduler.lessons.states import LegState, LessonState
from scheduler.lessons.tables import LessonKind, LessonMode
from scheduler.organisation.shapes import ClassView, PersonView, RoomView


class Part(StrEnum):
    """What a room or a person does in a lesson."""

    HOST = "HOST"
    LEG = "LEG"


@dataclass(frozen=True, slots=True)
class LegView:
    """One receiving room of a lesson."""

    id: str
    state: LegState
    room: RoomView
    class_group: ClassView | None
    assistant: PersonView | None


@dataclass(frozen=True, slots=True)
class LessonView:
    """One lesson. Times are aware UTC; `actual_*` are None until it happened."""

    id: str
    county_id: str
    community_id: str | None
    community_name: str
    title: str
    subject: str
    mode: LessonMode
    kind: LessonKind
    state: LessonState
    host_room: RoomView
    host_teacher: PersonView
    host_class: ClassView | None
    starts_at: datetime
    ends_at: datetime
    actual_started_at: datetime | None
    actual_ended_at: datetime | None
    created_by: str | None
    cancel_reason: str
    version: int
    legs: tuple[LegView, ...]  # ordered by school and room name

    @property
    def room_ids(self) -> tuple[str, ...]:
        """Host room first, then every leg's room."""
        return (self.host_room.id, *(leg.room.id for leg in self.legs))

    @property
    def school_ids(self) -> frozenset[str]:
        """Every school concerned: the host's and the legs'."""
        return frozenset([self.host_room.school_id, *(leg.room.school_id for leg in self.legs)])


@dataclass(frozen=True, slots=True)
class LessonPart:
    """A lesson as one room or one person sees it. `leg_id` is None for the host."""

    lesson: LessonView
    part: Part
    leg_id: str | None

    @property
    def leg(self) -> LegView | None:
        """The leg that this room or person is, None for the host."""
        return next((leg for leg in self.lesson.legs if leg.id == self.leg_id), None)


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
