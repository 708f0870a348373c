"""A lesson's usage on both databases: names, figures, and what is known while it runs."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from scheduler.booking.book import book
from scheduler.evidence.attendance import AttendanceStatus
from scheduler.evidence.ledger import append
from scheduler.evidence.policy import DEFAULT_POLICY
from scheduler.evidence.span_builder import SpanBuilder
from scheduler.evidence.tables import FactKind, HeadCount
from scheduler.kernel.database import Database
from scheduler.kernel.errors import NotFound
from scheduler.lessons.timing import DEFAULT_TIMING
from scheduler.lifecycle.reconcile import reconcile
from scheduler.usage.lesson_usage import lesson_attendance
from scheduler.usage.rows import LessonUsage
from tests.support.booked import taught
from tests.support.county import MONDAY, NOW, Town
from tests.support.evidence import PUBLISHED, facts

A = AttendanceStatus


def at(minutes: float) -> datetime:
    return MONDAY + timedelta(minutes=minutes)


async def usage(town: Town, lesson_id: str, minutes: float = 500) -> LessonUsage:
    return await lesson_attendance(town.db, lesson_id, at(minutes), DEFAULT_POLICY)


async def test_a_lesson_with_names_and_figures(town: Town) -> None:
    command = town.command()
    one = (await book(town.db, NOW, town.teacher, command)).lesson_id
    await reconcile(town.db, at(0), DEFAULT_TIMING)
    rooms = {code: room.id for code, room in town.rooms.items()}
    await append(
        town.db,
        "n1",
        1,
        [
            *facts(one, rooms["core-rec"], MONDAY, -1, 40, role="HOST"),
            *facts(one, rooms["east-1"], MONDAY, 6, 20),
            *facts(one, rooms["east-1"], MONDAY, 21, 41, peer="again"),
            *facts(one, rooms["far-1"], MONDAY, 0, 40, peer="not a leg"),
        ],
    )
    await reconcile(town.db, at(42), DEFAULT_TIMING)
    async with town.db.write() as session:
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


async def test_a_host_that_published_from_a_browser_and_watched_itself(town: Town) -> None:
    """Whatever device published counts; frames that the host itself was shown do not."""
    one = await taught(town, legs=("east-1",))
    person = facts(one, "x", MONDAY, 0, 25, role="HOST", kinds=PUBLISHED)
    person = [replace(fact, subject="person:p1") for fact in person]
    room = facts(one, town.rooms["core-rec"].id, MONDAY, 25, 40, role="HOST")
    mirror = facts(one, town.rooms["core-rec"].id, MONDAY, 0, 40, kinds=(FactKind.SHOWN,))
    mirror = [replace(fact, role="HOST") for fact in mirror]
    await append(town.db, "n1", 1, [*person, *room, *mirror])
    host = (await usage(town, one)).host.attendance
    assert (host.status, host.minutes_received, host.minutes_shown) == (A.PRESENT, 40, 0)


async def test_a_running_lesson_up_to_now_with_evidence_still_open(town: Town) -> None:
    one = (await book(town.db, NOW, town.teacher, town.command())).lesson_id
    to_come = await usage(town, one, -1)
    assert [leg.attendance.status for leg in to_come.legs] == [A.EXPECTED, A.EXPECTED]
    await reconcile(town.db, at(0), DEFAULT_TIMING)
    builder, begin = SpanBuilder("b"), at(0).timestamp()
    builder.stage_opened(one, begin)
    subject = f"room:{town.rooms['east-1'].id}"
    builder.peer_connected("p", subject, "LEG", one, begin)
    for second in range(1, 61):
        builder.sample("p", begin + second, begin + second, second, second)
        builder.report(subject, one, begin + second, second * 25, 0.1, False)
    await append(town.db, "n1", 1, builder.flush(1, hold=300), builder.snapshot())
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
