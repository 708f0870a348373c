"""What the coordinator has closed or revoked, kept on disk until it expires."""

import json
import logging
from collections.abc import Iterable
from pathlib import Path

from media.contract.tickets import REVOKED, TicketClaims, TicketError

logger = logging.getLogger(__name__)

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


class Denials:
    """Lists of names with the Unix second until which they hold."""

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
            logger.error("the list of revocations cannot be read: %s", error)

    def add(self, kind: str, names: Iterable[str], until: float, now: float) -> None:
        """Deny these names until then; expired ones are forgotten."""
        self._until[kind].update(dict.fromkeys(names, until))
        self._store(now)

    def lift(self, kind: str, name: str, now: float) -> None:
        self._until[kind].pop(name, None)
        self._store(now)

    def _store(self, now: float) -> None:
        for kind, names in self._until.items():
            self._until[kind] = {name: until for name, until in names.items() if until > now}
        fresh = self._path.with_suffix(".new")
        fresh.write_text(json.dumps(self._until))
        fresh.replace(self._path)

    def denies(self, kind: str, name: str, now: float) -> bool:
        return name != "" and self._until[kind].get(name, 0) > now

    def check(self, claims: TicketClaims, now: float) -> None:
        """Raise TicketError or StageClosed when the ticket opens nothing any more."""
        denied = {kind for kind in KINDS if self.denies(kind, name_of(kind, claims), now)}
        if denied - {"stages"}:
            raise TicketError(REVOKED)
        if denied:
            raise StageClosed
