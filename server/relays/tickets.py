"""Signs the tickets that open a stage on a relay node (JWT, RFC 7519; Ed25519, RFC 8037)."""

import secrets
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from joserfc import jwt

from media.contract.subjects import Subject
from media.contract.tickets import ALGORITHM, LEEWAY, Grant, Slot, TicketClaims, TicketRole
from server.process.keys import SigningKey
from web.kit.ports import RelayAddress, StageTicket


class TicketSigner:
    """web.kit.ports.TicketIssuer over one signing key and the configured nodes."""

    def __init__(self, key: SigningKey, relays: Sequence[RelayAddress]) -> None:
        self._key = key
        self._relays = tuple(relays)

    def mint(
        self,
        stage: str,
        subject: Subject,
        role: str,
        grant: str,
        opens: datetime,
        closes: datetime,
        device: str = "",
    ) -> StageTicket:
        """Return a ticket for the main slot of `stage`, widened by the leeway on both sides."""
        not_before = opens - timedelta(seconds=LEEWAY)
        expires = closes + timedelta(seconds=LEEWAY)
        claims = TicketClaims(
            jti=secrets.token_hex(12),
            stage=stage,
            subject=Subject(subject),
            role=TicketRole(role),
            grant=Grant(grant),
            slot=Slot.MAIN,
            nbf=int(not_before.timestamp()),
            exp=int(expires.timestamp()),
            device=device,
        )
        header = {"alg": ALGORITHM, "kid": self._key.kid}
        token = jwt.encode(header, claims.to_payload(), self._key.key, algorithms=[ALGORITHM])
        return StageTicket(token, _whole(claims.nbf), _whole(claims.exp))

    def relays(self) -> Sequence[RelayAddress]:
        """Every node, in the order of config.toml."""
        return self._relays


def _whole(moment: int) -> datetime:
    return datetime.fromtimestamp(moment, UTC)
