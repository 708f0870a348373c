"""When the packets of a publisher's transport came, kept until they are reported to it.

On the path of every packet this is one `append`; the sorting is done when a report is due.
"""

from media.packets.sequence import extend
from media.packets.twcc import TICKS, pack_transport_feedback

INTERVAL = 0.1
"""Seconds between two reports, as browsers do it among themselves. Half of it fell no faster."""
MOST = 250
"""Packets in a report at most, so that it fits into one datagram."""
STALE = 1.0
"""Seconds after which an arrival is of no use any more (this process was stopped meanwhile)."""
MAX_GAP = 1000
"""A number further on than this is a sender that began anew, not loss."""


class ArrivalLog:
    """Numbers are the 16 bits of the header extension; times are monotonic seconds."""

    def __init__(self) -> None:
        self._arrived: list[tuple[int, float]] = []
        self._expected: int | None = None  # the number behind the last report, unwrapped
        self._reported_at = float("-inf")
        self._count = 0

    def arrived(self, number: int, now: float) -> None:
        """Note a packet."""
        self._arrived.append((number, now))

    def due(self, now: float) -> bool:
        """Return whether it is time for a report."""
        waited = now - self._reported_at >= INTERVAL
        return bool(self._arrived) and (waited or len(self._arrived) >= MOST)

    def report(self, sender: int, media: int, now: float) -> bytes:
        """Return the feedback on what came since the last one; empty when nothing did."""
        self._reported_at = now
        taken = [entry for entry in self._arrived[:MOST] if now - entry[1] < STALE]
        self._arrived = self._arrived[MOST:][-MOST:]  # of a flood the middle is left out
        if not taken:
            return b""
        ticks = self._unwrapped(taken)
        newest = max(ticks)
        numbers = [number for number in ticks if number > newest - MAX_GAP]
        if self._expected is not None and self._expected > newest - MAX_GAP:
            numbers.append(self._expected)
        base, count = min(numbers), self._count
        self._expected, self._count = newest + 1, count + 1
        arrivals = [ticks.get(number) for number in range(base, newest + 1)]
        return pack_transport_feedback(sender, media, base, count, arrivals)

    def _unwrapped(self, taken: list[tuple[int, float]]) -> dict[int, int]:
        """Return ticks by unwrapped number."""
        near = taken[0][0] if self._expected is None else self._expected
        found: dict[int, int] = {}
        for number, at in taken:
            near = extend(number, near)
            found[near] = int(at * TICKS)
        return found
