"""Arithmetic on many header words at once: one big integer holds a 32-bit lane for each packet.

Python adds integers of a few hundred octets in some tens of nanoseconds, so the headers of a whole
batch cost what one would. Lane 0 is the most significant: `to_words` then yields network order.
"""

import struct
from collections.abc import Sequence

WIDTH = 32


def ones(count: int) -> int:
    """Return 1 in every lane; a value times this stands in every lane."""
    return ((1 << WIDTH * count) - 1) // ((1 << WIDTH) - 1) if count else 0


def pack(values: Sequence[int], each: int = 1) -> int:
    """Return the values (32 bits) as lanes, `each` of them that many times in a row."""
    pack_one = struct.Struct(">I").pack
    return from_words(b"".join(pack_one(value) * each for value in values))


def from_words(words: bytes) -> int:
    """Return 32-bit words in network order as lanes."""
    return int.from_bytes(words, "big")


def to_words(lanes: int, count: int) -> memoryview:
    """Return the lanes as 32-bit words in network order."""
    return memoryview(lanes.to_bytes(4 * count, "big")).cast("I")


def add16(lanes: int, more: int, every: int) -> int:
    """Return (lane + lane) mod 2^16 for lanes below 2^16; `every` is `ones` of their count."""
    return (lanes + more) & 0xFFFF * every


def add32(lanes: int, more: int, every: int) -> int:
    """Return (lane + lane) mod 2^32: the top bits are added apart, so that no carry crosses."""
    top, rest = 0x80000000 * every, 0x7FFFFFFF * every
    return ((lanes & rest) + (more & rest)) ^ ((lanes ^ more) & top)
