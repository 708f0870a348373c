"""Arithmetic on many header words at once: one big integer holds a 32-bit lane for each packet.

Python adds integers of a few hundred octets in some tens of nanoseconds, so the headers of a whole
batch cost what one would. Lane 0 is the most significant: `to_words` then yields network order.
"""

import struct
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

WIDTH = 32


@lru_cache
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


class Masks(NamedTuple):
    """The lower half, the top bit and all other bits of every lane."""

    low16: int
    top: int
    rest: int


@lru_cache
def masks(count: int) -> Masks:
    """Return the masks for so many lanes."""
    every = ones(count)
    return Masks(0xFFFF * every, 0x80000000 * every, 0x7FFFFFFF * every)


def add16(lanes: int, more: int, masks: Masks) -> int:
    """Return (lane + lane) mod 2^16 for lanes below 2^16."""
    return (lanes + more) & masks.low16


def add32(lanes: int, more: int, masks: Masks) -> int:
    """Return (lane + lane) mod 2^32: the top bits are added apart, so that no carry crosses."""
    return ((lanes & masks.rest) + (more & masks.rest)) ^ ((lanes ^ more) & masks.top)
