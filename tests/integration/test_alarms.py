"""The alarm clock on a real database: lessons move on by themselves, and everybody is told."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path

import aiohttp
import pytest

from scheduler.access.roles import Role
from scheduler.booking.book import book
from scheduler.kernel.clock import system_clock
from scheduler.kernel.database import Database
from scheduler.lessons.states import LessonState
from scheduler.lessons.tables import Lesson
from scheduler.lessons.timing import Timing
from scheduler.lifecycle.reconcile import Transition
from server.config.settings import NodeSettings
from server.jobs.alarms import AlarmClock
from server.jobs.lesson_news import LessonNews
from server.relays.control import ControlClient
from server.relays.orders import NodeDesk, OrderBook
from tests.support.county import Town, settle
from tests.support.ports import free_ports
from tests.support.waiting import until
from web.kit.live import LiveHub

TIMING = Timing(lobby_before=timedelta(seconds=1), archive_after=timedelta(seconds=30))

Moves = list[tuple[LessonState, datetime]]
"""What a lesson became, and when that was told."""


class Shifted:
    """The system's clock moved, so that a lesson's minute passes in a moment."""

    def __init__(self) -> None:
        self.ahead = timedelta(0)

    def __call__(self) -> datetime:
        return system_clock() + self.ahead


@asynccontextmanager
async def alarms(
    db: Database, clock: Shifted, folder: Path
) -> AsyncIterator[tuple[AlarmClock, LiveHub, OrderBook, Moves]]:
    (port,) = free_ports(1)
    moves: Moves = []
    node, hub = NodeSettings(id="n1", http_port=port), LiveHub()
    orders = OrderBook(folder / "orders.json")
    async with aiohttp.ClientSession() as http:
        client = ControlClient(node.control, "secret", http)
        news = LessonNews(db, clock, hub, NodeDesk([node], {"n1": client}, orders, clock))

        async def moved_on(transitions: Sequence[Transition]) -> None:
            await news.moved_on(transitions)
            moves.extend((one.state, system_clock()) for one in transitions)

        ringing = AlarmClock(db, clock, TIMING, 300.0, moved_on)
        await ringing.start()
        yield ringing, hub, orders, moves
        ringing.stop()


async def lesson_in(db: Database, town: Town, seconds: float) -> str:
    now = system_clock()
    starts_at = now + timedelta(seconds=seconds)
    command = town.command(starts_at=starts_at, minutes=1)
    return (await book(db, now, town.actor(Role.COUNTY_ADMIN), command)).lesson_id


async def state_of(db: Database, lesson_id: str) -> LessonState:
    async with db.read() as session:
        return (await session.get_one(Lesson, lesson_id)).state


async def test_a_lesson_goes_live_to_the_second_without_waiting_for_a_round(
    db: Database, tmp_path: Path
) -> None:
    town = await settle(db)
    lesson_id = await lesson_in(db, town, 2.0)
    assert await state_of(db, lesson_id) is LessonState.BOOKED
    async with alarms(db, Shifted(), tmp_path) as (_, _, _, moves):
        await until(lambda: len(moves) > 1, 5.0, lambda: f"a lobby, then a lesson; {moves}")
    async with db.read() as session:
        lesson = await session.get_one(Lesson, lesson_id)
    (lobby, opened), (live, began) = moves
    assert (lobby, live, lesson.state) == (LessonState.LOBBY, LessonState.LIVE, LessonState.LIVE)
    assert opened >= lesson.starts_at - TIMING.lobby_before
    assert began >= lesson.starts_at == lesson.actual_started_at


async def test_what_was_slept_through_happens_at_the_start(db: Database, tmp_path: Path) -> None:
    town, clock = await settle(db), Shifted()
    lesson_id = await lesson_in(db, town, 0.0)
    async with alarms(db, clock, tmp_path):
        assert await state_of(db, lesson_id) is LessonState.LIVE
    clock.ahead = timedelta(minutes=10)
    async with alarms(db, clock, tmp_path) as (_, _, orders, _):
        assert await state_of(db, lesson_id) is LessonState.ARCHIVED
        assert {order.names for order in orders.waiting} == {(lesson_id,)}, "its stage stays open"


async def test_the_end_is_told_to_rooms_and_to_a_node_that_is_away_later(
    db: Database, tmp_path: Path
) -> None:
    town, clock = await settle(db), Shifted()
    lesson_id = await lesson_in(db, town, 0.0)
    async with alarms(db, clock, tmp_path) as (ringing, hub, orders, _):
        heard: set[str] = set()

        async def listen() -> None:
            rooms = [f"room:{town.rooms[code].id}" for code in ("core-rec", "east-1", "west-1")]
            async for topic in hub.listen(f"lesson:{lesson_id}", *rooms):
                heard.add(topic.partition(":")[0] + topic[-4:])

        listener = asyncio.create_task(listen())
        await asyncio.sleep(0)
        clock.ahead = timedelta(seconds=60.5)
        await ringing.ring()
        await asyncio.sleep(0.05)
        listener.cancel()
    assert await state_of(db, lesson_id) is LessonState.ENDED
    assert len(heard) == 4
    (order,) = orders.waiting
    assert (order.kind, order.names, order.reason) == ("close", (lesson_id,), "ended")


async def test_a_fault_of_the_database_is_outlived(
    db: Database, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    town, clock = await settle(db), Shifted()
    lesson_id = await lesson_in(db, town, 30.0)
    async with alarms(db, clock, tmp_path) as (ringing, _, _, _):
        file = Path(db.url.partition("///")[2])
        away = file.with_suffix(".away")
        await db.close()
        file.rename(away)
        clock.ahead = timedelta(seconds=31)
        await ringing.ring()
        assert "could not be brought up to date" in caplog.text
        file.unlink(missing_ok=True)
        away.rename(file)
        await db.close()
        await ringing.ring()
        assert await state_of(db, lesson_id) is LessonState.LIVE
