"""When a visit to a node is no longer worth staying, and where and when to go next. Pure."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from media.client.backoff import LONGEST, delay

SILENCE = 3.0
"""Seconds without any packet of a node that names a source, after which we join anew. It reports
each second also when its source is silent, so that a mute host sends nobody away."""

PATIENCE = 10.0
"""Seconds without a decoded frame while the node names a source, after which we join anew."""

EMPTY_STAGE = 10.0
"""Seconds at a node without a source after which the next node is tried, where there is one."""

SETTLED = 5.0
"""Seconds of a visit after which its loss counts as new, not as another failed try."""

TRIES_PER_NODE = 2


class Outcome(StrEnum):
    """How an attendance ended, or why a visit did."""

    CLOSED = "closed"
    STOPPED = "stopped"
    LOST = "lost"
    UNREACHABLE = "unreachable"
    REFUSED = "refused"
    SILENT = "silent"
    EMPTY = "empty"
    TAKEN_OVER = "taken-over"


class Rota:
    """Which node to try (`index`, to be taken modulo their number), and after what wait. Pure apart
    from the chance it is given."""

    def __init__(self, chance: Callable[[], float] = random.random) -> None:
        self._chance = chance
        self._failures = 0
        self.index = 0

    def after(self, outcome: Outcome, lasted: float, retry_after: float | None) -> float:
        """Take a visit's end and return the seconds to wait before the next one."""
        if outcome is Outcome.EMPTY:
            self.index += 1
            return delay(0, self._chance())
        if lasted >= SETTLED:
            self._failures = 0
        wait = delay(self._failures, self._chance())
        self._failures += 1
        if outcome is Outcome.TAKEN_OVER:
            return LONGEST
        if outcome is Outcome.UNREACHABLE and self._failures % TRIES_PER_NODE == 0:
            self.index += 1
        return max(wait, min(retry_after or 0.0, LONGEST))


@dataclass(frozen=True, slots=True)
class Heard:
    """When a packet last came and when a frame was last decoded (monotonic s), None before."""

    packet: float | None
    media: float | None


class Watch:
    """Decides from what a viewer receives whether the visit is still worth staying. Pure."""

    def __init__(self, now: float) -> None:
        self._source_since = now
        self._empty_since = now

    def judge(self, now: float, heard: Heard, source: bool, elsewhere: bool) -> Outcome | None:
        """Return SILENT or EMPTY when it is not. `source` tells whether somebody publishes,
        `elsewhere` whether there are other nodes."""
        if source:
            self._empty_since = now
        else:
            self._source_since = now
            return Outcome.EMPTY if elsewhere and now - self._empty_since > EMPTY_STAGE else None
        packet = max(heard.packet or self._source_since, self._source_since)
        media = max(heard.media or self._source_since, self._source_since)
        silent = now - packet > SILENCE or now - media > PATIENCE
        return Outcome.SILENT if silent else None
