"""Publishers on a link with real keys: what they take, and what the far end gets."""

from collections.abc import AsyncIterator, Sequence

import pytest

from media import clock
from media.contract.subjects import Subject
from media.contract.tickets import Grant, Slot
from media.node.session.negotiation import Offer, OfferedTrack
from media.node.session.peer import Peer, replaced_by
from media.node.session.peer_states import PeerState
from media.node.session.publisher import Publisher, offered_source
from media.node.session.uplink import RembUplink
from media.node.session.viewer import Viewer
from media.packets import rtcp
from media.packets.rtp import RtpPacket, parse_rtp
from media.packets.sdp import Codec
from media.stage.demux import ExtensionIds, SectionStreams, StreamId
from media.stage.slot import StageSlot
from media.stage.source import source_of
from tests.support.plain_audience import PlainAudience
from tests.support.wired_peers import DELTA, KEY, MINT, Stage, Wired, make_slot, packet


@pytest.fixture
async def publishing() -> AsyncIterator[Wired]:
    stage, slot = Stage(), make_slot()
    claims = MINT.claims("l1", "room:a", Grant.PUBLISH)
    sections = [("video", "H264", SectionStreams("0", frozenset({102})))]
    source = source_of(Slot.MAIN, Subject("room:a"), sections, ExtensionIds())
    slot.show(source, 0.0)
    publisher = Publisher(claims, stage, source, RembUplink(1_000_000, None))
    publisher.active = True
    wired = Wired(publisher, stage)
    await wired.connect()
    yield wired
    await wired.ends.close()


async def test_a_peer_is_connected_when_its_keys_are(publishing: Wired) -> None:
    assert publishing.stage.calls == ["secured"]
    assert publishing.peer.state is PeerState.CONNECTED
    assert abs(publishing.peer.times.connected - clock.wall()) < 60
    publishing.peer.on_moved()
    publishing.peer.on_link_closed("gone")
    assert publishing.stage.calls[1:] == ["moved", ("closed", "gone")]


async def test_a_peer_that_is_closed_takes_nothing(publishing: Wired) -> None:
    peer = publishing.peer
    peer.state = PeerState.CLOSED
    before = (peer.times.heard, peer.times.connected, publishing.stage.calls[:])
    peer.times.heard_mono = 0.0
    peer.on_checked()
    peer.on_secured()
    peer.heard(1e9)
    assert peer.state is PeerState.CLOSED
    assert (peer.times.connected, publishing.stage.calls) == before[1:]


async def test_last_heard_is_known_to_200_milliseconds(publishing: Wired) -> None:
    peer = publishing.peer
    peer.state, peer.times.heard = PeerState.SILENT, 1.0
    peer.times.heard_mono = 0.0
    peer.heard(0.19)
    assert (peer.state, peer.times.heard, peer.times.heard_mono) == (PeerState.SILENT, 1.0, 0.0)
    peer.heard(0.2)
    assert peer.state is PeerState.CONNECTED
    assert peer.times.heard > 1.0
    assert peer.times.heard_mono > 0.0


async def test_media_goes_to_its_track_and_is_counted(publishing: Wired) -> None:
    publishing.rtp(packet(1), packet(2, DELTA))
    peer = publishing.peer
    assert (peer.packets, peer.octets) == (2, 24 + len(KEY) + len(DELTA))
    ((slot, outcome),) = publishing.stage.followed  # nothing follows the second
    assert (slot, outcome.began) == (Slot.MAIN, True)
    assert publishing.refused == 0


@pytest.mark.parametrize(
    "foreign",
    [b"\x00" * 20, b"\x80", packet(2, payload_type=99), packet(2, bytes(1441))],
    ids=["no RTP", "torn", "not negotiated", "too long"],
)
async def test_what_is_no_media_of_ours_is_counted_and_dropped(
    publishing: Wired, foreign: RtpPacket | bytes
) -> None:
    publishing.rtp(packet(1), foreign, packet(2, bytes(1440)))
    assert (publishing.refused, publishing.peer.packets) == (1, 2)


async def test_a_source_that_is_not_shown_is_heard_and_not_taken(publishing: Wired) -> None:
    peer = publishing.peer
    assert isinstance(peer, Publisher)
    peer.active, peer.times.heard_mono, peer.times.heard = False, 0.0, 1.0
    publishing.rtp(packet(1))
    assert (peer.packets, publishing.stage.followed, publishing.refused) == (0, [], 0)
    assert peer.times.heard > 1.0


async def test_a_publisher_is_asked_behind_an_empty_report(publishing: Wired) -> None:
    peer = publishing.peer
    assert isinstance(peer, Publisher)
    peer.send_nack(7, [5, 6])
    peer.send_pli(7)
    assert publishing.got() == [rtcp.Nack(7, (5, 6)), rtcp.KeyframeRequest(7)]


async def test_a_publisher_s_reports_are_of_what_came(publishing: Wired) -> None:
    peer = publishing.peer
    assert isinstance(peer, Publisher)
    peer.report(clock.mono())
    assert publishing.got() == [], "nothing came: there is nothing to say"
    publishing.rtp(packet(1), packet(3, DELTA))
    peer.report(clock.mono())
    block, remb = publishing.got()
    assert isinstance(block, rtcp.ReportBlock)
    assert (block.ssrc, block.highest, block.total_lost, block.fraction_lost) == (7, 3, 1, 85)
    assert peer.fraction_lost == 85 / 256
    assert isinstance(remb, rtcp.Remb)
    assert remb.ssrcs == (7,)
    assert 800_000 < remb.bitrate < 850_000, "a third was lost: a sixth less"


async def test_a_source_says_when_it_is_and_when_it_goes(publishing: Wired) -> None:
    publishing.rtp(packet(1))
    report = rtcp.SenderReport(7, 5 << 32, 99)
    publishing.told(rtcp.pack_sender_report(report), rtcp.pack_bye([8]))
    peer = publishing.peer
    assert isinstance(peer, Publisher)
    (track,) = peer.source.tracks
    assert track.reception is not None
    assert track.reception.report == report
    assert publishing.stage.calls == ["secured"]
    publishing.told(rtcp.pack_bye([7]))
    assert publishing.stage.calls == ["secured", ("closed", "bye")]


async def test_a_report_that_cannot_be_read_is_counted_and_does_nothing(publishing: Wired) -> None:
    publishing.rtp(packet(1))
    publishing.told(rtcp.pack_bye([7]), b"\x80\xc9\0")
    assert (publishing.refused, publishing.stage.calls) == (1, ["secured"])


async def test_a_publisher_is_told_that_we_go(publishing: Wired) -> None:
    publishing.peer.say_goodbye()
    assert publishing.got() == [rtcp.Bye((publishing.peer.ssrc,))]


async def test_the_bit_rate_is_of_the_time_between_two_samples(publishing: Wired) -> None:
    peer = publishing.peer
    peer.octets = 100
    peer.sample(10.0)
    assert peer.bitrate == 0
    peer.octets = 350
    peer.sample(10.0)
    assert peer.bitrate == 0
    peer.octets = 600
    peer.sample(12.0)
    assert peer.bitrate == 1000


GRANTS: Sequence[tuple[str, Grant, Slot]] = [
    ("room:a", Grant.PUBLISH, Slot.MAIN),
    ("room:a", Grant.PUBLISH, Slot.SCREEN),
    ("room:b", Grant.PUBLISH, Slot.MAIN),
    ("room:a", Grant.VIEW, Slot.MAIN),
    ("room:a", Grant.VIEW, Slot.SCREEN),
    ("room:b", Grant.VIEW, Slot.MAIN),
]


def test_who_replaces_whom() -> None:
    def peer(subject: str, grant: Grant, slot: Slot, state: PeerState) -> Peer:
        found = Viewer(MINT.claims("l1", subject, grant, slot=slot), Stage(), lambda _viewer: [])
        found.state = state
        return found

    replaced = {
        (older, newer)
        for older in range(6)
        for newer in range(6)
        if replaced_by(
            peer(*GRANTS[older], PeerState.CONNECTED), peer(*GRANTS[newer], PeerState.CONNECTED)
        )
    }
    publishers = {(0, 0), (1, 1), (2, 2), (0, 2), (2, 0)}
    assert replaced == publishers | {(3, 3), (4, 4), (5, 5), (3, 4), (4, 3)}
    older = peer(*GRANTS[3], PeerState.CONNECTED)
    assert not replaced_by(older, older)
    for state in PeerState:
        connected = state in (PeerState.CONNECTED, PeerState.SILENT)
        newer = peer(*GRANTS[3], PeerState.NEW)
        assert replaced_by(peer(*GRANTS[3], state), newer) is connected


async def test_the_worst_of_its_streams_is_what_a_publisher_lost() -> None:
    stage = Stage()
    slot = StageSlot(Slot.MAIN, ("audio", "video"), "c1", lambda _kind: PlainAudience())
    sections = [
        ("audio", "OPUS", SectionStreams("0", frozenset({111}))),
        ("video", "H264", SectionStreams("1", frozenset({102}))),
    ]
    source = source_of(Slot.MAIN, Subject("room:a"), sections, ExtensionIds())
    slot.show(source, 0.0)
    claims = MINT.claims("l1", "room:a", Grant.PUBLISH)
    publisher = Publisher(claims, stage, source, RembUplink(1_000_000, None))
    publisher.active = True
    wired = Wired(publisher, stage)
    await wired.connect()
    wired.rtp(packet(1), packet(5, DELTA), packet(1, b"opus", 8, 111), packet(2, b"opus", 8, 111))
    publisher.report(clock.mono())
    assert publisher.fraction_lost == 153 / 256
    await wired.ends.close()


def test_an_offer_s_source_is_of_its_ticket_and_its_first_codecs() -> None:
    codecs = {
        name: Codec(number, name, 90_000, 1, {}, ())
        for number, name in ((102, "H264"), (96, "VP8"))
    }
    track = OfferedTrack(Slot.SCREEN, "video", "v", codecs, mid_extension=5)
    claims = MINT.claims("l1", "room:a", Grant.PUBLISH, slot=Slot.SCREEN)
    source = offered_source(claims, Offer("u", (), (track,)))
    assert (source.slot, source.subject) == (Slot.SCREEN, "room:a")
    (stream,) = source.streams.values()
    assert (stream.id, stream.kind, stream.codec) == (StreamId("v"), "video", "H264")
    for payload_type, found in ((102, stream), (96, None)):
        media = packet(1, payload_type=payload_type)
        assert source.stream_of(media, media.pack()) is found
    named = packet(1, payload_type=102).pack()
    named = bytes((named[0] | 0x10,)) + named[1:12] + b"\xbe\xde\0\x01\x50x\0\0" + named[12:]
    assert source.stream_of(parse_rtp(named), named) is None, "of a section that it has not"
