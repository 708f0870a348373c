"""One continuous numbering for a track, whatever sources feed it.

Viewers negotiate a slot once. A source that restarts, jumps or is replaced must reach them as one
stream: the first packet of a new source follows the last one of the old.
"""

from collections import deque
from dataclasses import dataclass

from media.packets.rtp import RtpPacket
from media.packets.sequence import TIMESTAMP_MASK, extend, sequence_distance, timestamp_distance

MAX_JUMP = 3000
"""A sequence number that lies further off than this is a restart, not loss (RFC 3550 A.1)."""

MAX_SKIPPED = 512
"""Probes remembered; Chromium sends some dozens in a burst."""

MAX_TIME_JUMP = 10
"""Seconds by which timestamps may leap within one source before it counts as a restart."""


@dataclass(slots=True)
class _Origin:
    """The newest packet of the current source, in its numbering and in ours."""

    ssrc: int
    sequence: int
    timestamp: int
    placed: int
    placed_timestamp: int
    arrived: float


class Timeline:
    """Places packets. `clock_rate` in Hz; times passed in are monotonic seconds."""

    def __init__(self, clock_rate: int, first_sequence: int = 0) -> None:
        self.clock_rate = clock_rate
        self._next = first_sequence
        self._origin: _Origin | None = None
        self._skipped: deque[int] = deque(maxlen=MAX_SKIPPED)

    @property
    def newest(self) -> int:
        """The highest sequence placed so far, or one below the first."""
        return self._next - 1

    def follows(self, packet: RtpPacket) -> bool:
        """Tell whether the packet belongs to the source that is playing, in its numbering."""
        origin = self._origin
        if origin is None or origin.ssrc != packet.ssrc:
            return False
        leap = timestamp_distance(packet.timestamp, origin.timestamp)
        near = abs(sequence_distance(packet.sequence, origin.sequence)) <= MAX_JUMP
        return near and abs(leap) <= MAX_TIME_JUMP * self.clock_rate

    def begin(self, packet: RtpPacket, now: float) -> None:
        """Let a new source begin with this packet, right behind what was placed before."""
        timestamp = packet.timestamp
        if self._origin is not None:
            waited = max(0.02, now - self._origin.arrived)
            timestamp = self._origin.placed_timestamp + int(waited * self.clock_rate)
        self._skipped.clear()
        self._origin = _Origin(
            packet.ssrc,
            packet.sequence,
            packet.timestamp,
            self._next,
            timestamp & TIMESTAMP_MASK,
            now,
        )

    def place(self, packet: RtpPacket, now: float) -> tuple[int, int]:
        """Return (unwrapped sequence, timestamp); the packet must follow the current source."""
        origin = self._origin
        if origin is None:
            raise ValueError("no source has begun")
        ahead = sequence_distance(packet.sequence, origin.sequence)
        sequence = origin.placed + ahead
        if self._skipped:
            sequence -= self._skipped_between(origin.sequence, ahead)
        shift = origin.placed_timestamp - origin.timestamp
        timestamp = (packet.timestamp + shift) & TIMESTAMP_MASK
        if ahead >= 0:
            origin.sequence, origin.timestamp = packet.sequence, packet.timestamp
            origin.placed, origin.placed_timestamp = sequence, timestamp
            origin.arrived = now
        if sequence >= self._next:
            self._next = sequence + 1
        return sequence, timestamp

    def skip(self, packet: RtpPacket) -> None:
        """Leave a packet out that is not forwarded (a probe): those behind it move up.

        Else viewers would wait for its number and ask for it in vain. One that comes late, when its
        number has been given, stays a hole.
        """
        origin = self._origin
        if origin is not None and sequence_distance(packet.sequence, origin.sequence) > 0:
            self._skipped.append(packet.sequence)

    def _skipped_between(self, origin: int, ahead: int) -> int:
        """Return by how many places a packet `ahead` of the origin moves up (down, if behind)."""
        places = [sequence_distance(skipped, origin) for skipped in self._skipped]
        if ahead > 0:
            return sum(0 < place < ahead for place in places)
        return -sum(ahead < place <= 0 for place in places)

    def timestamp_of(self, timestamp: int) -> int:
        """Return a timestamp of the current source in our numbering (for sender reports)."""
        if self._origin is None:
            raise ValueError("no source has begun")
        shift = self._origin.placed_timestamp - self._origin.timestamp
        return (timestamp + shift) & TIMESTAMP_MASK

    def unwrap(self, sequence: int) -> int:
        """Return the unwrapped number that a 16-bit one most likely means."""
        return extend(sequence, self.newest)
