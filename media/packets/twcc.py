"""Transport-wide congestion control feedback: when each packet came, reported to its sender.

draft-holmer-rmcat-transport-wide-cc-extensions-01, section 3.1. The sender numbers all packets of
a transport in a header extension and works out by itself what its path carries.
"""

import struct
from collections.abc import Iterator, Sequence
from itertools import groupby

from media.packets.rtcp import COMMON, RTPFB

TRANSPORT_WIDE = "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"
FEEDBACK_FORMAT = 15
TICKS = 4000
"""Arrival times are counted in ticks of 250 microseconds: so many a second."""
REFERENCE = 256
"""Ticks in a unit of the reference time (64 ms)."""

NOT_RECEIVED, SMALL_DELTA, LARGE_DELTA = 0, 1, 2
MAX_RUN = 0x1FFF
VECTOR = 7
"""Symbols in a status vector chunk of two bits each; longer runs become run length chunks."""


def pack_transport_feedback(
    sender: int, media: int, base: int, count: int, arrivals: Sequence[int | None]
) -> bytes:
    """Return the feedback packet number `count` for the packets `base`, `base` + 1 and so on.

    `arrivals` holds each one's time in ticks, None for what did not come; one came at least, and
    neighbours came less than 8 seconds apart (struct.error otherwise).
    """
    first = next(ticks for ticks in arrivals if ticks is not None)
    before = reference = first // REFERENCE * REFERENCE
    symbols: list[int] = []
    deltas: list[bytes] = []
    for ticks in arrivals:
        if ticks is None:
            symbols.append(NOT_RECEIVED)
            continue
        small = 0 <= ticks - before <= 255
        symbols.append(SMALL_DELTA if small else LARGE_DELTA)
        deltas.append(struct.pack(">B" if small else ">h", ticks - before))
        before = ticks
    head = struct.pack(
        ">IIHHI",
        sender,
        media,
        base & 0xFFFF,
        len(arrivals),
        (reference // REFERENCE & 0xFFFFFF) << 8 | count & 0xFF,
    )
    body = head + b"".join(_chunks(symbols)) + b"".join(deltas)
    body += bytes(-len(body) % 4)
    return COMMON.pack(0x80 | FEEDBACK_FORMAT, RTPFB, len(body) // 4) + body


def _chunks(symbols: Sequence[int]) -> Iterator[bytes]:
    """Yield packet status chunks (sections 3.1.3 and 3.1.4): run lengths, and vectors between."""
    mixed: list[int] = []
    for symbol, group in groupby(symbols):
        run = len(list(group))
        while mixed and run:  # what is begun is filled up first
            mixed.append(symbol)
            run -= 1
            if len(mixed) == VECTOR:
                yield _vector(mixed)
                mixed = []
        while run > VECTOR:
            length = min(run, MAX_RUN)
            yield struct.pack(">H", symbol << 13 | length)
            run -= length
        mixed += [symbol] * run
        if len(mixed) == VECTOR:
            yield _vector(mixed)
            mixed = []
    if mixed:
        yield _vector(mixed + [NOT_RECEIVED] * (VECTOR - len(mixed)))


def _vector(symbols: Sequence[int]) -> bytes:
    packed = 0b11
    for symbol in symbols:
        packed = packed << 2 | symbol
    return struct.pack(">H", packed)
