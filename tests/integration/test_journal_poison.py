"""Records that the ledger cannot take: set aside after a few tries, and the rest is stored."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta

import aiohttp
import pytest
from aiohttp import web as http
from aiohttp.test_utils import TestServer
from sqlalchemy import delete, select
from sqlmodel import col

from media.contract.journal import RecordKind
from scheduler.evidence.ledger import position
from scheduler.evidence.set_aside import count_set_aside
from scheduler.evidence.tables import AttendanceFact, FactKind, JournalPosition, SetAside
from scheduler.kernel.clock import system_clock
from scheduler.kernel.database import Database
from server.jobs import journal
from server.jobs.journal import JournalReader
from server.relays.control import ControlClient
from tests.support.waiting import soon

Record = Mapping[str, object]


def record(seq: int, kind: str, peer: str = "", subject: str = "", **more: object) -> Record:
    fixed = {"node": "n1", "boot": "b1", "mono": float(seq), "wall": 1_700_000_000.0 + seq, "v": 2}
    named = {"seq": seq, "kind": kind, "stage": "l1", "peer": peer, "subject": subject}
    return {**fixed, **named, "role": "LEG", "data": {}, **more}


def attended(first: int, peer: str, subject: str) -> list[Record]:
    """A peer that comes, is sampled once, and leaves."""
    samples = {"peers": {peer: [1_700_000_000.0 + first + 1, 50, 50_000]}}
    left = {"last_heard": 1_700_000_001.0 + first, "reason": "bye"}
    return [
        record(first, RecordKind.PEER_CONNECTED, peer, subject, data={"grant": "view"}),
        record(first + 1, RecordKind.SAMPLE, data=samples),
        record(first + 2, RecordKind.PEER_LEFT, peer, subject, data=left),
    ]


@asynccontextmanager
async def reading(db: Database, records: Sequence[Record]) -> AsyncIterator[list[int]]:
    """Read the journal of a node with these records; yield what was acknowledged."""
    acknowledged: list[int] = []

    async def page(request: http.Request) -> http.Response:
        after, limit = int(request.query["after"]), int(request.query["limit"])
        wanted = [one for one in records if int(str(one["seq"])) > after][:limit]
        return http.json_response({"records": wanted, "last": len(records)})

    async def acknowledge(request: http.Request) -> http.Response:
        acknowledged.append((await request.json())["seq"])
        return http.Response(status=204)

    app = http.Application()
    app.router.add_get("/control/journal", page)
    app.router.add_post("/control/journal/ack", acknowledge)
    async with TestServer(app) as server, aiohttp.ClientSession() as session:
        client = ControlClient(str(server.make_url("")).rstrip("/"), "secret", session)
        task = asyncio.create_task(JournalReader("n1", client, db).run())
        yield acknowledged
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal, "EVERY", 0.02)
    monkeypatch.setattr(journal, "AFTER_ERROR", 0.02)


async def subjects(db: Database) -> set[str]:
    async with db.read() as session:
        return set((await session.scalars(select(col(AttendanceFact.subject)))).all()) - {""}


async def read_whole(db: Database, records: Sequence[Record]) -> None:
    async with reading(db, records) as acknowledged:

        async def done() -> bool:
            return await position(db, "n1") == len(records) and bool(acknowledged)

        await soon(done, 20, "the journal is read to its end")
        assert acknowledged[-1] == len(records)


async def test_nul_in_the_name_of_a_stage_costs_nobody_a_fact(any_db: Database) -> None:
    nul = record(1, RecordKind.REFUSED, subject="room:r1", data={"reason": "wrong-stage"})
    records = [{**nul, "stage": "\0abc"}, *attended(2, "p1", "room:r1")]
    await read_whole(any_db, records)
    assert await subjects(any_db) == {"room:r1"}


async def test_a_record_of_which_the_data_are_wrong_is_set_aside(any_db: Database) -> None:
    wrong = record(1, RecordKind.REPORT, "p0", "room:r0", data={"frames": "many"})
    await read_whole(any_db, [wrong, *attended(2, "p1", "room:r1")])
    assert await subjects(any_db) == {"room:r1"}
    async with any_db.read() as session:
        (aside,) = (await session.scalars(select(SetAside))).all()
        assert await count_set_aside(session, system_clock() - timedelta(minutes=1)) == 1
    assert (aside.node_id, aside.seq) == ("n1", 1)
    assert "frames" in aside.reason
    assert '"frames": "many"' in aside.content


async def test_poison_is_set_aside_and_the_rest_goes_on(any_db: Database) -> None:
    records = [
        *attended(1, "p1", "room:r1"),
        *attended(4, "p2", "room:\0"),
        *attended(7, "p3", "room:r3"),
    ]
    await read_whole(any_db, records)
    known = await subjects(any_db)
    async with any_db.read() as session:
        aside = (await session.scalars(select(SetAside))).all()
        kinds = set((await session.scalars(select(col(AttendanceFact.kind)))).all())
    assert {"room:r1", "room:r3"} <= known
    assert FactKind.JOINED in kinds
    if any_db.is_sqlite:  # it stores NUL
        assert aside == []
        return
    assert known == {"room:r1", "room:r3"}
    assert {one.node_id for one in aside} == {"n1"}
    assert all("room:\\u0000" in one.content and "0x00" in one.reason for one in aside)


async def test_the_same_journal_read_again_sets_nothing_aside_twice(any_db: Database) -> None:
    wrong = record(1, RecordKind.REPORT, "p0", "room:r0", data={"frames": "many"})
    await read_whole(any_db, [wrong])
    async with any_db.write() as session:
        await session.execute(delete(JournalPosition))
    await read_whole(any_db, [wrong])
    async with any_db.read() as session:
        assert len((await session.scalars(select(SetAside))).all()) == 1
