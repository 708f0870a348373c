"""Verifies tickets with the coordinator's public keys (RFC 7519, RFC 8037)."""

import json
import logging
from base64 import urlsafe_b64decode
from pathlib import Path

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from media.contract.tickets import (
    ALGORITHM,
    BAD_SIGNATURE,
    MALFORMED,
    UNKNOWN_KEY,
    TicketClaims,
    TicketError,
)

logger = logging.getLogger(__name__)

MAX_TICKET = 2048


class Keyring:
    """Public keys by `kid`, from a JWKS file that is read again when a kid is unknown."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._keys: dict[str, OKPKey] = {}
        self._read_at = 0
        self._reported = ""

    def _reload(self) -> None:
        """Read the file if it changed; a broken file leaves the keys that we have."""
        try:
            changed = self._path.stat().st_mtime_ns
            if changed == self._read_at:
                return
            entries = json.loads(self._path.read_text())["keys"]
            self._keys = {entry["kid"]: OKPKey.import_key(entry) for entry in entries}
            self._read_at, self._reported = changed, ""
        except (OSError, ValueError, KeyError, TypeError, JoseError) as error:
            self._report(repr(error))

    def _report(self, fault: str) -> None:
        """Log a fault once: every unknown key makes us read the file again."""
        if fault != self._reported:
            logger.error("ticket keys cannot be read, the keys of before stay in use: %s", fault)
            self._reported = fault

    def verify(self, token: str) -> TicketClaims:
        """Return the claims of a genuine ticket, whatever its dates; raise TicketError."""
        if not 0 < len(token) <= MAX_TICKET or token.count(".") != 2 or not token.isascii():
            raise TicketError(MALFORMED)
        key = self._key_of(token)
        try:
            decoded = jwt.decode(token, key, algorithms=[ALGORITHM])
        except (JoseError, ValueError, TypeError):
            raise TicketError(BAD_SIGNATURE) from None
        if not isinstance(decoded.claims, dict):
            raise TicketError(MALFORMED)
        return TicketClaims.from_payload(decoded.claims)

    def _key_of(self, token: str) -> OKPKey:
        kid = _kid(token)
        if kid not in self._keys:
            self._reload()
        try:
            return self._keys[kid]
        except KeyError:
            raise TicketError(UNKNOWN_KEY) from None


def _kid(token: str) -> str:
    """Return the key id that an unverified header names."""
    head = token.partition(".")[0]
    try:
        header = json.loads(urlsafe_b64decode(head + "=" * (-len(head) % 4)))
    except (ValueError, RecursionError):
        raise TicketError(MALFORMED) from None
    kid = header.get("kid") if isinstance(header, dict) else None
    if not isinstance(kid, str):
        raise TicketError(MALFORMED)
    return kid
