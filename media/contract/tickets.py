"""What a ticket says. Whoever talks to a relay node shows one (a signed JWT, RFC 7519).

The node verifies a ticket alone and opens the stage on the first valid one, so a lesson can start
while the coordinator is down. Signing lives in `server`, verifying in `media.node.admission`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

LEEWAY = 60.0
"""Seconds by which a terminal's clock and ours may differ."""

ALGORITHM = "Ed25519"
AUDIENCE = "tongke-relay"


class TicketRole(StrEnum):
    HOST = "HOST"
    LEG = "LEG"
    PATROL = "PATROL"
    GUEST = "GUEST"


class Grant(StrEnum):
    PUBLISH = "publish"
    VIEW = "view"


class Slot(StrEnum):
    """The fixed places of a stage that sources are switched into."""

    MAIN = "main"
    SCREEN = "screen"
    GUEST = "guest"


class TicketError(Exception):
    """this ticket opens nothing; `reason` is one of the words below"""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


MALFORMED, UNKNOWN_KEY, BAD_SIGNATURE = "malformed", "unknown-key", "bad-signature"
NOT_YET, EXPIRED, REVOKED = "not-yet-valid", "expired", "revoked"
WRONG_STAGE, WRONG_GRANT = "wrong-stage", "wrong-grant"


@dataclass(frozen=True, slots=True)
class TicketClaims:
    """`subject` is "room:<id>" or "person:<id>"; `nbf` and `exp` are Unix seconds.

    `device` is the id of the terminal that was given the ticket, "" for a person's: a room outlives
    its terminals, and what one of them may no longer do its successor may.
    """

    jti: str
    stage: str
    subject: str
    role: TicketRole
    grant: Grant
    slot: Slot
    nbf: int
    exp: int
    device: str = ""

    def to_payload(self) -> dict[str, Any]:
        """Return the JWT payload."""
        return {
            "aud": AUDIENCE,
            "jti": self.jti,
            "stage": self.stage,
            "sub": self.subject,
            "role": self.role.value,
            "grant": self.grant.value,
            "slot": self.slot.value,
            "nbf": self.nbf,
            "exp": self.exp,
            "device": self.device,
        }

    @classmethod
    def from_payload(cls, payload: Mapping[str, Any]) -> "TicketClaims":
        """Return the claims of a verified payload; raise TicketError(MALFORMED) on any slip."""
        if payload.get("aud") != AUDIENCE:
            raise TicketError(MALFORMED)
        try:
            jti, stage, subject = (payload[name] for name in ("jti", "stage", "sub"))
            nbf, exp = (payload[name] for name in ("nbf", "exp"))
            device = payload.get("device", "")
            role, grant, slot = (
                TicketRole(payload["role"]),
                Grant(payload["grant"]),
                Slot(payload["slot"]),
            )
        except (KeyError, ValueError):
            raise TicketError(MALFORMED) from None
        if not all(isinstance(word, str) and 0 < len(word) <= 64 for word in (jti, stage, subject)):
            raise TicketError(MALFORMED)
        if not isinstance(device, str) or len(device) > 64:
            raise TicketError(MALFORMED)
        if not all(type(moment) is int for moment in (nbf, exp)):
            raise TicketError(MALFORMED)
        return cls(jti, stage, subject, role, grant, slot, nbf, exp, device)

    def check(self, now: float, stage: str, grant: Grant) -> None:
        """Raise TicketError unless this ticket opens `stage` for `grant` at `now` (Unix s)."""
        if now < self.nbf - LEEWAY:
            raise TicketError(NOT_YET)
        if now >= self.exp + LEEWAY:
            raise TicketError(EXPIRED)
        if self.stage != stage:
            raise TicketError(WRONG_STAGE)
        if self.grant is not grant:
            raise TicketError(WRONG_GRANT)
