"""What the coordinator has closed or revoked, kept on disk until it expires."""

import json
import logging
from collections.abc import Iterable
from pathlib import Path

from media.contract.tickets import REVOKED, TicketClaims, TicketError

logger = logging.getLogger(__name__)

FILE = "denials.json"
"""Named as nodes of earlier versions did: what they revoked holds over an upgrade."""

KINDS = ("stages", "devices", "tickets", "subjects")


class StageClosed(Exception):
    """this lesson is over"""


def name_of(kind: str, claims: TicketClaims) -> str:
    """Return what a ticket is called in the list of this kind; "" stands in none."""
    names = {
        "stages": claims.stage,
        "devices": claims.device,
        "tickets": claims.jti,
        "subjects": claims.subject,
    }
    return names[kind]


class RevocationList:
    """Names by kind, with the Unix second until which each is revoked."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._until: dict[str, dict[str, float]] = {kind: {} for kind in KINDS}
        try:
            stored = json.loads(path.read_text())
            for kind in KINDS:
                self._until[kind] = {str(k): float(v) for k, v in stored.get(kind, {}).items()}
        except FileNotFoundError:
            return
        except (ValueError, AttributeError, TypeError) as error:
            logger.error(
                "the revocation list cannot be read, the node begins with an empty one: %s", error
            )

    def add(self, kind: str, names: Iterable[str], until: float, now: float) -> None:
        """Refuse these names until then; expired ones are dropped.

        An order that comes late does not shorten what a newer one said: the longer time holds.
        """
        known = self._until[kind]
        known.update({name: max(until, known.get(name, 0)) for name in names})
        self._store(now)

    def _store(self, now: float) -> None:
        for kind, names in self._until.items():
            self._until[kind] = {name: until for name, until in names.items() if until > now}
        fresh = self._path.with_suffix(".new")
        fresh.write_text(json.dumps(self._until))
        fresh.replace(self._path)

    def holds(self, kind: str, name: str, now: float) -> bool:
        return name != "" and self._until[kind].get(name, 0) > now

    def check(self, claims: TicketClaims, now: float) -> None:
        """Raise TicketError or StageClosed when the ticket opens nothing any more."""
        revoked = {kind for kind in KINDS if self.holds(kind, name_of(kind, claims), now)}
        if revoked - {"stages"}:
            raise TicketError(REVOKED)
        if revoked:
            raise StageClosed
