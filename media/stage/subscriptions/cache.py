"""The last packets of a track: answers NACKs and shows latecomers the newest whole picture.

The ring holds two seconds at 16 Mbit/s and more (4096 packets of some 1,000 octets). A keyframe may
be older than that where a source makes one every ten seconds, so the last two are kept beside it.
"""

from collections.abc import Iterable, Iterator

from media.stage.packet import StagePacket

KEYFRAMES = 2
"""Keyframes kept whole, however long ago they were."""
MAX_KEYFRAME = 512
"""Packets of a keyframe that are kept: half a megabyte, more than any picture of a lesson."""


class PacketCache:
    """A ring of `size` packets by sequence. `newest` is the highest sequence put so far.

    `keyframe_at` is where the newest keyframe begins.
    """

    def __init__(self, size: int) -> None:
        self._ring: list[StagePacket | None] = [None] * size
        self.newest = -1
        self.keyframe_at: int | None = None
        self._keyframes: dict[int, dict[int, StagePacket]] = {}  # by timestamp, then sequence

    def put(self, packets: Iterable[StagePacket]) -> None:
        """Remember the packets; the oldest ones in their places are forgotten."""
        ring, size = self._ring, len(self._ring)
        for packet in packets:
            sequence = packet.sequence
            ring[sequence % size] = packet
            if sequence > self.newest:
                self.newest = sequence
            picture = self._keyframes.get(packet.timestamp)
            if packet.keyframe:
                picture = self._note_keyframe(packet, picture)
            if picture is not None and len(picture) < MAX_KEYFRAME:
                picture[sequence] = packet

    def _note_keyframe(
        self, packet: StagePacket, picture: dict[int, StagePacket] | None
    ) -> dict[int, StagePacket] | None:
        """Return where the packet's picture is kept; one that is late may be no more."""
        start = self.keyframe_at
        if picture is None and (start is None or packet.sequence > start):
            picture = self._keyframes[packet.timestamp] = {}
            self.keyframe_at = packet.sequence
            if len(self._keyframes) > KEYFRAMES:
                del self._keyframes[next(iter(self._keyframes))]
        elif start is not None and start in (picture or ()):
            self.keyframe_at = min(start, packet.sequence)  # its beginning came after its rest
        return picture

    def get(self, sequence: int) -> StagePacket | None:
        """Return the packet, or None when it never came or is forgotten."""
        packet = self._ring[sequence % len(self._ring)]
        if packet is not None and packet.sequence == sequence:
            return packet
        kept = (picture.get(sequence) for picture in self._keyframes.values())
        return next((packet for packet in kept if packet is not None), None)

    def replayable(self, limit: int) -> int | None:
        """Return where a latecomer may begin: a keyframe at most `limit` packets back."""
        start = self.keyframe_at
        if start is None or self.newest - start >= min(limit, len(self._ring)):
            return None
        return start if self.get(start) is not None else None

    def since(self, sequence: int, count: int) -> Iterator[StagePacket]:
        """Yield up to `count` sequences' packets from `sequence` on; holes are passed over."""
        for at in range(sequence, min(sequence + count, self.newest + 1)):
            packet = self.get(at)
            if packet is not None:
                yield packet

    def end_source(self) -> None:
        """Let no latecomer begin with a source that is gone; viewers may still lack some of it."""
        self._keyframes.clear()
        self.keyframe_at = None

    def forget(self) -> None:
        """Drop everything."""
        self.end_source()
        self._ring = [None] * len(self._ring)
