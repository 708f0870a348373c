"""Our RTCP against aiortc's, an independent implementation, and against garbage."""

import pytest
from aiortc import rtp as peer
from hypothesis import given
from hypothesis import strategies as st

from media.packets import rtcp


def test_reads_aiortcs_reports() -> None:
    block = peer.RtcpReceiverInfo(
        ssrc=9, fraction_lost=64, packets_lost=5, highest_sequence=70000, jitter=33, lsr=1, dlsr=2
    )
    sender = peer.RtcpSenderInfo(
        ntp_timestamp=2**40 + 1, rtp_timestamp=77, packet_count=3, octet_count=300
    )
    data = bytes(peer.RtcpSrPacket(ssrc=8, sender_info=sender, reports=[block]))
    assert rtcp.parse_rtcp(data) == [
        rtcp.SenderReport(8, 2**40 + 1, 77, 3, 300),
        rtcp.ReportBlock(9, 64, 5, 70000, 33, 1, 2),
    ]
    assert rtcp.parse_rtcp(bytes(peer.RtcpByePacket(sources=[1, 2]))) == [rtcp.Bye((1, 2))]


def test_reads_aiortcs_feedback() -> None:
    nack = peer.RtcpRtpfbPacket(fmt=peer.RTCP_RTPFB_NACK, ssrc=1, media_ssrc=2)
    nack.lost = [0, 14, 40]
    pli = peer.RtcpPsfbPacket(fmt=peer.RTCP_PSFB_PLI, ssrc=1, media_ssrc=2)
    remb = peer.RtcpPsfbPacket(
        fmt=peer.RTCP_PSFB_APP, ssrc=1, media_ssrc=0, fci=peer.pack_remb_fci(2_500_000, [5, 6])
    )
    items = rtcp.parse_rtcp(bytes(nack) + bytes(pli) + bytes(remb))
    assert isinstance(items[0], rtcp.Nack)
    assert set(items[0].sequences) == {0, 14, 40}
    assert items[1] == rtcp.KeyframeRequest(2)
    assert isinstance(items[2], rtcp.Remb)
    assert items[2].ssrcs == (5, 6)
    assert items[2].bitrate == pytest.approx(2_500_000, rel=1e-4)


def test_fir_names_the_ssrc_in_its_entry() -> None:
    fir = (
        b"\x84\xce\x00\x04" + (1).to_bytes(4, "big") + bytes(4) + (77).to_bytes(4, "big") + bytes(4)
    )
    assert rtcp.parse_rtcp(fir) == [rtcp.KeyframeRequest(77)]


def test_aiortc_reads_what_we_write() -> None:
    block = rtcp.ReportBlock(9, 64, 5, 70000, 33, 1, 2)
    data = (
        rtcp.pack_receiver_report(1, [block])
        + rtcp.pack_cname(1, "tongke")
        + rtcp.pack_remb(1, 2_800_000, [9])
        + rtcp.pack_pli(1, 9)
        + rtcp.pack_nack(1, 9, [5, 6, 40])
        + rtcp.pack_bye([1])
    )
    report, cname, remb, pli, nack, bye = peer.RtcpPacket.parse(data)
    assert report.reports[0].highest_sequence == 70000
    assert cname.chunks[0].items == [(1, b"tongke")]
    bitrate, ssrcs = peer.unpack_remb_fci(remb.fci)
    assert ssrcs == [9]
    assert bitrate == pytest.approx(2_800_000, rel=1e-4)
    assert (pli.fmt, pli.media_ssrc) == (peer.RTCP_PSFB_PLI, 9)
    assert nack.lost == [5, 6, 40]
    assert bye.sources == [1]


def test_our_sender_report_is_read_back() -> None:
    report = rtcp.SenderReport(3, 2**63, 2**32 - 1, 10, 1000)
    assert rtcp.parse_rtcp(rtcp.pack_sender_report(report)) == [report]


@pytest.mark.parametrize("data", [b"\x80", b"\x80\xc8\x00\x06" + bytes(4), b"\x00\xc8\x00\x00",
                                  b"\x81\xc9\x00\x01" + bytes(4)])  # fmt: skip
def test_broken_framing_is_refused(data: bytes) -> None:
    with pytest.raises(rtcp.RtcpError):
        rtcp.parse_rtcp(data)


@given(st.binary(max_size=120), st.sampled_from([200, 201, 203, 205, 206]), st.integers(0, 31))
def test_garbage_is_read_or_refused(body: bytes, kind: int, count: int) -> None:
    body = body[: len(body) // 4 * 4]
    data = bytes((0x80 | count, kind)) + (len(body) // 4).to_bytes(2, "big") + body
    try:
        items = rtcp.parse_rtcp(data)
    except rtcp.RtcpError:
        return
    assert all(len(i.sequences) <= rtcp.MAX_NACKED for i in items if isinstance(i, rtcp.Nack))
