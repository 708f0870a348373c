"""Bit/s of what was counted, measured once a second."""


class RateMeter:
    """Add to `octets`; `bitrate` is what came between the last two calls of `measure`."""

    def __init__(self) -> None:
        self.octets = self.bitrate = 0
        self._measured = float("-inf"), 0

    def measure(self, now: float) -> None:
        """Take the bit rate since the last call. `now` in monotonic seconds."""
        since, octets = self._measured
        self._measured = now, self.octets
        if now > since:
            self.bitrate = int(8 * (self.octets - octets) / (now - since))
