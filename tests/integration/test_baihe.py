"""The county that the bench measures has the size of Baihe, and its term is sound."""

import random
from collections import Counter

from sqlalchemy import select

from scheduler.access.roles import Role
from scheduler.evidence.attendance import AttendanceStatus
from scheduler.evidence.ledger import verify_chain
from scheduler.evidence.policy import DEFAULT_POLICY
from scheduler.kernel.database import Database
from scheduler.lessons.states import LessonState
from scheduler.lessons.tables import Lesson
from scheduler.organisation import directory
from scheduler.organisation.enums import RoomKind
from scheduler.usage.lesson_usage import totals
from scheduler.usage.log import usage_log, usage_totals
from scheduler.usage.rows import UsageFilters
from scheduler.usage.settling import settle
from tests.bench.county import NOW
from tests.support.baihe import REAL, county_text, settle_baihe
from tests.support.baihe_term import fill_term, school_days
from tests.support.county import Town


async def test_the_county_has_the_size_of_the_source_and_three_real_names(db: Database) -> None:
    baihe = await settle_baihe(db, NOW)
    kinds = Counter(room.kind for room in baihe.rooms)
    assert kinds == {RoomKind.INTERACTIVE: 62, RoomKind.RECORDING: 8}
    async with db.read() as session:
        schools = await directory.schools(session)
    assert (len(schools), len(baihe.communities)) == (58, 9)
    assert all(len(school.community_ids) == 1 for school in schools)
    real = {school.name for school in schools if not school.synthetic}
    assert real == {name for name, _ in REAL.values()} == {"城关初中", "城关小学", "城关镇小学"}
    assert all("合成" in school.name for school in schools if school.synthetic)
    assert county_text(1) == county_text(1) != county_text(2)


async def test_a_term_is_as_booking_and_journals_would_leave_it(any_db: Database) -> None:
    baihe = await settle_baihe(any_db, NOW)
    await fill_term(baihe, school_days(NOW.date(), 2), NOW)
    async with any_db.read() as session:
        lessons = (await session.execute(select(Lesson))).scalars().all()
    states = Counter(lesson.state for lesson in lessons)
    assert states == {LessonState.ARCHIVED: 90, LessonState.LIVE: 9, LessonState.BOOKED: 45}
    for lesson in random.Random(3).sample(lessons, 5):
        assert (await verify_chain(any_db, lesson.id)).broken_at is None
    person = next(one for one in baihe.people if one.code == "admin")
    county = Town(any_db, {}, {"admin": person}, {}, {}, {}).actor(Role.COUNTY_ADMIN, None, "admin")
    computed = await usage_log(any_db, county, UsageFilters(), NOW, DEFAULT_POLICY)
    assert {row.attendance.status for row in computed} >= {
        AttendanceStatus.PRESENT,
        AttendanceStatus.LATE,
        AttendanceStatus.ABSENT,
    }
    while await settle(any_db, NOW, DEFAULT_POLICY):
        pass
    kept = await usage_totals(any_db, county, UsageFilters(), NOW, DEFAULT_POLICY)
    assert kept == totals(computed)
    assert kept.lessons == 99
