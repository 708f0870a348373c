"""How many connections a node holds open, whose, and for how long. Pure: `now` is monotonic
seconds, and what has to be closed is returned.
"""

from collections import Counter
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Generic, TypeVar

FIRST_REQUEST = 10.0
"""Seconds from a connection to the end of its first request's head, however slowly it trickles."""

IDLE = 150.0
"""Seconds between two requests. A reverse proxy keeps idle ones as well (Caddy for 120) and gives
them up first, so that no request of its meets a door that is just closing."""

STUCK = 30.0
"""Seconds in which somebody must take something of what is sent."""

C = TypeVar("C", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Bounds:
    """Connections in all, and of one source; a proxy of ours counts in all only. Seconds after
    which one that is silent, idle or stuck is closed."""

    total: int
    per_source: int
    first_request: float = FIRST_REQUEST
    idle: float = IDLE
    stuck: float = STUCK


class Connections(Generic[C]):
    """The open connections. One with a request in progress is never chosen to make room."""

    def __init__(self, bounds: Bounds) -> None:
        self.refused = self.overdue = 0
        self._bounds = bounds
        self._source: dict[C, str] = {}
        self._counts: Counter[str] = Counter()
        # Each with the time since when, the longest first.
        self._silent: dict[C, float] = {}
        self._idle: dict[C, float] = {}
        self._stuck: dict[C, float] = {}

    def __len__(self) -> int:
        return len(self._source)

    def enter(self, connection: C, source: str, now: float) -> tuple[bool, C | None]:
        """Return whether the newcomer may stay, and who has to go for it. `source` is "" for a
        proxy of ours."""
        if source and self._counts[source] >= self._bounds.per_source:
            self.refused += 1
            return False, None
        gives_way = None
        if len(self) >= self._bounds.total:
            gives_way = next(iter(self._silent), None) or next(iter(self._idle), None)
            self.refused += 1
            if gives_way is None:
                return False, None
            self.leave(gives_way)
        self._source[connection] = source
        self._counts[source] += 1
        self._silent[connection] = now
        return True, gives_way

    def leave(self, connection: C) -> None:
        """Forget a connection that ended; twice does no harm."""
        source = self._source.pop(connection, None)
        if source is None:
            return
        self._counts[source] -= 1
        if not self._counts[source]:
            del self._counts[source]
        for table in (self._silent, self._idle, self._stuck):
            table.pop(connection, None)

    def begin(self, connection: C) -> None:
        """A request was read."""
        self._silent.pop(connection, None)
        self._idle.pop(connection, None)

    def end(self, connection: C, now: float) -> None:
        """Its answer was given."""
        if connection in self._source:
            self._idle[connection] = now

    def stuck(self, connection: C, now: float) -> None:
        """What is sent piles up, because nobody takes it."""
        if connection in self._source:
            self._stuck[connection] = now

    def flows(self, connection: C) -> None:
        """What piled up was taken."""
        self._stuck.pop(connection, None)

    def due(self, now: float) -> list[C]:
        """Return who was silent, idle or stuck for too long, and forget them."""
        bounds = self._bounds
        found = [
            *_older(self._silent, now - bounds.first_request),
            *_older(self._idle, now - bounds.idle),
            *_older(self._stuck, now - bounds.stuck),
        ]
        for connection in found:
            self.leave(connection)
        self.overdue += len(found)
        return found


def _older(table: dict[C, float], limit: float) -> list[C]:
    """Return those since before `limit`; the table begins with the oldest."""
    found = []
    for connection, since in table.items():
        if since > limit:
            break
        found.append(connection)
    return found
