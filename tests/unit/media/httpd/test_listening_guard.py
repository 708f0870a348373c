"""The guard between a socket and aiohttp: who gets in, what is handed on, what is counted."""

import asyncio
from typing import Any

import aiohttp
import pytest
from aiohttp import web as http
from aiohttp.streams import StreamReader
from aiohttp.test_utils import make_mocked_request

from media import clock
from media.httpd.connections import Bounds
from media.httpd.listening import Guard, Guarded
from media.httpd.proxies import parse_network


class Wire(asyncio.Transport):
    """A transport that leads nowhere, from `peer`."""

    def __init__(self, peer: str | None = "192.0.2.1") -> None:
        super().__init__({"peername": None if peer is None else (peer, 40_000)})
        self.aborted = False

    def abort(self) -> None:
        self.aborted = True


class Inner(asyncio.Protocol):
    """Notes what reaches it."""

    def __init__(self) -> None:
        self.calls: list[object] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.calls.append(("made", transport))

    def data_received(self, data: bytes) -> None:
        self.calls.append(data)

    def eof_received(self) -> bool:
        self.calls.append("eof")
        return True

    def pause_writing(self) -> None:
        self.calls.append("pause")

    def resume_writing(self) -> None:
        self.calls.append("resume")

    def connection_lost(self, error: Exception | None) -> None:
        self.calls.append(("lost", error))


class Entrance:
    """A guard and who came to it."""

    def __init__(self, bounds: Bounds, *proxies: str) -> None:
        self.guard = Guard(bounds, [parse_network(proxy) for proxy in proxies])

    def come(self, peer: str | None = "192.0.2.1") -> tuple[Guarded, Wire, Inner]:
        wire, inner = Wire(peer), Inner()
        connection = Guarded(self.guard, lambda: inner)
        connection.connection_made(wire)
        return connection, wire, inner

    def busy(self, peer: str = "192.0.2.1") -> tuple[Guarded, Wire, Inner]:
        """One that sent its request: it does not only wait."""
        ends = self.come(peer)
        self.guard.connections.begin(ends[0])
        return ends

    @property
    def count(self) -> int:
        return len(self.guard.connections)


def test_what_comes_in_is_handed_on() -> None:
    connection, wire, inner = Entrance(Bounds(9, 9)).come()
    connection.data_received(b"GET")
    assert connection.eof_received() is True
    connection.pause_writing()
    connection.resume_writing()
    error = OSError()
    connection.connection_lost(error)
    assert inner.calls == [("made", wire), b"GET", "eof", "pause", "resume", ("lost", error)]
    assert wire.aborted is False


def test_one_too_many_is_aborted_and_reaches_nothing() -> None:
    entrance = Entrance(Bounds(9, 1))
    first = entrance.busy()
    connection, wire, inner = entrance.come()
    assert (wire.aborted, first[1].aborted) == (True, False)
    connection.data_received(b"GET")
    assert connection.eof_received() is None
    connection.pause_writing()
    connection.resume_writing()
    connection.connection_lost(None)
    assert inner.calls == []
    assert entrance.count == 1


def test_one_that_only_waits_makes_room() -> None:
    entrance = Entrance(Bounds(9, 1))
    waits, comes = entrance.come(), entrance.come()
    assert (waits[1].aborted, comes[1].aborted, entrance.count) == (True, False, 1)
    assert comes[2].calls == [("made", comes[1])]


@pytest.mark.parametrize(
    ("peers", "aborted"),
    [
        (("192.0.2.1", "192.0.2.2"), False),
        (("192.0.2.1", "192.0.2.1"), True),
        (("2001:db8::1", "2001:db8::2"), True),  # of one network
        (("2001:db8::1", "2001:db8:0:1::1"), False),
        (("10.0.0.1", "10.0.0.1"), False),  # a proxy of ours
        ((None, None), False),  # nobody knows: counts in all only
    ],
)
def test_a_source_has_its_share(peers: tuple[str | None, str | None], aborted: bool) -> None:
    entrance = Entrance(Bounds(9, 1), "10.0.0.0/24")
    entrance.guard.connections.begin(entrance.come(peers[0])[0])
    assert entrance.come(peers[1])[1].aborted is aborted


def test_who_left_takes_no_place() -> None:
    entrance = Entrance(Bounds(9, 1))
    connection, _wire, _inner = entrance.busy()
    connection.connection_lost(None)
    assert entrance.count == 0
    assert entrance.come()[1].aborted is False


def test_what_piles_up_is_noted_until_it_flows() -> None:
    entrance = Entrance(Bounds(9, 9, stuck=30.0))
    one, other = entrance.busy()[0], entrance.busy()[0]
    for connection in (one, other):
        connection.pause_writing()
    other.resume_writing()
    assert entrance.guard.connections.due(clock.mono() + 31) == [one]


def request_of(
    entrance: Entrance, connection: Guarded | None, whole: bool
) -> tuple[http.Request, StreamReader]:
    """A request on a connection (None: it is gone), whose body has come or is still to come."""
    loop = asyncio.get_running_loop()
    body = StreamReader(aiohttp.base_protocol.BaseProtocol(loop), 2**16, loop=loop)
    if whole:
        body.feed_eof()
    wire: Any = Wire() if connection is None else connection.transport
    return make_mocked_request("POST", "/", transport=wire, payload=body), body


async def test_an_answered_request_leaves_an_idle_connection() -> None:
    entrance = Entrance(Bounds(9, 9, idle=150.0, body=120.0))
    connection = entrance.come()[0]
    request, body = request_of(entrance, connection, whole=False)
    seen: list[list[Guarded]] = []

    async def handler(_request: http.Request) -> http.StreamResponse:
        entrance.guard.connections.stuck(connection, clock.mono())
        entrance.guard.connections.flows(connection)
        body.feed_eof()
        seen.append(entrance.guard.connections.due(clock.mono() + 200))
        return http.Response(text="done")

    response = await entrance.guard.occupied(request, handler)
    assert isinstance(response, http.Response)
    assert (response.text, seen) == ("done", [[]])
    assert entrance.guard.connections.due(clock.mono() + 140) == []
    assert entrance.guard.connections.due(clock.mono() + 160) == [connection]


async def test_a_body_is_waited_for_while_its_handler_reads() -> None:
    entrance = Entrance(Bounds(9, 9, body=120.0))
    connection = entrance.come()[0]
    request, _body = request_of(entrance, connection, whole=False)

    async def handler(_request: http.Request) -> http.StreamResponse:
        assert entrance.guard.connections.due(clock.mono() + 110) == []
        assert entrance.guard.connections.due(clock.mono() + 130) == [connection]
        return http.Response()

    await entrance.guard.occupied(request, handler)


async def test_a_request_without_a_body_is_not_waited_for() -> None:
    entrance = Entrance(Bounds(9, 9))
    connection = entrance.come()[0]
    request, _body = request_of(entrance, connection, whole=True)

    async def handler(_request: http.Request) -> http.StreamResponse:
        assert entrance.guard.connections.due(clock.mono() + 9999) == []
        return http.Response()

    await entrance.guard.occupied(request, handler)


@pytest.mark.parametrize(("whole", "status"), [(True, 200), (False, 400)])
async def test_of_a_lost_connection_only_what_came_whole_is_done(whole: bool, status: int) -> None:
    entrance = Entrance(Bounds(9, 9))
    request, _body = request_of(entrance, None, whole)
    done: list[str] = []

    async def handler(_request: http.Request) -> http.StreamResponse:
        done.append("done")
        return http.Response()

    assert (await entrance.guard.occupied(request, handler)).status == status
    assert done == (["done"] if whole else [])


@pytest.mark.parametrize("lost", [True, False])
async def test_a_reset_of_the_client_s_own_connection_is_no_error(lost: bool) -> None:
    entrance = Entrance(Bounds(9, 9))
    connection = entrance.come()[0]
    request, _body = request_of(entrance, connection, whole=True)

    async def handler(_request: http.Request) -> http.StreamResponse:
        if lost:
            connection.connection_lost(None)
        raise ConnectionResetError

    if lost:
        assert (await entrance.guard.occupied(request, handler)).status == 400
    else:
        with pytest.raises(ConnectionResetError):
            await entrance.guard.occupied(request, handler)
