"""The stage WebSocket from a terminal's side (media.contract.messages).

It says within a moment what ICE says after half a minute: that the node is gone. So it is what a
terminal watches, and pings: a network that swallows packets closes no socket.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

import aiohttp

from media.client.session.address import StageAddress
from media.contract.messages import (
    CLOSE_REFUSED,
    CLOSE_STAGE_CLOSED,
    CLOSE_TAKEN_OVER,
    Closed,
    Hello,
    MessageError,
    Ping,
    Pong,
    Report,
    Roster,
    RosterEntry,
    SourceChange,
    Welcome,
    parse_node_message,
)

REPORT_EVERY = 1.0
PONG_WITHIN = 4.0
WELCOME_WITHIN = 5.0


class End(StrEnum):
    """Why a stage WebSocket ended."""

    CLOSED = "closed"  # the lesson is over
    TAKEN_OVER = "taken-over"  # the same subject came in elsewhere
    REFUSED = "refused"
    LOST = "lost"


ENDS = {
    CLOSE_STAGE_CLOSED: End.CLOSED,
    CLOSE_TAKEN_OVER: End.TAKEN_OVER,
    CLOSE_REFUSED: End.REFUSED,
}


@dataclass(slots=True)
class StageView:
    """What the node says: who publishes into which slot, and everybody on stage (HOST, PATROL)."""

    welcomed: asyncio.Event = field(default_factory=asyncio.Event)
    sources: dict[str, bool] = field(default_factory=dict)
    roster: tuple[RosterEntry, ...] = ()
    clock_offset: float | None = None
    reason: str = ""


async def follow_stage(
    http: aiohttp.ClientSession,
    address: StageAddress,
    report: Callable[[], Report],
    view: StageView,
) -> End:
    """Stay on the stage's WebSocket, report each second and keep `view` until it ends."""
    url = f"{address.node}/stages/{address.stage}"
    try:
        async with http.ws_connect(url, max_msg_size=1 << 20) as socket:
            return await _converse(socket, address, report, view)
    except aiohttp.WSServerHandshakeError as error:
        return End.REFUSED if error.status in (401, 403) else End.LOST
    except (aiohttp.ClientError, ConnectionError, TimeoutError):
        return End.LOST
    except MessageError as error:
        view.reason = f"not a message of the stage protocol: {error}"
        return End.LOST


async def _converse(
    socket: aiohttp.ClientWebSocketResponse,
    address: StageAddress,
    report: Callable[[], Report],
    view: StageView,
) -> End:
    await socket.send_str(Hello(ticket=address.ticket).model_dump_json())
    pulse = asyncio.create_task(_send_pulse(socket, report, view))
    try:
        while True:
            within = PONG_WITHIN if view.welcomed.is_set() else WELCOME_WITHIN
            received = await socket.receive(timeout=within)
            if received.type is not aiohttp.WSMsgType.TEXT:
                return ENDS.get(socket.close_code or 0, End.LOST)
            if _take(received.data, view):
                return End.CLOSED
    finally:
        pulse.cancel()
        await asyncio.gather(pulse, return_exceptions=True)


def _take(text: str, view: StageView) -> bool:
    """Write one message of the node into `view`; return whether it closed the stage."""
    match parse_node_message(text):
        case Welcome(sources=sources):
            view.sources = dict(sources)
            view.welcomed.set()
        case SourceChange(slot=slot, up=up):
            view.sources[slot] = up
        case Roster(peers=peers):
            view.roster = peers
        case Pong(at=at, time=time):
            here = asyncio.get_running_loop().time()
            view.clock_offset = time - (at + here) / 2
        case Closed(reason=reason):
            view.reason = reason
            return True
    return False


async def _send_pulse(
    socket: aiohttp.ClientWebSocketResponse, report: Callable[[], Report], view: StageView
) -> None:
    """Once welcomed, send a report and a ping each second. `at` is the loop's clock."""
    await view.welcomed.wait()
    clock = asyncio.get_running_loop().time
    while not socket.closed:
        await socket.send_str(report().model_dump_json())
        await socket.send_str(Ping(at=clock()).model_dump_json())
        await asyncio.sleep(REPORT_EVERY)
