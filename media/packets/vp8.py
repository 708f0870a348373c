"""The VP8 payload descriptor (RFC 7741 section 4.2): where its numbers stand."""

from typing import NamedTuple

EXTENDED, START_OF_PARTITION, PARTITION = 0x80, 0x10, 0x07
HAS_PICTURE_ID, HAS_TL0PICIDX, HAS_TID_OR_KEYIDX = 0x80, 0x40, 0x30
WIDE = 0x80
"""M: the picture id has 15 bits, else 7."""


class Descriptor(NamedTuple):
    """Offsets into the payload; 0 for a number that is absent. `begins` marks a frame's start."""

    picture_id_at: int
    wide: bool
    tl0picidx_at: int
    end: int
    begins: bool


def read_descriptor(payload: bytes) -> Descriptor | None:
    """Return the descriptor, or None when the payload ends within it."""
    if not payload:
        return None
    first = payload[0]
    begins = bool(first & START_OF_PARTITION) and not first & PARTITION
    if not first & EXTENDED:
        return Descriptor(0, False, 0, 1, begins)
    if len(payload) < 3:
        return None
    flags, at = payload[1], 2
    picture_id_at = tl0picidx_at = 0
    wide = False
    if flags & HAS_PICTURE_ID:
        picture_id_at, wide = at, bool(payload[at] & WIDE)
        at += 2 if wide else 1
    if flags & HAS_TL0PICIDX:
        tl0picidx_at = at
        at += 1
    at += bool(flags & HAS_TID_OR_KEYIDX)
    if at > len(payload):
        return None
    return Descriptor(picture_id_at, wide, tl0picidx_at, at, begins)
