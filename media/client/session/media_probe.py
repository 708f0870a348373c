"""What a viewer decoded so far: counters over its frames, cheap for every frame."""

import zlib
from collections import deque

from media.client.clip.tone import rms, thinned, tone_share

ROWS = 16
"""Rows of the luma plane that are compared with the picture before."""

REMEMBERED = 24
"""Decoded sound kept for tone detection, in frames of 20 ms."""


class VideoProbe:
    """Counts pictures, and how many differ from the one before."""

    def __init__(self) -> None:
        self.frames = 0
        self.changed = 0
        self.width = 0
        self.height = 0
        self.first_at: float | None = None
        self.last_at: float | None = None
        self._print: int | None = None

    def add(self, luma: memoryview, line: int, width: int, height: int, at: float) -> None:
        """Take one picture: its luma plane (`line` bytes a row) at `at` (monotonic seconds)."""
        mark = 0
        for row in range(0, height, max(1, height // ROWS)):
            mark = zlib.crc32(luma[row * line : row * line + width], mark)
        self.changed += self._print is not None and mark != self._print
        self._print = mark
        self.frames += 1
        self.first_at = at if self.first_at is None else self.first_at
        self.width, self.height, self.last_at = width, height, at


class AudioProbe:
    """Keeps the loudest level since it was last asked, and the last half second of sound."""

    def __init__(self) -> None:
        self.frames = 0
        self.last_at: float | None = None
        self._loudest = 0.0
        self._recent: deque[list[int]] = deque(maxlen=REMEMBERED)

    def add(self, pcm: bytes, at: float) -> None:
        """Take one frame of interleaved 16-bit stereo at 48 kHz."""
        samples = list(thinned(pcm))
        self._recent.append(samples)
        self._loudest = max(self._loudest, rms(samples))
        self.frames += 1
        self.last_at = at

    def take_loudest(self) -> float:
        """Return the loudest RMS (0 to 1) since the last call, and start anew."""
        loudest, self._loudest = self._loudest, 0.0
        return loudest

    def tone_share(self, hertz: float) -> float:
        """Return the share of the remembered sound's energy at `hertz` (see tone.tone_share)."""
        return tone_share([sample for frame in self._recent for sample in frame], hertz)
