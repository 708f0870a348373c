"""A frame as all its viewers get it: payloads written once, header words beside them."""

import struct
from collections.abc import Sequence

from media.fanout import lanes
from media.packets.rtp import MARKER_BIT, PADDING_BIT, VERSION
from media.stage.packet import StagePacket

HEADER = 12
STRIDES = (256, 1280, 1536)
"""Octets from one packet to the next: the narrowest that holds a frame, for what is copied to every
viewer should stay in the processor's cache (sound, the common video packet, the longest one)."""
PLAIN, PADDED, MARKED = VERSION << 24, PADDING_BIT << 24, MARKER_BIT << 16
"""Of the first header word (RFC 3550 section 5.1)."""
TRAILER = 16
"""Octets that protecting a packet may add."""


class Template:
    """Room for one frame of at most `columns` packets; `load` fills it anew.

    `lengths` are the packets' octets, header included, before they are protected.
    """

    def __init__(self, columns: int) -> None:
        self.octets = memoryview(bytearray(columns * STRIDES[-1]))
        self.frame: Sequence[StagePacket] = ()
        self.stride = STRIDES[-1]
        self.lengths: list[int] = []
        self._words: list[int] = []  # head (without payload type), sequence, time; each packet's
        self._copies: dict[int, tuple[int, int, int]] = {}

    def load(self, frame: Sequence[StagePacket]) -> None:
        """Write a frame's payloads, padding and headers. Raise ValueError if one is too long."""
        if frame is self.frame:
            return
        self.frame = ()  # whatever becomes of this one, the last one is no longer here
        self._copies.clear()
        self.lengths = [HEADER + len(packet.payload) + packet.pad for packet in frame]
        self.stride = _stride_for(max(self.lengths) + TRAILER)
        at, octets = HEADER, self.octets
        words: list[int] = []
        for sequence, timestamp, marker, _keyframe, _codec, payload, pad in frame:
            end = at + len(payload)
            octets[at:end] = payload
            head = PLAIN
            if pad:
                octets[end : end + pad] = bytes(pad - 1) + bytes((pad,))
                head |= PADDED
            words += (head | MARKED if marker else head, sequence & 0xFFFF, timestamp)
            at += self.stride
        self._words = words
        self.frame = frame

    def headers(self, rows: int) -> tuple[int, int, int]:
        """Return the frame's heads, sequences and times as lanes, for so many viewers."""
        found = self._copies.get(rows)
        if found is None and len(self.frame) == 1:  # sound: one packet has the same in every lane
            head, sequence, time = self._words
            every = lanes.ones(rows)
            found = self._copies[rows] = head * every, sequence * every, time * every
        elif found is None:
            pack = struct.Struct(f">{len(self.frame)}I").pack
            heads, sequences, times = (
                lanes.from_words(pack(*self._words[at::3]) * rows) for at in range(3)
            )
            found = self._copies[rows] = heads, sequences, times
        return found


def _stride_for(octets: int) -> int:
    for stride in STRIDES:
        if stride >= octets:
            return stride
    raise ValueError(f"{octets} octets are more than a packet may have")
