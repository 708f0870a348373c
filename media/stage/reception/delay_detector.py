"""Whether a publisher's packets queue up on their way: the one place that uses aiortc's detector.

Checked against aiortc 1.16.0; the contract test is test_delay_detector.py.
"""

from aiortc.rate import (
    INTER_ARRIVAL_SHIFT,
    TIMESTAMP_GROUP_LENGTH_MS,
    TIMESTAMP_TO_MS,
    BandwidthUsage,
    InterArrival,
    OveruseDetector,
    OveruseEstimator,
    RateCounter,
)

GROUP = (TIMESTAMP_GROUP_LENGTH_MS << INTER_ARRIVAL_SHIFT) // 1000

PERSISTENT = 0.3
"""Seconds of a growing queue that count: a computer that was busy for a moment makes one too."""

WINDOW_MS = 500
"""Milliseconds over which the rate is taken: a longer one shows the path as it was before."""


class DelayDetector:
    """Compares when packets were sent (abs-send-time, 6.18 fixed point) and when they came."""

    def __init__(self) -> None:
        self._arrivals = InterArrival(GROUP, TIMESTAMP_TO_MS)
        self._estimator = OveruseEstimator()
        self._detector = OveruseDetector()
        self._rate = RateCounter(WINDOW_MS, 8000)
        self._overused_since: float | None = None

    def arrived(self, sent: int, size: int, now: float) -> bool:
        """Note a packet of `size` octets; return whether the path is overused. `now` in seconds."""
        now_ms = int(now * 1000)
        self._rate.add(size, now_ms)
        deltas = self._arrivals.compute_deltas(sent << 8, now_ms, size)
        if deltas is not None:
            apart = deltas.timestamp * TIMESTAMP_TO_MS
            self._estimator.update(
                deltas.arrival_time, apart, deltas.size, self._detector.state(), now_ms
            )
            self._detector.detect(
                self._estimator.offset(), apart, self._estimator.num_of_deltas(), now_ms
            )
        if self._detector.state() != BandwidthUsage.OVERUSING:
            self._overused_since = None
            return False
        if self._overused_since is None:
            self._overused_since = now
        return now - self._overused_since >= PERSISTENT

    def throughput(self, now: float) -> int | None:
        """Return bit/s of the last half second, or None when too little came."""
        rate = self._rate.rate(int(now * 1000))
        return None if rate is None else int(rate)
