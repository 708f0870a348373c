"""Arithmetic of numbers that wrap: 16-bit sequence numbers, 32-bit timestamps (RFC 3550)."""

SEQUENCE_RANGE = 1 << 16
TIMESTAMP_MASK = 0xFFFFFFFF


def sequence_distance(newer: int, older: int) -> int:
    """Return how far `newer` lies ahead of `older`, from -32768 to 32767."""
    return (newer - older + 0x8000) % SEQUENCE_RANGE - 0x8000


def timestamp_distance(newer: int, older: int) -> int:
    """Return how far `newer` lies ahead of `older`, from -2^31 to 2^31 - 1."""
    return ((newer - older + 0x80000000) & TIMESTAMP_MASK) - 0x80000000


def extend(sequence: int, near: int) -> int:
    """Return the 16-bit `sequence` as the unwrapped number that lies nearest to `near`."""
    return near + sequence_distance(sequence, near % SEQUENCE_RANGE)


def nearest(value: int, near: int, modulus: int) -> int:
    """Return the number that is `value` modulo `modulus` (a power of two) and nearest to `near`."""
    half = modulus // 2
    return near + (value - near + half) % modulus - half
