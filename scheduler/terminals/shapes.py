"""Read models of terminals: flat, frozen, with the room in place."""

from dataclasses import dataclass
from datetime import datetime

from scheduler.organisation.shapes import RoomView
from scheduler.terminals.states import TerminalState


@dataclass(frozen=True, slots=True)
class TerminalView:
    """The enrolled device of a room. Times are aware UTC."""

    id: str
    name: str
    room: RoomView
    state: TerminalState
    detail: dict[str, object]
    approved_at: datetime
    last_seen_at: datetime | None
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True)
class Pairing:
    """A fresh pairing. `secret` leaves the server once; approved, it is the device token."""

    id: str
    code: str
    secret: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class PendingPairing:
    """A terminal that waits, as the approving admin sees it."""

    id: str
    code: str
    user_agent: str
    address: str  # masked
    created_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class PairingStatus:
    """`status`: "waiting", "approved" (then `room` is set) or "expired"."""

    status: str
    room: RoomView | None
