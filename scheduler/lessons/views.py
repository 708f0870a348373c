"""Lessons for reading, with every name in place, in a handful of queries for any number."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from scheduler.access.actor import Actor
from scheduler.kernel.errors import NotFound
from scheduler.lessons.rules import may_view
from scheduler.lessons.shapes import LegView, LessonPart, LessonView, Part
from scheduler.lessons.states import LessonState
from scheduler.lessons.tables import Leg, Lesson
from scheduler.organisation import directory
from scheduler.organisation.shapes import ClassView, PersonView, RoomView
from scheduler.organisation.tables import Campus, Community, Room

LONGEST = timedelta(days=1)


async def lesson_view(session: AsyncSession, lesson_id: str) -> LessonView:
    """Return one lesson in whatever state; raise NotFound."""
    found = await _lessons(session, col(Lesson.id) == lesson_id)
    if not found:
        raise NotFound("no such lesson")
    return found[0]


async def lesson_for(session: AsyncSession, actor: Actor, lesson_id: str) -> LessonView:
    """Return one lesson; raise NotFound also for one that the actor may not even know of."""
    lesson = await lesson_view(session, lesson_id)
    if not may_view(actor, lesson.people_ids, lesson.school_ids):
        raise NotFound("no such lesson")
    return lesson


async def lessons_between(
    session: AsyncSession,
    starts_at: datetime,
    ends_at: datetime,
    *,
    school_ids: Collection[str] | None = None,
    states: Collection[LessonState] | None = None,
) -> list[LessonView]:
    """Return the lessons that overlap [starts_at, ends_at), by start.

    `school_ids`: only lessons whose host or one of whose legs is in such a school.
    """
    where = _during(starts_at, ends_at)
    if states is not None:
        where.append(col(Lesson.state).in_(states))
    if school_ids is not None:
        hosts = (
            select(col(Room.id))
            .join(Campus, col(Room.campus_id) == col(Campus.id))
            .where(col(Campus.school_id).in_(school_ids))
        )
        legs = select(col(Leg.lesson_id)).where(col(Leg.school_id).in_(school_ids))
        where.append(or_(col(Lesson.host_room_id).in_(hosts), col(Lesson.id).in_(legs)))
    return await _lessons(session, *where)


async def lessons_of_person(
    session: AsyncSession, person_id: str, starts_at: datetime, ends_at: datetime
) -> list[LessonPart]:
    """Return what a teacher hosts or assists in [starts_at, ends_at), cancelled ones included."""
    legs = select(col(Leg.lesson_id)).where(col(Leg.assistant_id) == person_id)
    mine = or_(col(Lesson.host_teacher_id) == person_id, col(Lesson.id).in_(legs))
    lessons = await _lessons(session, mine, *_during(starts_at, ends_at))
    return [_part_of_person(lesson, person_id) for lesson in lessons]


async def lessons_of_room(
    session: AsyncSession, room_id: str, starts_at: datetime, ends_at: datetime
) -> list[LessonPart]:
    """Return what takes place in a room in [starts_at, ends_at), cancelled ones included."""
    legs = select(col(Leg.lesson_id)).where(col(Leg.room_id) == room_id)
    here = or_(col(Lesson.host_room_id) == room_id, col(Lesson.id).in_(legs))
    lessons = await _lessons(session, here, *_during(starts_at, ends_at))
    return [_part_of_room(lesson, room_id) for lesson in lessons]


def _during(starts_at: datetime, ends_at: datetime) -> list[ColumnElement[bool]]:
    """A lesson lasts a day at most (the claims' rule): the index needs to look back no further."""
    return [
        col(Lesson.starts_at) < ends_at,
        col(Lesson.starts_at) > starts_at - LONGEST,
        col(Lesson.ends_at) > starts_at,
    ]


def _part_of_person(lesson: LessonView, person_id: str) -> LessonPart:
    if lesson.host_teacher.id == person_id:
        return LessonPart(lesson, Part.HOST, None)
    leg = next(leg for leg in lesson.legs if leg.assistant and leg.assistant.id == person_id)
    return LessonPart(lesson, Part.LEG, leg.id)


def _part_of_room(lesson: LessonView, room_id: str) -> LessonPart:
    if lesson.host_room.id == room_id:
        return LessonPart(lesson, Part.HOST, None)
    leg = next(leg for leg in lesson.legs if leg.room.id == room_id)
    return LessonPart(lesson, Part.LEG, leg.id)


@dataclass(frozen=True, slots=True)
class _Names:
    """Everything that the rows of a batch of lessons refer to, by id."""

    rooms: Mapping[str, RoomView]
    people: Mapping[str, PersonView]
    classes: Mapping[str, ClassView]
    communities: Mapping[str, str]


async def _lessons(session: AsyncSession, *where: ColumnElement[bool]) -> list[LessonView]:
    query = select(Lesson).where(*where).order_by(col(Lesson.starts_at), col(Lesson.id))
    lessons = (await session.execute(query)).scalars().all()
    if not lessons:
        return []
    of_these = select(col(Lesson.id)).where(*where)  # a subquery: a list of ids has a limit
    found = await session.execute(select(Leg).where(col(Leg.lesson_id).in_(of_these)))
    legs: dict[str, list[Leg]] = defaultdict(list)
    for leg in found.scalars():
        legs[leg.lesson_id].append(leg)
    names = await _names(session, lessons, [leg for group in legs.values() for leg in group])
    return [_view(lesson, legs[lesson.id], names) for lesson in lessons]


async def _names(session: AsyncSession, lessons: Sequence[Lesson], legs: Sequence[Leg]) -> _Names:
    rooms = {lesson.host_room_id for lesson in lessons} | {leg.room_id for leg in legs}
    people = _some([lesson.host_teacher_id for lesson in lessons], [g.assistant_id for g in legs])
    classes = _some([lesson.host_class_id for lesson in lessons], [leg.class_id for leg in legs])
    named = await session.execute(select(col(Community.id), col(Community.name)))
    return _Names(
        {r.id: r for r in await directory.rooms(session, room_ids=rooms, active_only=False)},
        {p.id: p for p in await directory.people(session, person_ids=people)},
        {c.id: c for c in await directory.classes(session, class_ids=classes)},
        {one: name for one, name in named},  # noqa: C416 - rows are no pairs to a type checker
    )


def _some(*groups: Iterable[str | None]) -> set[str]:
    return {one for group in groups for one in group if one is not None}


def _view(lesson: Lesson, legs: Sequence[Leg], names: _Names) -> LessonView:
    receiving = (
        LegView(
            leg.id,
            leg.state,
            names.rooms[leg.room_id],
            names.classes.get(leg.class_id or ""),
            names.people.get(leg.assistant_id or ""),
        )
        for leg in legs
    )
    return LessonView(
        id=lesson.id,
        county_id=lesson.county_id,
        community_id=lesson.community_id,
        community_name=names.communities.get(lesson.community_id or "", ""),
        title=lesson.title,
        subject=lesson.subject,
        mode=lesson.mode,
        kind=lesson.kind,
        state=lesson.state,
        host_room=names.rooms[lesson.host_room_id],
        host_teacher=names.people[lesson.host_teacher_id],
        host_class=names.classes.get(lesson.host_class_id or ""),
        starts_at=lesson.starts_at,
        ends_at=lesson.ends_at,
        actual_started_at=lesson.actual_started_at,
        actual_ended_at=lesson.actual_ended_at,
        cancel_reason=lesson.cancel_reason,
        version=lesson.version,
        legs=tuple(sorted(receiving, key=lambda leg: (leg.room.school_name, leg.room.name))),
    )
