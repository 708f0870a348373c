"""Messages of the stage WebSocket (`WS /stages/{stage}`), as frozen models. Pure.

docs/protocols/stage-messages.md is the rule for others. The first message of a client is Hello; the
node answers Welcome, or closes with 4401. Messages are JSON objects with a `type`. An unknown type
or field of a client is refused with close code 4400; a client skips what it does not know, because
its node may be newer.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter, ValidationError

from media.contract.model import (
    NO_NUL,
    Count,
    Measure,
    StrictModel,
    Text,
    TolerantModel,
    first_fault,
)
from media.contract.subjects import Subject

PROTOCOL = 1
"""Version of these messages; Welcome says which one a node speaks. A client sends a message or a
field that came with a later version only to a node that speaks it."""

CLOSE_MALFORMED, CLOSE_REFUSED, CLOSE_TAKEN_OVER, CLOSE_STAGE_CLOSED = 4400, 4401, 4409, 4410
MAX_MESSAGE = 4096
MAX_FAULT = 200


class MessageError(ValueError):
    """this is not a message of the stage protocol"""


class Hello(StrictModel):
    """Client: who I am. `ticket` is the JWT (a browser's WebSocket cannot send headers)."""

    type: Literal["hello"] = "hello"
    ticket: Text


class Report(StrictModel):
    """Client, once a second while it plays or publishes: what this terminal sees and hears.

    `frames` counts decoded frames since the page began to play; `audio_level` is the loudest RMS
    (0 to 1) of the decoded sound since the last report, before the page's own muting;
    `muted` says that nobody in the room can hear it; `lost` counts lost packets so far.
    """

    type: Literal["report"] = "report"
    frames: Count = 0
    width: Count = 0
    height: Count = 0
    audio_level: Measure = 0.0
    muted: bool = False
    playing: bool = False
    lost: Count = 0
    fault: Annotated[str, Field(max_length=MAX_FAULT, pattern=NO_NUL)] = ""


class Ping(StrictModel):
    """Client: answered by Pong with the node's time, for clocks and for liveness."""

    type: Literal["ping"] = "ping"
    at: Measure


ClientMessage = Hello | Report | Ping


class Welcome(TolerantModel):
    """Node: you are in. `sources` says for each slot whether somebody publishes into it; `time` is
    Unix seconds, `peer` the connected media session of the same subject ("" for none)."""

    type: Literal["welcome"] = "welcome"
    protocol: Count = PROTOCOL
    peer: str
    time: float
    sources: Mapping[str, bool]


class Pong(TolerantModel):
    """Node: the answer to a Ping, whose `at` it repeats; `time` is Unix seconds."""

    type: Literal["pong"] = "pong"
    at: float
    time: float


class SourceChange(TolerantModel):
    """Node: a publisher appeared in a slot, or went away."""

    type: Literal["source"] = "source"
    slot: str
    up: bool


class RosterEntry(TolerantModel):
    """One peer as the node sees it now. Times are Unix seconds; `bitrate` in bit/s."""

    peer: str
    subject: Subject
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


class Roster(TolerantModel):
    """Node, once a second to HOST and PATROL: everybody on this stage."""

    type: Literal["roster"] = "roster"
    peers: tuple[RosterEntry, ...]


class Closed(TolerantModel):
    """Node: the lesson is over; the socket closes with 4410 right after."""

    type: Literal["closed"] = "closed"
    reason: str


class Sources(TolerantModel):
    """The answer of `GET /stages/{stage}/sources`: which slots somebody publishes into just now."""

    sources: Mapping[str, bool]


NodeMessage = Welcome | Pong | SourceChange | Roster | Closed

_CLIENT: TypeAdapter[ClientMessage] = TypeAdapter(
    Annotated[ClientMessage, Field(discriminator="type")]
)
_NODE: TypeAdapter[NodeMessage] = TypeAdapter(Annotated[NodeMessage, Field(discriminator="type")])

UNKNOWN_TYPE = "union_tag_invalid"


def parse_client_message(text: str) -> ClientMessage:
    """Return the message; raise MessageError when it is too long, unknown or ill-typed."""
    if len(text) > MAX_MESSAGE:
        raise MessageError("longer than a message may be")
    try:
        return _CLIENT.validate_json(text)
    except ValidationError as error:
        raise MessageError(first_fault(error)) from None


def parse_node_message(text: str) -> NodeMessage | None:
    """Return the message, None for a type that is newer than we; raise MessageError for anything
    else."""
    try:
        return _NODE.validate_json(text)
    except ValidationError as error:
        if error.errors(include_url=False)[0]["type"] == UNKNOWN_TYPE:
            return None
        raise MessageError(first_fault(error)) from None


def welcome(peer: str, now: float, sources: Mapping[str, bool]) -> str:
    """Return Welcome as it is sent."""
    return Welcome(peer=peer, time=now, sources=sources).model_dump_json()


def pong(at: float, now: float) -> str:
    return Pong(at=at, time=now).model_dump_json()


def source(slot: str, up: bool) -> str:
    return SourceChange(slot=slot, up=up).model_dump_json()


def roster(entries: Sequence[RosterEntry]) -> str:
    return Roster(peers=tuple(entries)).model_dump_json()


def closed(reason: str) -> str:
    return Closed(reason=reason).model_dump_json()
