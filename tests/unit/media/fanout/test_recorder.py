"""A subscriber that is no WebRTC peer: a recorder beside viewers gets a slot's plain RTP."""

from media.contract.subjects import Subject
from media.contract.tickets import Slot
from media.fanout.batch_audience import BatchAudience
from media.fanout.segments import Scratch
from media.packets.rtp import RtpPacket, parse_rtp
from media.stage.demux import ExtensionIds, SectionStreams, StreamId
from media.stage.slot import StageSlot
from media.stage.source import source_of
from media.stage.subscription import Subscription
from media.stage.subscriptions.subscriber import Subscriber
from tests.support.rooms import Room

KEY, DELTA, SYLLABLE = b"\x65key", b"\x41delta", b"opus"


class Recorder:
    """What a file would be written from: packets in order, and those that came late."""

    def __init__(self) -> None:
        self.packets: list[RtpPacket] = []
        self.late: list[RtpPacket] = []
        self.ends = {
            "audio": Subscriber(self, 1, {"OPUS": 111}, 2000),
            "video": Subscriber(self, 2, {"H264": 96, "VP8": 97}, 2000),
        }

    def send_rtp(self, packet: bytes) -> None:
        self.packets.append(parse_rtp(packet))

    def send_retransmission(self, packet: bytes, newest: int) -> None:
        self.late.append(parse_rtp(packet))

    def payloads(self, kind: str) -> list[bytes]:
        return [p.payload for p in self.packets if p.ssrc == self.ends[kind].ssrc]


def picture(number: int, payload: bytes, ssrc: int = 7) -> RtpPacket:
    return RtpPacket(True, 102, number % 65_536, 3000 * number, ssrc, payload)


def test_a_recorder_gets_what_viewers_see_in_plain_packets(scratch: Scratch) -> None:
    slot = StageSlot(Slot.MAIN, ("audio", "video"), "c", lambda _kind: BatchAudience(scratch, None))
    recorder, viewer = Recorder(), Room()
    sections = [
        ("audio", "OPUS", SectionStreams("0", frozenset({111}))),
        ("video", "H264", SectionStreams("1", frozenset({102}))),
    ]
    source = source_of(Slot.MAIN, Subject("room:host"), sections, ExtensionIds())
    slot.show(source, 0.0)
    sound, pictures = (source.streams[StreamId(mid)].track for mid in "01")
    assert sound is not None
    assert pictures is not None

    subscription = Subscription(slot, recorder.ends)
    slot.subscribe(subscription, 0.0)
    viewer.subscriber.timestamp_offset = 9
    slot.subscribe(Subscription(slot, {"video": viewer.subscriber}), 0.0)

    assert pictures.receive([picture(1, DELTA)], 0.1).keyframe  # both wait for a whole picture
    for number, payload in ((2, KEY), (3, DELTA), (5, DELTA), (4, DELTA)):
        pictures.receive([picture(number, payload)], number / 30)
    sound.receive([RtpPacket(False, 111, 9, 0, 8, SYLLABLE)], 0.2)
    assert recorder.payloads("video") == [KEY, DELTA, DELTA, DELTA]
    assert [p.sequence for p in recorder.packets if p.ssrc == 2] == [2000, 2001, 2003, 2002]
    assert recorder.payloads("audio") == [SYLLABLE]
    assert {p.payload_type for p in recorder.packets} == {96, 111}
    seen = [parse_rtp(viewer.inbound.unprotect(viewer.socket.recv(2048))) for _ in range(4)]
    assert [packet.payload for packet in seen] == recorder.payloads("video")

    assert pictures.retransmit(recorder.ends["video"], [2001]) == 1  # it may ask like a viewer
    assert [packet.payload for packet in recorder.late] == [DELTA]
    assert len(pictures.viewers) == 2
    slot.unsubscribe(subscription)
    pictures.receive([picture(6, DELTA)], 0.3)
    assert len(recorder.payloads("video")) == 4
    assert len(pictures.viewers) == 1


def test_a_recorder_that_comes_late_is_given_the_cache_first(scratch: Scratch) -> None:
    slot = StageSlot(Slot.SCREEN, ("video",), "c", lambda _kind: BatchAudience(scratch, None))
    sections = [("video", "H264", SectionStreams("0", frozenset({102})))]
    slot.show(source_of(Slot.SCREEN, Subject("room:host"), sections, ExtensionIds()), 0.0)
    track = slot.track("video")
    for number in range(30):
        track.receive([picture(number, DELTA if number else KEY)], number / 30)
    recorder = Recorder()
    slot.subscribe(Subscription(slot, {"video": recorder.ends["video"]}), 1.0)
    now = 1.0
    while track.deadline <= now:
        track.advance(now)
        now += 0.004
    track.receive([picture(30, DELTA)], now)
    assert recorder.payloads("video") == [KEY] + [DELTA] * 30
