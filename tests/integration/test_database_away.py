"""PostgreSQL is restarted, or away at the start: the coordinator waits, and lessons go on."""

import asyncio
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from scheduler.access.roles import Role
from scheduler.booking.book import book
from scheduler.kernel.availability import DatabaseUnavailable
from scheduler.kernel.clock import system_clock
from scheduler.kernel.database import Database
from scheduler.lessons.states import LessonState
from scheduler.lessons.tables import Lesson
from scheduler.migrations.run import upgrade
from tests.support.coordinator import CoordinatorProcess
from tests.support.county import settle
from tests.support.databases import PostgresServer, postgres_binaries
from tests.support.waiting import soon


@pytest.fixture
def own_postgres() -> AsyncIterator[PostgresServer]:
    binaries = postgres_binaries()
    if binaries is None:
        pytest.skip("no PostgreSQL server binary (initdb) on this machine")
    server = PostgresServer(binaries)
    server.start()
    yield server
    server.stop()


async def healthy(product: CoordinatorProcess) -> int:
    try:
        async with aiohttp.ClientSession() as http, http.get(f"{product.url}/healthz") as answer:
            return answer.status
    except aiohttp.ClientError:
        return 0


async def test_a_coordinator_outlives_restarts_of_its_database(
    tmp_path: Path, own_postgres: PostgresServer
) -> None:
    url = own_postgres.url(await own_postgres.create())
    await asyncio.to_thread(own_postgres.halt)
    product = CoordinatorProcess(tmp_path, database_url=url)
    (tmp_path / "data").mkdir(mode=0o700)
    try:
        product.launch()
        await soon(lambda: said(product, "next try in"), 20, product.log)
        await asyncio.to_thread(own_postgres.resume)
        await soon(lambda: is_healthy(product), 40, product.log)
        pid = product.process.pid
        db = Database(url)
        town = await settle(db)

        await asyncio.to_thread(own_postgres.halt)
        assert await healthy(product) == 503
        async with aiohttp.ClientSession() as http:
            page = await http.get(f"{product.url}/api/v1/terminal/day", headers=TOKEN)
            assert (page.status, page.headers["Retry-After"]) == (503, "5")
            problem = await page.json(content_type=None)
            assert problem["status"] == 503
            assert "数据库暂时没有响应" in problem["detail"]
        with pytest.raises(DatabaseUnavailable):
            await db.ping()
        await asyncio.sleep(4)  # two rounds of every loop
        assert product.process.poll() is None, product.log()[-3000:]

        await asyncio.to_thread(own_postgres.resume)
        await soon(lambda: is_healthy(product), 40, product.log)
        now = system_clock()
        command = town.command("after", starts_at=now, people=False)
        made = await book(db, now, town.actor(Role.COUNTY_ADMIN), command)

        async def live() -> bool:
            async with db.read() as session:
                lesson = await session.get(Lesson, made.lesson_id)
            return lesson is not None and lesson.state is LessonState.LIVE

        await soon(live, 60, "the loops work again: a lesson goes live")
        assert product.process.pid == pid
        assert "Traceback" not in product.log()
        await db.close()
        assert await product.end(signal.SIGTERM) == 0
    finally:
        await product.clean_up()


TOKEN = {"Authorization": "Bearer " + "a" * 43}


async def said(product: CoordinatorProcess, words: str) -> bool:
    return words in product.log()


async def is_healthy(product: CoordinatorProcess) -> bool:
    return await healthy(product) == 200


async def test_an_upgrade_tells_that_the_database_is_away(own_postgres: PostgresServer) -> None:
    url = own_postgres.url(await own_postgres.create())
    await asyncio.to_thread(own_postgres.halt)
    with pytest.raises(DatabaseUnavailable):
        await upgrade(url)
    database = Database(url)
    with pytest.raises(DatabaseUnavailable):
        await database.ping()
    await database.close()
