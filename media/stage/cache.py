"""The last packets of a track: answers NACKs and shows latecomers the newest whole picture."""

from collections.abc import Iterator

from media.stage.packet import StagePacket


class PacketCache:
    """A ring of `size` packets by sequence. `newest` is the highest sequence put so far.

    `keyframe_at` is where the newest keyframe begins.
    """

    def __init__(self, size: int) -> None:
        self._ring: list[StagePacket | None] = [None] * size
        self.newest = -1
        self.keyframe_at: int | None = None
        self._keyframe_timestamp: int | None = None

    def put(self, packet: StagePacket) -> None:
        """Remember the packet; the oldest one in its place is forgotten."""
        self._ring[packet.sequence % len(self._ring)] = packet
        self.newest = max(self.newest, packet.sequence)
        if packet.keyframe and packet.timestamp != self._keyframe_timestamp:
            self.keyframe_at, self._keyframe_timestamp = packet.sequence, packet.timestamp

    def get(self, sequence: int) -> StagePacket | None:
        """Return the packet, or None when it never came or is forgotten."""
        packet = self._ring[sequence % len(self._ring)]
        return packet if packet is not None and packet.sequence == sequence else None

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

    def forget(self) -> None:
        """Drop everything: the pictures of a source that is gone help nobody."""
        self._ring = [None] * len(self._ring)
        self.keyframe_at = self._keyframe_timestamp = None
