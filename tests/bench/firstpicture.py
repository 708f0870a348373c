"""The first whole keyframe of a stream of packets, proven by putting it together. Pure."""

from media.packets.codecs import h264_keyframe
from media.packets.rtp import RtpPacket
from tests.bench.film import depacketised


class FirstPicture:
    """Waits for a keyframe of which every packet is there, parameter sets to marker.

    `keyframes` are the access units that count, `at` when the last packet of the first of them
    came (nanoseconds; None before).
    """

    def __init__(self, keyframes: frozenset[bytes]) -> None:
        self.at: int | None = None
        self._keyframes = keyframes
        self._frames: dict[int, dict[int, tuple[RtpPacket, int]]] = {}

    def take(self, packet: RtpPacket, stamp: int) -> None:
        """Take one video packet, in any order."""
        frame = self._frames.setdefault(packet.timestamp, {})
        frame[packet.sequence] = packet, stamp
        if self.at is None and any(part.marker for part, _ in frame.values()):
            self._look(frame)

    def _look(self, frame: dict[int, tuple[RtpPacket, int]]) -> None:
        """See whether a frame whose end is there is whole and a keyframe of the source."""
        last = next(part.sequence for part, _ in frame.values() if part.marker)
        parts = [frame.get((last - back) & 0xFFFF) for back in reversed(range(len(frame)))]
        whole = [part for part in parts if part is not None]
        if len(whole) < len(parts) or not h264_keyframe(whole[0][0].payload):
            return
        if depacketised(tuple(part.payload for part, _ in whole)) in self._keyframes:
            self.at = max(stamp for _, stamp in whole)
            self._frames.clear()
