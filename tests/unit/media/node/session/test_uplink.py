"""A publisher is told what its uplink carries in one of two ways, by what it offered."""

from media.contract.tickets import Slot
from media.node.session.negotiation import OfferedTrack
from media.node.session.uplink import RembUplink, TransportWideUplink, uplink_for
from media.packets import rtcp
from tests.support.twcc import read

LIMIT = 2_500_000
SSRCS = [5, 6]


def packet(extension: bytes) -> bytes:
    """Return an RTP packet with one header extension element, under the id 3."""
    element = bytes([3 << 4 | len(extension) - 1]) + extension
    element += bytes(-len(element) % 4)
    head = b"\x90\x60\x00\x01" + bytes(8) + b"\xbe\xde" + (len(element) // 4).to_bytes(2, "big")
    return head + element + bytes(1180)


def test_the_offer_decides() -> None:
    numbered = OfferedTrack(Slot.MAIN, "video", "0", {}, transport_wide=3)
    stamped = OfferedTrack(Slot.MAIN, "video", "0", {}, send_time=3)
    assert isinstance(uplink_for([numbered], LIMIT), TransportWideUplink)
    assert isinstance(uplink_for([stamped], LIMIT), RembUplink)
    assert isinstance(uplink_for([stamped, numbered], LIMIT), TransportWideUplink)
    assert isinstance(uplink_for([], LIMIT), RembUplink)


def test_a_report_names_a_source_where_one_is_known() -> None:
    for ssrcs, media in (([5, 6], 5), ([], 0)):
        uplink = TransportWideUplink(LIMIT, 3)
        uplink.arrived([packet(b"\0\x07")], 1.0)
        assert uplink.feedback(9, ssrcs, 1.0)[4:12] == bytes((0, 0, 0, 9, 0, 0, 0, media))


def test_a_time_of_another_length_is_none() -> None:
    uplink = RembUplink(LIMIT, 3)
    uplink.arrived([packet(b"\0\x07"), b"\x80\x60" + bytes(10)], 1.0)
    assert not uplink.due(1.0)


def test_numbered_packets_are_reported() -> None:
    uplink = TransportWideUplink(LIMIT, 3)
    for number in (7, 8):
        uplink.arrived([packet(number.to_bytes(2, "big"))], 1.0)
    uplink.arrived([packet(b"\x01")], 1.0)  # no number, and no harm
    uplink.arrived([b"\x80\x60" + bytes(10)], 1.0)
    assert uplink.due(1.0)
    assert read(uplink.feedback(1, SSRCS, 1.0)) == (7, 0, [4000, 4000])
    assert not uplink.due(2.0)
    assert uplink.feedback(1, SSRCS, 2.0) == b""
    assert uplink.available_bitrate == LIMIT


def test_a_publisher_without_extensions_is_allowed_the_limit() -> None:
    uplink = RembUplink(LIMIT, None)
    uplink.arrived([packet(bytes(3))], 1.0)
    assert not uplink.due(1.0)
    (remb,) = rtcp.parse_rtcp(uplink.feedback(1, SSRCS, 1.0))
    assert isinstance(remb, rtcp.Remb)
    assert remb.ssrcs == (5, 6)
    assert abs(remb.bitrate - LIMIT) < 20


def test_a_growing_queue_is_reported_at_once() -> None:
    uplink, now = RembUplink(LIMIT, 3), 0.0
    while not uplink.due(now):
        sent = now / 4  # what was sent evenly comes four times as slowly
        uplink.arrived([packet((int(sent * (1 << 18)) & 0xFFFFFF).to_bytes(3, "big"))], now)
        now += 0.016
        assert now < 3
    (remb,) = rtcp.parse_rtcp(uplink.feedback(1, SSRCS, now))
    assert isinstance(remb, rtcp.Remb)
    assert 300_000 < remb.bitrate < 600_000  # a quarter of what was sent, less the queue
    assert not uplink.due(now)


def test_heavy_loss_lowers_the_estimate() -> None:
    uplink = RembUplink(LIMIT, 3)
    uplink.lost(0.5, 1.0)
    uplink.feedback(1, SSRCS, 1.0)
    assert uplink.available_bitrate == LIMIT * 3 // 4
