"""`WS /stages/{stage}`: who is there, what happens, and what the terminals report."""

import asyncio

from aiohttp import WSMsgType
from aiohttp import web as http

from media import clock
from media.contract import messages
from media.contract.journal import RecordKind
from media.contract.messages import Hello, MessageError, Ping, Report, parse_client_message
from media.contract.tickets import TicketClaims, TicketError, TicketRole
from media.httpd.ratelimit import RateLimit
from media.node.admission.revocations import StageClosed
from media.node.http.endpoints import NODE
from media.node.stage.live_stage import LiveStage

HELLO_WITHIN = 5.0
HEARTBEAT = 10.0
QUEUE_LIMIT = 64
"""Messages that may wait for a slow reader before it is disconnected."""
MESSAGES_BURST, MESSAGES_RATE = 20, 4.0


class StageListener:
    """One WebSocket. Messages go through a queue, so that nobody waits for a slow reader."""

    def __init__(self, socket: http.WebSocketResponse, claims: TicketClaims) -> None:
        self.claims, self.subject = claims, claims.subject
        self.role = claims.role
        self.report: Report | None = None
        self.frames_per_second = 0.0
        self.sees_roster = claims.role in (TicketRole.HOST, TicketRole.PATROL)
        self._socket = socket
        self._queue: asyncio.Queue[str | None] = asyncio.Queue(QUEUE_LIMIT)
        self._end = (1000, "")
        self._reported_at = 0.0

    def send(self, message: str) -> None:
        """Queue a message; a reader that is too slow is disconnected."""
        try:
            self._queue.put_nowait(message)
        except asyncio.QueueFull:
            self.dismiss(1013, "too slow")

    def dismiss(self, code: int, reason: str) -> None:
        """Close the socket once what is queued has been sent."""
        self._end = (code, reason)
        if self._queue.full():
            self._queue.get_nowait()
        self._queue.put_nowait(None)

    def note(self, report: Report, now: float) -> None:
        """Remember a report; `now` is monotonic."""
        if self.report is not None and now > self._reported_at:
            frames = max(0, report.frames - self.report.frames)
            self.frames_per_second = round(frames / (now - self._reported_at), 1)
        self.report, self._reported_at = report, now

    async def write_queued(self) -> None:
        """Send what is queued, then close."""
        while (message := await self._queue.get()) is not None:
            await self._socket.send_str(message)
        code, reason = self._end
        await self._socket.close(code=code, message=reason.encode()[:120])


async def stage_socket(request: http.Request) -> http.WebSocketResponse:
    """Serve one WebSocket from its Hello to its end."""
    node = request.app[NODE]
    socket = http.WebSocketResponse(heartbeat=HEARTBEAT, max_msg_size=messages.MAX_MESSAGE)
    await socket.prepare(request)
    name = request.match_info["stage"]
    try:
        async with asyncio.timeout(HELLO_WITHIN):
            hello = _hello(await socket.receive_str())
        claims = node.verify_any(hello.ticket, name)
    except (MessageError, TypeError) as error:
        return await _end(socket, messages.CLOSE_MALFORMED, str(error))
    except TimeoutError:
        return await _end(socket, messages.CLOSE_REFUSED, "no hello")
    except TicketError as error:
        return await _end(socket, messages.CLOSE_REFUSED, error.reason)
    except StageClosed:
        return await _end(socket, messages.CLOSE_STAGE_CLOSED, "stage-closed")
    stage = node.open_stage(name)
    await _listen(socket, stage, StageListener(socket, claims))
    return socket


def _hello(text: str) -> Hello:
    message = parse_client_message(text)
    if not isinstance(message, Hello):
        raise MessageError("the first message is hello")
    return message


async def _end(socket: http.WebSocketResponse, code: int, reason: str) -> http.WebSocketResponse:
    await socket.close(code=code, message=reason.encode()[:120])
    return socket


async def _listen(
    socket: http.WebSocketResponse, stage: LiveStage, listener: StageListener
) -> None:
    older = stage.listeners.get(listener.subject)
    if older is not None:
        older.dismiss(messages.CLOSE_TAKEN_OVER, "taken over")
    stage.listeners[listener.subject] = listener
    peer = stage.peer_of(listener.subject)
    listener.send(messages.welcome(peer.id if peer else "", clock.wall(), stage.sources()))
    writer = asyncio.create_task(listener.write_queued())
    try:
        await _read(socket, stage, listener)
    finally:
        if stage.listeners.get(listener.subject) is listener:
            del stage.listeners[listener.subject]
        writer.cancel()


async def _read(socket: http.WebSocketResponse, stage: LiveStage, listener: StageListener) -> None:
    limit = RateLimit(MESSAGES_BURST, MESSAGES_RATE)
    async for frame in socket:
        if frame.type is not WSMsgType.TEXT:
            await _end(socket, messages.CLOSE_MALFORMED, "text messages only")
            return
        if not limit.allow("", clock.mono()):
            await _end(socket, messages.CLOSE_MALFORMED, "too many messages")
            return
        try:
            message = parse_client_message(frame.data)
        except MessageError as error:
            await _end(socket, messages.CLOSE_MALFORMED, str(error))
            return
        if isinstance(message, Report):
            _note_report(stage, listener, message)
        elif isinstance(message, Ping):
            listener.send(messages.pong(message.at, clock.wall()))


def _note_report(stage: LiveStage, listener: StageListener, report: Report) -> None:
    """Stamp a terminal's report into the journal."""
    listener.note(report, clock.mono())
    peer = stage.peer_of(listener.subject)
    stage.write(
        RecordKind.REPORT,
        stage=stage.name,
        peer=peer.id if peer else "",
        subject=listener.subject,
        role=listener.role.value,
        data=report.model_dump(exclude={"type"}),
    )
