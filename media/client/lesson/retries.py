"""When a connection to a node is given up, and when the next one begins. Pure."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from media.client.lesson.backoff import LONGEST, delay

PACKET_TIMEOUT = 3.0
"""Seconds without any packet of a node that names a source, after which we join anew. It reports
each second for six more after its source's last packet, so that a host that is mute for a moment
sends nobody away."""

MEDIA_TIMEOUT = 10.0
"""Seconds without a decoded frame while the node names a source, after which we join anew."""

SETTLED = 5.0
"""Seconds of a connection after which its loss counts as new, not as another failed try."""

NEXT_TRY, SPREAD = 0.3, 0.3
"""Seconds, and how many more by chance, between two tries while a node may still come back."""


class Outcome(StrEnum):
    """How an attendance ended, or why a connection did."""

    CLOSED = "closed"
    STOPPED = "stopped"
    LOST = "lost"
    UNREACHABLE = "unreachable"
    REFUSED = "refused"
    SILENT = "silent"
    ELSEWHERE = "elsewhere"  # another node has the lesson
    TAKEN_OVER = "taken-over"


class RetryPolicy:
    """After what wait to try again. Pure apart from the chance it is given."""

    def __init__(self, chance: Callable[[], float] = random.random) -> None:
        self._chance = chance
        self._failures = 0

    def after(self, outcome: Outcome, lasted: float, retry_after: float | None) -> float:
        """Take a connection's end and return the seconds to wait before the next one."""
        if outcome is Outcome.ELSEWHERE:
            return SPREAD * self._chance()
        if lasted >= SETTLED:
            self._failures = 0
        wait = delay(self._failures, self._chance())
        self._failures += 1
        if outcome is Outcome.TAKEN_OVER:
            return LONGEST
        return max(wait, min(retry_after or 0.0, LONGEST))

    def while_node_may_return(self) -> float:
        """Return the seconds to wait for a node that may still come back."""
        return NEXT_TRY + SPREAD * self._chance()


@dataclass(frozen=True, slots=True)
class Received:
    """When a packet last came and when a frame was last decoded (monotonic s), None before."""

    packet: float | None
    media: float | None


class ReceptionWatch:
    """Decides from what a viewer receives whether its connection still works. Pure."""

    def __init__(self, now: float) -> None:
        self._source_since = now

    def judge(self, now: float, received: Received, source: bool) -> Outcome | None:
        """Return SILENT when it is not. `source` says whether somebody publishes."""
        if not source:
            self._source_since = now
            return None
        packet = max(received.packet or self._source_since, self._source_since)
        media = max(received.media or self._source_since, self._source_since)
        silent = now - packet > PACKET_TIMEOUT or now - media > MEDIA_TIMEOUT
        return Outcome.SILENT if silent else None
