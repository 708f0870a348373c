"""The booking grid: rooms of a community by the periods of some days.

Read once, laid out in memory: 70 rooms x 40 periods with 1,960 bookings in a few queries.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from scheduler.booking.conflicts import overlap
from scheduler.booking.grid.shapes import (
    Grid,
    GridCell,
    GridColumn,
    GridDay,
    GridEntry,
    GridRow,
    GridRowDay,
)
from scheduler.calendar.bells import PeriodSlot, PeriodTimes, day_bounds
from scheduler.calendar.days import kind_of, weekday_followed
from scheduler.calendar.queries import DEFAULT_ZONE, CountyCalendar, bells_of, load_calendar
from scheduler.kernel.database import Database
from scheduler.lessons.predicates import OFF_TIMETABLE
from scheduler.lessons.shapes import Part
from scheduler.lessons.tables import Leg, Lesson
from scheduler.organisation import directory
from scheduler.organisation.directory import ROOM_KIND_ORDER
from scheduler.organisation.shapes import RoomView
from scheduler.organisation.tables import Campus, Person, Room, School

Bells = Mapping[str, tuple[PeriodTimes, ...]]
Entries = Mapping[str, Sequence[GridEntry]]


async def grid(
    db: Database,
    community_id: str | None,
    days: Sequence[date],
    *,
    school_ids: Collection[str] | None = None,
) -> Grid:
    """Return rooms by periods for these days; None for all communities.

    `school_ids` narrows the rows to rooms of these schools. Columns follow the bell of the first
    row that has one (a recording room of the core school, as a rule); each cell shows its own.
    """
    async with db.read() as session:
        calendar = await _calendar(session)
        rooms = await directory.rooms(session, community_id=community_id, school_ids=school_ids)
        rooms.sort(key=lambda room: ROOM_KIND_ORDER[room.kind])  # stable: by school within a kind
        bells = await bells_of(session, {room.campus_id for room in rooms})
        entries = await _entries(session, calendar, days, {room.id for room in rooms})
    reference = next((bells[room.campus_id] for room in rooms if room.campus_id in bells), ())
    heads = tuple(_head(day, calendar, reference) for day in days)
    layout = _Layout(calendar, bells)
    rows = tuple(
        GridRow(room, tuple(layout.row_day(room, head, entries) for head in heads))
        for room in rooms
    )
    return Grid(community_id, heads, rows)


async def _calendar(session: AsyncSession) -> CountyCalendar:
    county = await directory.the_county(session)
    if county is None:
        return CountyCalendar(DEFAULT_ZONE, (), {})
    return await load_calendar(session, county.id, county.time_zone)


def _head(day: date, calendar: CountyCalendar, bell: tuple[PeriodTimes, ...]) -> GridDay:
    rule = calendar.rules.get(day)
    return GridDay(
        day,
        kind_of(day, calendar.rules),
        calendar.is_taught(day),
        "" if rule is None else rule.name,
        weekday_followed(day, calendar.rules),
        calendar.week_of(day),
        tuple(
            GridColumn(slot.number, slot.name, slot.starts_at, slot.ends_at)
            for slot in calendar.slots(day, bell)
        ),
    )


async def _entries(
    session: AsyncSession, calendar: CountyCalendar, days: Sequence[date], rooms: Collection[str]
) -> dict[str, list[GridEntry]]:
    """Return room id -> its lessons over the span of the days, by start."""
    found: dict[str, list[GridEntry]] = defaultdict(list)
    if not days:
        return found
    since, _ = day_bounds(min(days), calendar.zone)
    _, until = day_bounds(max(days), calendar.zone)
    lessons, legs = await _rows(session, since, until)
    for lesson, person_name, school_name in lessons.values():
        if lesson.host_room_id in rooms:
            entry = _entry(lesson, Part.HOST, person_name, school_name)
            found[lesson.host_room_id].append(entry)
        for room_id in legs.get(lesson.id, ()):
            if room_id in rooms:
                found[room_id].append(_entry(lesson, Part.LEG, person_name, school_name))
    return found


async def _rows(
    session: AsyncSession, since: datetime, until: datetime
) -> tuple[dict[str, tuple[Lesson, str, str]], dict[str, list[str]]]:
    shown = (
        col(Lesson.starts_at) < until,
        col(Lesson.ends_at) > since,
        col(Lesson.state).not_in(OFF_TIMETABLE),
    )
    lessons = await session.execute(
        select(Lesson, col(Person.name), col(School.name))
        .join(Person, col(Lesson.host_teacher_id) == col(Person.id))
        .join(Room, col(Lesson.host_room_id) == col(Room.id))
        .join(Campus, col(Room.campus_id) == col(Campus.id))
        .join(School, col(Campus.school_id) == col(School.id))
        .where(*shown)
        .order_by(col(Lesson.starts_at), col(Lesson.id))
    )
    legs = await session.execute(
        select(col(Leg.lesson_id), col(Leg.room_id))
        .join(Lesson, col(Leg.lesson_id) == col(Lesson.id))
        .where(*shown)
    )
    rooms: dict[str, list[str]] = defaultdict(list)
    for lesson_id, room_id in legs:
        rooms[lesson_id].append(room_id)
    return {row[0].id: (row[0], row[1], row[2]) for row in lessons}, rooms


def _entry(lesson: Lesson, part: Part, teacher: str, school: str) -> GridEntry:
    return GridEntry(
        lesson.id,
        part,
        lesson.title,
        lesson.subject,
        lesson.host_teacher_id,
        teacher,
        school,
        lesson.state,
        lesson.starts_at,
        lesson.actual_ended_at or lesson.ends_at,
    )


class _Layout:
    """Lays lessons into cells; the slots of a bell on a day are worked out once."""

    def __init__(self, calendar: CountyCalendar, bells: Bells) -> None:
        self._calendar = calendar
        self._bells = bells
        self._slots: dict[tuple[str, date], dict[int, PeriodSlot]] = {}

    def row_day(self, room: RoomView, head: GridDay, entries: Entries) -> GridRowDay:
        """Return one room's cells of one day, and its lessons outside every period."""
        today = self._of_day(entries.get(room.id, ()), head.day)
        slots = self._slots_of(room.campus_id, head.day)
        cells = tuple(_cell(slots.get(column.number), today) for column in head.columns)
        placed = {entry.lesson_id for cell in cells if cell for entry in cell.entries}
        outside = tuple(entry for entry in today if entry.lesson_id not in placed)
        return GridRowDay(head.day, cells, outside)

    def _of_day(self, entries: Sequence[GridEntry], day: date) -> list[GridEntry]:
        since, until = day_bounds(day, self._calendar.zone)
        return [e for e in entries if overlap(e.starts_at, e.ends_at, since, until)]

    def _slots_of(self, campus_id: str, day: date) -> dict[int, PeriodSlot]:
        key = (campus_id, day)
        if key not in self._slots:
            slots = self._calendar.slots(day, self._bells.get(campus_id, ()))
            self._slots[key] = {slot.number: slot for slot in slots}
        return self._slots[key]


def _cell(slot: PeriodSlot | None, entries: Sequence[GridEntry]) -> GridCell | None:
    if slot is None:
        return None
    inside = (e for e in entries if overlap(e.starts_at, e.ends_at, slot.starts_at, slot.ends_at))
    return GridCell(slot.number, slot.starts_at, slot.ends_at, tuple(inside))
