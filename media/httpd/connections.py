"""How many connections an HTTP port holds open, whose, and for how long. Pure: `now` is monotonic
seconds, and what has to be closed is returned.

A connection waits while it has not sent a whole head ("silent"), has nothing to do between two
requests ("idle") or has not sent its request's body yet ("unsent"). One that only waits is closed
for a new one of the same source, so that a client that opens thousands of them closes its own and
not those of other clients behind the same router.
"""

from collections import Counter, defaultdict
from collections.abc import Hashable
from dataclasses import dataclass
from operator import itemgetter
from typing import Generic, TypeVar

FIRST_REQUEST = 10.0
"""Seconds from a connection to the end of its first request's head, however slowly it trickles."""

IDLE = 150.0
"""Seconds between two requests. A reverse proxy keeps idle ones as well (Caddy for 120) and gives
them up first, so that no request of its meets a connection that is just being closed."""

BODY = 120.0
"""Seconds for a request's body: the largest (4 MiB, a county's file) takes 67 at 500 kbit/s."""

STUCK = 30.0
"""Seconds in which somebody must take something of what is sent."""

C = TypeVar("C", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Bounds:
    """Connections in all, and of one source; a proxy of ours counts in all only. Seconds after
    which one that is silent, idle, unsent or stuck is closed."""

    total: int
    per_source: int
    first_request: float = FIRST_REQUEST
    idle: float = IDLE
    body: float = BODY
    stuck: float = STUCK


class Connections(Generic[C]):
    """The open connections. One whose whole request is being answered never makes room."""

    def __init__(self, bounds: Bounds) -> None:
        self.refused = self.overdue = 0
        self._bounds = bounds
        self._source: dict[C, str] = {}
        self._counts: Counter[str] = Counter()
        self._silent = _Waiting[C](bounds.first_request)
        self._idle = _Waiting[C](bounds.idle)
        self._unsent = _Waiting[C](bounds.body)
        self._stuck = _Waiting[C](bounds.stuck)

    def __len__(self) -> int:
        return len(self._source)

    def enter(self, connection: C, source: str, now: float) -> tuple[bool, C | None]:
        """Return whether the newcomer may stay, and who has to go for it: the one that waited
        longest, of the newcomer's own source when that holds its share. `source` is "" for a proxy
        of ours."""
        has_share = bool(source) and self._counts[source] >= self._bounds.per_source
        gives_way = None
        if has_share or len(self) >= self._bounds.total:
            self.refused += 1
            gives_way = self._waiting_longest(source if has_share else None)
            if gives_way is None:
                return False, None
            self.leave(gives_way)
        self._source[connection] = source
        self._counts[source] += 1
        self._silent.add(connection, source, now)
        return True, gives_way

    def _waiting_longest(self, source: str | None) -> C | None:
        """A body that is on its way is given up last. The others go by time alone: were the silent
        first, many that idle would leave no room to those who just came and are about to ask."""
        heads = [self._silent.longest(source), self._idle.longest(source)]
        asking = [head for head in heads if head is not None]
        found = min(asking, key=itemgetter(0)) if asking else self._unsent.longest(source)
        return None if found is None else found[1]

    def leave(self, connection: C) -> None:
        """Forget a connection that ended; twice does no harm."""
        for table in (self._silent, self._idle, self._unsent, self._stuck):
            table.drop(connection)
        source = self._source.pop(connection, None)
        if source is None:
            return
        self._counts[source] -= 1
        if not self._counts[source]:
            del self._counts[source]

    def begin(self, connection: C) -> None:
        """A request's head was read."""
        self._silent.drop(connection)
        self._idle.drop(connection)

    def expect(self, connection: C, now: float) -> None:
        """Its body is still to come."""
        if connection in self._source:
            self._unsent.add(connection, self._source[connection], now)

    def whole(self, connection: C) -> None:
        """Its body has come."""
        self._unsent.drop(connection)

    def end(self, connection: C, now: float) -> None:
        """Its answer was given."""
        self._unsent.drop(connection)
        if connection in self._source:
            self._idle.add(connection, self._source[connection], now)

    def stuck(self, connection: C, now: float) -> None:
        """What is sent piles up, because nobody takes it."""
        if connection in self._source:
            self._stuck.add(connection, self._source[connection], now)

    def flows(self, connection: C) -> None:
        """What piled up was taken."""
        self._stuck.drop(connection)

    def due(self, now: float) -> list[C]:
        """Return who was silent, idle, unsent or stuck for too long, and forget them."""
        tables = (self._silent, self._idle, self._unsent, self._stuck)
        found = list(dict.fromkeys(one for table in tables for one in table.older(now)))
        for connection in found:
            self.leave(connection)
        self.overdue += len(found)
        return found


class _Waiting(Generic[C]):
    """Connections that wait for one thing, the longest first, in all and of each source."""

    def __init__(self, limit: float) -> None:
        self._limit = limit
        self._since: dict[C, tuple[float, str]] = {}
        self._of_source: defaultdict[str, dict[C, None]] = defaultdict(dict)

    def add(self, connection: C, source: str, now: float) -> None:
        self.drop(connection)  # the tables are in the order of time
        self._since[connection] = now, source
        self._of_source[source][connection] = None

    def drop(self, connection: C) -> None:
        if connection not in self._since:
            return
        _since, source = self._since.pop(connection)
        del self._of_source[source][connection]
        if not self._of_source[source]:
            del self._of_source[source]

    def longest(self, source: str | None) -> tuple[float, C] | None:
        """Return since when who has waited longest, of a source or of all (None)."""
        table = self._since if source is None else self._of_source.get(source, {})
        for connection in table:
            return self._since[connection][0], connection
        return None

    def older(self, now: float) -> list[C]:
        """Return who has waited longer than the limit."""
        found = []
        for connection, (since, _source) in self._since.items():
            if since > now - self._limit:
                break
            found.append(connection)
        return found
