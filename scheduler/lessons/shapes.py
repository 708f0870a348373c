"""Lessons as the pages read them, with every name in place."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from scheduler.lessons.rules import Ownership
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
    cancel_reason: str
    version: int
    legs: tuple[LegView, ...]  # ordered by school and room name

    @property
    def room_ids(self) -> tuple[str, ...]:
        """Host room first, then every leg's room."""
        return (self.host_room.id, *(leg.room.id for leg in self.legs))

    @property
    def ownership(self) -> Ownership:
        """Whose the lesson is."""
        return Ownership(self.host_teacher.id, self.host_room.school_id)

    @property
    def people_ids(self) -> frozenset[str]:
        """The host teacher and every assistant."""
        helpers = (leg.assistant.id for leg in self.legs if leg.assistant)
        return frozenset([self.host_teacher.id, *helpers])

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
