"""Kept figures say what the facts say, at every moment, on both databases."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select

from scheduler.access.actor import Actor
from scheduler.access.roles import Role
from scheduler.booking.book import book
from scheduler.evidence.attendance import AttendanceStatus, Figures
from scheduler.evidence.ledger import append
from scheduler.evidence.policy import DEFAULT_POLICY, AttendancePolicy
from scheduler.evidence.tables import LegFigures, LessonFigures
from scheduler.kernel.database import Database
from scheduler.lessons.predicates import TAUGHT
from scheduler.lessons.timing import DEFAULT_TIMING
from scheduler.lifecycle.reconcile import reconcile
from scheduler.usage.lesson_usage import totals
from scheduler.usage.log import usage_figures, usage_log, usage_page, usage_totals
from scheduler.usage.rows import UsageFilters
from scheduler.usage.settling import AT_ONCE, settle
from tests.support import county
from tests.support.county import MONDAY, NOW, Town
from tests.support.evidence import facts

EVERYTHING = UsageFilters()
LATER = MONDAY + timedelta(days=30)


async def taught(town: Town, day: int, late: float = 0, *, over: bool = True) -> str:
    """Teach a lesson on Monday + `day`: east came `late` minutes late, west stayed away."""
    start = MONDAY + timedelta(days=day)
    command = town.command(f"day {day}", starts_at=start, people=False)
    one = (await book(town.db, NOW, town.actor(Role.COUNTY_ADMIN), command)).lesson_id
    await reconcile(town.db, start, DEFAULT_TIMING)
    room = town.rooms["east-1"].id
    await append(town.db, f"n{day}", 1, facts(one, room, start, late, 20, peer=f"a{day}"))
    await append(town.db, f"n{day}", 2, facts(one, room, start, 21, 40, peer=f"b{day}"))
    if over:
        await reconcile(town.db, start + timedelta(minutes=42), DEFAULT_TIMING)
    return one


def plain(figures: Figures) -> list[object]:
    return [getattr(figures, name) for name in Figures.__slots__]


async def agree(
    town: Town,
    actor: Actor,
    filters: UsageFilters = EVERYTHING,
    policy: AttendancePolicy = DEFAULT_POLICY,
    now: datetime = LATER,
) -> int:
    """Hold export and totals against the log, which is computed; return how many legs."""
    computed = await usage_log(town.db, actor, filters, now, policy)
    exported = await usage_figures(town.db, actor, filters, now, policy)
    assert [(r.lesson_id, r.leg_id, plain(r.attendance)) for r in exported] == [
        (r.lesson_id, r.leg_id, plain(r.attendance)) for r in computed
    ]
    assert await usage_totals(town.db, actor, filters, now, policy) == totals(computed)
    return len(computed)


async def kept(db: Database) -> tuple[int, int]:
    """Return how many lessons and legs have figures."""
    async with db.read() as session:
        lessons = await session.execute(select(func.count()).select_from(LessonFigures))
        legs = await session.execute(select(func.count()).select_from(LegFigures))
        return lessons.scalar_one(), legs.scalar_one()


async def test_kept_figures_equal_the_computed_ones(any_db: Database) -> None:
    town = await county.settle(any_db)
    for day, late in ((0, 0), (1, 6), (3, 1)):
        await taught(town, day, late)
    running = await taught(town, 4, over=False)
    admin, east = town.actor(Role.COUNTY_ADMIN), town.actor(Role.SCHOOL_ADMIN, "east", "east-t")
    now = MONDAY + timedelta(days=4, minutes=30)
    assert await agree(town, admin, now=now) == 8
    assert await settle(any_db, now, DEFAULT_POLICY) == 3
    assert await settle(any_db, now, DEFAULT_POLICY) == 0, "everything that is over is kept"
    assert await kept(any_db) == (3, 6), "a running lesson is not"
    assert await agree(town, admin, now=now) == 8
    assert await agree(town, east, now=now) == 4
    day = (MONDAY + timedelta(days=1)).date()
    assert await agree(town, admin, UsageFilters(day, day), now=now) == 2
    assert await agree(town, admin, UsageFilters(text="西村"), now=now) == 4
    assert await agree(town, admin, UsageFilters(text="%"), now=now) == 0
    assert await agree(town, admin, UsageFilters(states=TAUGHT), now=now) == 8
    rows = await usage_log(any_db, admin, EVERYTHING, now, DEFAULT_POLICY)
    assert rows[0].lesson_id == running


async def test_a_fact_that_comes_later_voids_what_was_kept(any_db: Database) -> None:
    town = await county.settle(any_db)
    one = await taught(town, 0)
    await settle(any_db, LATER, DEFAULT_POLICY)
    admin = town.actor(Role.COUNTY_ADMIN)
    west = town.rooms["west-1"].id
    await append(any_db, "n9", 1, facts(one, west, MONDAY, 0, 40, peer="late"))
    assert (await kept(any_db))[0] == 0
    assert await agree(town, admin) == 2
    statuses = {
        row.school_name: row.attendance.status
        for row in await usage_figures(any_db, admin, EVERYTHING, LATER, DEFAULT_POLICY)
    }
    assert statuses["西村小学"] is AttendanceStatus.PRESENT
    assert await settle(any_db, LATER, DEFAULT_POLICY) == 1
    assert await agree(town, admin) == 2


async def test_another_policy_reads_the_facts_again(any_db: Database) -> None:
    town = await county.settle(any_db)
    await taught(town, 0, late=4)
    await settle(any_db, LATER, DEFAULT_POLICY)
    patient = replace(DEFAULT_POLICY, grace=timedelta(minutes=10))
    admin = town.actor(Role.COUNTY_ADMIN)
    strict = await usage_totals(any_db, admin, EVERYTHING, LATER, DEFAULT_POLICY)
    mild = await usage_totals(any_db, admin, EVERYTHING, LATER, patient)
    assert (strict.late, mild.late) == (1, 0)
    assert await agree(town, admin, policy=patient) == 2
    assert await settle(any_db, LATER, patient) == 1
    assert await kept(any_db) == (1, 2)


@pytest.mark.parametrize("settled", [False, True])
async def test_pages_hold_some_lessons_and_the_totals_of_all(db: Database, settled: bool) -> None:
    town = await county.settle(db)
    lessons = [await taught(town, day) for day in (0, 1, 3)]
    if settled:
        await settle(db, LATER, DEFAULT_POLICY)
    admin = town.actor(Role.COUNTY_ADMIN)

    async def page(number: int) -> tuple[list[str], int, int, int]:
        found = await usage_page(db, admin, EVERYTHING, LATER, DEFAULT_POLICY, number, 2)
        ids = list(dict.fromkeys(row.lesson_id for row in found.rows))
        assert (found.totals.lessons, found.totals.legs, found.totals.attended) == (3, 6, 3)
        return ids, len(found.rows), found.page, found.pages

    assert await page(1) == ([lessons[2], lessons[1]], 4, 1, 2)
    assert await page(2) == ([lessons[0]], 2, 2, 2)
    assert await page(99) == ([lessons[0]], 2, 2, 2), "a page that is not there is the last one"


async def test_figures_are_kept_in_batches(db: Database) -> None:
    town = await county.settle(db)
    weekdays = [day for day in range(60) if (MONDAY + timedelta(days=day)).isoweekday() < 6]
    days = [day for day in weekdays if day != 2][: AT_ONCE + 2]  # day 2 is a holiday
    for day in days:
        await taught(town, day)
    later = LATER + timedelta(days=60)
    done = [await settle(db, later, DEFAULT_POLICY) for _ in range(3)]
    assert done == [AT_ONCE, 2, 0]
