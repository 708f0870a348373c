"""How many bits a second a publisher may send: the configured limit, until its uplink queues or
loses packets.

Falls at once when packets queue up (delay) or are lost, and grows back gradually. It never follows
what happens to be sent: a teacher who holds still must not starve the next movement.
"""

FLOOR = 150_000
"""Bit/s below which speech and a slide still pass; no publisher is asked for less."""
AFTER_QUEUEING = 0.85
"""Of what arrived: the queue that built up must empty as well."""
LOSS_LIMIT = 0.10
GROWTH = 0.08
"""Share by which the estimate grows a second."""
STEP = 40_000
"""Bit/s by which it grows a second at least."""
HOLD = 1.0
"""Seconds without growth after a fall."""
ONE_QUEUE = 0.6
"""Seconds without a second fall: the publisher needs as long to read the first and send less."""


class BitrateEstimate:
    """`limit` in bit/s; times are monotonic seconds."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._value = float(limit)
        self._fell_at = float("-inf")
        self._grown_at = float("-inf")

    def value(self, now: float) -> int:
        """Return the estimate now."""
        since = max(self._grown_at, self._fell_at + HOLD)
        if self._value < self.limit and now > since:
            if since > float("-inf"):
                self._value += (self._value * GROWTH + STEP) * (now - since)
            self._value = min(self._value, self.limit)
        self._grown_at = now
        return int(self._value)

    def queued(self, throughput: int, now: float) -> bool:
        """Note that packets queue up on the way while `throughput` bit/s arrive."""
        return self._fall(AFTER_QUEUEING * throughput, now)

    def lost(self, fraction: float, now: float) -> bool:
        """Note the share of packets lost in the last second; return whether the estimate fell."""
        if fraction <= LOSS_LIMIT:
            return False
        return self._fall(self._value * (1 - fraction / 2), now)

    def _fall(self, value: float, now: float) -> bool:
        if now - self._fell_at < ONE_QUEUE or value >= self._value:
            return False
        self._value, self._fell_at = max(FLOOR, value), now
        return True
