"""The packet path of one track, driven without sockets."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from media.packets.rtcp import SenderReport
from media.packets.rtp import RtpPacket, parse_rtp
from media.stage.frame import GATHER
from media.stage.outcome import NEVER, NOTHING, Outcome
from media.stage.packet import StagePacket
from media.stage.reception.nack import RETRY_DELAY, ROUND
from media.stage.subscriptions.catchup import ANSWER_WITHIN
from media.stage.subscriptions.padding import equalise
from media.stage.subscriptions.subscriber import RESENDS, Progress, Subscriber
from media.stage.track import Track
from tests.support.plain_audience import PlainAudience

KEY, DELTA = b"\x65" + bytes(40), b"\x41" + bytes(40)
VP8_KEY = b"\x10" + bytes(40)


@dataclass
class Recorder:
    """A viewer's outlet that keeps what it is given."""

    packets: list[RtpPacket] = field(default_factory=list)
    raw: list[bytes] = field(default_factory=list)

    def send_rtp(self, packet: bytes) -> None:
        self.raw.append(packet)
        self.packets.append(parse_rtp(packet))

    def send_retransmission(self, packet: bytes, newest: int) -> None:
        self.send_rtp(packet)

    @property
    def sequences(self) -> list[int]:
        return [packet.sequence for packet in self.packets]


def make_track(kind: str = "video") -> Track:
    track = Track(kind, 90_000, PlainAudience())
    track.set_source("H264" if kind == "video" else "OPUS")
    return track


def viewer(first: int = 100, **types: int) -> tuple[Recorder, Subscriber]:
    recorder = Recorder()
    payload_types = types or {"H264": 109, "OPUS": 111}
    return recorder, Subscriber(recorder, 42, payload_types, first, timestamp_offset=5)


def feed(track: Track, frames: Sequence[bytes], first: int = 65_530, ssrc: int = 7) -> None:
    """Send one packet a frame."""
    for index, payload in enumerate(frames):
        sequence = (first + index) % 65536
        track.receive([RtpPacket(True, 96, sequence, 3000 * index, ssrc, payload)], index / 30)


def test_a_viewer_begins_with_a_keyframe_under_its_own_numbers() -> None:
    track = make_track()
    recorder, subscriber = viewer()
    track.subscribe(subscriber, 0.0)
    assert track.gate.due(0.0)
    feed(track, [DELTA, KEY, DELTA, DELTA])
    assert recorder.sequences == [100, 101, 102]
    assert {packet.ssrc for packet in recorder.packets} == {42}
    assert {packet.payload_type for packet in recorder.packets} == {109}
    assert [packet.timestamp for packet in recorder.packets] == [3005, 6005, 9005]


def test_a_latecomer_is_shown_the_cache_and_then_goes_live_without_a_hole() -> None:
    track = make_track()
    feed(track, [KEY] + [DELTA] * 50)
    recorder, subscriber = viewer()
    track.subscribe(subscriber, 0.0)
    assert subscriber.progress is Progress.REPLAYING
    assert not recorder.packets
    while track.replay(0.0):
        pass
    feed(track, [DELTA] * 5, first=65_530 + 51)
    assert recorder.sequences == list(range(100, 156))
    assert recorder.packets[0].payload == KEY


def test_an_old_keyframe_is_not_replayed_but_a_fresh_one_asked_for() -> None:
    track = make_track()
    feed(track, [KEY] + [DELTA] * 5)
    recorder, subscriber = viewer()
    outcome = track.subscribe(subscriber, 60.0)
    assert subscriber.progress is Progress.WAITING
    assert outcome == Outcome(keyframe=True, deadline=60.0 + ANSWER_WITHIN)
    assert track.replay(60.1)
    assert recorder.packets == []


def test_nothing_of_a_gathered_frame_is_sent_before_its_marker_or_the_deadline() -> None:
    track = make_track()
    recorder, subscriber = viewer()
    track.subscribe(subscriber, 0.0)
    track.receive([RtpPacket(False, 96, 1, 0, 7, KEY)], 0.0)
    outcome = track.receive([RtpPacket(False, 96, 2, 0, 7, DELTA)], 0.001)
    assert outcome.deadline == GATHER
    assert recorder.packets == []
    assert track.advance(GATHER) == NOTHING
    assert recorder.sequences == [100, 101]


def test_what_must_follow_a_packet_is_returned() -> None:
    track = make_track()

    def packet(number: int, payload: bytes = DELTA, marker: bool = True) -> list[RtpPacket]:
        return [RtpPacket(marker, 96, number, 3000 * number, 7, payload)]

    assert track.receive(packet(1), 0.0) == Outcome(keyframe=True)  # no whole picture to begin with
    assert track.receive(packet(2), 0.4) == Outcome(deadline=1.0)  # not asked again so soon
    assert track.advance(1.0) == Outcome(keyframe=True)
    assert track.receive(packet(3, KEY), 1.1) == Outcome(began=True)
    assert track.receive(packet(4), 1.2) == NOTHING
    assert track.receive(packet(7), 2.0) == Outcome(deadline=2.0 + ROUND)
    assert track.advance(2.02) == Outcome(nacks=[5, 6], deadline=2.02 + RETRY_DELAY)
    assert track.receive(packet(6), 2.03).deadline == 2.02 + RETRY_DELAY
    assert track.receive(packet(5), 2.04) == NOTHING


def test_what_never_comes_is_answered_by_a_keyframe() -> None:
    track = make_track()
    feed(track, [KEY, DELTA])
    outcome = track.receive([RtpPacket(True, 96, 65_533, 9000, 7, DELTA)], 1.0)  # one is missing
    rounds = []
    while not outcome.keyframe:
        outcome = track.advance(outcome.deadline)
        rounds.append(list(outcome.nacks))
    assert rounds == [[65_532]] * 4 + [[]]
    assert outcome == Outcome(keyframe=True)


def test_nothing_is_asked_of_a_source_that_is_gone() -> None:
    track = make_track()
    feed(track, [KEY, DELTA, DELTA])
    track.receive([RtpPacket(True, 96, 5, 15_000, 7, DELTA)], 1.0)
    track.end_source()
    _recorder, subscriber = viewer()
    assert track.subscribe(subscriber, 9.0) == Outcome(deadline=9.0 + ANSWER_WITHIN)
    assert track.ask_keyframe(9.0).keyframe is False
    assert track.advance(12.0) == NOTHING


def test_sound_is_never_held_back() -> None:
    track = make_track("audio")
    recorder, subscriber = viewer()
    track.subscribe(subscriber, 0.0)
    assert track.receive([RtpPacket(False, 96, 1, 0, 7, b"opus")], 0.0).deadline == NEVER
    assert recorder.sequences == [100]


def test_a_new_publisher_continues_the_same_stream() -> None:
    track = make_track()
    recorder, subscriber = viewer()
    track.subscribe(subscriber, 0.0)
    feed(track, [KEY, DELTA, DELTA])
    track.set_source("H264")
    feed(track, [DELTA, KEY, DELTA], first=9, ssrc=1234)
    assert recorder.sequences == [100, 101, 102, 103, 104]
    assert recorder.packets[3].payload == KEY
    times = [packet.timestamp for packet in recorder.packets]
    assert times == sorted(times)


def test_a_nack_is_answered_byte_for_byte() -> None:
    track = make_track()
    recorder, subscriber = viewer()
    track.subscribe(subscriber, 0.0)
    feed(track, [KEY, DELTA, DELTA])
    sent = list(recorder.raw)
    assert track.retransmit(subscriber, [101, 999]) == 1
    assert recorder.raw[-1] == sent[1]


def test_the_last_packets_of_a_source_can_be_asked_for_behind_its_end() -> None:
    track = make_track()
    recorder, subscriber = viewer()
    track.subscribe(subscriber, 0.0)
    feed(track, [KEY, DELTA])
    track.set_source("H264")
    feed(track, [KEY], first=9, ssrc=1234)
    assert track.retransmit(subscriber, [101]) == 1
    assert recorder.raw[-1] == recorder.raw[1]
    track.end_source()
    track.tidy(1.0)
    assert track.retransmit(subscriber, [101]) == 1
    track.tidy(9.0)
    assert track.retransmit(subscriber, [101]) == 0


def test_a_viewer_that_cannot_play_the_codec_is_named() -> None:
    track = make_track()
    recorder, subscriber = viewer(VP8=96)
    track.subscribe(subscriber, 0.0)
    feed(track, [KEY])
    assert recorder.packets == []
    assert subscriber.unplayable == "H264"


@pytest.mark.parametrize("meanwhile", [1, 3, 40_000])
def test_what_a_viewer_cannot_play_takes_up_none_of_its_numbers(meanwhile: int) -> None:
    track = make_track()
    recorder, subscriber = viewer()
    late_recorder, late = viewer()

    def speak(codec: str) -> None:
        track.set_source(codec)
        for end in (subscriber, late):
            end.codec_changed(codec, track.next_sequence)

    track.subscribe(subscriber, 0.0)
    feed(track, [KEY, DELTA])
    speak("VP8")
    track.subscribe(late, 0.0)
    feed(track, [VP8_KEY] * meanwhile)
    speak("VP8")
    feed(track, [VP8_KEY] * meanwhile)
    speak("H264")
    feed(track, [KEY, DELTA])
    assert recorder.sequences == [100, 101, 102, 103]
    assert late_recorder.sequences == [100, 101]
    assert track.retransmit(subscriber, [103, 101]) == 1  # 101 was another source's
    assert recorder.raw[-1] == recorder.raw[3]


def test_an_unsubscribed_viewer_is_sent_nothing_more() -> None:
    track = make_track("audio")
    recorder, subscriber = viewer()
    track.subscribe(subscriber, 0.0)
    track.unsubscribe(subscriber)
    track.unsubscribe(subscriber)
    track.receive([RtpPacket(False, 96, 1, 0, 7, b"opus")], 0.0)
    assert recorder.packets == []


def test_sender_reports_are_mapped_to_the_viewers_clock() -> None:
    track = make_track()
    _recorder, subscriber = viewer()
    track.subscribe(subscriber, 0.0)
    assert track.sender_report(subscriber, 2**40, 0.0) is None
    feed(track, [KEY, DELTA])
    report = track.sender_report(subscriber, 2**40, 2.0)
    assert report == SenderReport(42, 2**40, 5 + 2 * 90_000, 2, 2 * 41)
    assert track.sender_report(subscriber, 2**40, 60.0) is None  # nothing has been sent for long


@pytest.mark.parametrize(
    ("lengths", "pads"),
    [([10, 10, 10], [0, 0, 0]), ([9, 10, 10], [1, 0, 0]), ([10, 9, 4], [0, 1, 0]),
     ([200, 100, 200], [0, 0, 0]), ([7], [0])],
)  # fmt: skip
def test_packets_of_a_frame_become_equally_long(lengths: list[int], pads: list[int]) -> None:
    frame = [StagePacket(i, 0, False, False, "H264", bytes(n)) for i, n in enumerate(lengths)]
    assert [packet.pad for packet in equalise(frame)] == pads


def test_padding_is_written_as_rtp_padding() -> None:
    recorder, subscriber = viewer()
    subscriber.begin_at(0)
    subscriber.send(StagePacket(0, 0, False, True, "H264", b"abc", pad=5))
    assert recorder.raw[0][0] == 0xA0
    assert recorder.raw[0][-1] == 5
    assert recorder.packets[0].payload == b"abc"


def test_a_viewer_that_sends_nacks_without_end_gets_a_bounded_number_of_retransmissions() -> None:
    track = make_track()
    recorder, subscriber = viewer()
    track.subscribe(subscriber, 0.0)
    feed(track, [KEY] + [DELTA] * 400)
    asked = [track.retransmit(subscriber, range(100, 501)) for _ in range(50)]
    assert sum(asked) == RESENDS
    assert asked[-1] == 0
    live = len(recorder.raw) - RESENDS
    feed(track, [KEY] + [DELTA] * 9, first=65_530 + 401)
    assert len(recorder.raw) == RESENDS + live + 10  # what is new comes all the same
    assert track.retransmit(subscriber, range(100, 501)) == 10
