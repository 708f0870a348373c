"""Reads transport-wide feedback, written apart from what writes it."""

import struct

TICKS_OF_REFERENCE = 256


def read(data: bytes) -> tuple[int, int, list[int | None]]:
    """Return base, feedback count and arrivals in ticks (section 3.1 of the TWCC draft)."""
    _sender, _media, base, number, reference = struct.unpack_from(">IIHHI", data, 4)
    at, symbols = 20, []
    while len(symbols) < number:
        (chunk,) = struct.unpack_from(">H", data, at)
        at += 2
        if chunk < 0x8000:
            symbols += [chunk >> 13] * (chunk & 0x1FFF)
        else:
            assert chunk & 0x4000, "one-bit vectors are not written"
            symbols += [chunk >> shift & 3 for shift in range(12, -1, -2)]
    now, arrivals = (reference >> 8) * TICKS_OF_REFERENCE, list[int | None]()
    for symbol in symbols[:number]:
        if symbol:
            (delta,) = struct.unpack_from(">B" if symbol == 1 else ">h", data, at)
            at, now = at + symbol, now + delta
        arrivals.append(now if symbol else None)
    assert len(data) == at + -at % 4
    return base, reference & 0xFF, arrivals
