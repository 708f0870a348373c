"""A source moved in time little by little, so that no viewer sees a jump (media.stage.lipsync)."""

from collections import deque

from media.packets.sequence import timestamp_distance

SLEW = 4
"""Of the time between two frames, one part in so many is what a frame may be moved by."""

MAX_MOVES = 128
"""Moves remembered for frames that are completed late."""


class Slew:
    """Timestamps are the source's; a shift leads from them to the track's. All in ticks."""

    def __init__(self) -> None:
        self._owed = 0  # by which frames are still to be moved
        self._moves: deque[tuple[int, int]] = deque(maxlen=MAX_MOVES)

    @property
    def active(self) -> bool:
        """Whether a frame's shift may be another one than the last frame's."""
        return bool(self._owed or self._moves)

    def owe(self, ticks: int) -> None:
        """Move the frames to come by so much in all, each by a part of the time since the last."""
        self._owed = ticks

    def begin(self) -> None:
        """Another source begins: older frames are no concern of ours."""
        self._moves.clear()

    def step(self, timestamp: int, elapsed: int, shift: int) -> int:
        """Return the shift of a new frame, `elapsed` after the last one that had `shift`."""
        if not self._owed or elapsed <= 0:
            return shift
        most = elapsed // SLEW
        paid = max(-most, min(most, self._owed))
        self._moves.append((timestamp, shift))
        self._owed -= paid
        return shift + paid

    def shift_at(self, timestamp: int, newest: int) -> int:
        """Return the shift of a frame, `newest` that of the newest: an older one keeps its own."""
        shift = newest
        for first, before in reversed(self._moves):
            if timestamp_distance(timestamp, first) >= 0:
                break
            shift = before
        return shift
