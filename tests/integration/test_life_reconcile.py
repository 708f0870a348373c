"""Lessons walked through their day on both databases, looked at on time, late, or at random."""

import asyncio
import random
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlmodel import col

from scheduler.access.roles import Role
from scheduler.booking.book import book
from scheduler.booking.tables import Claim
from scheduler.evidence.ledger import append
from scheduler.evidence.tables import FactKind
from scheduler.kernel.database import Database
from scheduler.kernel.errors import Forbidden, NotFound
from scheduler.kernel.transitions import IllegalTransition
from scheduler.lessons.states import LegState, LessonEvent, LessonState
from scheduler.lessons.tables import Leg, Lesson
from scheduler.lessons.timing import DEFAULT_TIMING
from scheduler.lifecycle.ending import end_lesson
from scheduler.lifecycle.legs import close_legs, prepare_leg, presence, update_legs
from scheduler.lifecycle.reconcile import reconcile
from tests.support.county import MONDAY, NOW, Town, settle
from tests.support.evidence import facts

S, E, G = LessonState, LessonEvent, LegState


def at(minutes: float) -> datetime:
    return MONDAY + timedelta(minutes=minutes)


async def booked(town: Town, **how: object) -> str:
    command = town.command(**how)  # type: ignore[arg-type]
    return (await book(town.db, NOW, town.teacher, command)).lesson_id


async def look(db: Database, minutes: float) -> list[tuple[LessonEvent, LessonState]]:
    done = await reconcile(db, at(minutes), DEFAULT_TIMING)
    return [(step.event, step.state) for step in done.transitions]


async def lesson(db: Database, lesson_id: str) -> Lesson:
    async with db.read() as session:
        found = await session.get(Lesson, lesson_id)
        assert found is not None
        return found


async def legs(town: Town, lesson_id: str) -> dict[str, LegState]:
    codes = {room.id: code for code, room in town.rooms.items()}
    async with town.db.read() as session:
        found = await session.execute(select(Leg).where(col(Leg.lesson_id) == lesson_id))
        return {codes[leg.room_id]: leg.state for leg in found.scalars()}


async def attended(town: Town, lesson_id: str, room: str, start: float, end: float) -> None:
    role = "HOST" if room == "core-rec" else "LEG"
    evidence = facts(lesson_id, town.rooms[room].id, MONDAY, start, end, role=role)
    await append(town.db, "n1", 1, evidence)


async def test_a_lesson_on_time(any_db: Database) -> None:
    town = await settle(any_db)
    one = await booked(town)
    done = await reconcile(any_db, at(-30), DEFAULT_TIMING)
    assert (done.transitions, done.next_due) == ((), at(-5))
    for minutes, step, upcoming in (
        (-5, (E.OPEN_LOBBY, S.LOBBY), 0),
        (0, (E.START, S.LIVE), 40),
        (40, (E.END, S.ENDED), 42),
        (42, (E.ARCHIVE, S.ARCHIVED), None),
    ):
        done = await reconcile(any_db, at(minutes), DEFAULT_TIMING)
        assert [(t.lesson_id, t.event, t.state) for t in done.transitions] == [(one, *step)]
        assert done.next_due == (None if upcoming is None else at(upcoming))
        assert await look(any_db, minutes) == []
    row = await lesson(any_db, one)
    assert (row.actual_started_at, row.actual_ended_at) == (at(0), at(40))
    assert await legs(town, one) == {"east-1": G.ABSENT, "west-1": G.ABSENT}


async def test_a_start_noticed_late_is_dated_by_the_schedule(any_db: Database) -> None:
    one = await booked(await settle(any_db))
    assert await look(any_db, 17) == [(E.START, S.LIVE)]
    assert (await lesson(any_db, one)).actual_started_at == at(0)


async def test_a_lesson_nobody_held_is_missed(any_db: Database) -> None:
    town = await settle(any_db)
    one = await booked(town)
    assert await look(any_db, 40) == [(E.MISS, S.MISSED)]
    assert await look(any_db, 400) == []
    row = await lesson(any_db, one)
    assert (row.actual_started_at, row.actual_ended_at) == (None, None)


async def test_a_lesson_held_while_we_were_down_is_not_missed(any_db: Database) -> None:
    """The journal is read before or after the clock is looked at: both end alike."""
    town = await settle(any_db)
    one = await booked(town)
    assert await look(any_db, 40.5) == [(E.MISS, S.MISSED)]
    await attended(town, one, "core-rec", 0, 40)
    await attended(town, one, "east-1", 1, 40)
    assert await look(any_db, 41) == [(E.RECOVER, S.ENDED)]
    assert await look(any_db, 42) == [(E.ARCHIVE, S.ARCHIVED)]
    two = await booked(town, key="two", starts_at=at(60))
    await attended(town, two, "core-rec", 60, 100)
    assert await look(any_db, 101) == [(E.START, S.LIVE), (E.END, S.ENDED)]
    for row in (await lesson(any_db, one), await lesson(any_db, two)):
        assert (row.actual_started_at, row.actual_ended_at) == (row.starts_at, row.ends_at)
    assert await legs(town, one) == {"east-1": G.LEFT, "west-1": G.ABSENT}


async def test_publishing_before_the_start_is_not_a_lesson(any_db: Database) -> None:
    town = await settle(any_db)
    one = await booked(town)
    await attended(town, one, "core-rec", -10, 0)
    assert await look(any_db, 40) == [(E.MISS, S.MISSED)]


@pytest.mark.parametrize("seed", range(4))
async def test_restarted_at_any_moment_every_lesson_ends_where_it_should(
    any_db: Database, seed: int
) -> None:
    town = await settle(any_db)
    chance = random.Random(seed)
    ids = [
        await booked(town, key=str(n), starts_at=at(50 * n), minutes=chance.choice([20, 40]))
        for n in range(5)
    ]
    moments = sorted(chance.uniform(-10, 260) for _ in range(chance.randint(3, 30)))
    steps: list[tuple[str, LessonEvent]] = []
    for minutes in (*moments, 400.0):
        both = await asyncio.gather(
            *(reconcile(any_db, at(minutes), DEFAULT_TIMING) for _ in range(2))
        )
        steps += [(t.lesson_id, t.event) for done in both for t in done.transitions]
    assert len(steps) == len(set(steps)), "a step was made twice"
    for one in ids:
        row = await lesson(any_db, one)
        looked_at = any(row.starts_at <= at(m) < row.ends_at for m in moments)
        assert row.state is (S.ARCHIVED if looked_at else S.MISSED)
        done_to_it = [event for lesson_id, event in steps if lesson_id == one]
        if looked_at:
            assert done_to_it[-3:] == [E.START, E.END, E.ARCHIVE]
            assert (row.actual_started_at, row.actual_ended_at) == (row.starts_at, row.ends_at)
        else:
            assert done_to_it[-1] is E.MISS


async def test_legs_follow_their_evidence(any_db: Database) -> None:
    town = await settle(any_db)
    one = await booked(town)
    east, west = town.rooms["east-1"].id, town.rooms["west-1"].id
    assert await update_legs(any_db, at(-1), {one: {east: True}}) == (), "it is not live"
    assert await prepare_leg(any_db, at(-1), one, east)
    assert not await prepare_leg(any_db, at(-1), one, east)
    await look(any_db, 0)
    assert await presence(any_db, at(0), DEFAULT_TIMING) == {one: {east: False, west: False}}
    await attended(town, one, "east-1", 0, 10)
    here = await presence(any_db, at(10.05), DEFAULT_TIMING)
    assert here == {one: {east: True, west: False}}
    changes = await update_legs(any_db, at(10.05), here)
    assert [(c.room_id, c.before, c.after) for c in changes] == [(east, G.READY, G.ATTENDING)]
    assert await update_legs(any_db, at(10.05), here) == ()
    gone = await presence(any_db, at(10.1), DEFAULT_TIMING)
    await update_legs(any_db, at(10.1), gone)
    assert await legs(town, one) == {"east-1": G.LOST, "west-1": G.INVITED}
    await update_legs(any_db, at(12), {one: {east: True, "unknown": True}, "unknown": {}})
    assert await legs(town, one) == {"east-1": G.ATTENDING, "west-1": G.INVITED}
    await look(any_db, 40)
    assert await legs(town, one) == {"east-1": G.LEFT, "west-1": G.INVITED}
    await attended(town, one, "west-1", 30, 40)  # a journal that was read late
    await look(any_db, 42)
    assert await legs(town, one) == {"east-1": G.LEFT, "west-1": G.LEFT}


async def test_a_connected_room_that_receives_nothing_is_not_there(any_db: Database) -> None:
    town = await settle(any_db)
    one = await booked(town)
    await look(any_db, 0)
    room = town.rooms["east-1"].id
    silent = facts(one, room, MONDAY, 0, 10, kinds=(FactKind.CONNECTED, FactKind.REPORTED))
    await append(any_db, "n1", 1, silent)
    assert (await presence(any_db, at(10), DEFAULT_TIMING))[one][room] is False
    async with any_db.write() as session:
        changes = await close_legs(session, one, final=True)
    assert [change.after for change in changes] == [G.ABSENT, G.ABSENT]


async def test_an_early_end_frees_rooms_and_people_at_once(any_db: Database) -> None:
    town = await settle(any_db)
    one = await booked(town)
    done = await end_lesson(any_db, at(12), town.teacher, one)  # no reconcile ran before
    assert (done.event, done.state) == (E.END, S.ENDED)
    row = await lesson(any_db, one)
    assert (row.actual_started_at, row.actual_ended_at, row.version) == (at(0), at(12), 2)
    async with any_db.read() as session:
        ends = set((await session.execute(select(col(Claim.ends_at)))).scalars())
    assert ends == {at(12)}
    two = await booked(town, key="two", starts_at=at(12))
    assert (await lesson(any_db, two)).state is S.BOOKED
    assert set(await look(any_db, 14)) == {(E.START, S.LIVE), (E.ARCHIVE, S.ARCHIVED)}
    assert (await lesson(any_db, one)).state is S.ARCHIVED


async def test_who_may_end_a_lesson(any_db: Database) -> None:
    town = await settle(any_db)
    one = await booked(town)
    await look(any_db, 0)
    for stranger in (
        town.actor(Role.TEACHER, "core", "core-a"),
        town.actor(Role.SCHOOL_ADMIN, "east", "east-t"),
        town.actor(Role.SUPERVISOR, None, "east-t"),
    ):
        with pytest.raises(Forbidden):
            await end_lesson(any_db, at(5), stranger, one)
    with pytest.raises(NotFound):
        await end_lesson(any_db, at(5), town.teacher, "no such lesson")
    admin = town.actor(Role.SCHOOL_ADMIN, "core", "core-a")
    assert (await end_lesson(any_db, at(5), admin, one)).state is S.ENDED


@pytest.mark.parametrize("minutes", [-10, -1, 41])
async def test_only_a_running_lesson_is_ended(any_db: Database, minutes: float) -> None:
    town = await settle(any_db)
    one = await booked(town)
    before = (await lesson(any_db, one)).model_dump()
    with pytest.raises(IllegalTransition):
        await end_lesson(any_db, at(minutes), town.teacher, one)
    assert (await lesson(any_db, one)).model_dump() == before


async def test_ended_twice_at_the_same_time_it_ends_once(any_db: Database) -> None:
    town = await settle(any_db)
    one = await booked(town)
    await look(any_db, 0)
    both = await asyncio.gather(
        *(end_lesson(any_db, at(5), town.teacher, one) for _ in range(2)), return_exceptions=True
    )
    assert sorted(type(result).__name__ for result in both) == ["IllegalTransition", "Transition"]
    assert (await lesson(any_db, one)).version == 2
