"""An HTTP port of ours in process, and raw connections to it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from aiohttp import web as http
from prometheus_client import CollectorRegistry, generate_latest

from media.httpd.connections import Bounds
from media.httpd.listening import HttpPort
from media.httpd.proxies import parse_network
from tests.support.waiting import within

GET = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
UPGRADE = (
    b"GET /socket HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
)
OK, SWITCHED = b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 101 Switching Protocols\r\n"
SERVED = Path(__file__)
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


async def size(request: http.Request) -> http.Response:
    return http.Response(text=str(len(await request.read())))


async def endless(request: http.Request) -> http.StreamResponse:
    response = http.StreamResponse()
    await response.prepare(request)
    while True:
        await response.write(b"on and on ")
        await asyncio.sleep(0.01)


async def this_file(_request: http.Request) -> http.FileResponse:
    return http.FileResponse(SERVED)


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
        async with within(5, "a status line"):
            return await ends[0].readline()
    except ConnectionError:
        return b""


async def ends_within(ends: Ends, seconds: float) -> bool:
    try:
        async with within(seconds, "the end"):
            return await ends[0].read(-1) == b""
    except ConnectionError:
        return True
    except AssertionError:
        return False


@asynccontextmanager
async def port(bounds: Bounds, *proxies: str) -> AsyncIterator[Port]:
    app = http.Application()
    registry = CollectorRegistry()
    app.router.add_get("/", hello)
    app.router.add_get("/large", large)
    app.router.add_get("/socket", patient)
    app.router.add_post("/size", size)
    app.router.add_post("/endless", endless)
    app.router.add_get("/file", this_file)
    door = HttpPort(app, registry, bounds, [parse_network(proxy) for proxy in proxies])
    number = await door.open("127.0.0.1", 0)
    try:
        yield Port(number, registry)
    finally:
        await door.close()
