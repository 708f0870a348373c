"""Lessons read back by person, room and school, and the grid of rooms by periods."""

import time
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import insert

from scheduler.access.roles import Role
from scheduler.booking.book import book
from scheduler.booking.cancel import cancel
from scheduler.booking.grid.grid import grid
from scheduler.calendar.tables import DayKind
from scheduler.exchange.imports.importer import load_county, parse_county
from scheduler.kernel.database import Database
from scheduler.kernel.errors import NotFound
from scheduler.kernel.ids import new_id
from scheduler.lessons.shapes import Part
from scheduler.lessons.states import LegState, LessonState
from scheduler.lessons.tables import Leg, Lesson, LessonKind, LessonMode
from scheduler.lessons.views import lesson_view, lessons_between, lessons_of_person, lessons_of_room
from scheduler.organisation import directory
from tests.support.county import COUNTY, MONDAY, NOW, Town

DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)


async def test_a_lesson_is_seen_by_its_people_and_rooms_in_their_part(town: Town) -> None:
    booked = await book(town.db, NOW, town.teacher, town.command())

    async with town.db.read() as session:
        host = await lessons_of_person(session, town.people["core-t"].id, MONDAY, MONDAY + DAY)
        leg = await lessons_of_person(session, town.people["east-a"].id, MONDAY, MONDAY + DAY)
        room = await lessons_of_room(session, town.rooms["core-rec"].id, MONDAY, MONDAY + DAY)
        far = await lessons_of_room(session, town.rooms["far-1"].id, MONDAY, MONDAY + DAY)
        view = await lesson_view(session, booked.lesson_id)
    east = next(one for one in view.legs if one.room.code == "east-1")
    assert [(one.lesson.id, one.part, one.leg_id) for one in (*host, *leg, *room)] == [
        (booked.lesson_id, Part.HOST, None),
        (booked.lesson_id, Part.LEG, east.id),
        (booked.lesson_id, Part.HOST, None),
    ]
    assert far == []
    assert view.community_name == "教共体"
    assert view.school_ids == {town.schools[code] for code in ("core", "east", "west")}


async def test_only_lessons_within_the_time_are_returned(town: Town) -> None:
    await book(town.db, NOW, town.teacher, town.command())
    room = town.rooms["core-rec"].id
    end = MONDAY + 40 * MINUTE
    async with town.db.read() as session:
        counts = [
            len(await lessons_of_room(session, room, since, until))
            for since, until in (
                (MONDAY - DAY, MONDAY),
                (MONDAY - DAY, MONDAY + MINUTE),
                (end - MINUTE, end),
                (end, end + DAY),
            )
        ]
    assert counts == [0, 1, 1, 0]


async def test_lessons_between_filters_by_school_and_state(town: Town) -> None:
    await book(town.db, NOW, town.teacher, town.command(legs=("east-1",)))
    other = town.actor(Role.TEACHER, "west", "west-t")
    command = town.command("w", host="west-1", teacher="west-t", legs=("core-1",), people=False)
    second = await book(town.db, NOW, other, command)
    await cancel(town.db, NOW, other, second.lesson_id, "x")

    async def titles(**filters: object) -> int:
        async with town.db.read() as session:
            return len(await lessons_between(session, MONDAY, MONDAY + DAY, **filters))  # type: ignore[arg-type]

    assert await titles() == 2
    assert await titles(school_ids=[town.schools["east"]]) == 1
    assert await titles(school_ids=[town.schools["west"]]) == 1
    assert await titles(school_ids=[town.schools["core"]]) == 2
    assert await titles(school_ids=[]) == 0
    assert await titles(states=[LessonState.BOOKED]) == 1


async def test_a_lesson_that_is_not_there_is_not_found(town: Town) -> None:
    async with town.db.read() as session:
        with pytest.raises(NotFound):
            await lesson_view(session, "0" * 16)


async def test_the_grid_lays_lessons_into_the_periods_of_each_room(town: Town) -> None:
    booked = await book(town.db, NOW, town.teacher, town.command())
    evening = town.command("e", starts_at=MONDAY + timedelta(hours=11), legs=("east-1",))
    await book(town.db, NOW, town.teacher, evening)
    gone = await book(town.db, NOW, town.teacher, town.command("c", starts_at=MONDAY + DAY))
    await cancel(town.db, NOW, town.teacher, gone.lesson_id, "x")
    days = [date(2026, 11, 23), date(2026, 11, 24), date(2026, 11, 25)]

    found = await grid(town.db, town.communities["all"], days)

    assert [row.room.code for row in found.rows] == [
        "core-rec", "core-1", "core-2", "east-1", "east-2", "west-1",
    ]  # fmt: skip
    assert [(head.taught, head.kind, head.name, head.week) for head in found.days] == [
        (True, DayKind.TEACHING, "", 13),
        (True, DayKind.TEACHING, "", 13),
        (False, DayKind.HOLIDAY, "校庆", 13),
    ]
    assert [column.name for column in found.days[0].columns] == ["第1节", "第2节", "第3节"]
    rows = {row.room.code: row for row in found.rows}
    first = rows["core-rec"].days[0]
    assert [[one.lesson_id for one in cell.entries] for cell in first.cells if cell] == [
        [booked.lesson_id], [], [],
    ]  # fmt: skip
    (entry,) = first.cells[0].entries if first.cells[0] else ()
    assert (entry.part, entry.teacher_name, entry.host_school_name) == (
        Part.HOST, "中心校教师", "中心校",
    )  # fmt: skip
    assert len(first.outside) == 1
    west = rows["west-1"].days[0]
    assert west.cells[0] is not None
    assert west.cells[0].starts_at == MONDAY + 20 * MINUTE  # its own, later bell
    assert [one.part for one in west.cells[0].entries] == [Part.LEG]
    assert west.cells[2] is None  # its bell has no third period
    assert all(cell is None or cell.entries == () for cell in rows["core-rec"].days[1].cells)


async def test_the_grid_of_an_empty_county_is_empty(any_db: Database) -> None:
    found = await grid(any_db, None, [date(2026, 11, 23)])
    assert (found.rows, found.days[0].columns) == ((), ())


async def test_the_grid_narrows_to_schools(town: Town) -> None:
    found = await grid(town.db, None, [date(2026, 11, 23)], school_ids=[town.schools["far"]])
    assert [row.room.code for row in found.rows] == ["far-1"]


def wide_county() -> str:
    """Return a county of 70 schools with a room each, on one bell of eight periods."""
    periods = "\n".join(
        f'{{ number = {n}, name = "第{n}节", starts = {7 + n:02}:00:00, ends = {7 + n:02}:40:00 }},'
        for n in range(1, 9)
    )
    head = COUNTY[: COUNTY.index("[[bell]]")]
    schools = [
        f'[[school]]\ncode = "s{n}"\nname = "学校{n}"\ntier = "TOWN"\nstage = "PRIMARY"\n'
        f'[[campus]]\ncode = "c{n}"\nschool = "s{n}"\nname = "本部"\nbell = "b"\n'
        f'[[room]]\ncode = "r{n}"\ncampus = "c{n}"\nname = "教室"\nkind = "INTERACTIVE"\n'
        f'[[person]]\ncode = "p{n}"\nname = "教师{n}"\nschool = "s{n}"\n'
        for n in range(70)
    ]
    bell = f'[[bell]]\ncode = "b"\nname = "作息"\nperiods = [\n{periods}\n]\n'
    return "\n".join([head, bell, *schools])


async def fill(db: Database) -> int:
    """Write 280 lessons of one host and six legs over a week: 1,960 room bookings."""
    await load_county(db, NOW, parse_county(wide_county()), None)
    async with db.read() as session:
        rooms = await directory.rooms(session)
        people = await directory.people(session)
        county = await directory.the_county(session)
    assert county is not None
    lessons: list[dict[str, object]] = []
    legs: list[dict[str, object]] = []
    for slot in range(40):
        starts_at = datetime(2026, 11, 23, slot % 8, tzinfo=UTC) + (slot // 8) * DAY
        for group in range(7):
            mine = rooms[group * 10 : group * 10 + 7]
            lessons.append(
                {
                    "id": new_id(), "county_id": county.id, "title": "t", "subject": "s",
                    "mode": LessonMode.BROADCAST, "kind": LessonKind.MASTER,
                    "state": LessonState.BOOKED, "host_room_id": mine[0].id,
                    "host_teacher_id": people[group].id, "starts_at": starts_at,
                    "ends_at": starts_at + 40 * MINUTE, "created_at": NOW,
                    "cancel_reason": "", "version": 1,
                }
            )  # fmt: skip
            legs += [
                {
                    "id": new_id(), "lesson_id": lessons[-1]["id"], "room_id": room.id,
                    "school_id": room.school_id, "state": LegState.INVITED,
                }
                for room in mine[1:]
            ]  # fmt: skip
    async with db.write() as session:
        await session.execute(insert(Lesson), lessons)
        await session.execute(insert(Leg), legs)
    return len(lessons) + len(legs)


async def test_a_week_of_seventy_rooms_is_laid_out_quickly(db: Database) -> None:
    assert await fill(db) == 1960
    days = [date(2026, 11, 23) + n * DAY for n in range(5)]
    began = time.process_time()
    found = await grid(db, None, days)
    spent = time.process_time() - began
    cells = [cell for row in found.rows for day in row.days for cell in day.cells if cell]
    assert (len(found.rows), len(cells)) == (70, 70 * 40)
    assert sum(len(cell.entries) for cell in cells) == 1960
    print(f"grid of 70 rooms x 40 periods, 1,960 bookings: {spent * 1000:.0f} ms of CPU")
    assert spent < 1.5
