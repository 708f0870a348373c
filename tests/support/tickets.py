"""Signs tickets for a node under test, with a key made for it alone."""

import itertools
from dataclasses import dataclass, field, replace
from typing import Any

from joserfc import jwt
from joserfc.jwk import OKPKey

from media.clock import wall
from media.contract.subjects import Subject
from media.contract.tickets import ALGORITHM, Grant, Slot, TicketClaims, TicketRole

_numbers = itertools.count(1)


@dataclass
class TicketMint:
    """One Ed25519 key and the tickets it signs. `jwks()` is what the node's key file holds."""

    kid: str = "test-key"
    key: OKPKey = field(default_factory=lambda: OKPKey.generate_key("Ed25519"))

    def jwks(self) -> dict[str, Any]:
        public = dict(self.key.as_dict(private=False))
        return {"keys": [{**public, "kid": self.kid, "alg": ALGORITHM, "use": "sig"}]}

    def claims(self, stage: str, subject: str, grant: Grant, **other: Any) -> TicketClaims:
        """Claims of a ticket that is valid for an hour; `other` replaces any of them."""
        now = int(wall())
        role = TicketRole.HOST if grant is Grant.PUBLISH else TicketRole.LEG
        claims = TicketClaims(
            jti=f"ticket-{next(_numbers)}",
            stage=stage,
            subject=Subject(subject),
            role=role,
            grant=grant,
            slot=Slot.MAIN,
            nbf=now - 60,
            exp=now + 3600,
        )
        return replace(claims, **other)

    def sign(self, claims: TicketClaims) -> str:
        header = {"alg": ALGORITHM, "kid": self.kid}
        return str(jwt.encode(header, claims.to_payload(), self.key, algorithms=[ALGORITHM]))

    def publish(self, stage: str, subject: str = "room:host", **other: Any) -> str:
        return self.sign(self.claims(stage, subject, Grant.PUBLISH, **other))

    def view(self, stage: str, subject: str = "room:leg", **other: Any) -> str:
        return self.sign(self.claims(stage, subject, Grant.VIEW, **other))
