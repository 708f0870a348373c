"""What people say of a leg: answers, head counts, remarks, removal; on both databases."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlmodel import col

from scheduler.access.actor import Actor
from scheduler.access.roles import Role
from scheduler.booking.book import book
from scheduler.booking.legs import remove_leg
from scheduler.booking.tables import Claim
from scheduler.events.tables import EventRow
from scheduler.evidence.attendance import AttendanceStatus
from scheduler.evidence.ledger import append
from scheduler.evidence.policy import DEFAULT_POLICY
from scheduler.evidence.tables import AttendanceFact
from scheduler.kernel.database import Database
from scheduler.kernel.errors import Forbidden, NotFound, Refusal
from scheduler.kernel.transitions import IllegalTransition
from scheduler.lessons.states import LegEvent, LegState, LessonState
from scheduler.lessons.timing import DEFAULT_TIMING
from scheduler.lessons.views import lesson_view, lessons_of_person
from scheduler.lifecycle.answers import answer_leg
from scheduler.lifecycle.reconcile import reconcile
from scheduler.usage.head_counts import enter_head_count
from scheduler.usage.lesson_usage import lesson_attendance
from scheduler.usage.remarks import write_remark
from scheduler.usage.rows import LegUsageRow
from tests.support.county import MONDAY, NOW, Town, settle
from tests.support.evidence import facts

A = AttendanceStatus


def at(minutes: float) -> datetime:
    return MONDAY + timedelta(minutes=minutes)


def assistant(town: Town, school: str) -> Actor:
    return town.actor(Role.ASSISTANT, school, f"{school}-a")


async def booked(town: Town) -> tuple[str, dict[str, str]]:
    """Book the usual lesson; return it and its legs by the code of their school."""
    one = (await book(town.db, NOW, town.teacher, town.command())).lesson_id
    async with town.db.read() as session:
        lesson = await lesson_view(session, one)
    codes = {school: code for code, school in town.schools.items()}
    return one, {codes[leg.room.school_id]: leg.id for leg in lesson.legs}


async def leg(town: Town, lesson_id: str, leg_id: str) -> LegUsageRow:
    found = await lesson_attendance(town.db, lesson_id, at(60), DEFAULT_POLICY)
    return next(row for row in found.legs if row.leg_id == leg_id)


async def count_of(db: Database, table: type, *where: object) -> int:
    async with db.read() as session:
        query = select(func.count()).select_from(table).where(*where)  # type: ignore[arg-type]
        return int((await session.execute(query)).scalar_one())


async def refused(work: Callable[[], Awaitable[object]], kind: type[Exception]) -> None:
    with pytest.raises(kind):
        await work()


async def test_an_assistant_sees_and_answers_for_the_class(any_db: Database) -> None:
    town = await settle(any_db)
    one, legs = await booked(town)
    east = assistant(town, "east")
    async with any_db.read() as session:
        (part,) = await lessons_of_person(session, east.person_id, at(-60), at(60))
    assert part.leg is not None
    assert (part.lesson.id, part.leg.id, part.leg.state) == (one, legs["east"], LegState.INVITED)
    for answer, state in (
        (LegEvent.CONFIRM, LegState.CONFIRMED),
        (LegEvent.CONFIRM, LegState.CONFIRMED),
        (LegEvent.DECLINE, LegState.DECLINED),
        (LegEvent.CONFIRM, LegState.CONFIRMED),
    ):
        assert await answer_leg(any_db, NOW, east, one, legs["east"], answer) is state
    told = await count_of(any_db, EventRow, col(EventRow.kind) == "lesson.confirm")
    assert told == 2, "the same answer again is no event"


async def test_nobody_else_answers_for_the_class(db: Database) -> None:
    town = await settle(db)
    one, legs = await booked(town)

    async def tries(actor: Actor, leg_id: str = legs["east"]) -> None:
        await answer_leg(db, NOW, actor, one, leg_id, LegEvent.DECLINE)

    await refused(lambda: tries(assistant(town, "west")), Forbidden)
    await refused(lambda: tries(town.teacher), Forbidden)
    await refused(lambda: tries(town.actor(Role.TEACHER, "east", "east-t")), Forbidden)
    await refused(lambda: tries(town.actor(Role.SUPERVISOR)), Forbidden)
    await refused(lambda: tries(assistant(town, "east"), "nothing"), NotFound)
    await tries(town.actor(Role.SCHOOL_ADMIN, "east", "east-t"))
    await reconcile(db, at(0), DEFAULT_TIMING)
    await refused(lambda: tries(assistant(town, "west"), legs["west"]), IllegalTransition)


async def test_a_declined_room_stays_claimed_until_it_is_removed(any_db: Database) -> None:
    town = await settle(any_db)
    one, legs = await booked(town)
    await answer_leg(any_db, NOW, assistant(town, "east"), one, legs["east"], LegEvent.DECLINE)
    held = col(Claim.leg_id) == legs["east"]
    assert await count_of(any_db, Claim, held) == 3, "room, assistant and class"
    east = town.actor(Role.SCHOOL_ADMIN, "east", "east-t")
    await refused(lambda: remove_leg(any_db, NOW, east, one, legs["east"]), Forbidden)
    removed = await remove_leg(any_db, NOW, town.teacher, one, legs["east"])
    assert (removed.lesson_id, removed.version) == (one, 2)
    async with any_db.read() as session:
        view = await lesson_view(session, one)
    assert [leg.room.code for leg in view.legs] == ["west-1"]
    assert await count_of(any_db, Claim, held) == 0
    await refused(lambda: remove_leg(any_db, NOW, town.teacher, one, legs["west"]), Refusal)
    again = town.command("again", host="east-2", teacher="east-t", legs=("east-1",))
    await book(any_db, NOW, town.actor(Role.COUNTY_ADMIN), again)


async def test_a_room_stays_once_the_lobby_is_open(db: Database) -> None:
    town = await settle(db)
    one, legs = await booked(town)
    await reconcile(db, at(-3), DEFAULT_TIMING)
    await refused(lambda: remove_leg(db, at(-3), town.teacher, one, legs["east"]), Refusal)


async def test_head_counts_are_added_and_the_newest_counts(any_db: Database) -> None:
    town = await settle(any_db)
    one, legs = await booked(town)
    east = assistant(town, "east")

    async def count(actor: Actor, pupils: int, minutes: float, leg_id: str = legs["east"]) -> None:
        await enter_head_count(any_db, at(minutes), actor, one, leg_id, pupils)

    await refused(lambda: count(east, 30, -60), Refusal)
    await reconcile(any_db, at(-4), DEFAULT_TIMING)
    await count(east, 30, -3)
    await reconcile(any_db, at(0), DEFAULT_TIMING)
    await count(east, 30, 1)
    await count(town.teacher, 31, 5)
    await count(town.actor(Role.SCHOOL_ADMIN, "east", "east-t"), 29, 6)
    for pupils in (-1, 501):
        await refused(lambda pupils=pupils: count(east, pupils, 7), Refusal)  # type: ignore[misc]
    await refused(lambda: count(assistant(town, "west"), 9, 7), Forbidden)
    await refused(lambda: count(town.actor(Role.SUPERVISOR), 9, 7), Forbidden)
    row = await leg(town, one, legs["east"])
    assert [(told.pupils, told.by, told.at) for told in row.counts] == [
        (30, "东村小学助教", at(-3)),
        (31, "中心校教师", at(5)),
        (29, "东村小学教师", at(6)),
    ], "the same number by the same person is one count"
    assert row.head_count == 29


async def test_a_remark_stands_beside_the_evidence(any_db: Database) -> None:
    town = await settle(any_db)
    one, legs = await booked(town)
    admin = town.actor(Role.SCHOOL_ADMIN, "east", "east-t")

    async def remark(
        actor: Actor, reason: str = "停电", status: A = A.PRESENT, minutes: float = 50
    ) -> None:
        await write_remark(any_db, at(minutes), actor, one, legs["east"], status, reason)

    await reconcile(any_db, at(0), DEFAULT_TIMING)
    await append(any_db, "n1", 1, facts(one, town.rooms["east-1"].id, MONDAY, 0, 10))
    await refused(lambda: remark(admin), Refusal)
    await reconcile(any_db, at(42), DEFAULT_TIMING)
    before, evidence = await leg(town, one, legs["east"]), await count_of(any_db, AttendanceFact)
    await remark(admin)
    await remark(town.actor(Role.COUNTY_ADMIN), "  核实过  属实 ", A.PARTIAL, 55)
    for reason in ("", " ", "x" * 201, "a\x00b"):
        await refused(lambda reason=reason: remark(admin, reason), Refusal)  # type: ignore[misc]
    await refused(lambda: remark(admin, status=A.EXPECTED), Refusal)
    for other in (
        town.actor(Role.SCHOOL_ADMIN, "west", "west-t"),
        town.teacher,
        assistant(town, "east"),
        town.actor(Role.SUPERVISOR),
    ):
        await refused(lambda other=other: remark(other), Forbidden)  # type: ignore[misc]
    after = await leg(town, one, legs["east"])
    assert after.attendance == before.attendance, "nothing is edited"
    assert await count_of(any_db, AttendanceFact) == evidence
    assert after.lesson_state is LessonState.ARCHIVED
    assert [(told.status, told.reason, told.by) for told in after.remarks] == [
        (A.PRESENT, "停电", "东村小学教师"),
        (A.PARTIAL, "核实过 属实", "中心校教师"),
    ]
