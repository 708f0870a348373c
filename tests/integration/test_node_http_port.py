"""The node's HTTP port with real connections, in process and with short limits."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web as http
from prometheus_client import CollectorRegistry, generate_latest

from media.node.connections import Bounds
from media.node.listening import HttpPort
from media.node.metrics import REGISTRY
from media.node.proxies import parse_network

GET = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
LARGE = 32 << 20
"""Bytes that fit into no socket's buffers."""

Ends = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def hello(_request: http.Request) -> http.Response:
    return http.Response(text="hello")


async def large(_request: http.Request) -> http.Response:
    return http.Response(body=bytes(LARGE))


async def patient(request: http.Request) -> http.WebSocketResponse:
    socket = http.WebSocketResponse()
    await socket.prepare(request)
    await socket.receive()
    return socket


class Port:
    """An open port, and connections to it."""

    def __init__(self, number: int, registry: CollectorRegistry) -> None:
        self._number, self._registry = number, registry

    async def connect(self, words: bytes = b"") -> Ends:
        reader, writer = await asyncio.open_connection("127.0.0.1", self._number)
        writer.write(words)
        return reader, writer

    async def answer(self, words: bytes = GET) -> bytes:
        return await status_line(await self.connect(words))

    def figure(self, name: str) -> float:
        text = generate_latest(self._registry).decode()
        (line,) = (line for line in text.splitlines() if line.startswith(f"tongke_http_{name} "))
        return float(line.split()[1])


async def status_line(ends: Ends) -> bytes:
    try:
        return await asyncio.wait_for(ends[0].readline(), 5)
    except ConnectionError:
        return b""


async def ends_within(ends: Ends, seconds: float) -> bool:
    try:
        return await asyncio.wait_for(ends[0].read(-1), seconds) == b""
    except ConnectionError:
        return True
    except TimeoutError:
        return False


@asynccontextmanager
async def port(bounds: Bounds, *proxies: str) -> AsyncIterator[Port]:
    app = http.Application()
    app[REGISTRY] = CollectorRegistry()
    app.router.add_get("/", hello)
    app.router.add_get("/large", large)
    app.router.add_get("/socket", patient)
    door = HttpPort(app, bounds, [parse_network(proxy) for proxy in proxies])
    number = await door.open("127.0.0.1", 0)
    try:
        yield Port(number, app[REGISTRY])
    finally:
        await door.close()


async def test_a_source_that_holds_its_share_is_turned_away_until_one_ends() -> None:
    async with port(Bounds(100, 2)) as door:
        kept = [await door.connect(GET) for _ in range(2)]
        assert [await status_line(ends) for ends in kept] == [b"HTTP/1.1 200 OK\r\n"] * 2
        assert await door.answer() == b""
        assert (door.figure("connections"), door.figure("refused_total")) == (2, 1)
        kept[0][1].close()
        await kept[0][1].wait_closed()
        await asyncio.sleep(0.1)
        assert await door.answer() == b"HTTP/1.1 200 OK\r\n"


async def test_a_proxy_of_ours_may_hold_them_all() -> None:
    async with port(Bounds(8, 2), "127.0.0.0/8") as door:
        kept = [await door.connect(GET) for _ in range(8)]
        assert [await status_line(ends) for ends in kept] == [b"HTTP/1.1 200 OK\r\n"] * 8


async def test_a_full_port_still_opens_for_who_asks_something() -> None:
    async with port(Bounds(20, 40)) as door:
        silent = [await door.connect() for _ in range(20)]
        asking = [await door.connect(GET) for _ in range(5)]
        assert [await status_line(ends) for ends in asking] == [b"HTTP/1.1 200 OK\r\n"] * 5
        assert [await ends_within(ends, 1) for ends in silent[:5]] == [True] * 5
        assert not await ends_within(silent[5], 0.2)


async def test_a_head_that_trickles_does_not_hold_its_connection() -> None:
    async with port(Bounds(9, 9, first_request=1.0)) as door:
        reader, writer = await door.connect()
        loop = asyncio.get_running_loop()
        began = loop.time()
        for byte in GET[:-1]:
            writer.write(bytes([byte]))
            await asyncio.sleep(0.1)
            if reader.at_eof() or reader.exception() is not None:
                break
        assert 0.9 < loop.time() - began < 2.5
        assert door.figure("overdue_total") == 1


async def test_one_that_has_asked_may_rest_longer_but_not_for_ever() -> None:
    async with port(Bounds(9, 9, first_request=0.5, idle=2.5)) as door:
        ends = await door.connect(GET)
        await ends[0].readuntil(b"hello")
        assert not await ends_within(ends, 1.5)
        ends[1].write(GET)
        await asyncio.wait_for(ends[0].readuntil(b"hello"), 1)
        assert await ends_within(ends, 5)


async def test_a_socket_is_at_work_as_long_as_it_lasts() -> None:
    upgrade = (
        b"GET /socket HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
    )
    async with port(Bounds(9, 9, first_request=0.3, idle=0.3)) as door:
        ends = await door.connect(upgrade)
        await asyncio.wait_for(ends[0].readuntil(b"\r\n\r\n"), 1)
        assert not await ends_within(ends, 2)


async def test_who_takes_nothing_of_what_he_asked_for_is_let_go() -> None:
    async with port(Bounds(9, 9, stuck=0.5)) as door:
        _reader, writer = await door.connect(b"GET /large HTTP/1.1\r\nHost: x\r\n\r\n")
        writer.transport.pause_reading()  # type: ignore[attr-defined]
        await asyncio.sleep(0.3)
        assert door.figure("connections") == 1
        await asyncio.sleep(2)
        assert (door.figure("connections"), door.figure("overdue_total")) == (0, 1)
