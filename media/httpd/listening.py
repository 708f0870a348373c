"""An HTTP port that is bounded in how many connections it holds and how long they may only wait:
a node's, and the coordinator's."""

import asyncio
import logging
import socket
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any, cast

from aiohttp import web as http
from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from media import clock
from media.httpd.bodies import ClientFaults, hide_server, is_packed, refuse_encoding
from media.httpd.connections import Bounds, Connections
from media.httpd.proxies import Network, is_proxy, source_of

LOG = logging.getLogger(__name__)
LOG.addFilter(ClientFaults())

Handler = Callable[[http.Request], Awaitable[http.StreamResponse]]

PER_PEER = 4
"""Connections for each peer that a node may have: a stage WebSocket and what a page needs while
it starts. One source, a school behind its router or all schools of a county, has a quarter."""

OTHER_FILES = 256
"""Files of the process that are no connections."""

ENOUGH_FILES = 10_240
"""Open files to ask for where the system sets no limit; some refuse to be asked for more."""

BACKLOG = 512
SWEEP = 1.0


class Guard:
    """Lets connections in, and closes those that only wait."""

    def __init__(self, bounds: Bounds, proxies: Sequence[Network]) -> None:
        self.connections = Connections[Guarded](bounds)
        self._proxies = proxies
        self._by_transport: dict[asyncio.BaseTransport, Guarded] = {}

    def enter(self, connection: "Guarded") -> bool:
        """Let a new connection in; one that only waits may have to make room for it."""
        peer = str((connection.transport.get_extra_info("peername") or ("",))[0])
        source = "" if is_proxy(peer, self._proxies) else source_of(peer)
        stays, gives_way = self.connections.enter(connection, source, clock.mono())
        if gives_way is not None:
            gives_way.transport.abort()
        if stays:
            self._by_transport[connection.transport] = connection
        return stays

    def leave(self, connection: "Guarded") -> None:
        self.connections.leave(connection)
        self._by_transport.pop(connection.transport, None)

    async def sweep_for_ever(self) -> None:
        """Close once a second what is overdue."""
        while True:
            await asyncio.sleep(SWEEP)
            for connection in self.connections.due(clock.mono()):
                connection.transport.abort()

    @http.middleware
    async def occupied(self, request: http.Request, handler: Handler) -> http.StreamResponse:
        """Note that a request is in progress on its connection. A client that is gone gets no
        answer; what it sent whole is still done.
        """
        connection = self._connection_of(request)
        if is_packed(request.headers):
            return refuse_encoding()
        if connection is not None:
            self._begin(connection, request)
        elif not request.content.is_eof():
            return _answer_to_nobody()
        try:
            return await handler(request)
        except ConnectionResetError:
            if self._connection_of(request) is not None:
                raise  # another connection than the client's
            return _answer_to_nobody()
        finally:
            if connection is not None:
                self.connections.end(connection, clock.mono())

    def _connection_of(self, request: http.Request) -> "Guarded | None":
        """Return the request's connection, None once that is lost."""
        return None if request.transport is None else self._by_transport.get(request.transport)

    def _begin(self, connection: "Guarded", request: http.Request) -> None:
        self.connections.begin(connection)
        if not request.content.is_eof():
            self.connections.expect(connection, clock.mono())
            request.content.on_eof(lambda: self.connections.whole(connection))


def _answer_to_nobody() -> http.Response:
    """Return what aiohttp asks for; it would log a connection that was lost as our error."""
    return http.Response(status=400)


class Guarded(asyncio.Protocol):
    """One connection: aiohttp's own protocol behind the limits of the port."""

    transport: asyncio.Transport

    def __init__(self, guard: Guard, make_inner: Callable[[], asyncio.Protocol]) -> None:
        self._guard, self._make_inner = guard, make_inner
        self._inner: asyncio.Protocol | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        if not self._guard.enter(self):
            self.transport.abort()
            return
        self._inner = self._make_inner()
        self._inner.connection_made(transport)

    def data_received(self, data: bytes) -> None:
        if self._inner is not None:
            self._inner.data_received(data)

    def eof_received(self) -> bool | None:
        return None if self._inner is None else self._inner.eof_received()

    def pause_writing(self) -> None:
        self._guard.connections.stuck(self, clock.mono())
        if self._inner is not None:
            self._inner.pause_writing()

    def resume_writing(self) -> None:
        self._guard.connections.flows(self)
        if self._inner is not None:
            self._inner.resume_writing()

    def connection_lost(self, error: Exception | None) -> None:
        self._guard.leave(self)
        if self._inner is not None:
            self._inner.connection_lost(error)


class ConnectionCollector(Collector):
    """What /metrics says of the port."""

    def __init__(self, connections: Connections[Guarded]) -> None:
        self._connections = connections

    def collect(self) -> Iterable[Metric]:
        found = self._connections
        yield GaugeMetricFamily("tongke_http_connections", "Open HTTP connections", len(found))
        yield CounterMetricFamily(
            "tongke_http_refused",
            "HTTP connections that were too many, or for which one that only waited was closed",
            found.refused,
        )
        yield CounterMetricFamily(
            "tongke_http_overdue",
            "HTTP connections closed because they only waited for too long",
            found.overdue,
        )


class HttpPort:
    """Serves an application under a guard, whose figures go to `registry`.

    `patience` are the seconds that requests get to end when the port is closed.
    """

    def __init__(
        self,
        app: http.Application,
        registry: CollectorRegistry,
        bounds: Bounds,
        proxies: Sequence[Network],
        patience: float = 1.0,
    ) -> None:
        self._guard = guard = Guard(bounds, proxies)
        app.middlewares.insert(0, guard.occupied)
        app.on_response_prepare.append(hide_server)
        registry.register(ConnectionCollector(guard.connections))
        self._runner = http.AppRunner(
            app,
            access_log=None,
            shutdown_timeout=patience,
            auto_decompress=False,  # 1.5 MB of zeros, packed, would take the loop for a second
            logger=LOG,
        )
        self._listener: asyncio.Server | None = None
        self._sweeping: asyncio.Task[None] | None = None

    async def open(self, host: str, port: int) -> int:
        """Listen and return the port; raise OSError when the address cannot be had."""
        return await self._listen(host=host, port=port, reuse_address=True)

    async def open_on(self, listener: socket.socket) -> int:
        """Serve on a socket that is bound already, and return its port."""
        return await self._listen(sock=listener)

    async def _listen(self, **where: Any) -> int:
        await self._runner.setup()
        server, guard = self._runner.server, self._guard
        assert server is not None  # noqa: S101 - setup has made it
        self._listener = await asyncio.get_running_loop().create_server(
            lambda: Guarded(guard, server), backlog=BACKLOG, **where
        )
        self._sweeping = asyncio.create_task(guard.sweep_for_ever())
        return int(self._listener.sockets[0].getsockname()[1])

    async def close(self) -> None:
        """Stop listening, let requests end, close every connection."""
        if self._listener is not None and self._sweeping is not None:
            self._listener.close()
            self._sweeping.cancel()
        await self._runner.cleanup()


def bounds_for(max_peers: int, files: int) -> Bounds:
    """Return how many connections a node of so many peers may hold with so many open files."""
    total = max(1, min(PER_PEER * max_peers, files - OTHER_FILES))
    return Bounds(total, max(1, total // PER_PEER))


def raise_file_limit() -> int:
    """Take as many open files as this process may have, and return how many that are."""
    try:
        import resource
    except ImportError:
        return ENOUGH_FILES  # no limit of this kind here
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard == resource.RLIM_INFINITY:
        hard = ENOUGH_FILES
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard
