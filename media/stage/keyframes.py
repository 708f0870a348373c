"""Keyframe requests merged: many viewers ask, the publisher hears at most one a second."""

INTERVAL = 1.0
"""Seconds between two requests to a publisher. A keyframe costs its uplink dearly."""


class KeyframeGate:
    """Times are monotonic seconds. `asked` counts viewers' requests, `sent` ours; `wanted` tells
    whether one is to be sent.
    """

    def __init__(self) -> None:
        self.wanted = False
        self._last = float("-inf")
        self.asked = self.sent = 0

    def ask(self) -> None:
        """Note that a viewer needs a keyframe."""
        self.asked += 1
        self.wanted = True

    def due(self, now: float) -> bool:
        """Return True, at most once a second, when the publisher should be asked now."""
        if not self.wanted or now - self._last < INTERVAL:
            return False
        self._last = now
        self.sent += 1
        self.wanted = False
        return True

    def arrived(self) -> None:
        """A keyframe came: nobody waits any more."""
        self.wanted = False
