"""RTP headers (RFC 3550 section 5.1): read them, and reduce a packet to what is forwarded."""

import struct
from typing import NamedTuple

FIXED = struct.Struct(">BBHII")
VERSION = 0x80
PADDING_BIT, EXTENSION_BIT, CSRC_MASK = 0x20, 0x10, 0x0F
MARKER_BIT = 0x80
ABS_SEND_TIME = "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time"
SDES_MID = "urn:ietf:params:rtp-hdrext:sdes:mid"
"""Names the m= section of a packet (RFC 8843 section 15)."""
ONE_BYTE_PROFILE = 0xBEDE


class RtpError(ValueError):
    """this is not an RTP packet"""


class RtpPacket(NamedTuple):
    """A packet without its CSRCs, header extensions and padding; `payload` may be empty."""

    marker: bool
    payload_type: int
    sequence: int
    timestamp: int
    ssrc: int
    payload: bytes

    def pack(self) -> bytes:
        """Return the packet with a plain 12-byte header."""
        second = self.payload_type | (MARKER_BIT if self.marker else 0)
        head = FIXED.pack(VERSION, second, self.sequence, self.timestamp, self.ssrc)
        return head + self.payload


def parse_rtp(data: bytes | memoryview) -> RtpPacket:
    """Return the packet; raise RtpError when a length inside it runs over its end.

    A publisher's header extensions are dropped on purpose: under a viewer's ids a foreign one can
    be read as MID and the packet thrown away.
    """
    if len(data) < FIXED.size:
        raise RtpError("shorter than a header")
    first, second, sequence, timestamp, ssrc = FIXED.unpack_from(data)
    if first & 0xC0 != VERSION:
        raise RtpError("version")
    start = FIXED.size + 4 * (first & CSRC_MASK)
    if first & EXTENSION_BIT:
        if start + 4 > len(data):
            raise RtpError("extension header")
        (words,) = struct.unpack_from(">H", data, start + 2)
        start += 4 + 4 * words
    end = len(data)
    if first & PADDING_BIT:
        end -= data[-1]
        if data[-1] == 0:
            raise RtpError("padding of no length")
    if start > end:
        raise RtpError("header or padding runs over the end")
    return RtpPacket(
        bool(second & MARKER_BIT), second & 0x7F, sequence, timestamp, ssrc, bytes(data[start:end])
    )


def extension(data: bytes | memoryview, wanted: int) -> bytes | None:
    """Return the value of a one-byte header extension (RFC 8285 section 4.2), if it is there."""
    if len(data) < FIXED.size + 4 or not data[0] & EXTENSION_BIT:
        return None
    at = FIXED.size + 4 * (data[0] & CSRC_MASK)
    if at + 4 > len(data):
        return None
    profile, words = struct.unpack_from(">HH", data, at)
    at, end = at + 4, min(at + 4 + 4 * words, len(data))
    while profile == ONE_BYTE_PROFILE and at < end:
        name, size = data[at] >> 4, (data[at] & 0x0F) + 1
        if data[at] == 0:  # padding
            at += 1
            continue
        if name == wanted:
            value = bytes(data[at + 1 : at + 1 + size])
            return value if len(value) == size and at + 1 + size <= end else None
        at += 1 + size
    return None
