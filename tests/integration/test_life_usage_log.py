"""The usage log on both databases: filters, totals, and who sees what."""

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import update
from sqlmodel import col

from scheduler.access.actor import Actor
from scheduler.access.roles import Role
from scheduler.booking.book import book
from scheduler.evidence.ledger import append
from scheduler.evidence.policy import DEFAULT_POLICY
from scheduler.kernel.database import Database
from scheduler.lessons.tables import Leg, Lesson
from scheduler.usage.lesson_usage import UsageFilters, totals
from scheduler.usage.log import usage_log
from scheduler.usage.rows import LegUsageRow
from tests.support.booked import taught
from tests.support.county import MONDAY, NOW, Town, settle
from tests.support.evidence import facts

EVERYTHING = UsageFilters()
LATER = MONDAY + timedelta(days=7)


async def log(town: Town, actor: Actor, filters: UsageFilters = EVERYTHING) -> list[LegUsageRow]:
    return await usage_log(town.db, actor, filters, LATER, DEFAULT_POLICY)


async def county(town: Town) -> dict[str, str]:
    """Three lessons: core for east and west, west for east, and far's own for its neighbour."""
    return {
        "core": await taught(town),
        "west": await taught(town, 1, "west-1", ("east-1", "core-1"), teacher="west-t"),
        "core2": await taught(town, 3, "core-rec", ("core-1",)),
    }


@pytest.mark.parametrize(
    ("role", "school", "person", "expected"),
    [
        (Role.COUNTY_ADMIN, None, "far-t", {"core east-1", "core west-1", "west east-1", "west core-1", "core2 core-1"}),  # noqa: E501
        (Role.SUPERVISOR, None, "far-t", {"core east-1", "core west-1", "west east-1", "west core-1", "core2 core-1"}),  # noqa: E501
        (Role.SCHOOL_ADMIN, "east", "east-t", {"core east-1", "west east-1"}),
        (Role.SCHOOL_ADMIN, "west", "west-a", {"core west-1", "west east-1", "west core-1"}),
        (Role.SCHOOL_ADMIN, "core", "core-a", {"core east-1", "core west-1", "west core-1", "core2 core-1"}),  # noqa: E501
        (Role.SCHOOL_ADMIN, "far", "far-t", set()),
        (Role.TEACHER, "west", "west-t", {"west east-1", "west core-1"}),
        (Role.TEACHER, "east", "east-t", set()),
    ],
)  # fmt: skip
async def test_who_sees_which_legs(
    db: Database, role: Role, school: str | None, person: str, expected: set[str]
) -> None:
    town = await settle(db)
    names = {lesson_id: name for name, lesson_id in (await county(town)).items()}
    rows = await log(town, town.actor(role, school, person))
    assert {f"{names[row.lesson_id]} {row.room_name}" for row in rows} == expected
    assert len(rows) == len(expected)


async def test_an_assistant_sees_the_own_leg(town: Town) -> None:
    one = await taught(town)
    async with town.db.write() as session:
        await session.execute(
            update(Leg)
            .where(col(Leg.room_id) == town.rooms["west-1"].id)
            .values(assistant_id=town.people["west-a"].id)
        )
    rows = await log(town, town.actor(Role.ASSISTANT, "west", "west-a"))
    assert [(row.lesson_id, row.room_name) for row in rows] == [(one, "west-1")]


async def test_filters(town: Town) -> None:
    names = {lesson_id: name for name, lesson_id in (await county(town)).items()}
    admin = town.actor(Role.COUNTY_ADMIN, None, "far-t")

    async def kept(**filters: object) -> list[str]:
        rows = await log(town, admin, UsageFilters(**filters))  # type: ignore[arg-type]
        return [f"{names[row.lesson_id]} {row.room_name}" for row in rows]

    monday, tuesday = date(2026, 11, 23), date(2026, 11, 24)
    assert await kept(from_day=monday, to_day=monday) == ["core east-1", "core west-1"]
    newest_first = [row.split()[0] for row in await kept(to_day=tuesday)]
    assert newest_first == ["west", "west", "core", "core"]
    assert await kept(from_day=date(2026, 11, 25)) == ["core2 core-1"]
    assert set(await kept(school_id=town.schools["west"])) == {
        "core west-1",
        "west east-1",
        "west core-1",
    }
    assert await kept(community_id="none") == []
    assert len(await kept(community_id=town.communities["all"])) == 5
    assert set(await kept(teacher_id=town.people["west-t"].id)) == {"west east-1", "west core-1"}
    assert await kept(text="西村小学 ", to_day=monday) == ["core west-1"]
    assert await kept(text="没有") == []


async def test_the_first_hour_of_a_day_belongs_to_that_day_in_the_county(town: Town) -> None:
    """A lesson at 00:30 in the county starts on the day before in UTC."""
    one = await taught(town)
    early = datetime(2026, 11, 23, 0, 30, tzinfo=MONDAY.tzinfo) - timedelta(hours=8)
    async with town.db.write() as session:
        await session.execute(update(Lesson).values(starts_at=early))
    admin = town.actor(Role.COUNTY_ADMIN)
    for day, expected in ((date(2026, 11, 22), []), (date(2026, 11, 23), [one, one])):
        rows = await log(town, admin, UsageFilters(from_day=day, to_day=day))
        assert [row.lesson_id for row in rows] == expected


async def test_totals_count_a_lesson_and_a_leg_once(town: Town) -> None:
    lessons = await county(town)
    rooms = {code: room.id for code, room in town.rooms.items()}
    await append(
        town.db,
        "n1",
        1,
        [
            *facts(lessons["core"], rooms["east-1"], MONDAY, 0, 40),
            *facts(lessons["core"], rooms["west-1"], MONDAY, 10, 20, peer="a"),
            *facts(lessons["core"], rooms["west-1"], MONDAY, 30, 40, peer="b"),
        ],
    )
    rows = await log(town, town.actor(Role.COUNTY_ADMIN))
    found = totals([*rows, *rows])
    assert (found.lessons, found.legs, found.attended, found.late, found.absent) == (3, 5, 2, 1, 3)
    assert (found.interruptions, found.minutes_shown) == (1, 60)


async def test_lessons_to_come_and_cancelled_have_no_usage(town: Town) -> None:
    await book(town.db, NOW, town.teacher, town.command())
    assert await log(town, town.actor(Role.COUNTY_ADMIN)) == []
