"""What usage reads from the database: lessons, legs, facts, head counts; with names in place."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from scheduler.evidence.attendance import AttendanceStatus
from scheduler.evidence.intervals import Fact
from scheduler.evidence.ledger import open_facts
from scheduler.evidence.tables import AttendanceFact, Correction, HeadCount
from scheduler.lessons.states import LegState, LessonState
from scheduler.lessons.tables import Leg, Lesson
from scheduler.organisation.tables import Campus, ClassGroup, Person, Room, School
from scheduler.usage.rows import Counted, Remark


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


async def head_counts(
    session: AsyncSession, lesson_ids: Sequence[str]
) -> dict[str, tuple[Counted, ...]]:
    """Return every head count by leg, in the order in which they were typed."""
    found: Any = await session.execute(
        select(
            col(HeadCount.leg_id),
            col(HeadCount.pupils),
            col(HeadCount.counted_at),
            func.coalesce(col(Person.name), ""),
        )
        .join(Leg, col(Leg.id) == col(HeadCount.leg_id))
        .outerjoin(Person, col(Person.id) == col(HeadCount.counted_by))
        .where(col(Leg.lesson_id).in_(lesson_ids))
        .order_by(col(HeadCount.counted_at), col(HeadCount.id))
    )
    counts: dict[str, tuple[Counted, ...]] = {}
    for leg_id, *rest in found:
        counts[leg_id] = (*counts.get(leg_id, ()), Counted(*rest))
    return counts


async def remarks(
    session: AsyncSession, lesson_ids: Sequence[str]
) -> dict[str, tuple[Remark, ...]]:
    """Return every remark by leg, in the order in which they were written."""
    found: Any = await session.execute(
        select(
            col(Correction.leg_id),
            col(Correction.status),
            col(Correction.reason),
            col(Correction.made_at),
            func.coalesce(col(Person.name), ""),
        )
        .join(Leg, col(Leg.id) == col(Correction.leg_id))
        .outerjoin(Person, col(Person.id) == col(Correction.made_by))
        .where(col(Leg.lesson_id).in_(lesson_ids))
        .order_by(col(Correction.made_at), col(Correction.id))
    )
    written: dict[str, tuple[Remark, ...]] = {}
    for leg_id, status, *rest in found:
        remark = Remark(AttendanceStatus(status), *rest)
        written[leg_id] = (*written.get(leg_id, ()), remark)
    return written
