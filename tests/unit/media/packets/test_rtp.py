"""Our RTP against aiortc's, an independent implementation, and against garbage."""

import pytest
from aiortc.rtp import HeaderExtensionsMap
from aiortc.rtp import RtpPacket as Peer
from hypothesis import given
from hypothesis import strategies as st

from media.packets.demux import DTLS, OTHER, RTCP, RTP, STUN, classify
from media.packets.rtp import RtpError, RtpPacket, extension, parse_rtp


def theirs(**fields: object) -> bytes:
    packet = Peer(payload_type=96, marker=1, sequence_number=65535, timestamp=2**32 - 1, ssrc=7)
    packet.payload = b"picture"
    for name, value in fields.items():
        setattr(packet, name, value)
    return packet.serialize(HeaderExtensionsMap())


PLAIN = RtpPacket(True, 96, 65535, 2**32 - 1, 7, b"picture")


def test_reads_what_aiortc_writes() -> None:
    assert parse_rtp(theirs()) == PLAIN


def test_drops_csrcs_padding_and_extensions() -> None:
    assert parse_rtp(theirs(csrc=[1, 2], padding_size=9)) == PLAIN
    plain = PLAIN.pack()
    extended = bytes((plain[0] | 0x10,)) + plain[1:12] + b"\xbe\xde\x00\x01\x10abc" + plain[12:]
    assert parse_rtp(extended) == PLAIN


def test_aiortc_reads_what_we_write() -> None:
    read = Peer.parse(PLAIN.pack())
    assert (read.marker, read.payload_type, read.sequence_number) == (1, 96, 65535)
    assert (read.timestamp, read.ssrc, read.payload) == (2**32 - 1, 7, b"picture")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x80" * 11,
        b"\x00" * 12,
        b"\x8f" + bytes(11),
        b"\x90" + bytes(12),
        b"\xa0" + bytes(11),
    ],
)
def test_broken_packets_are_refused(data: bytes) -> None:
    with pytest.raises(RtpError):
        parse_rtp(data)


@given(st.binary(max_size=100))
def test_garbage_is_read_or_refused(data: bytes) -> None:
    try:
        packet = parse_rtp(data)
    except RtpError:
        return
    assert len(packet.payload) <= len(data) - 12


@pytest.mark.parametrize(
    ("first", "second", "kind"),
    [(0, 1, STUN), (3, 0, STUN), (20, 0, DTLS), (63, 0, DTLS), (128, 96, RTP), (191, 224, RTP),
     (128, 200, RTCP), (128, 223, RTCP), (64, 0, OTHER), (192, 0, OTHER), (5, 0, OTHER)],
)  # fmt: skip
def test_first_bytes_tell_the_protocol(first: int, second: int, kind: str) -> None:
    assert classify(bytes((first, second))) == kind


def test_an_empty_datagram_is_nothing() -> None:
    assert classify(b"") == OTHER


def test_a_header_extension_is_found_by_its_id() -> None:
    plain = PLAIN.pack()
    extended = bytes((plain[0] | 0x10,)) + plain[1:12] + b"\xbe\xde\x00\x02"
    extended += b"\x00\x12abc\x31de" + plain[12:]  # padding, id 1 of 3 octets, id 3 of 2
    assert extension(extended, 1) == b"abc"
    assert extension(extended, 3) == b"de"
    assert extension(extended, 2) is None
    assert extension(plain, 1) is None


@given(st.binary(max_size=60), st.integers(1, 14))
def test_garbage_has_no_extension_or_a_short_one(data: bytes, wanted: int) -> None:
    value = extension(b"\x90" + data, wanted)
    assert value is None or len(value) <= 16
