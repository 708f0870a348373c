"""Usage on both databases: names, figures, filters, and who sees what."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import update
from sqlmodel import col

from scheduler.access.actor import Actor
from scheduler.access.roles import Role
from scheduler.attendance.compute import AttendanceStatus
from scheduler.attendance.ledger import append
from scheduler.attendance.policy import DEFAULT_POLICY
from scheduler.attendance.spanbuilder import SpanBuilder
from scheduler.attendance.tables import FactKind, HeadCount
from scheduler.attendance.usage import UsageFilters, lesson_attendance, totals
from scheduler.attendance.usage_log import usage_log
from scheduler.attendance.usage_rows import LegUsageRow, LessonUsage
from scheduler.booking.book import book
from scheduler.booking.tables import Leg, Lesson
from scheduler.database import Database
from scheduler.errors import NotFound
from scheduler.lifecycle.reconcile import reconcile
from scheduler.lifecycle.timing import DEFAULT_TIMING
from tests.support.county import MONDAY, NOW, Town, settle
from tests.support.evidence import PUBLISHED, facts

A = AttendanceStatus
EVERYTHING = UsageFilters()


def at(minutes: float) -> datetime:
    return MONDAY + timedelta(minutes=minutes)


async def taught(
    town: Town,
    day: int = 0,
    host: str = "core-rec",
    legs: tuple[str, ...] = ("east-1", "west-1"),
    **how: str,
) -> str:
    """Book a lesson at 08:00 on Monday + `day`, and let the clock run over it."""
    start = MONDAY + timedelta(days=day)
    command = town.command(
        f"{day}{host}", host=host, legs=legs, starts_at=start, people=False, **how  # type: ignore[arg-type]
    )  # fmt: skip
    admin = town.actor(Role.COUNTY_ADMIN)
    one = (await book(town.db, NOW, admin, command)).lesson_id
    for minutes in (0, 40, 42):
        await reconcile(town.db, start + timedelta(minutes=minutes), DEFAULT_TIMING)
    return one


async def usage(town: Town, lesson_id: str, minutes: float = 500) -> LessonUsage:
    return await lesson_attendance(town.db, lesson_id, at(minutes), DEFAULT_POLICY)


async def log(town: Town, actor: Actor, filters: UsageFilters = EVERYTHING) -> list[LegUsageRow]:
    return await usage_log(town.db, actor, filters, at(10_000), DEFAULT_POLICY)


async def test_a_lesson_with_names_and_figures(any_db: Database) -> None:
    town = await settle(any_db)
    command = town.command()
    one = (await book(any_db, NOW, town.teacher, command)).lesson_id
    await reconcile(any_db, at(0), DEFAULT_TIMING)
    rooms = {code: room.id for code, room in town.rooms.items()}
    await append(
        any_db,
        "n1",
        1,
        [
            *facts(one, rooms["core-rec"], MONDAY, -1, 40, role="HOST"),
            *facts(one, rooms["east-1"], MONDAY, 6, 20),
            *facts(one, rooms["east-1"], MONDAY, 21, 41, peer="again"),
            *facts(one, rooms["far-1"], MONDAY, 0, 40, peer="not a leg"),
        ],
    )
    await reconcile(any_db, at(42), DEFAULT_TIMING)
    async with any_db.write() as session:
        leg_id = next(
            leg.leg_id for leg in (await usage(town, one)).legs if "东" in leg.school_name
        )
        assert leg_id is not None
        for minute, pupils in ((5, 30), (9, 32)):
            counted = HeadCount(leg_id=leg_id, pupils=pupils, counted_by="x", counted_at=at(minute))
            session.add(counted)
    found = await usage(town, one)
    assert (found.attended, found.actual_started_at, found.actual_ended_at) == (1, at(0), at(40))
    assert (found.host.role, found.host.leg_id, found.host.room_name) == ("HOST", None, "core-rec")
    assert (found.host.attendance.status, found.host.attendance.minutes_received) == (A.PRESENT, 40)
    east, west = found.legs
    assert (east.school_name, east.room_name, east.class_name, east.assistant_name) == (
        "东村小学",
        "east-1",
        "五年级1班",
        "东村小学助教",
    )
    assert (east.teacher_name, east.host_school_name, east.head_count) == (
        "中心校教师",
        "中心校",
        32,
    )
    leg = east.attendance
    assert (leg.status, leg.late_seconds, leg.minutes_shown) == (A.LATE, 360, 33)
    assert [(gap.starts_at, gap.ends_at) for gap in leg.gaps] == [(at(20), at(21))]
    assert (west.attendance.status, west.head_count) == (A.ABSENT, None)


async def test_a_host_that_published_from_a_browser_and_watched_itself(any_db: Database) -> None:
    """Whatever device published counts; frames that the host itself was shown do not."""
    town = await settle(any_db)
    one = await taught(town, legs=("east-1",))
    person = facts(one, "x", MONDAY, 0, 25, role="HOST", kinds=PUBLISHED)
    person = [replace(fact, subject="person:p1") for fact in person]
    room = facts(one, town.rooms["core-rec"].id, MONDAY, 25, 40, role="HOST")
    mirror = facts(one, town.rooms["core-rec"].id, MONDAY, 0, 40, kinds=(FactKind.SHOWN,))
    mirror = [replace(fact, role="HOST") for fact in mirror]
    await append(any_db, "n1", 1, [*person, *room, *mirror])
    host = (await usage(town, one)).host.attendance
    assert (host.status, host.minutes_received, host.minutes_shown) == (A.PRESENT, 40, 0)


async def test_a_running_lesson_up_to_now_with_evidence_still_open(any_db: Database) -> None:
    town = await settle(any_db)
    one = (await book(any_db, NOW, town.teacher, town.command())).lesson_id
    to_come = await usage(town, one, -1)
    assert [leg.attendance.status for leg in to_come.legs] == [A.EXPECTED, A.EXPECTED]
    await reconcile(any_db, at(0), DEFAULT_TIMING)
    builder, begin = SpanBuilder("b"), at(0).timestamp()
    builder.stage_opened(one, begin)
    subject = f"room:{town.rooms['east-1'].id}"
    builder.peer_connected("p", subject, "LEG", one, begin)
    for second in range(1, 61):
        builder.sample("p", begin + second, begin + second, second, second)
        builder.report(subject, one, begin + second, second * 25, 0.1, False)
    await append(any_db, "n1", 1, builder.flush(1, hold=300), builder.snapshot())
    east, west = (await usage(town, one, 1.05)).legs
    assert (east.attendance.status, east.attendance.present_now) == (A.PRESENT, True)
    assert east.attendance.minutes_received == 1
    assert east.attendance.minutes_shown == pytest.approx(59 / 60, abs=0.01)
    assert [moment.kind for moment in east.moments] == [FactKind.JOINED]
    assert (west.attendance.status, west.attendance.present_now) == (A.EXPECTED, False)
    stage = (await usage(town, one, 1.05)).moments
    assert [(moment.kind, moment.at) for moment in stage] == [(FactKind.STAGE_OPENED, at(0))]
    later = (await usage(town, one, 3)).legs
    assert [leg.attendance.present_now for leg in later] == [False, False]
    assert [leg.attendance.status for leg in later] == [A.PRESENT, A.ABSENT]


async def test_an_unknown_lesson(any_db: Database) -> None:
    with pytest.raises(NotFound):
        await lesson_attendance(any_db, "nothing", NOW, DEFAULT_POLICY)


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


async def test_an_assistant_sees_the_own_leg(any_db: Database) -> None:
    town = await settle(any_db)
    one = await taught(town)
    async with any_db.write() as session:
        await session.execute(
            update(Leg)
            .where(col(Leg.room_id) == town.rooms["west-1"].id)
            .values(assistant_id=town.people["west-a"].id)
        )
    rows = await log(town, town.actor(Role.ASSISTANT, "west", "west-a"))
    assert [(row.lesson_id, row.room_name) for row in rows] == [(one, "west-1")]


async def test_filters(any_db: Database) -> None:
    town = await settle(any_db)
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


async def test_the_first_hour_of_a_day_belongs_to_that_day_in_the_county(any_db: Database) -> None:
    """A lesson at 00:30 in the county starts on the day before in UTC."""
    town = await settle(any_db)
    one = await taught(town)
    early = datetime(2026, 11, 23, 0, 30, tzinfo=MONDAY.tzinfo) - timedelta(hours=8)
    async with any_db.write() as session:
        await session.execute(update(Lesson).values(starts_at=early))
    admin = town.actor(Role.COUNTY_ADMIN)
    for day, expected in ((date(2026, 11, 22), []), (date(2026, 11, 23), [one, one])):
        rows = await log(town, admin, UsageFilters(from_day=day, to_day=day))
        assert [row.lesson_id for row in rows] == expected


async def test_totals_count_a_lesson_and_a_leg_once(any_db: Database) -> None:
    town = await settle(any_db)
    lessons = await county(town)
    rooms = {code: room.id for code, room in town.rooms.items()}
    await append(
        any_db,
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


async def test_lessons_to_come_and_cancelled_have_no_usage(any_db: Database) -> None:
    town = await settle(any_db)
    await book(any_db, NOW, town.teacher, town.command())
    assert await log(town, town.actor(Role.COUNTY_ADMIN)) == []
