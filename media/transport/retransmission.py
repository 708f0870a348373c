"""Sending again what was sent before, byte for byte, without a price on every new packet.

libsrtp moves its replay window bit by bit with each packet: one of 1,024 packets makes protecting a
sixth dearer than one of 256 (measured). So what is new is protected in a session whose window is
short, and what is asked for again in another one under the same keys, whose window is long.
"""

from collections.abc import Callable

from media.packets.rtp import FIXED, VERSION
from media.packets.sequence import SEQUENCE_RANGE

WINDOW, LONG_WINDOW = 256, 1024
"""Packets by which one may be older than the newest of its SSRC, in the two sessions."""

STRIDE = 30_000
"""Packets by which a session follows at a time: less than half of what sequence numbers count, for
libsrtp must see every one of their turns (RFC 3711 section 3.3.1)."""


class RetransmissionSession:
    """`protect` is that of the session with the long window. It may raise; so may we."""

    def __init__(self, protect: Callable[[bytes], bytes]) -> None:
        self._protect = protect
        self._reached: dict[int, int] = {}  # by SSRC: the number that the session knows of

    def protect(self, packet: bytes, newest: int) -> bytes:
        """Return the SRTP packet of one that was sent before; `newest` as in `follow`."""
        _first, _second, _sequence, _timestamp, ssrc = FIXED.unpack_from(packet)
        self.follow(ssrc, newest)
        return self._protect(packet)

    def follow(self, ssrc: int, newest: int) -> None:
        """Lead the session to where its SSRC is.

        `newest` is the unwrapped number (RFC 3711's packet index) of the newest one of its SSRC
        that was sent; one too high would put what is asked for out of the window. What is protected
        on the way there is a bare header, and nobody ever gets it.
        """
        reached = self._reached.get(ssrc, 0)
        while reached < newest:
            reached = min(newest, reached + STRIDE)
            self._protect(FIXED.pack(VERSION, 0, reached % SEQUENCE_RANGE, 0, ssrc))
        self._reached[ssrc] = reached
