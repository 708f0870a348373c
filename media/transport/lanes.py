"""Arithmetic on many header words at once: one big integer holds a 32-bit lane for each viewer.

Python adds integers of a few hundred octets in some tens of nanoseconds, so a column of headers
costs the same for one viewer as for sixty-four. Lane 0 is the most significant: `to_words` then
yields the words in network order.
"""

import struct
from collections.abc import Sequence

WIDTH = 32


def ones(count: int) -> int:
    """Return 1 in every lane; a value times this stands in every lane."""
    return ((1 << WIDTH * count) - 1) // ((1 << WIDTH) - 1) if count else 0


def pack(values: Sequence[int]) -> int:
    """Return the values (32 bits each) as lanes."""
    return int.from_bytes(struct.pack(f">{len(values)}I", *values), "big")


def to_words(lanes: int, count: int) -> memoryview:
    """Return the lanes as 32-bit words in network order."""
    return memoryview(lanes.to_bytes(4 * count, "big")).cast("I")


def add16(lanes: int, value: int, every: int) -> int:
    """Return (lane + value) mod 2^16 for lanes below 2^16; `every` is `ones` of their count."""
    return (lanes + (value & 0xFFFF) * every) & 0xFFFF * every


def add32(lanes: int, value: int, every: int) -> int:
    """Return (lane + value) mod 2^32: the top bits are added apart, so that no carry crosses."""
    top, rest = 0x80000000 * every, 0x7FFFFFFF * every
    value *= every
    return ((lanes & rest) + (value & rest)) ^ ((lanes ^ value) & top)
