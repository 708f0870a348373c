"""RTP headers bit by bit and to the last octet, laid out by hand."""

import pytest

from media.packets.demux import DTLS, OTHER, RTCP, RTP, STUN, classify, is_rtcp, is_rtp
from media.packets.rtp import RtpError, RtpPacket, extension, parse_rtp

FIXED = bytes.fromhex("1234 01020304 0a0b0c0d")
"""Sequence number, timestamp and SSRC."""


def packet(
    first: int = 0x80, second: int = 0x60, rest: bytes = b"picture", csrcs: int = 0
) -> bytes:
    return bytes((first | csrcs, second)) + FIXED + bytes(range(4 * csrcs)) + rest


def read(second: int = 0x60, payload: bytes = b"picture") -> RtpPacket:
    return RtpPacket(bool(second >> 7), second % 128, 0x1234, 0x01020304, 0x0A0B0C0D, payload)


@pytest.mark.parametrize("second", [0x00, 0x01, 0x60, 0x7E, 0x7F, 0x80, 0x81, 0xE0, 0xFF])
def test_marker_and_payload_type_are_the_second_octet(second: int) -> None:
    assert parse_rtp(packet(second=second)) == read(second)
    assert read(second).pack() == packet(second=second)


@pytest.mark.parametrize("csrcs", [0, 1, 2, 3, 4, 8, 15])
def test_contributing_sources_are_left_out(csrcs: int) -> None:
    assert parse_rtp(packet(csrcs=csrcs)) == read()
    with pytest.raises(RtpError):
        parse_rtp(packet(csrcs=csrcs, rest=b"")[:-1])
    assert parse_rtp(packet(csrcs=csrcs, rest=b"")) == read(payload=b"")


@pytest.mark.parametrize("version", [0, 1, 3])
@pytest.mark.parametrize("bits", [0x00, 0x3F])
def test_only_version_two_is_rtp(version: int, bits: int) -> None:
    with pytest.raises(RtpError, match=r"^version$"):
        parse_rtp(bytes((version << 6 | bits,)) + packet()[1:] + bytes(200))


@pytest.mark.parametrize("csrcs", [0, 1, 2])
@pytest.mark.parametrize("words", [0, 1, 2])
def test_a_header_extension_is_left_out(csrcs: int, words: int) -> None:
    block = b"\xbe\xde" + words.to_bytes(2, "big") + b"\x10abc" * words
    whole = packet(0x90, rest=block, csrcs=csrcs)
    assert parse_rtp(whole + b"picture") == read()
    assert parse_rtp(whole) == read(payload=b"")
    with pytest.raises(RtpError):
        parse_rtp(whole[:-1])
    with pytest.raises(RtpError, match=r"^extension header$"):
        parse_rtp(packet(0x90, rest=block[:3], csrcs=csrcs))


@pytest.mark.parametrize(
    ("rest", "payload"),
    [(b"ab\x01", b"ab"), (b"ab\0\0\x03", b"ab"), (b"\0\0\0\0\x05", b""), (b"\x01", b"")],
)
def test_padding_is_left_out(rest: bytes, payload: bytes) -> None:
    assert parse_rtp(packet(0xA0, rest=rest)) == read(payload=payload)
    assert parse_rtp(packet(0x80, rest=rest)) == read(payload=rest)


@pytest.mark.parametrize(
    ("rest", "why"), [(b"ab\0", "padding of no length"), (b"ab\x04", "runs over the end")]
)
def test_padding_has_a_length_within_the_packet(rest: bytes, why: str) -> None:
    with pytest.raises(RtpError, match=why):
        parse_rtp(packet(0xA0, rest=rest))


def with_extension(
    elements: bytes, profile: int = 0xBEDE, csrcs: int = 0, words: int | None = None
) -> bytes:
    size = -(-len(elements) // 4) if words is None else words
    block = profile.to_bytes(2, "big") + size.to_bytes(2, "big") + elements
    return packet(0x90, rest=block + bytes(-len(elements) % 4) + b"\x21pl", csrcs=csrcs)


@pytest.mark.parametrize("csrcs", [0, 1, 2, 15])
@pytest.mark.parametrize(
    ("elements", "wanted", "value"),
    [
        (b"\x10a", 1, b"a"),
        (b"\x12abc", 1, b"abc"),
        (b"\x10a\x21bc", 2, b"bc"),
        (b"\x10a\0\0\x21bc", 2, b"bc"),
        (b"\0\0\0\xe0z", 14, b"z"),
        (b"\x1f" + bytes(range(16)), 1, bytes(range(16))),
        (b"\x10a\x10b", 1, b"a"),
        (b"\x10a", 2, None),
        (b"\x22abc\x10a", 1, b"a"),
        (b"", 1, None),
    ],
)
def test_an_element_is_found_wherever_it_stands(
    elements: bytes, wanted: int, value: bytes | None, csrcs: int
) -> None:
    assert extension(with_extension(elements, csrcs=csrcs), wanted) == value


def test_an_element_ends_within_its_block() -> None:
    assert extension(with_extension(b"\x13abc"), 1) is None  # its fourth octet is the payload's
    assert extension(with_extension(b"\x10a\0\0"), 2) is None  # \x21 is the payload's
    assert extension(with_extension(b"\x12abc", words=9), 1) == b"abc"  # the block is cut
    assert extension(with_extension(b"\x1fabc", words=9), 1) is None
    assert extension(with_extension(b"\x10abc", words=0), 1) is None


def test_other_profiles_and_plain_packets_have_no_elements() -> None:
    assert extension(with_extension(b"\x10a", profile=0x1000), 1) is None
    assert extension(with_extension(b"\x10a", profile=0xBEDF), 1) is None
    assert extension(packet(rest=b"\xbe\xde\x00\x01\x10abc"), 1) is None
    assert extension(packet(csrcs=1, rest=b"\xbe\xde\x00\x01\x10abc"), 1) is None


@pytest.mark.parametrize("cut", range(16))
def test_a_packet_that_ends_before_its_extension_has_none(cut: int) -> None:
    assert extension(with_extension(b"\x12abc")[:cut], 1) is None
    assert extension(with_extension(b"\x12abc", csrcs=1)[: cut + 4], 1) is None


RANGES = [(0, 3, STUN), (4, 19, OTHER), (20, 63, DTLS), (64, 127, OTHER), (128, 191, RTP),
          (192, 255, OTHER)]  # fmt: skip


def test_every_first_octet_belongs_to_one_protocol() -> None:
    expected = [kind for begin, end, kind in RANGES for _ in range(begin, end + 1)]
    assert [classify(bytes((first, 96))) for first in range(256)] == expected
    assert [classify(bytes((first,))) for first in range(256)] == expected


def test_every_second_octet_tells_rtp_from_rtcp() -> None:
    reports = set(range(192, 224))
    for second in range(256):
        datagram = bytes((128, second))
        assert is_rtcp(datagram) is (second in reports)
        assert classify(datagram) == (RTCP if second in reports else RTP)
        assert is_rtp(128, second) is (second not in reports)
    assert [is_rtp(first, 96) for first in range(256)] == [128 <= f < 192 for f in range(256)]
    assert not is_rtcp(b"\x80")
    assert not is_rtcp(b"")
