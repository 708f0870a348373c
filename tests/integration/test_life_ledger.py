"""The ledger on both databases: once, in order, for ever."""

import asyncio
import random
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Delete, Update, delete, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from scheduler.evidence.chain import GENESIS
from scheduler.evidence.intervals import Interval, NewFact
from scheduler.evidence.ledger import (
    LedgerError,
    append,
    open_facts,
    position,
    resume,
    verify_chain,
)
from scheduler.evidence.span_builder import SpanBuilder
from scheduler.evidence.spans import union
from scheduler.evidence.tables import AttendanceFact, FactKind
from scheduler.kernel.database import Database
from tests.support.county import NOW
from tests.support.evidence import facts

LESSON, OTHER, ROOM = "lesson-1", "lesson-2", "room-1"


def shown(start: float, end: float, lesson: str = LESSON, peer: str = "peer") -> NewFact:
    (one,) = facts(lesson, ROOM, NOW, start, end, peer=peer, kinds=(FactKind.SHOWN,))
    return one


async def rows(db: Database) -> list[AttendanceFact]:
    async with db.read() as session:
        found = await session.execute(
            select(AttendanceFact).order_by(
                col(AttendanceFact.lesson_id), col(AttendanceFact.position)
            )
        )
        return list(found.scalars())


async def test_facts_and_position_are_one_transaction(any_db: Database) -> None:
    assert await position(any_db, "n1") == 0
    assert await append(any_db, "n1", 7, [shown(0, 1), shown(1, 2)]) == 2
    assert await position(any_db, "n1") == 7
    broken = replace(shown(5, 6), starts_at=NOW.replace(tzinfo=None))
    with pytest.raises(Exception, match="naive"):
        await append(any_db, "n1", 9, [shown(3, 4), broken])
    assert (await position(any_db, "n1"), len(await rows(any_db))) == (7, 2)
    assert await position(any_db, "n2") == 0


async def test_reading_again_adds_only_what_is_new(any_db: Database) -> None:
    await append(any_db, "n1", 1, [shown(0, 10), shown(10, 12)])
    assert await append(any_db, "n1", 1, [shown(0, 10), shown(0, 9), shown(10, 12)]) == 0
    assert await append(any_db, "n1", 2, [shown(0, 15), shown(0, 15)]) == 1
    found = await rows(any_db)
    assert [(r.starts_at - NOW).total_seconds() / 60 for r in found] == [0, 10, 12]
    assert [(r.ends_at - NOW).total_seconds() / 60 for r in found] == [10, 12, 15]
    assert await append(any_db, "n2", 2, [shown(0, 15)]) == 1, "another node is another witness"


async def test_any_cuts_in_any_order_have_the_same_union(any_db: Database) -> None:
    chance = random.Random(20261118)
    truth = [(0, 13), (20, 31), (40, 41)]
    pieces = [
        shown(cut, min(cut + chance.randint(1, 6), end))
        for start, end in truth
        for cut in range(start, end)
        for _ in range(2)
    ]
    chance.shuffle(pieces)
    for at in range(0, len(pieces), 7):
        await append(any_db, "n1", at, pieces[at : at + 7])
    found = union([Interval(row.starts_at, row.ends_at) for row in await rows(any_db)])
    assert [
        ((f.starts_at - NOW) / timedelta(minutes=1), (f.ends_at - NOW) / timedelta(minutes=1))
        for f in found
    ] == truth


async def test_the_chain_is_sound_and_names_its_first_broken_place(any_db: Database) -> None:
    for number in range(5):
        both = [shown(number, number + 1), shown(number, number + 1, OTHER, "q")]
        await append(any_db, "n1", number, both)
    sound = await verify_chain(any_db, LESSON)
    assert (sound.facts, sound.broken_at) == (5, None)
    assert len(sound.digest) == 64
    assert [row.position for row in await rows(any_db)] == [1, 2, 3, 4, 5] * 2

    assert await forge(any_db, update(AttendanceFact).values(role="HOST"), 4) == 4
    assert await forge(any_db, update(AttendanceFact).values(digest="0" * 64), 3) == 3
    assert await forge(any_db, delete(AttendanceFact), 2) == 2
    assert (await verify_chain(any_db, OTHER)).broken_at is None
    empty = await verify_chain(any_db, "nothing")
    assert (empty.facts, empty.broken_at, empty.digest) == (0, None, GENESIS)


async def forge(db: Database, statement: Update | Delete, place: int) -> int | None:
    """Change one fact as somebody with the database in hand would: the guard taken off first."""
    table = "" if db.is_sqlite else " ON attendancefact"
    async with db.write() as session:
        await session.execute(text(f"DROP TRIGGER IF EXISTS attendancefact_append_only{table}"))
        this_one = (col(AttendanceFact.lesson_id) == LESSON, col(AttendanceFact.position) == place)
        await session.execute(statement.where(*this_one))
    return (await verify_chain(db, LESSON)).broken_at


async def test_a_fact_cannot_be_changed(any_db: Database) -> None:
    await append(any_db, "n1", 1, [shown(0, 1)])

    async def by_the_model(session: AsyncSession) -> None:
        (await session.execute(select(AttendanceFact))).scalar_one().role = "HOST"

    async def by_hand(session: AsyncSession) -> None:
        await session.execute(text("UPDATE attendancefact SET role = 'HOST'"))

    with pytest.raises(LedgerError):
        await any_db.transact(by_the_model)
    with pytest.raises(DBAPIError, match="append-only"):
        await any_db.transact(by_hand)
    assert [row.role for row in await rows(any_db)] == ["LEG"]
    async with any_db.write() as session:  # the retention rule may
        await session.execute(delete(AttendanceFact))


async def test_two_readers_at_once_keep_one_chain(any_db: Database) -> None:
    async def reader(node: str) -> None:
        for number in range(15):
            await append(any_db, node, number, [shown(number, number + 1, peer=node)])

    await asyncio.gather(*(reader(f"n{number}") for number in range(4)))
    check = await verify_chain(any_db, LESSON)
    assert (check.facts, check.broken_at) == (60, None)


async def test_the_open_builder_comes_back(any_db: Database) -> None:
    begin = NOW.timestamp()
    builder = SpanBuilder("b1")
    builder.peer_connected("p1", f"room:{ROOM}", "LEG", LESSON, begin)
    for second in range(1, 11):
        builder.sample("p1", begin + second, begin + second, second * 10, second)
    facts_now = builder.flush(10, hold=60)
    await append(any_db, "n1", 10, facts_now, builder.snapshot())
    assert [row.kind for row in await rows(any_db)] == [FactKind.JOINED]
    async with any_db.read() as session:
        held = await open_facts(session, [LESSON])
        assert await open_facts(session, [OTHER]) == []
    assert {(f.kind, (f.ends_at - f.starts_at).total_seconds()) for f in held} == {
        (FactKind.CONNECTED, 10.0),
        (FactKind.RECEIVED, 10.0),
    }
    seq, again = await resume(any_db, "n1")
    assert seq == 10
    again.sample("p1", begin + 11, begin + 11, 110, 11)
    await append(any_db, "n1", 11, again.flush(11), again.snapshot())
    lengths = {(r.kind, (r.ends_at - r.starts_at).total_seconds()) for r in await rows(any_db)}
    assert lengths == {
        (FactKind.JOINED, 0.0),
        (FactKind.CONNECTED, 11.0),
        (FactKind.RECEIVED, 11.0),
    }
    async with any_db.read() as session:
        assert await open_facts(session, [LESSON]) == []
