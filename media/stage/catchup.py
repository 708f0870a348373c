"""How a latecomer catches up: the cache from its newest keyframe on, in fast motion. Pure."""

from typing import NamedTuple

from media.packets.sequence import TIMESTAMP_MASK, timestamp_distance
from media.stage.packet import StagePacket

CHUNK, PAUSE = 12, 0.004
"""Packets sent to a latecomer at once, and seconds until the next: 3,000 packets (30 Mbit/s) a
second, so that the burst is not lost on the way."""

LIMIT = 3600
"""Packets back from which a replay may begin: twelve seconds of a lesson. The cache holds more, so
that nothing is overwritten before it was shown."""

FRESH = 1.5
"""Seconds since a keyframe for which it is shown at once. After that the source is asked for a new
one: cheaper for the latecomer's line than many seconds of packets."""

ANSWER_WITHIN = 0.15
"""Seconds that a latecomer waits for the source's new keyframe. Some sources have none to give when
they are asked (ffmpeg, RTSP): then the one in the cache is shown, however old."""


class FastMotion(NamedTuple):
    """What a latecomer is shown up to sequence `until` plays `factor` times as fast.

    Its packets come much faster than they were filmed. Their distances from `timestamp`, that of
    the last one, are shrunk to their pace, so that a player that keeps time is in the present when
    they end. (Chromium 156 is so either way, ten seconds back: it shows at once what is late.) A
    pure function of the packet: what is sent again must be byte-identical.
    """

    until: int
    timestamp: int
    factor: int

    @classmethod
    def over(cls, first: StagePacket, last: StagePacket, clock_rate: int) -> "FastMotion":
        """Return the fast motion from `first` to `last`, at the pace of CHUNK and PAUSE."""
        packets = last.sequence - first.sequence + 1
        span = timestamp_distance(last.timestamp, first.timestamp)
        return cls(
            last.sequence, last.timestamp, max(1, span * CHUNK // int(packets * PAUSE * clock_rate))
        )

    def timestamp_of(self, packet: StagePacket) -> int:
        """Return the timestamp under which the packet is shown, before the viewer's offset."""
        behind = timestamp_distance(self.timestamp, packet.timestamp)
        if packet.sequence > self.until or behind < 0:  # a B-frame comes behind what it precedes
            return packet.timestamp
        return (self.timestamp - behind // self.factor) & TIMESTAMP_MASK
