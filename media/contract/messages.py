"""Messages of the stage WebSocket (`WS /stages/{stage}`), as frozen types.

The first message of a client is Hello; the node answers Welcome, or closes with 4401. JSON objects
with a `type`; an unknown type or field is refused with close code 4400.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

CLOSE_MALFORMED, CLOSE_REFUSED, CLOSE_TAKEN_OVER, CLOSE_STAGE_CLOSED = 4400, 4401, 4409, 4410
MAX_MESSAGE = 4096
MAX_FAULT = 200
MAX_NUMBER = 2.0**53
"""What a float holds exactly; nothing that is counted or timed comes near."""


class MessageError(ValueError):
    """this is not a message of the stage protocol"""


@dataclass(frozen=True, slots=True)
class Hello:
    """Client: who I am. `ticket` is the JWT (a browser's WebSocket cannot send headers)."""

    ticket: str


@dataclass(frozen=True, slots=True)
class Report:
    """Client, once a second while it plays or publishes: what this terminal sees and hears.

    `frames` counts decoded frames since the page began to play; `audio_level` is the loudest RMS
    (0 to 1) of the decoded sound since the last report, before the page's own muting;
    `muted` says that nobody in the room can hear it; `lost` counts lost packets so far.
    """

    frames: int = 0
    width: int = 0
    height: int = 0
    audio_level: float = 0.0
    muted: bool = False
    playing: bool = False
    lost: int = 0
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Ping:
    """Client: answered by Pong with the node's time, for clocks and for liveness."""

    at: float


CLIENT_MESSAGES: Mapping[str, type[Hello] | type[Report] | type[Ping]] = {
    "hello": Hello,
    "report": Report,
    "ping": Ping,
}


@dataclass(frozen=True, slots=True)
class RosterEntry:
    """One peer as the node sees it now. Times are Unix seconds; `bitrate` in bit/s."""

    peer: str
    subject: str
    role: str
    grant: str
    slot: str
    state: str  # NEW, CONNECTING, CONNECTED, SILENT
    since: float
    last_heard: float
    bitrate: int
    frames_per_second: float
    audio_level: float
    muted: bool
    playing: bool
    width: int
    height: int
    fault: str


def parse_client_message(text: str) -> Hello | Report | Ping:
    """Return the message; raise MessageError when it is too long, unknown or ill-typed."""
    if len(text) > MAX_MESSAGE:
        raise MessageError("longer than a message may be")
    try:
        body = json.loads(text)
    except (ValueError, RecursionError):
        raise MessageError("not JSON") from None
    if not isinstance(body, dict):
        raise MessageError("not an object")
    kind = CLIENT_MESSAGES.get(str(body.pop("type", "")))
    if kind is None:
        raise MessageError("unknown type")
    wanted = {field.name: str(field.type) for field in fields(kind)}
    for name, value in body.items():
        if name not in wanted:
            raise MessageError(f"unknown field {name[:32]!r}")
        if not _fits(value, wanted[name]):
            raise MessageError(f"ill-typed field {name!r}")
    if len(body.get("fault", "")) > MAX_FAULT:
        raise MessageError("fault is too long")
    try:
        return kind(**body)
    except TypeError:
        raise MessageError("a field is missing") from None


def _fits(value: Any, kind: str) -> bool:
    if "bool" in kind:
        return isinstance(value, bool)
    if "int" in kind:
        return type(value) is int and 0 <= value < 2**53
    if "float" in kind:
        return type(value) in (int, float) and 0 <= value < MAX_NUMBER  # NaN is not
    return isinstance(value, str) and _storable(value)


def _storable(text: str) -> bool:
    """Tell whether a journal and a database take the text: no NUL, no half surrogate pair."""
    return "\0" not in text and not any("\ud800" <= sign <= "\udfff" for sign in text)


def welcome(peer: str, now: float, sources: Mapping[str, bool]) -> str:
    """Node: you are in. `sources` tells for each slot whether somebody publishes into it."""
    return json.dumps({"type": "welcome", "peer": peer, "time": now, "sources": dict(sources)})


def pong(at: float, now: float) -> str:
    return json.dumps({"type": "pong", "at": at, "time": now})


def source(slot: str, up: bool) -> str:
    """Node: a publisher appeared in a slot, or went away."""
    return json.dumps({"type": "source", "slot": slot, "up": up})


def roster(entries: list[RosterEntry]) -> str:
    """Node, once a second to HOST and PATROL: everybody on this stage."""
    return json.dumps({"type": "roster", "peers": [asdict(entry) for entry in entries]})


def closed(reason: str) -> str:
    """Node: the lesson is over; the socket closes with 4410 right after."""
    return json.dumps({"type": "closed", "reason": reason})
