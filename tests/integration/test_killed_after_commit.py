"""Killed with -9 between a commit and what must follow it: after the start it has followed, once.

Each use case with an effect runs in a process of its own that dies on the line after its commit,
while no coordinator runs. Then one is started, and the relay node, the alarm clock and the
terminals must learn of everything.
"""

import asyncio
import json
import signal
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import aiohttp
import pytest
from sqlalchemy import select
from sqlmodel import col

from scheduler.access.roles import Role
from scheduler.booking.book import book
from scheduler.booking.cancel import cancel
from scheduler.booking.move import move
from scheduler.events.kinds import EventKind
from scheduler.events.reading import events_after
from scheduler.events.tables import ReaderPosition
from scheduler.evidence.tables import AttendanceFact, FactKind
from scheduler.kernel.clock import system_clock
from scheduler.kernel.database import Database
from scheduler.lessons.events import state_after
from scheduler.lessons.states import LessonState
from scheduler.lessons.timing import DEFAULT_TIMING
from scheduler.lifecycle.ending import end_lesson
from scheduler.lifecycle.reconcile import reconcile
from scheduler.placement.orders import waiting_orders
from scheduler.terminals.enrolment import approve_pairing, revoke_terminal
from scheduler.terminals.pairing import begin_pairing
from scheduler.terminals.shapes import TerminalView
from server.jobs.events import RELAY_ORDERS
from server.process.keys import open_keyring
from server.relays.tickets import TicketSigner
from tests.support.coordinator import CoordinatorProcess
from tests.support.county import Town, settle
from tests.support.killed import killed_after
from tests.support.outside import OutsideNodes
from tests.support.waiting import soon, within

DAY = timedelta(days=1)

LastWords = tuple[list[str], int | None]
"""The reasons with which a listener was told that a stage is closed, and its close code."""


@dataclass
class Stand:
    """A county without a coordinator, whose relay node runs."""

    product: CoordinatorProcess
    url: str
    town: Town
    signer: TicketSigner
    http: aiohttp.ClientSession

    @property
    def db(self) -> Database:
        return self.town.db

    async def lesson(self, key: str, host: str, leg: str, starts_at: datetime) -> str:
        admin = self.town.actor(Role.COUNTY_ADMIN)
        command = self.town.command(
            key, host=host, teacher=f"{host[:4]}-t", legs=(leg,), starts_at=starts_at, people=False
        )
        return (await book(self.db, system_clock(), admin, command)).lesson_id

    async def terminal(self, room: str, *, replace: bool = False) -> TerminalView:
        admin, now = self.town.actor(Role.COUNTY_ADMIN), system_clock()
        pairing = await begin_pairing(self.db, now, "test", "")
        return await approve_pairing(
            self.db, now, admin, pairing.code, self.town.rooms[room].id, replace=replace
        )

    async def listen(self, stage: str, device: str = "") -> "asyncio.Task[LastWords]":
        """Let a room or a terminal listen to a stage, from its welcome on."""
        socket = await self.http.ws_connect(f"{self.product.node_url}/stages/{stage}")
        await socket.send_json({"type": "hello", "ticket": self.ticket(stage, device)})
        welcome = json.loads((await socket.receive(timeout=10)).data)
        assert welcome["type"] == "welcome"
        return asyncio.create_task(last_words(socket))

    def ticket(self, stage: str, device: str = "") -> str:
        now, room = system_clock(), f"room:{device or 'a'}"
        return self.signer.mint(stage, room, "LEG", "view", now, now + DAY, device).token

    async def status(self, stage: str, device: str = "") -> int:
        """Return what the node answers to the holder of a ticket."""
        headers = {"Authorization": f"Bearer {self.ticket(stage, device)}"}
        address = f"{self.product.node_url}/stages/{stage}/sources"
        async with self.http.get(address, headers=headers) as answer:
            return answer.status


@pytest.fixture
async def stand(tmp_path: Path, database_url: str) -> AsyncIterator[Stand]:
    product = CoordinatorProcess(tmp_path, spawn=False, database_url=database_url)
    (tmp_path / "data").mkdir(mode=0o700)
    keys = open_keyring(tmp_path / "data/keys")
    nodes, db = OutsideNodes(product, tmp_path / "outside"), Database(database_url)
    nodes.start(1)
    async with AsyncExitStack() as stack:
        stack.callback(nodes.end)
        stack.push_async_callback(product.clean_up)
        stack.push_async_callback(db.close)
        http = await stack.enter_async_context(aiohttp.ClientSession())
        town = await settle(db)
        async with within(20, "the relay node answers"):
            while await product.hello() is None:
                await asyncio.sleep(0.1)
        yield Stand(product, database_url, town, TicketSigner(keys.signing, ()), http)


async def test_what_must_follow_a_commit_follows_after_a_kill_and_once(stand: Stand) -> None:
    town, db, url = stand.town, stand.db, stand.url
    admin, now = town.actor(Role.COUNTY_ADMIN), system_clock()
    tomorrow = now + DAY
    running = await stand.lesson("running", "core-rec", "east-1", now)
    await reconcile(db, now, DEFAULT_TIMING)
    cancelled = await stand.lesson("cancelled", "core-1", "east-2", tomorrow)
    moved = await stand.lesson("moved", "east-2", "core-1", tomorrow + timedelta(hours=2))
    lost, former = await stand.terminal("east-1"), await stand.terminal("west-1")
    waiting = await begin_pairing(db, now, "test", "")
    open_stages = {stage: await stand.listen(stage) for stage in (running, cancelled)}
    devices = {one.id: await stand.listen("watched", one.id) for one in (lost, former)}

    soon_at = system_clock() + timedelta(seconds=1)
    booking = town.command(
        "booked", host="far-1", teacher="far-t", legs=("core-2",), starts_at=soon_at, people=False
    )
    west = town.rooms["west-1"].id
    later = soon_at + timedelta(minutes=40)
    replace = partial(approve_pairing, replace=True)
    await asyncio.gather(
        killed_after(url, book, soon_at, admin, booking),
        killed_after(url, move, soon_at, admin, moved, soon_at, later, 1),
        killed_after(url, cancel, soon_at, admin, cancelled, "停电"),
        killed_after(url, end_lesson, soon_at, admin, running),
        killed_after(url, revoke_terminal, soon_at, admin, lost.id),
        killed_after(url, replace, soon_at, admin, waiting.code, west),
    )
    assert [await stand.status(stage) for stage in open_stages] == [200, 200], "nobody told yet"

    await stand.product.start()
    async with within(20, "every listener is let go"):
        ended = {stage: await listener for stage, listener in open_stages.items()}
        refused = [await listener for listener in devices.values()]
    assert ended == {running: (["ended"], 4410), cancelled: (["cancelled"], 4410)}
    assert [code for _, code in refused] == [4401, 4401]
    assert [await stand.status(stage) for stage in open_stages] == [410, 410]
    assert [await stand.status("watched", device) for device in devices] == [403, 403]
    (booked,) = await lessons_booked(db, "far-1", town)
    await soon(lambda: all_live(db, [booked, moved]), 20, "both new lessons are live")
    await soon(lambda: all_told(db), 10, "no order waits, and the reader is done")
    await soon(lambda: closed_facts(db, open_stages), 20, "the ledger knows of both closed stages")

    # Killed and started again, nothing follows twice.
    before = await steps(db)
    await stand.product.end(signal.SIGKILL)
    await stand.product.start()
    await asyncio.sleep(2.5)  # longer than any of the readers' polls
    assert await steps(db) == before
    assert before.count((booked, LessonState.LIVE)) == before.count((moved, LessonState.LIVE)) == 1
    assert await all_told(db)
    assert await closed_facts(db, open_stages)


async def last_words(socket: aiohttp.ClientWebSocketResponse) -> LastWords:
    told = []
    async for message in socket:
        body = json.loads(message.data)
        if body["type"] == "closed":
            told.append(body["reason"])
    return told, socket.close_code


async def lessons_booked(db: Database, room: str, town: Town) -> list[str]:
    async with db.read() as session:
        events = await events_after(session, 0, 1000)
    topic = f"room:{town.rooms[room].id}"
    booked = [one for one in events if one.kind is EventKind.LESSON_BOOK]
    return [one.object_id for one in booked if topic in map(str, one.topics)]


async def steps(db: Database) -> list[tuple[str, LessonState | None]]:
    """Return what the clock did to lessons, in its order."""
    async with db.read() as session:
        events = await events_after(session, 0, 1000)
    return [
        (one.object_id, state_after(one)) for one in events if one.kind is EventKind.LESSON_STEP
    ]


async def all_live(db: Database, lessons: Sequence[str]) -> bool:
    done = await steps(db)
    return all((lesson, LessonState.LIVE) in done for lesson in lessons)


async def all_told(db: Database) -> bool:
    async with db.read() as session:
        position = await session.get(ReaderPosition, RELAY_ORDERS)
        behind = await events_after(session, position.number if position else 0, 1)
        return not behind and not await waiting_orders(session)


async def closed_facts(db: Database, stages: Collection[str]) -> bool:
    """Whether the node closed each of the stages once, by its journal."""
    async with db.read() as session:
        query = select(col(AttendanceFact.lesson_id)).where(
            col(AttendanceFact.kind) == FactKind.STAGE_CLOSED,
            col(AttendanceFact.lesson_id).in_(stages),
        )
        found = sorted((await session.scalars(query)).all())
    return found == sorted(stages)
