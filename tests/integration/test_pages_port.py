"""The port of the pages under siege from behind one router: whoever asks something is answered.

First the application with small bounds, in process; then a coordinator that may open few files.
"""

import asyncio
import resource
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import aiohttp
import pytest
from prometheus_client import CollectorRegistry

from media.httpd.connections import Bounds
from media.httpd.listening import HttpPort
from scheduler.events.topics import lesson_topic
from scheduler.terminals import enrolment
from scheduler.terminals import pairing as pairings
from server.process.listening import CONNECTIONS, bounds_for
from tests.support.coordinator import CoordinatorProcess
from tests.support.lessons import rooms_of_school
from tests.support.webclient import Site, open_site
from web.app import make_app

HALF_OPEN = b"GET /sign-in HTTP/1.1\r\nHost: x\r\nX-Slow: "
FEW_FILES, MANY_FILES = 1024, 2048
LIMIT = aiohttp.ClientTimeout(total=30)


class Besieger:
    """Opens requests that it does not finish."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._open: list[asyncio.StreamWriter] = []

    async def open(self, count: int) -> None:
        for _ in range(count):
            _reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
            writer.write(HALF_OPEN)
            self._open.append(writer)

    def leave(self) -> None:
        for writer in self._open:
            writer.transport.abort()


@asynccontextmanager
async def besieger(port: int) -> AsyncIterator[Besieger]:
    found = Besieger(port)
    try:
        yield found
    finally:
        found.leave()


def newcomer(address: str = "127.0.0.1") -> aiohttp.ClientSession:
    """Return a client at this address that makes a connection of its own for each request."""
    connector = aiohttp.TCPConnector(force_close=True, local_addr=(address, 0))
    return aiohttp.ClientSession(connector=connector, timeout=LIMIT)


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    async with open_site(tmp_path) as running:
        yield running


async def token_of_a_terminal(site: Site) -> str:
    """Pair a screen with a room."""
    now, room = site.clock(), (await rooms_of_school(site, "lz14"))[0]
    pairing = await pairings.begin_pairing(site.db, now, "a screen", "127.0.x.x")
    await enrolment.approve_pairing(site.db, now, await site.actor("county"), pairing.code, room.id)
    return pairing.secret


async def test_admin_terminal_and_live_page_are_served_behind_the_attackers_router(
    site: Site,
) -> None:
    county = await site.sign_in("county")
    kept = county.client.session.cookie_jar.filter_cookies(site.server.make_url("/"))
    cookies = {name: morsel.value for name, morsel in kept.items()}
    bearer = {"Authorization": f"Bearer {await token_of_a_terminal(site)}"}
    port = HttpPort(make_app(site.services), CollectorRegistry(), Bounds(200, 50), ())
    number = await port.open("127.0.0.1", 0)
    url = f"http://127.0.0.1:{number}"
    try:
        async with besieger(number) as siege, newcomer() as http:
            live = await http.get(f"{url}/api/v1/live?topics=*", cookies=cookies)
            assert live.status == 200
            await siege.open(60)
            for _ in range(5):
                await siege.open(20)
                async with http.get(f"{url}/admin/system", cookies=cookies) as page:
                    assert "转发节点" in await page.text()
                async with http.get(f"{url}/api/v1/terminal/day", headers=bearer) as day:
                    assert (await day.json())["lessons"] == []
            site.services.live.publish(lesson_topic("any"))
            heard = b""
            while b"event: changed" not in heard:
                heard += await asyncio.wait_for(live.content.readany(), 10)
            live.close()
    finally:
        await port.close()


@contextmanager
def files(count: int) -> Iterator[None]:
    """Let this process, and those that it starts now, open so many files unless they ask."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (count, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


async def test_half_open_requests_neither_end_a_coordinator_nor_keep_its_pages(
    tmp_path: Path,
) -> None:
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    if hard != resource.RLIM_INFINITY and hard < MANY_FILES:
        pytest.skip(f"this account may open {hard} files, the siege takes {MANY_FILES}")
    coordinator = CoordinatorProcess(tmp_path)
    try:
        with files(FEW_FILES):
            await coordinator.start()
        with files(MANY_FILES):
            async with besieger(coordinator.port) as siege:
                await siege.open(FEW_FILES + 200)
                for address in ("127.0.0.1", "127.0.0.2"):
                    async with newcomer(address) as http:
                        async with http.get(f"{coordinator.url}/sign-in") as page:
                            assert "</form>" in await page.text()
                        async with http.get(f"{coordinator.url}/healthz") as health:
                            assert (await health.json())["status"] == "ok"
        assert coordinator.process.poll() is None, coordinator.log()[-2000:]
    finally:
        await coordinator.clean_up()


def test_the_bounds_of_the_pages_follow_the_files() -> None:
    assert bounds_for(65_536) == Bounds(CONNECTIONS, CONNECTIONS // 2)
    assert bounds_for(1024) == Bounds(768, 384)
    assert bounds_for(100) == Bounds(2, 1)
