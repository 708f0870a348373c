"""A frame as all its viewers get it: payloads written once, header words beside them."""

import struct
from collections.abc import Sequence

from media.packets.rtp import MARKER_BIT, PADDING_BIT, VERSION
from media.stage.packet import StagePacket

HEADER = 12
STRIDES = (256, 1280, 1536)
"""Octets from one packet to the next: the narrowest that holds a frame, for what is copied to every
viewer should stay in the processor's cache (sound, the common video packet, the longest one)."""
TRAILER = 16
"""Octets that protecting a packet may add."""


class Template:
    """Room for one frame of at most `columns` packets; `load` fills it anew.

    `lengths` are the packets' octets, header included, before they are protected; `heads`,
    `sequences` and `times` hold a 32-bit word for each packet, in network order.
    """

    def __init__(self, columns: int) -> None:
        self.octets = memoryview(bytearray(columns * STRIDES[-1]))
        self.frame: Sequence[StagePacket] = ()
        self.stride = STRIDES[-1]
        self.lengths: list[int] = []
        self.heads = self.sequences = self.times = b""

    def load(self, frame: Sequence[StagePacket]) -> None:
        """Write a frame's payloads, padding and headers. Raise ValueError if one is too long."""
        if frame is self.frame:
            return
        self.frame = ()  # whatever becomes of this one, the last one is no longer here
        self.lengths = [HEADER + len(packet.payload) + packet.pad for packet in frame]
        longest = max(self.lengths) + TRAILER
        self.stride = min(stride for stride in STRIDES if stride >= longest)
        at, octets = HEADER, self.octets
        for packet in frame:
            end = at + len(packet.payload)
            octets[at:end] = packet.payload
            if packet.pad:
                octets[end : end + packet.pad] = bytes(packet.pad - 1) + bytes((packet.pad,))
            at += self.stride
        words = struct.Struct(f">{len(frame)}I").pack
        self.heads = words(*map(_head, frame))
        self.sequences = words(*[packet.sequence & 0xFFFF for packet in frame])
        self.times = words(*[packet.timestamp for packet in frame])
        self.frame = frame


def _head(packet: StagePacket) -> int:
    """Return the first header word without payload type and sequence (RFC 3550 section 5.1)."""
    head = VERSION << 24 | (PADDING_BIT << 24 if packet.pad else 0)
    return head | MARKER_BIT << 16 if packet.marker else head
