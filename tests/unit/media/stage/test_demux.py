"""Which stream a packet belongs to: MID first, then RID, then a learnt SSRC, payload type last."""

import struct

import pytest

from media.packets.rtp import ONE_BYTE_PROFILE, RtpPacket
from media.stage.demux import MAX_LEARNT, Demultiplexer, ExtensionIds, SectionStreams, StreamId

IDS = ExtensionIds(mid=1, rid=2, repaired_rid=3)
SOUND = SectionStreams("0", frozenset({111}))
PICTURE = SectionStreams("1", frozenset({102, 96}))
SLIDES = SectionStreams("2", frozenset({102, 97}))
"""Shares a payload type with the picture, as sections of the same codec may."""
LAYERED = SectionStreams("3", frozenset({98}), ("low", "high"))


class Sender:
    """Hands packets to the demultiplexer as a publisher would send them."""

    def __init__(self, *sections: SectionStreams, ids: ExtensionIds = IDS) -> None:
        self.demultiplexer = Demultiplexer(sections or (SOUND, PICTURE, SLIDES, LAYERED), ids)
        self.sequence = 65_530

    def send(self, ssrc: int, payload_type: int, back: int = 0, **named: str) -> StreamId | None:
        """Send a packet `back` numbers late; `named` are `mid`, `rid` or `repaired_rid`."""
        self.sequence = (self.sequence + 1) % 65_536
        sequence = (self.sequence - back) % 65_536
        packet = RtpPacket(False, payload_type, sequence, 0, ssrc, b"some")
        return self.demultiplexer.find(packet, with_extensions(packet, named))


def with_extensions(packet: RtpPacket, named: dict[str, str]) -> bytes:
    plain = packet.pack()
    if not named:
        return plain
    body = b"".join(
        bytes([getattr(IDS, name) << 4 | len(text) - 1]) + text.encode()
        for name, text in named.items()
    )
    body += bytes(-len(body) % 4)
    head = struct.pack(">HH", ONE_BYTE_PROFILE, len(body) // 4)
    return bytes([plain[0] | 0x10]) + plain[1:12] + head + body + plain[12:]


def test_a_mid_decides_and_its_ssrc_is_learnt() -> None:
    sender = Sender()
    assert sender.send(7, 102, mid="2") == StreamId("2")
    assert sender.send(7, 102) == StreamId("2")
    assert sender.send(8, 102, mid="1") == StreamId("1")
    assert [sender.send(ssrc, 102) for ssrc in (7, 8)] == [StreamId("2"), StreamId("1")]


def test_a_mid_that_contradicts_a_learnt_ssrc_is_believed_from_then_on() -> None:
    sender = Sender()
    assert sender.send(7, 102, mid="1") == StreamId("1")
    assert sender.send(7, 102, mid="2") == StreamId("2")
    assert sender.send(7, 102) == StreamId("2")


def test_an_overtaken_packet_does_not_take_its_ssrc_back() -> None:
    sender = Sender()
    assert sender.send(7, 102, mid="1") == StreamId("1")
    assert sender.send(7, 102, mid="2") == StreamId("2")
    assert sender.send(7, 102, back=2, mid="1") == StreamId("2")
    assert sender.send(7, 102) == StreamId("2")


def test_an_ssrc_learnt_by_payload_type_is_learnt_anew_by_mid() -> None:
    sender = Sender()
    assert sender.send(7, 96) == StreamId("1")
    assert sender.send(7, 102) == StreamId("1")
    assert sender.send(7, 102, mid="2") == StreamId("2")
    assert sender.send(7, 97) == StreamId("2")
    assert sender.send(7, 96) is None  # a type of the section that it was taken for before


@pytest.mark.parametrize("mid", ["9", "", "\u00e9"])
def test_a_mid_that_was_not_negotiated_belongs_to_no_section(mid: str) -> None:
    sender = Sender()
    if mid:
        assert sender.send(7, 111, mid=mid) is None
    assert sender.send(7, 111) == StreamId("0")  # nothing was learnt of it


def test_a_payload_type_decides_where_only_one_section_has_it() -> None:
    sender = Sender()
    assert sender.send(5, 111) == StreamId("0")
    assert sender.send(6, 96) == StreamId("1")
    assert sender.send(7, 97) == StreamId("2")


def test_a_payload_type_of_two_sections_decides_nothing() -> None:
    sender = Sender()
    assert sender.send(7, 102) is None
    assert sender.send(7, 97) == StreamId("2")
    assert sender.send(7, 102) == StreamId("2")  # by its SSRC, which is known by now


def test_a_payload_type_that_was_not_negotiated_is_dropped() -> None:
    sender = Sender()
    assert sender.send(5, 111) == StreamId("0")
    assert sender.send(5, 120) is None
    assert sender.send(6, 120) is None
    assert sender.send(6, 120, mid="0") is None
    assert sender.send(6, 111, mid="1") is None


def test_a_rid_names_the_layer() -> None:
    sender = Sender()
    assert sender.send(7, 98, mid="3", rid="low") == StreamId("3", "low")
    assert sender.send(8, 98, mid="3", rid="high") == StreamId("3", "high")
    assert [sender.send(ssrc, 98) for ssrc in (7, 8)] == [
        StreamId("3", "low"),
        StreamId("3", "high"),
    ]
    assert sender.send(7, 98, mid="3") == StreamId("3", "low")  # browsers name it only at first


def test_a_rid_alone_is_enough_where_the_payload_type_is_one_sections() -> None:
    sender = Sender()
    assert sender.send(7, 98, rid="high") == StreamId("3", "high")


def test_an_unknown_rid_is_dropped_and_not_learnt() -> None:
    sender = Sender()
    assert sender.send(7, 98, mid="3", rid="middle") is None
    assert sender.send(7, 98) is None  # which layer it is nobody said
    assert sender.send(8, 102, mid="1", rid="low") is None  # a section without layers


def test_a_repaired_rid_is_a_stream_of_its_own() -> None:
    sender = Sender()
    assert sender.send(7, 98, mid="3", rid="low") == StreamId("3", "low")
    assert sender.send(9, 98, mid="3", repaired_rid="low") == StreamId("3", "low", repair=True)


def test_without_negotiated_extensions_nothing_is_read_into_them() -> None:
    sender = Sender(SOUND, PICTURE, ids=ExtensionIds())
    assert sender.send(7, 102, mid="0") == StreamId("1")


def test_learnt_ssrcs_are_bounded() -> None:
    sender = Sender()
    for ssrc in range(MAX_LEARNT + 1):
        assert sender.send(ssrc, 102, mid="1") == StreamId("1")
    assert sender.send(0, 102) is None  # the oldest was forgotten
    assert sender.send(1, 102) == StreamId("1")
