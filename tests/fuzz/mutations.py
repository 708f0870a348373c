"""Seeded ways to spoil an input: every run with the same seed sends the same bytes."""

import random
from collections.abc import Callable, Sequence

EDGES = (0, 1, 4, 0x7F, 0x80, 0xC8, 0xFE, 0xFF)
LONGEST = 1500


def random_bytes(chance: random.Random, _seeds: Sequence[bytes]) -> bytes:
    return chance.randbytes(chance.randrange(0, 64))


def flipped(chance: random.Random, seeds: Sequence[bytes]) -> bytes:
    data = bytearray(chance.choice(seeds))
    for _ in range(chance.randrange(1, 5)):
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    return bytes(data)


def edged(chance: random.Random, seeds: Sequence[bytes]) -> bytes:
    """Put extreme values where lengths and counts are likely to be."""
    data = bytearray(chance.choice(seeds))
    for _ in range(chance.randrange(1, 4)):
        data[chance.randrange(min(len(data), 40))] = chance.choice(EDGES)
    return bytes(data)


def cut(chance: random.Random, seeds: Sequence[bytes]) -> bytes:
    data = chance.choice(seeds)
    return data[: chance.randrange(len(data) + 1)]


def spliced(chance: random.Random, seeds: Sequence[bytes]) -> bytes:
    left, right = chance.choice(seeds), chance.choice(seeds)
    joined = left[: chance.randrange(len(left) + 1)] + right[chance.randrange(len(right) + 1) :]
    return joined[:LONGEST]


def doubled(chance: random.Random, seeds: Sequence[bytes]) -> bytes:
    data = chance.choice(seeds)
    at = chance.randrange(len(data) + 1)
    span = data[at : at + chance.randrange(1, 40)]
    return (data[:at] + span * chance.randrange(1, 30) + data[at:])[: 40 * LONGEST]


BINARY = (random_bytes, flipped, flipped, edged, edged, cut, spliced)
TEXT = (flipped, edged, cut, spliced, doubled, doubled)

Mutation = Callable[[random.Random, Sequence[bytes]], bytes]


def spoiled(
    chance: random.Random, seeds: Sequence[bytes], ways: Sequence[Mutation] = BINARY
) -> bytes:
    """Return one spoiled input."""
    return ways[int(chance.random() * len(ways))](chance, seeds)


WORDS = (
    *("\0", "\r", "\x85", "\u2028", "\N{SUPERSCRIPT TWO}", "\ud800", "\N{GRINNING FACE}", "\x7f"),
    *("9" * 20, "9" * 5000, "-1", "1e999", "NaN", "Infinity", "null", "true", "[" * 2000, "{}"),
    *("102", "opus/48000/2", "a=mid:0\r\n", "m=video 9 x 102\r\n", "%00", '"', ":", "=", ";"),
)


def respelled(chance: random.Random, texts: Sequence[str]) -> str:
    """Return a text with words swapped for hostile ones, or with its bytes spoiled."""
    if chance.random() < 0.4:
        seeds = [text.encode("utf-8", "ignore") for text in texts]
        return spoiled(chance, seeds, TEXT).decode("utf-8", "replace")
    text = chance.choice(texts)
    for _ in range(chance.randrange(1, 4)):
        at = chance.randrange(len(text) + 1)
        text = text[:at] + chance.choice(WORDS) + text[at + chance.choice((0, 0, 1, 3, 12)) :]
    return text
