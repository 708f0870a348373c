"""What usage reads from the database: lessons, legs, facts, head counts; with names in place."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, aliased
from sqlmodel import col

from scheduler.access.actor import Actor
from scheduler.access.permissions import Action
from scheduler.attendance.evidence import Fact
from scheduler.attendance.ledger import open_facts
from scheduler.attendance.tables import AttendanceFact, HeadCount
from scheduler.attendance.usage_rows import UsageFilters
from scheduler.booking.tables import Leg, Lesson
from scheduler.lifecycle.states import LegState, LessonState
from scheduler.organisation.tables import Campus, ClassGroup, County, Person, Room, School

WITH_USAGE = (LessonState.LIVE, LessonState.ENDED, LessonState.ARCHIVED, LessonState.MISSED)


@dataclass(frozen=True, slots=True)
class HostPart:
    """A lesson and its host, as the usage pages name them."""

    lesson_id: str
    title: str
    subject: str
    state: LessonState
    community_id: str | None
    starts_at: datetime
    ends_at: datetime
    actual_started_at: datetime | None
    actual_ended_at: datetime | None
    teacher_id: str
    teacher_name: str
    room_id: str
    room_name: str
    school_id: str
    school_name: str
    class_name: str | None


@dataclass(frozen=True, slots=True)
class LegPart:
    """One leg with its names."""

    lesson_id: str
    leg_id: str
    state: LegState
    school_id: str
    school_name: str
    room_id: str
    room_name: str
    class_name: str | None
    pupils: int | None
    assistant_name: str | None


async def hosts(session: AsyncSession, lesson_ids: Sequence[str]) -> list[HostPart]:
    """Return the lessons with these ids that exist, in the order of their start."""
    found: Any = await session.execute(
        select(
            col(Lesson.id),
            col(Lesson.title),
            col(Lesson.subject),
            col(Lesson.state),
            col(Lesson.community_id),
            col(Lesson.starts_at),
            col(Lesson.ends_at),
            col(Lesson.actual_started_at),
            col(Lesson.actual_ended_at),
            col(Person.id),
            col(Person.name),
            col(Room.id),
            col(Room.name),
            col(School.id),
            col(School.name),
            col(ClassGroup.name),
        )
        .join(Person, col(Person.id) == col(Lesson.host_teacher_id))
        .join(Room, col(Room.id) == col(Lesson.host_room_id))
        .join(Campus, col(Campus.id) == col(Room.campus_id))
        .join(School, col(School.id) == col(Campus.school_id))
        .outerjoin(ClassGroup, col(ClassGroup.id) == col(Lesson.host_class_id))
        .where(col(Lesson.id).in_(lesson_ids))
        .order_by(col(Lesson.starts_at), col(Lesson.id))
    )
    return [HostPart(*row) for row in found]


async def legs_of(session: AsyncSession, lesson_ids: Sequence[str]) -> dict[str, list[LegPart]]:
    """Return the legs of these lessons by lesson, in the order of their school's name."""
    found: Any = await session.execute(
        select(
            col(Leg.lesson_id),
            col(Leg.id),
            col(Leg.state),
            col(School.id),
            col(School.name),
            col(Room.id),
            col(Room.name),
            col(ClassGroup.name),
            col(ClassGroup.pupils),
            col(Person.name),
        )
        .join(School, col(School.id) == col(Leg.school_id))
        .join(Room, col(Room.id) == col(Leg.room_id))
        .outerjoin(ClassGroup, col(ClassGroup.id) == col(Leg.class_id))
        .outerjoin(Person, col(Person.id) == col(Leg.assistant_id))
        .where(col(Leg.lesson_id).in_(lesson_ids))
        .order_by(col(School.name), col(Room.name), col(Leg.id))
    )
    legs: dict[str, list[LegPart]] = {}
    for row in found:
        part = LegPart(*row)
        legs.setdefault(part.lesson_id, []).append(part)
    return legs


async def facts_of(session: AsyncSession, lesson_ids: Sequence[str]) -> dict[str, list[Fact]]:
    """Return the facts of these lessons: the ledger's, and what the reader still holds open.

    What is open is read first: a flush in between then shows a fact twice, never not at all.
    """
    held = await open_facts(session, lesson_ids)
    found: Any = await session.execute(
        select(
            col(AttendanceFact.lesson_id),
            col(AttendanceFact.kind),
            col(AttendanceFact.starts_at),
            col(AttendanceFact.ends_at),
            col(AttendanceFact.subject),
            col(AttendanceFact.role),
            col(AttendanceFact.data),
        )
        .where(col(AttendanceFact.lesson_id).in_(lesson_ids))
        .order_by(col(AttendanceFact.lesson_id), col(AttendanceFact.position))
    )
    facts: dict[str, list[Fact]] = {}
    for lesson_id, *rest in found:
        facts.setdefault(lesson_id, []).append(Fact(*rest))
    for new in held:
        fact = Fact(new.kind, new.starts_at, new.ends_at, new.subject, new.role, new.data)
        facts.setdefault(new.lesson_id, []).append(fact)
    return facts


async def head_counts(session: AsyncSession, lesson_ids: Sequence[str]) -> dict[str, int]:
    """Return the latest head count by leg."""
    found = await session.execute(
        select(col(HeadCount.leg_id), col(HeadCount.pupils))
        .join(Leg, col(Leg.id) == col(HeadCount.leg_id))
        .where(col(Leg.lesson_id).in_(lesson_ids))
        .order_by(col(HeadCount.counted_at))
    )
    return {row[0]: row[1] for row in found}


async def wanted(
    session: AsyncSession, actor: Actor, filters: UsageFilters
) -> tuple[list[str], frozenset[str]]:
    """Return the lessons with legs to show, newest first, and the ids of those legs."""
    found = await session.execute(
        select(col(County.id), col(County.time_zone))
        .join(Person, col(Person.county_id) == col(County.id))
        .where(col(Person.id) == actor.person_id)
    )
    row = found.one_or_none()
    if row is None:
        return [], frozenset()
    county_id, zone = row
    host_campus = aliased(Campus)
    query: Select[str, str] = (
        select(col(Leg.id), col(Leg.lesson_id))
        .join(Lesson, col(Lesson.id) == col(Leg.lesson_id))
        .join(Room, col(Room.id) == col(Lesson.host_room_id))
        .join(host_campus, col(host_campus.id) == col(Room.campus_id))
        .where(col(Lesson.county_id) == county_id, col(Lesson.state).in_(WITH_USAGE))
        .where(*_in_scope(actor, col(host_campus.school_id)))
        .where(*_filtered(filters, ZoneInfo(zone), col(host_campus.school_id)))
        .order_by(col(Lesson.starts_at).desc(), col(Lesson.id), col(Leg.id))
    )
    rows = (await session.execute(query)).all()
    lessons = dict.fromkeys(lesson_id for _, lesson_id in rows)
    return list(lessons), frozenset(leg_id for leg_id, _ in rows)


def _in_scope(actor: Actor, host_school: Mapped[str]) -> list[ColumnElement[bool]]:
    """The actor's schools as guest or as host, and whatever the actor teaches or assists."""
    schools = actor.schools(Action.USAGE_VIEW)
    if schools is None:
        return []
    return [
        or_(
            col(Leg.school_id).in_(schools),
            host_school.in_(schools),
            col(Lesson.host_teacher_id) == actor.person_id,
            col(Leg.assistant_id) == actor.person_id,
        )
    ]


def _filtered(
    filters: UsageFilters, zone: ZoneInfo, host_school: Mapped[str]
) -> list[ColumnElement[bool]]:
    clauses: list[ColumnElement[bool]] = []
    if filters.from_day is not None:
        clauses.append(col(Lesson.starts_at) >= _midnight(filters.from_day, zone))
    if filters.to_day is not None:
        after = filters.to_day + timedelta(days=1)
        clauses.append(col(Lesson.starts_at) < _midnight(after, zone))
    if filters.school_id is not None:
        school = filters.school_id
        clauses.append(or_(col(Leg.school_id) == school, host_school == school))
    if filters.community_id is not None:
        clauses.append(col(Lesson.community_id) == filters.community_id)
    if filters.teacher_id is not None:
        clauses.append(col(Lesson.host_teacher_id) == filters.teacher_id)
    return clauses


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone)
