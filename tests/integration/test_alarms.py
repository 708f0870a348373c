"""The alarm clock on a real database: lessons move on by themselves, and everybody is told."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import aiohttp
import pytest

from scheduler.access.roles import Role
from scheduler.booking.book import book
from scheduler.events.kinds import EventKind
from scheduler.events.reading import events_after
from scheduler.events.topics import Topic, lesson_topic, room_topic
from scheduler.events.waking import Waking
from scheduler.kernel.clock import system_clock
from scheduler.kernel.database import Database
from scheduler.lessons.events import state_after
from scheduler.lessons.states import LessonState
from scheduler.lessons.tables import Lesson
from scheduler.lessons.timing import Timing
from scheduler.placement.orders import Order, waiting_orders
from server.config.settings import ConfiguredNode
from server.jobs.alarms import AlarmClock
from server.jobs.events import News, OrderWriter, follow
from server.relays.control import ControlClient
from server.relays.delivery import OrderDelivery
from tests.support.county import Town, settle
from tests.support.ports import free_ports
from tests.support.waiting import until, within
from web.kit.live import LiveHub

TIMING = Timing(lobby_before=timedelta(seconds=1), archive_after=timedelta(seconds=30))

Moves = list[tuple[LessonState, datetime]]
"""What a lesson became, and when that was known."""


class Shifted:
    """The system's clock moved, so that a lesson's minute passes in a moment."""

    def __init__(self) -> None:
        self.ahead = timedelta(0)

    def __call__(self) -> datetime:
        return system_clock() + self.ahead


@dataclass(frozen=True, slots=True)
class Running:
    """An alarm clock with what follows its events; the only relay node is away."""

    db: Database
    alarms: AlarmClock
    hub: LiveHub
    moves: Moves

    async def waiting(self) -> list[Order]:
        """Return the orders that the node was not told yet."""
        async with self.db.read() as session:
            return [one.order for one in await waiting_orders(session)]


@asynccontextmanager
async def running(db: Database, clock: Shifted) -> AsyncIterator[Running]:
    (port,) = free_ports(1)
    node, hub, waking = ConfiguredNode(id="n1", http_port=port), LiveHub(), Waking(db)
    async with aiohttp.ClientSession() as http:
        delivery = OrderDelivery(db, clock, {"n1": ControlClient(node.control, "secret", http)})
        ringing = AlarmClock(db, clock, TIMING, 300.0)
        news, orders = News(db, hub, ringing.ring), OrderWriter(db, ["n1"], delivery)
        moves: Moves = []
        await news.begin()
        work = [
            follow("orders", orders.step, waking),
            follow("news", news.step, waking),
            delivery.run(),
            note_moves(db, waking, moves),
        ]
        tasks = [asyncio.create_task(one) for one in work]
        await asyncio.sleep(0)
        await ringing.start()
        yield Running(db, ringing, hub, moves)
        ringing.stop()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def note_moves(db: Database, waking: Waking, moves: Moves) -> None:
    """Note what lessons become, and when that is known."""
    number = 0
    with waking.waiter() as waiter:
        while True:
            async with db.read() as session:
                events = await events_after(session, number, 100)
            for event in events:
                number, state = event.number, state_after(event)
                if event.kind is EventKind.LESSON_STEP and state is not None:
                    moves.append((state, system_clock()))
            await waiter.wait(1.0)


async def lesson_in(db: Database, town: Town, seconds: float) -> str:
    now = system_clock()
    starts_at = now + timedelta(seconds=seconds)
    command = town.command(starts_at=starts_at, minutes=1)
    return (await book(db, now, town.actor(Role.COUNTY_ADMIN), command)).lesson_id


async def state_of(db: Database, lesson_id: str) -> LessonState:
    async with db.read() as session:
        return (await session.get_one(Lesson, lesson_id)).state


async def until_waiting(product: Running) -> None:
    """Wait until an order waits for the node."""
    async with within(5, "an order that waits for the node"):
        while not await product.waiting():
            await asyncio.sleep(0.01)


async def test_a_lesson_goes_live_to_the_second_without_waiting_for_a_round(
    db: Database,
) -> None:
    town = await settle(db)
    lesson_id = await lesson_in(db, town, 2.0)
    assert await state_of(db, lesson_id) is LessonState.BOOKED
    async with running(db, Shifted()) as product:
        moves = product.moves
        await until(lambda: len(moves) > 1, 5.0, lambda: f"a lobby, then a lesson; {moves}")
    async with db.read() as session:
        lesson = await session.get_one(Lesson, lesson_id)
    (lobby, opened), (live, began) = moves
    assert (lobby, live, lesson.state) == (LessonState.LOBBY, LessonState.LIVE, LessonState.LIVE)
    assert opened >= lesson.starts_at - TIMING.lobby_before
    assert began >= lesson.starts_at == lesson.actual_started_at


async def test_what_was_slept_through_happens_at_the_start(db: Database) -> None:
    town, clock = await settle(db), Shifted()
    lesson_id = await lesson_in(db, town, 0.0)
    async with running(db, clock):
        assert await state_of(db, lesson_id) is LessonState.LIVE
    clock.ahead = timedelta(minutes=10)
    async with running(db, clock) as product:
        assert await state_of(db, lesson_id) is LessonState.ARCHIVED
        await until_waiting(product)
        (order,) = await product.waiting()
    assert order.names == (lesson_id,)


async def test_the_end_is_told_to_rooms_and_to_a_node_that_is_away_later(
    db: Database,
) -> None:
    town, clock = await settle(db), Shifted()
    lesson_id = await lesson_in(db, town, 0.0)
    rooms = [room_topic(town.rooms[code].id) for code in ("core-rec", "east-1", "west-1")]
    concerned = {lesson_topic(lesson_id), *rooms}
    async with running(db, clock) as product:
        heard: set[Topic] = set()

        async def listen() -> None:
            async for topic in product.hub.listen(*concerned):
                heard.add(topic)

        listener = asyncio.create_task(listen())
        await asyncio.sleep(0)
        clock.ahead = timedelta(seconds=60.5)
        await product.alarms.ring()
        await until(lambda: heard == concerned, 5.0, lambda: f"only {heard} heard of it")
        await until_waiting(product)
        listener.cancel()
        (order,) = await product.waiting()
    assert await state_of(db, lesson_id) is LessonState.ENDED
    assert (order.kind, order.names, order.reason) == ("close", (lesson_id,), "ended")


async def test_a_fault_of_the_database_is_outlived(
    db: Database, caplog: pytest.LogCaptureFixture
) -> None:
    town, clock = await settle(db), Shifted()
    lesson_id = await lesson_in(db, town, 30.0)
    alarms = AlarmClock(db, clock, TIMING, 300.0)
    await alarms.start()
    file = Path(db.url.partition("///")[2])
    away = file.with_suffix(".away")
    await db.close()
    file.rename(away)
    clock.ahead = timedelta(seconds=31)
    await alarms.ring()
    assert "could not be brought up to date" in caplog.text
    file.unlink(missing_ok=True)
    away.rename(file)
    await db.close()
    await alarms.ring()
    assert await state_of(db, lesson_id) is LessonState.LIVE
    alarms.stop()
