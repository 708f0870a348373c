"""Events on both kinds of database: in the transaction, in the order of the commits, read once."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest
from sqlalchemy import text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from scheduler.events.kinds import Event, EventKind
from scheduler.events.readers import BATCH, EventReader
from scheduler.events.reading import events_after, newest_number
from scheduler.events.tables import EventRow
from scheduler.events.topics import lesson_topic, room_topic
from scheduler.events.waking import Waking
from scheduler.events.writing import emit
from scheduler.kernel.database import Database
from tests.support.waiting import until

NOW = datetime(2026, 9, 16, 2, 0, tzinfo=UTC)


def event(name: str, kind: EventKind = EventKind.LESSON_BOOK) -> Event:
    return Event(
        kind=kind,
        at=NOW,
        topics=(lesson_topic(name), room_topic("r1")),
        actor_id="a1",
        object_id=name,
        summary="草原",
        before={"state": "DRAFT"},
        after={"state": "BOOKED", "legs": 2},
    )


async def write(db: Database, *names: str) -> None:
    async with db.write() as session:
        for name in names:
            emit(session, event(name))


async def names_after(db: Database, number: int = 0) -> list[str]:
    async with db.read() as session:
        return [one.object_id for one in await events_after(session, number, 1000)]


async def test_an_event_comes_back_as_it_was_written(any_db: Database) -> None:
    await write(any_db, "l1")
    async with any_db.read() as session:
        (read,) = await events_after(session, 0, 10)
        assert read.number == await newest_number(session)
        assert await events_after(session, read.number, 10) == []
    written = event("l1")
    assert (read.kind, read.at, read.topics) == (written.kind, written.at, written.topics)
    assert (read.actor_id, read.object_id, read.summary) == ("a1", "l1", "草原")
    assert (read.before, read.after) == (written.before, written.after)


async def test_an_event_falls_with_its_transaction(any_db: Database) -> None:
    async def work(session: AsyncSession) -> None:
        emit(session, event("l1"))
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await any_db.transact(work)
    assert await names_after(any_db) == []


async def test_no_event_is_ever_changed(any_db: Database) -> None:
    await write(any_db, "l1")

    async def work(session: AsyncSession) -> None:
        await session.execute(update(EventRow).values(summary="another"))

    with pytest.raises(DBAPIError, match="append-only"):
        await any_db.transact(work)
    async with any_db.read() as session:
        assert (await session.scalars(text("SELECT summary FROM event"))).all() == ["草原"]


async def test_what_a_newer_version_wrote_is_read_and_concerns_nobody(any_db: Database) -> None:
    async with any_db.write() as session:
        row = EventRow(at=NOW, kind="lesson.postpone", topics=["lesson:l1", "bus:b1", "?"])
        session.add(row)
    async with any_db.read() as session:
        (read,) = await events_after(session, 0, 10)
    assert (read.kind, read.topics) == ("lesson.postpone", (lesson_topic("l1"),))


class Kept:
    """A reader that notes what it is given; it fails as often as it is told to."""

    def __init__(self, failures: int = 0) -> None:
        self.names: list[str] = []
        self._failures = failures

    async def __call__(self, session: AsyncSession, events: Sequence[Event]) -> None:
        if self._failures:
            self._failures -= 1
            await session.execute(update(EventRow).where(col(EventRow.number) < 0).values(kind="x"))
            raise ZeroDivisionError
        self.names += [one.object_id for one in events]


async def test_a_reader_goes_on_where_it_stopped(any_db: Database) -> None:
    await write(any_db, "l1", "l2")
    first = Kept()
    reader = EventReader(any_db, "test", first)
    assert await reader.step()
    assert not await reader.step()
    await write(any_db, "l3")
    second, other = Kept(), Kept()
    assert await EventReader(any_db, "test", second).step()
    assert await EventReader(any_db, "other", other).step()
    assert (first.names, second.names) == (["l1", "l2"], ["l3"])
    assert other.names == ["l1", "l2", "l3"]


async def test_a_reader_that_fails_is_given_the_same_again(any_db: Database) -> None:
    await write(any_db, "l1")
    kept = Kept(failures=1)
    reader = EventReader(any_db, "test", kept)
    with pytest.raises(ZeroDivisionError):
        await reader.step()
    assert await reader.step()
    assert kept.names == ["l1"]


async def test_a_long_backlog_is_taken_in_batches(any_db: Database) -> None:
    await write(any_db, *(f"l{number}" for number in range(BATCH + 1)))
    kept = Kept()
    reader = EventReader(any_db, "test", kept)
    assert [await reader.step(), len(kept.names)] == [True, BATCH]
    assert [await reader.step(), len(kept.names)] == [True, BATCH + 1]
    assert not await reader.step()


async def test_two_processes_share_one_reader_and_nothing_is_read_twice(any_db: Database) -> None:
    await write(any_db, *(f"l{number}" for number in range(40)))
    second = Database(any_db.url)
    kept = [Kept(), Kept()]
    readers = [EventReader(db, "test", k) for db, k in zip((any_db, second), kept, strict=True)]
    await asyncio.gather(*(reader.step() for reader in readers for _ in range(5)))
    await second.close()
    assert sorted(kept[0].names + kept[1].names) == sorted(f"l{number}" for number in range(40))


async def test_a_reader_by_number_passes_no_transaction_that_is_still_open(
    any_db: Database,
) -> None:
    """Writers overlap as PostgreSQL lets them; every event is seen once, by rising numbers."""
    writers, each = 8, 12
    seen: list[int] = []
    done = asyncio.Event()

    async def writing(writer: int) -> None:
        for number in range(each):
            async with any_db.write() as session:
                emit(session, event(f"w{writer}-{number}"))
                await asyncio.sleep(0.003 * ((writer + number) % 3))

    async def reading() -> None:
        number = 0
        while True:
            ended = done.is_set()
            async with any_db.read() as session:
                events = await events_after(session, number, 7)
            seen.extend(one.number for one in events)
            number = seen[-1] if seen else 0
            if ended and not events:
                return
            await asyncio.sleep(0)

    reader = asyncio.create_task(reading())
    await asyncio.gather(*(writing(writer) for writer in range(writers)))
    done.set()
    await reader
    assert len(seen) == writers * each
    assert seen == sorted(set(seen))


async def test_a_commit_wakes_whoever_waits_also_in_another_process(any_db: Database) -> None:
    other = Database(any_db.url)
    here, there = Waking(any_db), Waking(other)
    listening = asyncio.create_task(there.listen())
    woken: list[str] = []

    async def wait(name: str, waking: Waking) -> None:
        with waking.waiter() as waiter:
            while True:
                before = asyncio.get_running_loop().time()
                await waiter.wait(60.0)
                if asyncio.get_running_loop().time() - before < 60.0:
                    woken.append(name)

    waits = [asyncio.create_task(wait("here", here)), asyncio.create_task(wait("there", there))]
    if not any_db.is_sqlite:  # it says so once it listens, for something may have come before
        await until(lambda: "there" in woken, 10.0, lambda: "nobody listens")
        woken.clear()
    await asyncio.sleep(0)
    await write(any_db, "l1")
    everybody = {"here"} if any_db.is_sqlite else {"here", "there"}  # SQLite is polled
    await until(lambda: set(woken) >= everybody, 10.0, lambda: f"only {woken} woke")
    for task in (*waits, listening):
        task.cancel()
    await asyncio.gather(*waits, listening, return_exceptions=True)
    await other.close()
