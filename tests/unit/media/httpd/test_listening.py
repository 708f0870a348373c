"""An HTTP port from opening to closing, and how much it may hold."""

import asyncio

import aiohttp
import pytest
from aiohttp import web as http
from prometheus_client import CollectorRegistry

from media.httpd.connections import Bounds
from media.httpd.listening import HttpPort, bounds_for, raise_file_limit


async def test_a_port_opens_serves_counts_and_closes() -> None:
    app, registry = http.Application(), CollectorRegistry()

    async def hello(_request: http.Request) -> http.Response:
        return http.Response(text="hello")

    app.router.add_get("/", hello)
    port = HttpPort(app, registry, Bounds(1, 1), ())
    number = await port.open("127.0.0.1", 0)
    figures = ("connections", "refused_total", "overdue_total")
    async with aiohttp.ClientSession(f"http://127.0.0.1:{number}") as client:
        async with client.get("/") as response:
            assert await response.text() == "hello"
        found = [registry.get_sample_value(f"tongke_http_{name}") for name in figures]
        assert found == [1, 0, 0]
    await port.close()
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.1", number)


async def test_a_port_that_was_never_opened_closes() -> None:
    await HttpPort(http.Application(), CollectorRegistry(), Bounds(1, 1), ()).close()


def test_the_bounds_follow_the_peers_and_the_files() -> None:
    assert bounds_for(1000, 65_536) == Bounds(4000, 1000)
    assert bounds_for(1000, 1024) == Bounds(768, 192)
    assert bounds_for(1, 261) == Bounds(4, 1)
    assert bounds_for(1, 259) == Bounds(3, 1)
    assert bounds_for(1, 100) == Bounds(1, 1)
    assert bounds_for(0, 9999) == Bounds(1, 1)


@pytest.mark.parametrize("hard", [4096, -1])
def test_a_process_takes_as_many_files_as_it_may(
    monkeypatch: pytest.MonkeyPatch, hard: int
) -> None:
    taken: list[tuple[int, int]] = []
    monkeypatch.setattr("resource.getrlimit", lambda _what: (256, hard))
    monkeypatch.setattr("resource.setrlimit", lambda _what, limits: taken.append(limits))
    files = 10_240 if hard == -1 else 4096
    assert raise_file_limit() == files
    assert taken == [(files, files)]
