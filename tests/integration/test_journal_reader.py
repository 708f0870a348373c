"""The journal of a real node in the ledger: nothing is lost or doubled, whoever is killed."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import aiohttp
import pytest
from sqlalchemy import delete, select
from sqlmodel import col

from media.client.session.publisher import Publisher
from scheduler.evidence.intervals import Interval
from scheduler.evidence.ledger import position, verify_chain
from scheduler.evidence.spans import union
from scheduler.evidence.tables import AttendanceFact, FactKind, JournalPosition
from scheduler.kernel.clock import system_clock
from scheduler.kernel.database import Database
from scheduler.migrations.run import upgrade
from server.jobs.journal import JournalReader
from server.relays.control import ControlClient
from tests.support.clips import clip
from tests.support.relay import RelayProcess
from tests.support.standstill import Stopwatch
from tests.support.waiting import soon

STAGE = "lesson1"


@dataclass
class House:
    """A node, a ledger, and as many readers as a test wants."""

    relay: RelayProcess
    db: Database
    http: aiohttp.ClientSession

    def reader(self) -> JournalReader:
        client = ControlClient(self.relay.url, self.relay.secret, self.http)
        return JournalReader("n1", client, self.db)

    async def facts(self) -> list[AttendanceFact]:
        query = select(AttendanceFact).where(col(AttendanceFact.lesson_id) == STAGE)
        async with self.db.read() as session:
            return list((await session.execute(query)).scalars())

    async def evidence(self, kind: FactKind) -> tuple[Interval, ...]:
        facts = await self.facts()
        return union(Interval(f.starts_at, f.ends_at) for f in facts if f.kind is kind)

    async def moments(self) -> list[tuple[FactKind, str]]:
        facts = sorted(await self.facts(), key=lambda fact: fact.starts_at)
        return [(f.kind, f.peer) for f in facts if f.starts_at == f.ends_at]

    async def stored(self) -> int:
        return await position(self.db, "n1")

    def acknowledged(self) -> int:
        """Return what the node has noted on disk; 0 before it has noted anything."""
        noted = self.relay.journal_folder.rglob("acknowledged")
        return max((int(file.read_text()) for file in noted), default=0)


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    url = f"sqlite+aiosqlite:///{tmp_path / 'ledger.db'}"
    await upgrade(url)
    db, relay = Database(url), RelayProcess(tmp_path / "node")
    await relay.start()
    async with aiohttp.ClientSession() as http:
        yield House(relay, db, http)
    await relay.stop()
    await db.close()


async def run_for(reader: JournalReader, seconds: float) -> None:
    """Let a reader work and then vanish, as a killed coordinator does."""
    task = asyncio.create_task(reader.run())
    await asyncio.sleep(seconds)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def read_until(house: House, kind: FactKind, seconds: float = 8.0) -> None:
    """Read until a fact of this kind is in the ledger and what is stored is acknowledged."""
    task = asyncio.create_task(house.reader().run())

    async def done() -> bool:
        found = any(fact.kind is kind for fact in await house.facts())
        return found and house.acknowledged() == await house.stored()

    try:
        await soon(done, seconds, f"{kind} in the ledger, and acknowledged", every=0.1)
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def publish(house: House) -> Publisher:
    publisher = Publisher(house.http, house.relay.publish_place(STAGE), clip())
    await publisher.start()
    return publisher


async def test_a_reader_that_is_killed_again_and_again_leaves_no_hole(house: House) -> None:
    publisher = await publish(house)
    for _ in range(4):
        await run_for(house.reader(), 1.3)
    await publisher.close()
    await read_until(house, FactKind.LEFT)

    (connected,) = await house.evidence(FactKind.CONNECTED)
    assert connected.seconds > 4.5
    received = await house.evidence(FactKind.RECEIVED)
    assert sum(piece.seconds for piece in received) > connected.seconds - 1.5
    kinds = [kind for kind, _ in await house.moments()]
    assert kinds.count(FactKind.JOINED) == kinds.count(FactKind.LEFT) == 1
    assert (await verify_chain(house.db, STAGE)).broken_at is None


async def test_reading_everything_again_changes_nothing(house: House) -> None:
    publisher = await publish(house)
    await run_for(house.reader(), 3.0)
    await publisher.close()
    await read_until(house, FactKind.LEFT)
    kinds = (FactKind.CONNECTED, FactKind.RECEIVED)
    before = [await house.evidence(kind) for kind in kinds], await house.moments()
    reached = await house.stored()

    async with house.db.write() as session:
        await session.execute(delete(JournalPosition))
    await run_for(house.reader(), 1.5)
    assert await house.stored() >= reached
    assert ([await house.evidence(kind) for kind in kinds], await house.moments()) == before


async def test_a_killed_node_shows_as_a_gap_and_nothing_before_it_is_lost(house: House) -> None:
    publisher = await publish(house)
    await asyncio.sleep(3.5)
    killed = system_clock()
    await house.relay.kill()
    await publisher.close()
    await asyncio.sleep(2.0)
    started, watch = system_clock(), Stopwatch()
    await house.relay.start()
    again = await publish(house)
    await asyncio.sleep(1.5)
    await again.close()
    await read_until(house, FactKind.LEFT)

    first, second = await house.evidence(FactKind.CONNECTED)
    assert first.seconds > 2.5
    gap = second.starts_at - first.ends_at
    assert started - killed < gap < timedelta(seconds=watch.allows(6))
    assert FactKind.NODE_STARTED in [kind for kind, _ in await house.moments()]


async def test_only_what_is_stored_is_acknowledged(house: House) -> None:
    publisher = await publish(house)
    reader = house.reader()
    await reader.step()
    await publisher.close()
    stored = await house.stored()
    assert house.acknowledged() == stored > 0
    await read_until(house, FactKind.LEFT)
    assert stored < house.acknowledged() <= await house.stored()
