"""A coordinator reduced to its terminal API, for tests of the headless terminal alone."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import WSMsgType
from aiohttp import web as http

from media.clock import wall
from tests.support.relay import RelayProcess


class Timetable:
    """Serves pairing, one day document and the live WebSocket; remembers what terminals said."""

    def __init__(self) -> None:
        self.lessons: dict[str, list[dict[str, Any]]] = {}
        self.relays: list[str] = []
        self.approved = False
        self.revoked: set[str] = set()
        self.states: list[tuple[str, str]] = []
        self.pairings = 0
        self.refresh_after = 60
        self.sockets: list[http.WebSocketResponse] = []

    def app(self) -> http.Application:
        app = http.Application()
        app.router.add_post("/api/v1/terminal/pairings", self._begin)
        app.router.add_get("/api/v1/terminal/pairings/{id}", self._status)
        app.router.add_get("/api/v1/terminal/day", self._day)
        app.router.add_get("/api/v1/terminal/live", self._live)
        return app

    async def _begin(self, _request: http.Request) -> http.Response:
        self.pairings += 1
        body = {
            "id": "p1",
            "code": "123456",
            "secret": f"secret-{self.pairings}",
            "expires_at": wall() + 600,
            "url": "http://coordinator/approve",
        }
        return http.json_response(body, status=201)

    async def _status(self, _request: http.Request) -> http.Response:
        return http.json_response({"status": "approved" if self.approved else "waiting"})

    async def _day(self, request: http.Request) -> http.Response:
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if token in self.revoked:
            return http.json_response({"type": "/problems/terminal-revoked"}, status=401)
        return http.json_response(
            {
                "server_time": wall(),
                "time_zone": "Asia/Shanghai",
                "room": {"id": token, "name": token, "school": "一小"},
                "relays": [{"node": "n1", "url": url} for url in self.relays],
                "lessons": self.lessons.get(token, []),
                "refresh_after": self.refresh_after,
            }
        )

    async def _live(self, request: http.Request) -> http.WebSocketResponse:
        socket = http.WebSocketResponse()
        await socket.prepare(request)
        token = (await socket.receive_json())["token"]
        self.sockets.append(socket)
        async for message in socket:
            if message.type is WSMsgType.TEXT:
                self.states.append((token, message.json()["state"]))
        return socket

    async def tell(self, kind: str) -> None:
        """Send a message to every terminal that is connected."""
        for socket in self.sockets:
            if not socket.closed:
                await socket.send_json({"type": kind})


def lesson(
    stage: str, *, starts_in: float, lasts: float, publish: str = "", view: str = ""
) -> dict[str, Any]:
    """An entry of a day document; it has a lobby of a minute."""
    starts_at = wall() + starts_in
    return {
        "id": stage,
        "title": "语文",
        "subject": "语文",
        "state": "BOOKED",
        "role": "HOST" if publish else "LEG",
        "lobby_at": starts_at - 60,
        "starts_at": starts_at,
        "ends_at": starts_at + lasts,
        "legs": [],
        "tickets": {"publish": publish or None, "view": view or None},
    }


def one_lesson(nodes: Sequence[RelayProcess], *legs: str, starts_in: float = 0.0) -> Timetable:
    """A day with one lesson, l1, of the terminal "host" and these: its nodes in their order."""
    timetable, mint = Timetable(), nodes[0].mint
    timetable.relays = [node.url for node in nodes]
    hosting = lesson("l1", starts_in=starts_in, lasts=600, publish=mint.publish("l1"))
    timetable.lessons["host"] = [hosting]
    for leg in legs:
        view = mint.view("l1", f"room:{leg}")
        timetable.lessons[leg] = [lesson("l1", starts_in=starts_in, lasts=600, view=view)]
    return timetable


@asynccontextmanager
async def serving(timetable: Timetable, port: int = 0) -> AsyncIterator[str]:
    """Serve on a free port (or the given one); yield the base URL."""
    runner = http.AppRunner(timetable.app(), shutdown_timeout=0.2)
    await runner.setup()
    site = http.TCPSite(runner, "127.0.0.1", port, reuse_address=True)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()
