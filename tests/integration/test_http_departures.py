"""Clients of an HTTP port that go before they have sent, or read, everything."""

import asyncio

import pytest
from aiohttp import web as http

from media.httpd.connections import Bounds
from media.httpd.listening import Guard, Guarded
from tests.support.httpport import UPGRADE, patient, port

HEAD = b"POST /%s HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\n"


@pytest.mark.parametrize("words", [HEAD % b"size" + b"12", HEAD % b"endless" + b"1234"])
async def test_a_client_that_goes_in_the_middle_is_no_error_of_ours(
    words: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    async with port(Bounds(9, 9)) as door:
        _reader, writer = await door.connect(words)
        await asyncio.sleep(0.2)
        writer.transport.abort()
        await asyncio.sleep(0.3)
        assert door.figure("connections") == 0
    assert not caplog.records


class Torn(Guarded):
    """A connection that is gone before what it has sent is looked at."""

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self.transport.abort()


@pytest.mark.parametrize(
    ("words", "handled"),
    [(HEAD % b"size", []), (HEAD % b"size" + b"1234", [4]), (UPGRADE, [])],
    ids=["half", "whole", "WebSocket"],
)
async def test_a_request_whose_client_is_gone_is_carried_out_only_if_it_is_whole(
    words: bytes, handled: list[int], caplog: pytest.LogCaptureFixture
) -> None:
    sizes: list[int] = []

    async def noted(request: http.Request) -> http.Response:
        sizes.append(len(await request.read()))
        return http.Response()

    app, guard = http.Application(), Guard(Bounds(9, 9), ())
    app.middlewares.append(guard.occupied)
    app.router.add_post("/size", noted)
    app.router.add_get("/socket", patient)
    runner = http.AppRunner(app, access_log=None)
    await runner.setup()
    assert runner.server is not None
    inner, loop = runner.server, asyncio.get_running_loop()
    listener = await loop.create_server(lambda: Torn(guard, inner), "127.0.0.1", 0)
    _reader, writer = await asyncio.open_connection(*listener.sockets[0].getsockname())
    writer.write(words)
    await asyncio.sleep(0.2)
    writer.close()
    listener.close()
    await runner.cleanup()
    assert (sizes, caplog.records) == (handled, [])
