"""Lessons get their relay nodes in the database: spread, kept, and moved only while nobody came."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

from scheduler.access.roles import Role
from scheduler.booking import cancel as cancelling
from scheduler.booking import move as moving
from scheduler.booking.book import book
from scheduler.kernel.database import Database
from scheduler.lessons.timing import DEFAULT_TIMING
from scheduler.lifecycle.reconcile import reconcile
from scheduler.placement.placing import homes, lessons_to_come, placed_lessons, set_draining
from scheduler.placement.ranking import NodeVitals
from tests.support.county import MONDAY, NOW, Town, settle

N1, N2 = NodeVitals("n1", 1000), NodeVitals("n2", 1000)
BOTH = (N1, N2)
ROOMS = {"core-rec": ("core-t", "east-1"), "core-1": ("core-a", "west-1")}


def at(minutes: float) -> datetime:
    return MONDAY + timedelta(minutes=minutes)


async def two_lessons(town: Town) -> tuple[str, str]:
    """Two lessons of one period, in four rooms."""
    admin = town.actor(Role.COUNTY_ADMIN)
    ids = []
    for host, (teacher, leg) in ROOMS.items():
        command = town.command(host, host=host, teacher=teacher, legs=(leg,), people=False)
        ids.append((await book(town.db, NOW, admin, command)).lesson_id)
    return ids[0], ids[1]


async def where(
    db: Database, now: datetime, *lesson_ids: str, nodes: tuple[NodeVitals, ...] = BOTH
) -> dict[str, str]:
    return await placed_lessons(db, now, DEFAULT_TIMING, nodes, lesson_ids)


async def test_two_lessons_of_a_period_get_two_nodes_and_keep_them(any_db: Database) -> None:
    one, two = await two_lessons(await settle(any_db))
    assert await where(any_db, NOW, one) == {one: "n1"}
    placed = await where(any_db, NOW, one, two)
    assert placed == {one: "n1", two: "n2"}
    busy = (replace(N1, busy=5.0), N2)
    assert await where(any_db, at(-6), two, one, nodes=busy) == placed, "a load moves nothing"
    async with any_db.read() as session:
        assert await homes(session, [one, two, "nobody"]) == placed
        assert await lessons_to_come(session, NOW) == {"n1": 1, "n2": 1}
        assert await lessons_to_come(session, at(40)) == {}


async def test_everybody_who_asks_at_once_is_told_the_same(any_db: Database) -> None:
    one, two = await two_lessons(await settle(any_db))
    answers = await asyncio.gather(
        *(where(any_db, NOW, *ids) for ids in ([one, two], [two], [one], [two, one]) * 5)
    )
    told = {pair for answer in answers for pair in answer.items()}
    assert len(told) == 2
    assert {node for _, node in told} == {"n1", "n2"}


async def test_a_lesson_leaves_a_node_that_is_gone_until_its_lobby_opens(
    any_db: Database,
) -> None:
    one, _ = await two_lessons(await settle(any_db))
    gone = (replace(N1, alive=False), N2)
    assert await where(any_db, NOW, one) == {one: "n1"}
    assert await where(any_db, at(-5), one, nodes=gone) == {one: "n1"}, "rooms are on their way"
    assert await where(any_db, at(-6), one, nodes=gone) == {one: "n2"}
    assert await where(any_db, at(-6), one) == {one: "n2"}, "it does not go back by itself"


async def test_a_lesson_stays_while_no_node_is_better(any_db: Database) -> None:
    one, _ = await two_lessons(await settle(any_db))
    dead = (replace(N1, alive=False), replace(N2, alive=False))
    assert await where(any_db, NOW, one, nodes=dead) == {one: "n1"}
    assert await where(any_db, NOW, one, nodes=dead[::-1]) == {one: "n1"}


async def test_a_draining_node_gets_no_lessons_and_gives_up_those_to_come(
    any_db: Database,
) -> None:
    one, two = await two_lessons(await settle(any_db))
    await where(any_db, NOW, one)
    await set_draining(any_db, "n1", True)
    assert await where(any_db, NOW, one, two) == {one: "n2", two: "n2"}
    await set_draining(any_db, "n1", False)
    await set_draining(any_db, "n2", True)
    assert await where(any_db, at(1), one, two) == {one: "n2", two: "n2"}, "they have begun"


async def test_a_node_that_is_taken_out_of_the_configuration_loses_its_lessons(
    any_db: Database,
) -> None:
    one, _ = await two_lessons(await settle(any_db))
    assert await where(any_db, NOW, one) == {one: "n1"}
    assert await where(any_db, at(5), one, nodes=(N2,)) == {one: "n2"}


async def test_only_lessons_that_can_still_take_place_are_placed(any_db: Database) -> None:
    town = await settle(any_db)
    one, two = await two_lessons(town)
    await cancelling.cancel(any_db, NOW, town.actor(Role.COUNTY_ADMIN), one, "老师请假")
    assert await where(any_db, NOW, one, two, "nobody") == {two: "n1"}
    await reconcile(any_db, at(41), DEFAULT_TIMING)
    assert await where(any_db, at(41), two) == {}
    async with any_db.read() as session:
        assert await homes(session, [two]) == {two: "n1"}, "what it was is kept"


async def test_a_lesson_that_is_moved_to_another_period_is_placed_anew(any_db: Database) -> None:
    town = await settle(any_db)
    one, two = await two_lessons(town)
    assert await where(any_db, NOW, one) == {one: "n1"}
    assert await where(any_db, NOW, two) == {two: "n2"}
    admin = town.actor(Role.COUNTY_ADMIN)
    await moving.move(any_db, NOW, admin, two, at(50), at(90), 1)
    assert await where(any_db, NOW, one, two) == {one: "n1", two: "n1"}
