"""RTCP octet by octet: packets of one element and of many, each bound on both sides."""

import struct

import pytest
from aiortc import rtp as peer

from media.packets import rtcp
from media.packets.rtcp import Bye, KeyframeRequest, Nack, Remb, ReportBlock, RtcpError, RtcpItem

BLOCKS = [ReportBlock(9, 64, 5, 70_000, 33, 1, 2), ReportBlock(2**32 - 1, 255, 6, 1, 2, 3, 4)]


def packet(first: int, kind: int, *words: int, tail: bytes = b"") -> bytes:
    body = b"".join(struct.pack(">I", word) for word in words) + tail
    return struct.pack(">BBH", first, kind, len(body) // 4) + body


def block(found: ReportBlock) -> tuple[int, ...]:
    lost = found.fraction_lost << 24 | found.total_lost
    return (
        *(found.ssrc, lost, found.highest, found.jitter),
        *(found.last_sr, found.since_last_sr),
    )


@pytest.mark.parametrize("count", [0, 1, 2])
def test_a_receiver_report_has_any_number_of_blocks(count: int) -> None:
    blocks = BLOCKS[:count]
    data = packet(0x80 | count, 201, 77, *(word for one in blocks for word in block(one)))
    assert rtcp.parse_rtcp(data) == blocks
    assert rtcp.pack_receiver_report(77, blocks) == data


@pytest.mark.parametrize("count", [0, 1, 2])
def test_a_sender_report_has_any_number_of_blocks(count: int) -> None:
    head = (8, 0x01020304, 0x05060708, 77, 3, 300)
    words = [word for one in BLOCKS[:count] for word in block(one)]
    report = rtcp.SenderReport(8, 0x0102030405060708, 77, 3, 300)
    assert rtcp.parse_rtcp(packet(0x80 | count, 200, *head, *words)) == [report, *BLOCKS[:count]]
    if not count:
        assert rtcp.pack_sender_report(report) == packet(0x80, 200, *head)


@pytest.mark.parametrize(
    "data",
    [
        packet(0x81, 201, 77, *block(BLOCKS[0])[:-1]),
        packet(0x82, 201, 77, *block(BLOCKS[0])),
        packet(0x81, 201),
        packet(0x80, 200, 8, 1, 2, 77, 3),
        packet(0x81, 200, 8, 1, 2, 77, 3, 300),
        packet(0x82, 203, 1),
        packet(0x81, 205, 1),
        packet(0x81, 206, 1),
        packet(0x8F, 206, 1, 0, tail=b"REMB"),
        packet(0x8F, 206, 1, 0, 0x01000001, tail=b"")[:12] + b"REMB\x01\0\0\1",
    ],
)
def test_a_field_that_runs_over_the_end_is_refused(data: bytes) -> None:
    data = data[:2] + struct.pack(">H", len(data) // 4 - 1) + data[4:]
    with pytest.raises(RtcpError, match="runs over the end"):
        rtcp.parse_rtcp(data)


@pytest.mark.parametrize("count", [0, 1, 2, 31])
def test_a_farewell_names_its_sources(count: int) -> None:
    sources = tuple(range(1, count + 1))
    data = packet(0x80 | count, 203, *sources)
    assert rtcp.parse_rtcp(data) == [Bye(sources)]
    assert rtcp.pack_bye(sources) == data
    assert rtcp.pack_bye([*range(1, 32), 99]) == packet(0x9F, 203, *range(1, 32))


def test_a_report_holds_31_blocks_and_losses_of_23_bits() -> None:
    many = rtcp.pack_receiver_report(1, [BLOCKS[0]] * 32)
    assert many == packet(0x9F, 201, 1, *(block(BLOCKS[0]) * 31))
    for lost, written in ((-1, 0), (0, 0), (0x7FFFFF, 0x7FFFFF), (0x800000, 0x7FFFFF)):
        data = rtcp.pack_receiver_report(1, [ReportBlock(9, 64, lost, 1, 2)])
        assert data == packet(0x81, 201, 1, 9, 64 << 24 | written, 1, 2, 0, 0)


@pytest.mark.parametrize(
    ("base", "mask", "sequences"),
    [
        (7, 0, (7,)),
        (7, 1, (7, 8)),
        (7, 0x8000, (7, 23)),
        (7, 0xFFFF, tuple(range(7, 24))),
        (65_535, 0b11, (65_535, 0, 1)),
        (65_530, 0x8001, (65_530, 65_531, 10)),
    ],
)
def test_a_nack_names_a_packet_and_sixteen_after_it(
    base: int, mask: int, sequences: tuple[int, ...]
) -> None:
    assert rtcp.parse_rtcp(packet(0x81, 205, 1, 9, base << 16 | mask)) == [Nack(9, sequences)]


def test_a_nack_may_ask_for_nothing_and_for_512_at_most() -> None:
    assert rtcp.parse_rtcp(packet(0x81, 205, 1, 9)) == [Nack(9, ())]
    entries = [17 * turn << 16 | 0xFFFF for turn in range(31)]
    (nack,) = rtcp.parse_rtcp(packet(0x81, 205, 1, 9, *entries))
    assert nack == Nack(9, tuple(range(512)))


@pytest.mark.parametrize(
    ("asked", "entries"),
    [
        ([5], [5 << 16]),
        ([6, 5, 5], [5 << 16 | 1]),
        ([5, 21], [5 << 16 | 0x8000]),
        ([5, 22], [5 << 16, 22 << 16]),
        ([5, 21, 22], [5 << 16 | 0x8000, 22 << 16]),
        ([0, 65_535], [0, 65_535 << 16]),
        ([], []),
    ],
)
def test_a_nack_is_packed_into_as_few_entries_as_it_takes(
    asked: list[int], entries: list[int]
) -> None:
    assert rtcp.pack_nack(1, 9, asked) == packet(0x81, 205, 1, 9, *entries)


@pytest.mark.parametrize(
    ("data", "items"),
    [
        (packet(0x81, 206, 1, 9), [KeyframeRequest(9)]),
        (packet(0x84, 206, 1, 0), []),
        (packet(0x84, 206, 1, 0, 9, 7 << 24), [KeyframeRequest(9)]),
        (packet(0x84, 206, 1, 0, 9, 0, 8, 0), [KeyframeRequest(9), KeyframeRequest(8)]),
        (packet(0x84, 206, 1, 0, 9, 0, 8), [KeyframeRequest(9)]),  # the second is torn
        (packet(0x82, 206, 1, 9), []),  # slice loss
        (packet(0x83, 206, 1, 0, tail=b"REMB\x01\0\0\1\0\0\0\5"), []),
        (packet(0x8F, 206, 1, 0, tail=b"ELSE\x01\0\0\1\0\0\0\5"), []),
        (packet(0x8F, 206, 1, 0, tail=b"REMB\x00\0\0\1"), [Remb(1, ())]),
        (packet(0x8F, 206, 1, 0, tail=b"REMB\x01\0\0\1\0\0\0\5"), [Remb(1, (5,))]),
        (packet(0x8F, 206, 1, 0, 0x52454D42, 0x02FFFFFF, 5, 6), [Remb(0x3FFFF << 63, (5, 6))]),
        (packet(0x8F, 206, 1, 0, 0x52454D42, 0x00070003), [Remb(0x30003 << 1, ())]),
        (packet(0x82, 205, 1, 9, 7 << 16), []),
        (packet(0x8F, 205, 1, 9, 7 << 16), []),
        (packet(0x81, 204, 1, tail=b"name"), []),
        (packet(0x81, 207, 1, 2, 3), []),
        (packet(0x81, 202, 1, tail=b"\1\2ab\0\0\0\0"), []),
        (b"", []),
    ],
)
def test_each_kind_of_feedback_says_its_own(data: bytes, items: list[RtcpItem]) -> None:
    assert rtcp.parse_rtcp(data) == items
    assert rtcp.parse_rtcp(data + packet(0x81, 206, 1, 4)) == [*items, KeyframeRequest(4)]


@pytest.mark.parametrize(
    "data",
    [
        *(packet(0x81, 206, 1, 9)[:cut] for cut in range(1, 12)),
        packet(0x81, 206, 1, 9) + b"\x80\xc9\0",
        packet(0x01, 206, 1, 9),
        packet(0x41, 206, 1, 9),
        packet(0xC1, 206, 1, 9),
    ],
)
def test_framing_that_is_broken_anywhere_is_refused(data: bytes) -> None:
    with pytest.raises(RtcpError):
        rtcp.parse_rtcp(data)


@pytest.mark.parametrize("length", range(10))
def test_a_name_of_any_length_is_closed_by_a_zero(length: int) -> None:
    data = rtcp.pack_cname(7, "n" * length)
    assert len(data) % 4 == 0
    assert data[:4] == struct.pack(">BBH", 0x81, 202, len(data) // 4 - 1)
    item = b"\0\0\0\7\1" + bytes([length]) + b"n" * length
    assert data[4:].rstrip(b"\0") == item.rstrip(b"\0")
    assert 1 <= len(data) - 4 - len(item) <= 4
    (read,) = peer.RtcpPacket.parse(data)
    assert isinstance(read, peer.RtcpSdesPacket)
    assert [(chunk.ssrc, chunk.items) for chunk in read.chunks] == [(7, [(1, b"n" * length)])]


@pytest.mark.parametrize(
    ("bitrate", "written"),
    [(0, 0), (1, 1), (2**18 - 1, 2**18 - 1), (2**18, 2**18), (2**18 + 1, 2**18),
     (3_000_001, 3_000_000), (2**40 + 1, 2**40)],
)  # fmt: skip
def test_an_estimate_is_written_in_18_bits_and_an_exponent(bitrate: int, written: int) -> None:
    for sources in ((), (5,), (5, 6)):
        data = rtcp.pack_remb(7, bitrate, sources)
        head = struct.pack(">BBHII4s", 0x8F, 206, 4 + len(sources), 7, 0, b"REMB")
        assert data[:16] == head
        assert rtcp.parse_rtcp(data) == [Remb(written, sources)]


def test_a_wish_for_a_keyframe_is_twelve_octets() -> None:
    assert rtcp.pack_pli(7, 9) == bytes.fromhex("81ce0002 00000007 00000009")
