"""What a ticket says. Whoever talks to a relay node shows one (a signed JWT, RFC 7519).

The node verifies a ticket alone and opens the stage on the first valid one, so a lesson can start
while the coordinator is down. Signing lives in `server`, verifying in `media.node.admission`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import Field, ValidationError

from media.contract.model import Name, TolerantModel
from media.contract.subjects import Subject

LEEWAY = 60.0
"""Seconds by which a terminal's clock and ours may differ."""

ALGORITHM = "Ed25519"
STAGE_NAME = r"[A-Za-z0-9_-]{1,64}"
"""What a stage may be called: it stands in addresses, in journals and in the ledger."""

AUDIENCE: Literal["tongke-relay"] = "tongke-relay"


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


class _Payload(TolerantModel):
    """A JWT payload as it comes; claims that a newer coordinator adds are left out."""

    aud: Literal["tongke-relay"]  # AUDIENCE
    jti: Name
    stage: Annotated[str, Field(pattern=f"^{STAGE_NAME}$")]
    sub: Subject
    role: Annotated[TicketRole, Field(strict=False)]
    grant: Annotated[Grant, Field(strict=False)]
    slot: Annotated[Slot, Field(strict=False)]
    nbf: int
    exp: int
    device: Annotated[str, Field(max_length=64)] = ""


@dataclass(frozen=True, slots=True)
class TicketClaims:
    """`nbf` and `exp` are Unix seconds.

    `device` is the id of the terminal that was given the ticket, "" for a person's: a room outlives
    its terminals, and what one of them may no longer do its successor may.
    """

    jti: str
    stage: str
    subject: Subject
    role: TicketRole
    grant: Grant
    slot: Slot
    nbf: int
    exp: int
    device: str = ""

    def to_payload(self) -> dict[str, object]:
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
    def from_payload(cls, payload: Mapping[str, object]) -> Self:
        """Return the claims of a verified payload; raise TicketError(MALFORMED) on any slip."""
        try:
            read = _Payload.model_validate(payload)
        except ValidationError:
            raise TicketError(MALFORMED) from None
        return cls(
            jti=read.jti,
            stage=read.stage,
            subject=read.sub,
            role=read.role,
            grant=read.grant,
            slot=read.slot,
            nbf=read.nbf,
            exp=read.exp,
            device=read.device,
        )

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
