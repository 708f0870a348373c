"""Which legs somebody may look at, and which of them are asked for: the condition in SQL."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased
from sqlmodel import col

from scheduler.access.actor import Actor
from scheduler.access.permissions import Action
from scheduler.kernel.errors import Forbidden
from scheduler.lessons.tables import Leg, Lesson
from scheduler.organisation.tables import Campus, ClassGroup, County, Person, Room, School
from scheduler.usage.rows import LessonUsage, NamedLeg, UsageFilters

HostRoom, HostCampus, HostSchool = aliased(Room), aliased(Campus), aliased(School)
Assistant = aliased(Person)


@dataclass(frozen=True, slots=True)
class Selection:
    """Legs in reach: conditions on their lessons, and on themselves.

    `words`: case-folded text to be found in one of the leg's names.
    """

    lessons: tuple[ColumnElement[bool], ...]
    legs: tuple[ColumnElement[bool], ...]
    words: str

    def of(self, *columns: Any) -> Select[Any]:
        """Return a query of these columns over the selected legs and their lessons."""
        query = (
            select(*columns)
            .select_from(Leg)
            .join(Lesson, col(Lesson.id) == col(Leg.lesson_id))
            .join(HostRoom, col(HostRoom.id) == col(Lesson.host_room_id))
            .join(HostCampus, col(HostCampus.id) == col(HostRoom.campus_id))
            .where(*self.lessons, *self.legs)
        )
        return self._searched(query) if self.words else query

    def of_lessons(self, *columns: Any) -> Select[Any]:
        """Return a query over the lessons with a selected leg: one that can stop early."""
        legs = select(col(Leg.id)).where(col(Leg.lesson_id) == col(Lesson.id), *self.legs)
        if self.words:
            legs = self._searched(legs)
        return (
            select(*columns)
            .select_from(Lesson)
            .join(HostRoom, col(HostRoom.id) == col(Lesson.host_room_id))
            .join(HostCampus, col(HostCampus.id) == col(HostRoom.campus_id))
            .where(*self.lessons, legs.correlate(Lesson, HostCampus).exists())
        )

    def _searched(self, query: Select[Any]) -> Select[Any]:
        names = (
            col(Lesson.title),
            col(Lesson.subject),
            col(Person.name),
            col(HostSchool.name),
            col(School.name),
            col(Room.name),
            col(ClassGroup.name),
            col(Assistant.name),
        )
        return (
            query.join(Person, col(Person.id) == col(Lesson.host_teacher_id))
            .join(HostSchool, col(HostSchool.id) == col(HostCampus.school_id))
            .join(School, col(School.id) == col(Leg.school_id))
            .join(Room, col(Room.id) == col(Leg.room_id))
            .outerjoin(ClassGroup, col(ClassGroup.id) == col(Leg.class_id))
            .outerjoin(Assistant, col(Assistant.id) == col(Leg.assistant_id))
            .where(or_(*(func.lower(name).contains(self.words, autoescape=True) for name in names)))
        )


async def selection(session: AsyncSession, actor: Actor, filters: UsageFilters) -> Selection | None:
    """Return what `actor` may see of what `filters` ask for; None for somebody of no county."""
    found = await session.execute(
        select(col(County.id), col(County.time_zone))
        .join(Person, col(Person.county_id) == col(County.id))
        .where(col(Person.id) == actor.person_id)
    )
    row = found.one_or_none()
    if row is None:
        return None
    county_id, zone = row
    lessons = (
        col(Lesson.county_id) == county_id,
        col(Lesson.state).in_(filters.states),
        *_of_lesson(filters, ZoneInfo(zone)),
    )
    legs = (*_in_scope(actor), *_of_leg(filters))
    return Selection(lessons, legs, filters.text.strip().casefold())


def require_usage_of(actor: Actor, found: LessonUsage) -> None:
    """Raise Forbidden unless one of the lesson's schools is in the actor's reach."""
    concerned = {found.host.school_id, *(leg.school_id for leg in found.legs)}
    if not any(actor.may(Action.USAGE_VIEW, school_id) for school_id in concerned):
        raise Forbidden


def may_export(actor: Actor, row: NamedLeg) -> bool:
    """Whether the actor may take a row of the usage log out of the system."""
    schools = (row.school_id, row.host_school_id)
    return any(actor.may(Action.USAGE_EXPORT, school_id) for school_id in schools)


def _in_scope(actor: Actor) -> list[ColumnElement[bool]]:
    """The actor's schools as guest or as host, and whatever the actor teaches or assists."""
    schools = actor.schools(Action.USAGE_VIEW)
    if schools is None:
        return []
    return [
        or_(
            col(Leg.school_id).in_(schools),
            col(HostCampus.school_id).in_(schools),
            col(Lesson.host_teacher_id) == actor.person_id,
            col(Leg.assistant_id) == actor.person_id,
        )
    ]


def _of_leg(filters: UsageFilters) -> list[ColumnElement[bool]]:
    if filters.school_id is None:
        return []
    school = filters.school_id
    return [or_(col(Leg.school_id) == school, col(HostCampus.school_id) == school)]


def _of_lesson(filters: UsageFilters, zone: ZoneInfo) -> list[ColumnElement[bool]]:
    clauses: list[ColumnElement[bool]] = []
    if filters.from_day is not None:
        clauses.append(col(Lesson.starts_at) >= _midnight(filters.from_day, zone))
    if filters.to_day is not None:
        after = filters.to_day + timedelta(days=1)
        clauses.append(col(Lesson.starts_at) < _midnight(after, zone))
    if filters.community_id is not None:
        clauses.append(col(Lesson.community_id) == filters.community_id)
    if filters.teacher_id is not None:
        clauses.append(col(Lesson.host_teacher_id) == filters.teacher_id)
    return clauses


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone)
