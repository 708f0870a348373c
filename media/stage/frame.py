"""A frame's packets gathered until its last one came, so that they are sent as one batch."""

from collections.abc import Sequence

from media.stage.outcome import NEVER
from media.stage.packet import StagePacket
from media.stage.subscriptions.padding import equalise

MAX_FRAME = 64
"""Packets gathered at most: UDP_SEGMENT takes 64 segments a message."""

GATHER = 0.002
"""Seconds that a frame's packets wait for their marker before they are sent."""


class FrameGatherer:
    """Packets that wait for their frame's marker, and until when (`deadline`, monotonic seconds).

    `late`: some of them lie so far back that they must be sent apart.
    """

    def __init__(self) -> None:
        self._packets: list[StagePacket] = []
        self.deadline = NEVER
        self.late = False

    def add(self, packet: StagePacket, now: float) -> None:
        """Put a packet behind those that wait."""
        if not self._packets:
            self.deadline = now + GATHER
        self._packets.append(packet)

    @property
    def full(self) -> bool:
        return len(self._packets) >= MAX_FRAME

    def take(self) -> list[Sequence[StagePacket]]:
        """Return what waits in frames of at most MAX_FRAME packets, padded; nothing waits then."""
        packets, self._packets = self._packets, []
        self.deadline = NEVER
        return [
            equalise(packets[start : start + MAX_FRAME])
            for start in range(0, len(packets), MAX_FRAME)
        ]
