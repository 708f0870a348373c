"""Today's product starts on what the version before has left, and everything is still there.

`tests/upgrade/copy/` is a database and a node's unread journal made by that version itself
(`python -m tests.upgrade`); `said.json` is what it had to say of them when it was started again.
"""

import asyncio
import json
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from scheduler.evidence.ledger import verify_chain
from scheduler.kernel.database import Database
from scheduler.migrations.run import current, newest
from tests.support.coordinator import CoordinatorProcess
from tests.support.databases import PostgresServer
from tests.support.endpoint_client import RECVONLY, offer
from tests.support.tickets import TicketMint
from tests.support.waiting import soon
from tests.upgrade.copy_of_old import COPY, DATABASE, SAID, lay_out, write_orders, write_ticket_key
from tests.upgrade.pages import Pages, signed_in
from tests.upgrade.postgres import move_rows

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]

REVISION = "0006"
"""Of the version before."""

JUDGED = """
[attendance]
grace_seconds = 5.0
early_before_seconds = 5.0
minimum_share = 0.1
"""
"""As the version before had it (tests/upgrade/old_product.py): the same facts, the same verdict."""

OVER = ("ARCHIVED", "CANCELLED", "MISSED")
GONE, REVOKED, NOBODY_THERE = 410, 403, 409
"""What a node answers who wants to watch: the lesson is over, a revoked device, no source yet."""

Said = dict[str, Any]
Row = dict[str, str]


@pytest.fixture(scope="module")
def said() -> Said:
    """What the version before said of the same copy."""
    found: Said = json.loads(SAID.read_text("utf-8"))
    return found


class Upgraded:
    """The copy, laid out for today's product, which is started on it."""

    def __init__(self, folder: Path, url: str | None, said: Said) -> None:
        self.said = said
        self.product = CoordinatorProcess(folder)
        self.data = folder / "data"
        self.database = url or f"sqlite+aiosqlite:///{self.data}/tongke.db"
        config = self.product.config.read_text("utf-8") + JUDGED
        if url is not None:
            config += f'\n[data]\ndatabase_url = "{url}"\n'
        self.product.config.write_text(config, "utf-8")
        lay_out(self.data)
        key = write_ticket_key(self.data / "keys")
        self.mint = TicketMint(kid=str(key.thumbprint()), key=key)

    def lesson(self, title: str) -> dict[str, Any]:
        """Return what the version before said of a lesson."""
        return next(lesson for lesson in self.said["lessons"] if lesson["title"] == title)

    async def settled(self, pages: Pages) -> list[dict[str, Any]]:
        """Wait until the clock has nothing more to do, and return the lessons as they are."""
        async with asyncio.timeout(180):
            while True:
                paths = [f"/api/v1/lessons/{lesson['id']}" for lesson in self.said["lessons"]]
                lessons = [await pages.call(path) for path in paths]
                if all(lesson["state"] in (*OVER, "BOOKED") for lesson in lessons):
                    return lessons
                await asyncio.sleep(1)


@pytest.fixture(params=["sqlite", "postgresql"])
def elsewhere(request: pytest.FixtureRequest) -> str | None:
    """The URL of an empty PostgreSQL database, None for the SQLite file of the copy itself."""
    if request.param == "sqlite":
        return None
    server: PostgresServer = request.getfixturevalue("postgres")
    return server.url(asyncio.run(server.create()))


@pytest.fixture
async def upgraded(elsewhere: str | None, tmp_path: Path, said: Said) -> AsyncIterator[Upgraded]:
    copy = Upgraded(tmp_path, elsewhere, said)
    if elsewhere is not None:
        await move_rows(copy.data / "tongke.db", REVISION, elsewhere)
        (copy.data / "tongke.db").unlink()
    yield copy
    await copy.product.clean_up()


async def test_a_county_goes_on_where_the_version_before_left_it(upgraded: Upgraded) -> None:
    """Lessons, figures with what the node's journal still held, and who did what."""
    assert await current(upgraded.database) == REVISION
    await upgraded.product.start()
    assert await current(upgraded.database) == newest()
    async with signed_in(upgraded.product.url) as pages:
        assert await upgraded.settled(pages) == upgraded.said["lessons"]
        usage = upgraded.said["usage"]
        for _ in range(60):
            found = as_before(await pages.usage(), usage)
            if found == in_order(usage):
                break
            await asyncio.sleep(1)  # the node's journal is read when the node has started
        assert found == in_order(usage)
        audit = without_sign_ins(upgraded.said["audit"])
        assert as_before(without_sign_ins(await pages.audit()), audit) == in_order(audit)
        assert len(audit) == 18
    await chains_are_whole(upgraded)


async def test_terminals_stay_enrolled_and_addresses_stay_sealed(upgraded: Upgraded) -> None:
    await upgraded.product.start()
    async with aiohttp.ClientSession(upgraded.product.url) as http:
        days = {token: await day_of(http, token) for token in ("near", "host", "dark", "nobody")}
    assert days["near"] == (200, "三年级教室")
    assert days["host"] == (200, "录播教室")
    assert days["dark"] == (401, ""), "it was revoked"
    assert days["nobody"] == (401, "")
    again = await upgraded.product.ask("import", str(COPY / "county.toml"))
    assert again.stdout == "岗北县(虚构): 0 created, 0 updated, 25 unchanged\n", again.stderr


async def test_orders_that_waited_for_a_node_reach_it(upgraded: Upgraded) -> None:
    cancelled, mint = upgraded.lesson("取消的课")["id"], upgraded.mint
    write_orders(upgraded.data / "orders.json", cancelled, "a-stolen-device")
    await upgraded.product.start()
    async with aiohttp.ClientSession(upgraded.product.node_url) as http:

        async def asked(stage: str, device: str) -> int:
            ticket = mint.view(stage, device=device)
            headers = {"Authorization": f"Bearer {ticket}", "Content-Type": "application/sdp"}
            async with http.post(f"/whep/{stage}", data=offer(RECVONLY), headers=headers) as answer:
                return answer.status

        async def is_told() -> bool:
            with suppress(aiohttp.ClientConnectionError):  # the node is starting
                over = await asked(cancelled, "any-device")
                return (over, await asked("another-lesson", "a-stolen-device")) == (GONE, REVOKED)
            return False

        await soon(is_told, 30, "the node knows the lesson that is over and the revoked device")
        assert await asked("another-lesson", "any-device") == NOBODY_THERE


async def chains_are_whole(upgraded: Upgraded) -> None:
    """The ledger's chains go on from the facts that the version before had chained."""
    db = Database(upgraded.database)
    try:
        ended = await verify_chain(db, upgraded.lesson("上完的课")["id"])
        went_on = await verify_chain(db, upgraded.lesson("无人记录的课")["id"])
    finally:
        await db.close()
    assert (ended.broken_at, went_on.broken_at) == (None, None)
    with closing(sqlite3.connect(":memory:")) as old:
        old.executescript(DATABASE.read_text("utf-8"))
        asked = "SELECT COUNT(*) FROM attendancefact WHERE lesson_id = ?"
        assert old.execute(asked, (ended.lesson_id,)).fetchone() == (ended.facts,)
        assert old.execute(asked, (went_on.lesson_id,)).fetchone() < (went_on.facts,)


async def day_of(http: aiohttp.ClientSession, token: str) -> tuple[int, str]:
    """Return the status of a terminal's day, and the name of its room."""
    headers = {"Authorization": f"Bearer {token}"}
    async with http.get("/api/v1/terminal/day", headers=headers) as answer:
        body = await answer.json(content_type=None)
        return answer.status, body["room"]["name"] if answer.status == 200 else ""


def as_before(rows: list[Row], before: list[Row]) -> list[Row]:
    """Return the columns that the version before had, in an order of our own."""
    return in_order([{column: row[column] for column in before[0]} for row in rows])


def in_order(rows: list[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: sorted(row.items()))


def without_sign_ins(rows: list[Row]) -> list[Row]:
    """Leave out who signed in: those who look do it themselves."""
    return [row for row in rows if row["操作"] != "登录"]
