"""Viewers on a link with real keys: what they ask for, and what they get."""

from collections.abc import AsyncIterator

import pytest

from media import clock
from media.contract.subjects import Subject
from media.contract.tickets import Grant, Slot
from media.node.session.viewer import Viewer
from media.packets import rtcp
from media.packets.rtp import parse_rtp
from media.stage.demux import ExtensionIds, SectionStreams
from media.stage.source import source_of
from media.stage.subscription import Subscription
from media.stage.subscriptions.subscriber import Subscriber
from tests.support.wired_peers import (
    KEY,
    MINT,
    Stage,
    Wired,
    make_slot,
    packet,
    wired_viewer,
)


@pytest.fixture
async def viewing() -> AsyncIterator[Wired]:
    async with wired_viewer() as wired:
        yield wired


async def test_a_report_that_cannot_be_read_is_counted_and_does_nothing(viewing: Wired) -> None:
    viewing.told(rtcp.pack_bye([9]), b"\x80\xc9\0")
    assert (viewing.refused, viewing.stage.calls) == (1, ["secured"])


async def test_a_viewer_is_told_which_streams_end(viewing: Wired) -> None:
    media(viewing)
    viewing.peer.say_goodbye()
    assert viewing.got() == [rtcp.Bye((viewing.peer.ssrc, 42))]


async def test_a_viewer_sends_no_media(viewing: Wired) -> None:
    viewing.peer.times.heard_mono, viewing.peer.times.heard = 0.0, 1.0
    viewing.rtp(packet(1), packet(2))
    assert viewing.refused == 2
    assert viewing.peer.times.heard > 1.0


def end_of(wired: Wired) -> Subscriber:
    assert isinstance(wired.peer, Viewer)
    ((_track, end),) = wired.peer.streams()
    return end


def media(wired: Wired) -> list[int]:
    """Return the numbers of the packets that the viewer got since the last call."""
    sent, wired.ends.sent = wired.ends.sent, []
    return [parse_rtp(wired.ends.client.unprotect(one)).sequence for one, _address in sent]


async def test_a_viewer_asks_for_its_own_streams_alone(viewing: Wired) -> None:
    assert media(viewing) == [2000]
    viewing.told(rtcp.pack_nack(1, 43, [2000]), rtcp.pack_pli(1, 43))
    remote = end_of(viewing).remote
    assert (remote.nack_count, remote.pli_count, viewing.stage.followed) == (0, 0, [])
    viewing.told(rtcp.pack_nack(1, 42, [2000, 2001]), rtcp.pack_pli(1, 42))
    assert (remote.nack_count, remote.pli_count) == (1, 1)
    assert remote.retransmitted_packets_sent == 1
    assert [slot for slot, _outcome in viewing.stage.followed] == [Slot.MAIN]
    assert len(viewing.ends.sent) == 1


async def test_a_viewer_s_reports_are_of_its_own_streams(viewing: Wired) -> None:
    blocks = [rtcp.ReportBlock(ssrc, 64, 5, 1, 9) for ssrc in (43, 42)]
    viewing.told(rtcp.pack_receiver_report(1, blocks[:1]))
    assert end_of(viewing).remote.packets_lost == 0
    viewing.told(rtcp.pack_receiver_report(1, blocks))
    remote = end_of(viewing).remote
    assert (remote.packets_lost, remote.fraction_lost, remote.jitter) == (5, 0.25, 9)


async def test_a_viewer_goes_when_it_says_so_by_a_name(viewing: Wired) -> None:
    viewing.told(rtcp.pack_receiver_report(1, []) + rtcp.pack_bye([]))
    assert viewing.stage.calls == ["secured"]
    viewing.told(rtcp.pack_bye([9]))
    assert viewing.stage.calls == ["secured", ("closed", "bye")]


async def test_a_viewer_gets_sender_reports_and_its_sums_are_counted(viewing: Wired) -> None:
    media(viewing)
    viewing.peer.report(clock.mono())
    (report,) = viewing.got()
    assert isinstance(report, rtcp.SenderReport)
    assert (report.ssrc, report.packets, report.octets) == (42, 1, len(KEY))
    assert (viewing.peer.packets, viewing.peer.octets) == (1, len(KEY))


async def test_early_reports_are_two(viewing: Wired) -> None:
    media(viewing)
    viewer = viewing.peer
    assert isinstance(viewer, Viewer)
    viewer.report_early()
    assert viewing.got() == []
    ((track, end),) = viewer.streams()
    viewer.source_began(make_slot().track("video"))
    assert end.early_reports == 0
    viewer.source_began(track)
    for left in (1, 0, 0):
        viewer.report_early()
        assert end.early_reports == left
    assert len(viewing.got()) == 2


async def test_a_viewer_s_estimate_chooses_its_layer() -> None:
    """Of 8 and 80 kbit/s a path of 20 carries the first."""
    slot, stage = make_slot(), Stage()
    layered = SectionStreams("0", frozenset({102}), ("low", "high"))
    source = source_of(Slot.MAIN, Subject("r:a"), [("video", "H264", layered)], ExtensionIds())
    slot.show(source, 0.0)
    slot.tick(1.0)
    for number, (stream, size) in enumerate(zip(source.streams.values(), (995, 9995), strict=True)):
        assert stream.track is not None
        stream.track.receive([packet(1, b"\x65" + bytes(size), ssrc=number + 1)], 1.5)
    slot.tick(2.0)

    def subscribe(viewer: Viewer) -> list[Subscription]:
        return [Subscription(slot, {"video": Subscriber(viewer, 42, {"H264": 102}, 2000)})]

    viewer = Viewer(MINT.claims("l1", "room:v", Grant.VIEW), stage, subscribe)
    (subscription,) = viewer.subscriptions
    slot.subscribe(subscription, 2.0)
    viewer.choose_layers(2.0)
    assert (subscription.track("video"), stage.followed) == (slot.track("video", "high"), [])
    viewer.handle(rtcp.Remb(20_000, ()))
    viewer.choose_layers(2.0)
    assert subscription.track("video") is slot.track("video", "low")
    assert [name for name, _outcome in stage.followed] == [Slot.MAIN]
    assert viewer.own_ssrcs() == [viewer.ssrc, 42]
    others = {Viewer(viewer.claims, stage, lambda _viewer: []).ssrc for _ in range(50)}
    assert len(others) == 50
    assert all(ssrc % 2 and ssrc < 1 << 31 for ssrc in others), "none is 0"
