"""The terminal's WebSocket: its state comes in, "your day changed" and "revoked" go out.

Nothing depends on it: a terminal without it reads its day every minute.
"""

import asyncio
import logging
import weakref
from contextlib import aclosing, suppress
from datetime import datetime, timedelta

from aiohttp import WSCloseCode, WSMsgType
from aiohttp import web as http

from scheduler.events.topics import room_topic
from scheduler.kernel.transitions import IllegalTransition
from scheduler.terminals import enrolment
from scheduler.terminals.shapes import TerminalView
from web.kit.problems import HttpProblem
from web.kit.services import Services, services_of
from web.terminal.api import terminal_of
from web.terminal.messages import (
    CLOSE_MALFORMED,
    CLOSE_REVOKED,
    CLOSE_TIMEOUT,
    MAX_MESSAGE,
    DayChanged,
    Hello,
    MessageError,
    Revoked,
    StateReport,
    Welcome,
    parse,
)

log = logging.getLogger(__name__)

HELLO_WITHIN = 5.0
"""Seconds."""

HEARTBEAT = 20.0
"""Seconds between pings: a PC that lost its power is noticed within half of it more."""

STORE_EVERY = timedelta(seconds=30)
"""An unchanged state is written again only after this, to keep `last_seen_at` young."""


MAX_REASON = 120
"""Bytes of a close frame's reason (RFC 6455: 123 at most)."""

MINUTE = timedelta(minutes=1)
MESSAGES_A_MINUTE = 120
"""A terminal reports its state when it changes and every 15 s; each change may cost a write."""


class TerminalSockets(weakref.WeakSet[http.WebSocketResponse]):
    """The open WebSockets of this process."""


TERMINAL_SOCKETS: http.AppKey[TerminalSockets] = http.AppKey("terminal_sockets", TerminalSockets)


async def live(request: http.Request) -> http.WebSocketResponse:
    """WS /api/v1/terminal/live."""
    services = services_of(request)
    socket = http.WebSocketResponse(heartbeat=HEARTBEAT, max_msg_size=MAX_MESSAGE)
    await socket.prepare(request)
    request.app[TERMINAL_SOCKETS].add(socket)
    hello = await _hello(socket)
    if hello is None:
        return socket
    try:
        terminal = await terminal_of(services, hello.token)
    except HttpProblem:
        await _send_revoked(socket)
        return socket
    await _serve(services, socket, terminal, hello.token)
    return socket


async def close_all(app: http.Application) -> None:
    """Close every terminal's WebSocket, so that a stopping server does not wait for them."""
    sockets = app[TERMINAL_SOCKETS]
    for socket in list(sockets):
        await socket.close(code=WSCloseCode.GOING_AWAY, message=b"server stops")


async def _hello(socket: http.WebSocketResponse) -> Hello | None:
    """Return the first message; None after closing the socket because it was none."""
    try:
        async with asyncio.timeout(HELLO_WITHIN):
            message = await socket.receive()
    except TimeoutError:
        await socket.close(code=CLOSE_TIMEOUT, message=b"hello expected")
        return None
    if message.type is WSMsgType.TEXT:
        with suppress(MessageError):
            parsed = parse(message.data)
            if isinstance(parsed, Hello):
                return parsed
    await socket.close(code=CLOSE_MALFORMED, message=b"hello expected")
    return None


async def _send_revoked(socket: http.WebSocketResponse) -> None:
    with suppress(ConnectionResetError):
        await socket.send_str(Revoked().model_dump_json())
    await socket.close(code=CLOSE_REVOKED, message=b"revoked")


async def _serve(
    services: Services, socket: http.WebSocketResponse, terminal: TerminalView, token: str
) -> None:
    welcome = Welcome(server_time=services.clock().timestamp())
    await socket.send_str(welcome.model_dump_json())
    push = asyncio.create_task(_push(services, socket, terminal, token))
    try:
        await _listen(services, socket, terminal)
    finally:
        push.cancel()
        await asyncio.gather(push, return_exceptions=True)


async def _push(
    services: Services, socket: http.WebSocketResponse, terminal: TerminalView, token: str
) -> None:
    """Send that the day changed, or that the terminal was revoked."""
    async with aclosing(services.live.listen(room_topic(terminal.room.id))) as news:
        async for _topic in news:
            try:
                await terminal_of(services, token)
            except HttpProblem:
                await _send_revoked(socket)
                return
            with suppress(ConnectionResetError):
                await socket.send_str(DayChanged().model_dump_json())


async def _listen(
    services: Services, socket: http.WebSocketResponse, terminal: TerminalView
) -> None:
    """Store what the terminal reports, until it closes or sends what is no message."""
    memory = StateMemory()
    async for message in socket:
        if message.type is not WSMsgType.TEXT:
            continue
        try:
            report = parse(message.data)
        except MessageError as error:
            await _refuse(socket, terminal, error)
            return
        now = services.clock()
        if not memory.allows(now):
            await socket.close(code=CLOSE_MALFORMED, message=b"too many messages")
            return
        if isinstance(report, StateReport) and memory.worth_storing(report, now):
            try:
                await enrolment.report_state(
                    services.db, now, terminal.id, report.state, dict(report.detail)
                )
            except IllegalTransition as error:
                await _refuse(socket, terminal, error)
                return


async def _refuse(socket: http.WebSocketResponse, terminal: TerminalView, error: Exception) -> None:
    """Close the WebSocket of a terminal that sent what it must not."""
    log.warning("the WebSocket of terminal %s is closed: %s", terminal.id, error)
    await socket.close(code=CLOSE_MALFORMED, message=str(error).encode()[:MAX_REASON])


class StateMemory:
    """Decides which reports are worth a write, and when there are too many."""

    def __init__(self) -> None:
        self._counted_from: datetime | None = None
        self._messages = 0
        self._last: StateReport | None = None
        self._at: datetime | None = None

    def allows(self, now: datetime) -> bool:
        """Count a message; return False when its minute has had MESSAGES_A_MINUTE."""
        if self._counted_from is None or now - self._counted_from >= MINUTE:
            self._counted_from, self._messages = now, 0
        self._messages += 1
        return self._messages <= MESSAGES_A_MINUTE

    def worth_storing(self, report: StateReport, now: datetime) -> bool:
        """Return True for news, and for the same again after STORE_EVERY."""
        fresh = report == self._last and self._at is not None and now - self._at < STORE_EVERY
        if fresh:
            return False
        self._last, self._at = report, now
        return True
