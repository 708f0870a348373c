"""One continuous numbering for a track, whatever sources feed it.

Viewers negotiate a slot once. A source that restarts, jumps or is replaced must reach them as one
stream: the first packet of a new source follows the last one of the old in number, and in time it
lies on the track's line.

The line says which of our timestamps stands for which moment. It is drawn by the track's first
packet and never moved again, so a viewer's view of it (our sender reports) survives every source;
sources are laid on it by their arrival, and pictures then moved against their sound in small steps
(`slew`, media.stage.lipsync).
"""

from dataclasses import dataclass

from media.packets.rtp import RtpPacket
from media.packets.sequence import TIMESTAMP_MASK, extend, timestamp_distance
from media.stage.reception.numbering import MAX_LATE, is_jump
from media.stage.timeline.probes import Probes
from media.stage.timeline.slew import Slew

MAX_LEAP = 10
"""Seconds by which timestamps may leap within one source; beyond, it counts as a jump as well."""

STEP = 0.02
"""Seconds that a new source keeps from the old one's last packet at least: one frame of Opus."""

LINGER = 1.0
"""Seconds for which late packets of a source that was replaced are told from a new source."""


@dataclass(slots=True)
class _Origin:
    """The newest packet of the current source, in its numbering and in ours (both unwrapped)."""

    ssrc: int
    number: int
    timestamp: int
    placed: int
    shift: int  # from the source's timestamps to ours
    arrived: float

    @property
    def placed_timestamp(self) -> int:
        return (self.timestamp + self.shift) & TIMESTAMP_MASK


class Timeline:
    """Places packets. `clock_rate` in Hz; times passed in are monotonic seconds.

    A packet's `number` is its source's, unwrapped (media.stage.reception.numbering).
    """

    def __init__(self, clock_rate: int, first_sequence: int = 0) -> None:
        self.clock_rate = clock_rate
        self._next = first_sequence
        self._holes: set[int] = set()  # numbers that were passed over and not given yet
        self._origin: _Origin | None = None
        self._line: tuple[float, int] | None = None
        self._over = False
        self._replaced: int | None = None  # an SSRC
        self._probes = Probes(MAX_LATE)
        self._slew = Slew()

    @property
    def newest(self) -> int:
        """The highest sequence placed so far, or one below the first."""
        return self._next - 1

    @property
    def ssrc(self) -> int | None:
        """Of the source that is playing, None before the first and after the end of one."""
        return self._origin.ssrc if self._origin is not None and not self._over else None

    def heard_since(self, moment: float) -> bool:
        """Tell whether anything was placed since then."""
        return self._origin is not None and self._origin.arrived >= moment

    def end(self) -> None:
        """The source is over; whatever comes next is another one."""
        self._over, self._replaced = True, None

    def leave(self) -> None:
        """The source said goodbye: what still comes of it for a moment is late."""
        self._over, self._replaced = True, self._origin.ssrc if self._origin else None

    def is_leftover(self, packet: RtpPacket, now: float) -> bool:
        """Tell whether this is a late packet of a source that was replaced or said goodbye."""
        return packet.ssrc == self._replaced and self.heard_since(now - LINGER)

    def number_near(self, ssrc: int) -> int | None:
        """Return where the numbers of this SSRC lie, None unless it is the one that is playing."""
        origin = self._origin
        return origin.number if origin is not None and origin.ssrc == ssrc else None

    def follows(self, packet: RtpPacket, number: int) -> bool:
        """Return whether the packet belongs to the source that is playing, in its numbering."""
        origin = self._origin
        if origin is None or self._over or origin.ssrc != packet.ssrc:
            return False
        leap = timestamp_distance(packet.timestamp, origin.timestamp)
        return not is_jump(number - origin.number) and abs(leap) <= MAX_LEAP * self.clock_rate

    def begin(self, packet: RtpPacket, number: int, now: float) -> None:
        """Let a new source begin with this packet, right behind what was placed before."""
        shift = self._shift_to_line(packet, now)
        older = self._origin
        if older is not None and older.ssrc != packet.ssrc and not self._over:
            self._replaced = older.ssrc
        elif packet.ssrc == self._replaced:
            self._replaced = None  # it has come back
        self._over = False
        self._holes.clear()
        self._probes.clear()
        self._slew.begin()
        self._origin = _Origin(packet.ssrc, number, packet.timestamp, self._next, shift, now)

    def _shift_to_line(self, packet: RtpPacket, now: float) -> int:
        """Return what leads the packet's timestamp to ours; one that merely jumped keeps its own.

        The first source of all keeps its timestamps and draws the line.
        """
        older = self._origin
        if older is None or self._line is None:
            self._line = (now, packet.timestamp)
            return 0
        leap = timestamp_distance(packet.timestamp, older.timestamp)
        same_clock = older.ssrc == packet.ssrc and not self._over
        if same_clock and 0 <= leap <= MAX_LEAP * self.clock_rate:
            return older.shift
        self._slew.owe(0)
        earliest = (older.placed_timestamp + int(STEP * self.clock_rate)) & TIMESTAMP_MASK
        wanted = self.timestamp_at(now)
        if timestamp_distance(wanted, earliest) < 0:
            wanted = earliest
        return wanted - packet.timestamp

    def go_on(
        self, packet: RtpPacket, number: int, count: int, now: float
    ) -> tuple[int, int] | None:
        """Place the packet that all wait for next, and those of its frame that directly follow it,
        `count` in all; return (unwrapped sequence, timestamp) of the first.

        None, and nothing is changed, if it is another one. On the path of every frame, so what
        `place` would find out by calls is compared here.
        """
        origin = self._origin
        if (
            origin is None
            or self._over
            or packet.ssrc != origin.ssrc
            or number != origin.number + 1
        ):
            return None
        leap = (packet.timestamp - origin.timestamp) & TIMESTAMP_MASK
        if leap > MAX_LEAP * self.clock_rate or origin.placed + 1 != self._next:
            return None
        sequence = self._next
        shift = origin.shift
        if self._slew.active:
            shift = self._shift_of(packet.timestamp, 1, origin)
        self._next = sequence + count
        origin.number, origin.placed = number + count - 1, sequence + count - 1
        origin.timestamp, origin.arrived = packet.timestamp, now
        if self._probes:
            self._probes.forget(origin.number)
        return sequence, (packet.timestamp + shift) & TIMESTAMP_MASK

    def place(self, packet: RtpPacket, number: int, now: float) -> tuple[int, int] | None:
        """Return (unwrapped sequence, timestamp); the packet must follow the current source.

        None for a late one whose number was given to another (its sender may have counted once
        around): under a viewer's key a number is a nonce (RFC 7714 section 8.4).
        """
        origin = self._origin
        if origin is None:
            raise ValueError("no source has begun")
        ahead = number - origin.number
        sequence = origin.placed + ahead
        if self._probes and ahead != 1:  # nothing lies between neighbours
            sequence -= self._probes.between(origin.number, ahead)
        if not self._give(sequence):
            return None
        shift = origin.shift
        if self._slew.active:
            shift = self._shift_of(packet.timestamp, ahead, origin)
        if ahead >= 0:
            origin.number, origin.timestamp = number, packet.timestamp
            origin.placed, origin.arrived = sequence, now
            self._probes.forget(number)
        return sequence, (packet.timestamp + shift) & TIMESTAMP_MASK

    def _give(self, sequence: int) -> bool:
        """Take a number that is new or was passed over; return False when it is given already."""
        if sequence < self._next:
            free = sequence in self._holes
            self._holes.discard(sequence)
            return free
        if sequence > self._next:
            self._holes = {hole for hole in self._holes if hole >= sequence - MAX_LATE}
            self._holes.update(range(self._next, sequence))
        self._next = sequence + 1
        return True

    def skip(self, number: int) -> None:
        """Leave a packet out that is not forwarded (a probe): those behind it move up.

        Else viewers would wait for its number and ask for it in vain. One that comes late, when its
        number has been given, stays a hole.
        """
        origin = self._origin
        if origin is not None and number > origin.number:
            self._probes.add(number)

    # -- time

    @property
    def drawn(self) -> bool:
        """Whether a packet has drawn the line."""
        return self._line is not None

    def timestamp_at(self, now: float) -> int:
        """Return the timestamp that stands for this moment on the track's line."""
        if self._line is None:
            raise ValueError("no source has begun")
        drawn_at, timestamp = self._line
        return (timestamp + int((now - drawn_at) * self.clock_rate)) & TIMESTAMP_MASK

    def ahead_of_line(self, timestamp: int, now: float) -> float:
        """Return by how many seconds a timestamp of the source, as placed, lies ahead of `now`."""
        if self._origin is None:
            raise ValueError("no source has begun")
        placed = (timestamp + self._origin.shift) & TIMESTAMP_MASK
        return timestamp_distance(placed, self.timestamp_at(now)) / self.clock_rate

    def slew(self, seconds: float) -> None:
        """Move the frames to come by so much in all, each by a part of the time since the last."""
        self._slew.owe(round(seconds * self.clock_rate))

    def _shift_of(self, timestamp: int, ahead: int, origin: _Origin) -> int:
        """Return the shift of a packet's frame while frames are being moved."""
        if ahead > 0:
            elapsed = timestamp_distance(timestamp, origin.timestamp)
            origin.shift = self._slew.step(timestamp, elapsed, origin.shift)
        return self._slew.shift_at(timestamp, origin.shift)

    def unwrap(self, sequence: int) -> int:
        """Return the unwrapped number that a 16-bit one most likely means."""
        return extend(sequence, self.newest)
