"""Keyframe requests merged: many viewers ask, the publisher hears at most one a second."""

from media.stage.outcome import NEVER

INTERVAL = 1.0
"""Seconds between two requests to a publisher. A keyframe costs its uplink dearly."""


class KeyframeGate:
    """Times are monotonic seconds. `asked` counts viewers' requests, `sent` ours."""

    def __init__(self) -> None:
        self._wanted = False
        self._last = float("-inf")
        self.asked = self.sent = 0

    @property
    def deadline(self) -> float:
        """When `due` should be called; NEVER while no keyframe is wanted."""
        return self._last + INTERVAL if self._wanted else NEVER

    def ask(self) -> None:
        """Note that a viewer needs a keyframe."""
        self.asked += 1
        self._wanted = True

    def due(self, now: float) -> bool:
        """Return True, at most once a second, when the publisher should be asked now."""
        if not self._wanted or now - self._last < INTERVAL:
            return False
        self._last = now
        self.sent += 1
        self._wanted = False
        return True

    def arrived(self) -> None:
        """A keyframe came: no viewer waits any more."""
        self._wanted = False
