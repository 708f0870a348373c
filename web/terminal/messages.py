"""Messages of the terminal's WebSocket (`WS /api/v1/terminal/live`), as frozen models. Pure.

Client: Hello first, then StateReport. Server: Welcome, DayChanged, Revoked. An unknown type or
field of a terminal closes it with 4400, a bad token with 4401; a terminal skips what it does not
know, because the coordinator may be newer.
"""

from typing import Annotated, Literal

from pydantic import Field, TypeAdapter, ValidationError

from media.contract.model import (
    MAX_NUMBER,
    NO_NUL,
    Count,
    StrictModel,
    TolerantModel,
    first_fault,
)
from scheduler.terminals.states import TerminalState

PROTOCOL = 1
"""Version of these messages; Welcome says which one the coordinator speaks. A terminal sends what
came with a later version only to a coordinator that speaks it."""

CLOSE_MALFORMED, CLOSE_REVOKED, CLOSE_TIMEOUT = 4400, 4401, 4408
MAX_MESSAGE = 4096
MAX_FIELDS = 16
MAX_TEXT = 160

_Text = Annotated[str, Field(max_length=MAX_TEXT, pattern=NO_NUL)]
_Whole = Annotated[int, Field(gt=-MAX_NUMBER, lt=MAX_NUMBER)]
_Number = Annotated[float, Field(gt=-MAX_NUMBER, lt=MAX_NUMBER, allow_inf_nan=False)]
_FieldName = Annotated[str, Field(max_length=32, pattern=NO_NUL)]

Detail = dict[_FieldName, bool | _Whole | _Number | _Text | None]
"""Flat: names to text, numbers, booleans or null."""


class MessageError(ValueError):
    """this is not a message of the terminal's WebSocket"""


class Hello(StrictModel):
    """`token`: the device token."""

    type: Literal["hello"] = "hello"
    token: Annotated[str, Field(min_length=1, max_length=256, pattern=r"^[\x01-\x7f]*$")]


class StateReport(StrictModel):
    """What a terminal reports of itself; `detail` is shown to administrators."""

    type: Literal["state"] = "state"
    state: TerminalState
    detail: Detail = Field(default_factory=dict, max_length=MAX_FIELDS)


class Welcome(TolerantModel):
    """The token is good. `server_time` is Unix seconds."""

    type: Literal["welcome"] = "welcome"
    protocol: Count = PROTOCOL
    server_time: float


class DayChanged(TolerantModel):
    """Read the day again."""

    type: Literal["day_changed"] = "day_changed"


class Revoked(TolerantModel):
    """The token opens nothing any more; the socket closes with 4401 right after."""

    type: Literal["revoked"] = "revoked"


_CLIENT: TypeAdapter[Hello | StateReport] = TypeAdapter(
    Annotated[Hello | StateReport, Field(discriminator="type")]
)


def parse(text: str) -> Hello | StateReport:
    """Return the message; raise MessageError for anything else."""
    if len(text) > MAX_MESSAGE:
        raise MessageError("longer than a message may be")
    try:
        return _CLIENT.validate_json(text)
    except ValidationError as error:
        raise MessageError(first_fault(error)) from None
