"""Token buckets in memory: how often a ticket or an address may ask (docs/whip-whep.md, W15)."""

from collections import OrderedDict
from dataclasses import dataclass

MAX_BUCKETS = 10_000


@dataclass(slots=True)
class _Bucket:
    tokens: float
    at: float


class RateLimit:
    """`burst` requests at once, then `rate` a second, for each key. Seconds are monotonic."""

    def __init__(self, burst: float, rate: float) -> None:
        self._burst, self._rate = burst, rate
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()  # the one asked longest ago first

    def allow(self, key: str, now: float) -> bool:
        """Take one token; return False when none is left."""
        self.forget_full(now, 2)  # more than come in
        bucket = self._buckets.pop(key, None) or _Bucket(self._burst, now)
        bucket.tokens = min(self._burst, bucket.tokens + (now - bucket.at) * self._rate)
        bucket.at = now
        self._buckets[key] = bucket
        if len(self._buckets) > MAX_BUCKETS:
            self._buckets.popitem(last=False)
        if bucket.tokens < 1:
            return False
        bucket.tokens -= 1
        return True

    def forget_full(self, now: float, most: int = MAX_BUCKETS) -> None:
        """Drop buckets that are full by now: they say nothing."""
        for _ in range(most):
            oldest = next(iter(self._buckets.items()), None)
            if oldest is None or (now - oldest[1].at) * self._rate < self._burst:
                return
            del self._buckets[oldest[0]]

    @property
    def size(self) -> int:
        """How many keys are remembered."""
        return len(self._buckets)


class RequestLimits:
    """W15. 62 rooms may share one address, so a genuine ticket has a budget of its own."""

    def __init__(self) -> None:
        self.tickets = RateLimit(burst=12, rate=2)
        self.strangers = RateLimit(burst=30, rate=2)

    def forget_full(self, now: float) -> None:
        """Drop what says nothing any more, of both."""
        self.tickets.forget_full(now)
        self.strangers.forget_full(now)
