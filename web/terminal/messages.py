"""Messages of the terminal's WebSocket (`WS /api/v1/terminal/live`), as frozen types. Pure.

Client: {"type":"hello","token"} first, then {"type":"state","state","detail"}. Server: welcome,
day_changed, revoked. An unknown type or field closes it with 4400, a bad token with 4401.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from scheduler.terminals.states import TerminalState

CLOSE_MALFORMED, CLOSE_REVOKED, CLOSE_TIMEOUT = 4400, 4401, 4408
MAX_MESSAGE = 4096
MAX_FIELDS = 16
MAX_TEXT = 160
MAX_NUMBER = 2.0**53

Detail = dict[str, object]
"""Flat: names to text, numbers, booleans or null."""


class MessageError(ValueError):
    """this is not a message of the terminal's WebSocket"""


@dataclass(frozen=True, slots=True)
class Hello:
    """`token`: the device token."""

    token: str


@dataclass(frozen=True, slots=True)
class StateReport:
    """What a terminal reports of itself; `detail` is shown to administrators."""

    state: TerminalState
    detail: Detail


def parse(text: str) -> Hello | StateReport:
    """Return the message; raise MessageError for anything else."""
    body = _object(text)
    kind = body.pop("type", None)
    if kind == "hello":
        return _hello(body)
    if kind == "state":
        return _state(body)
    raise MessageError("unknown type")


def _object(text: str) -> dict[str, Any]:
    if len(text) > MAX_MESSAGE:
        raise MessageError("longer than a message may be")
    try:
        body = json.loads(text)
    except (ValueError, RecursionError):
        raise MessageError("not JSON") from None
    if not isinstance(body, dict):
        raise MessageError("not an object")
    return body


def _hello(body: Mapping[str, Any]) -> Hello:
    token = body.get("token")
    if set(body) != {"token"} or not isinstance(token, str) or not 0 < len(token) <= 256:
        raise MessageError("ill-formed hello")
    if not token.isascii():
        raise MessageError("ill-formed hello")
    return Hello(token)


def _state(body: Mapping[str, Any]) -> StateReport:
    if not set(body) <= {"state", "detail"}:
        raise MessageError("unknown field")
    try:
        state = TerminalState(body.get("state", ""))
    except ValueError:
        raise MessageError("unknown state") from None
    return StateReport(state, _detail(body.get("detail", {})))


def _detail(value: Any) -> Detail:
    if not isinstance(value, dict) or len(value) > MAX_FIELDS:
        raise MessageError("ill-formed detail")
    for name, field in value.items():
        if not (field is None or isinstance(field, str | int | float)):
            raise MessageError("ill-formed detail")
        if not storable(name) or (isinstance(field, str) and not storable(field, MAX_TEXT)):
            raise MessageError("ill-formed detail")
        if isinstance(field, int | float) and not -MAX_NUMBER < field < MAX_NUMBER:
            raise MessageError("ill-formed detail")  # NaN is in no range
    return dict(value)


def storable(text: str, limit: int = 32) -> bool:
    """Tell whether a database takes the text: no NUL, no half surrogate pair, not too long."""
    plain = "\0" not in text and not any("\ud800" <= sign <= "\udfff" for sign in text)
    return plain and len(text) <= limit
