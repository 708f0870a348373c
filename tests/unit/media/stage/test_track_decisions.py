"""What a track does with each packet: single decisions, each from both sides."""

import pytest

from media.packets.rtcp import SenderReport
from media.packets.rtp import RtpPacket, parse_rtp
from media.stage.outcome import NEVER, NOTHING, Outcome
from media.stage.subscriptions.subscriber import Progress, Subscriber
from media.stage.track import Track
from tests.support.plain_audience import PlainAudience

KEY, DELTA, SYLLABLE = b"\x65key", b"\x41delta", b"opus"


class Outlet:
    """Keeps what a viewer is sent."""

    def __init__(self) -> None:
        self.sent: list[RtpPacket] = []

    def send_rtp(self, packet: bytes) -> None:
        self.sent.append(parse_rtp(packet))

    def send_retransmission(self, packet: bytes, newest: int) -> None:
        self.send_rtp(packet)

    @property
    def payloads(self) -> list[bytes]:
        return [packet.payload for packet in self.sent]


def make_track(kind: str = "video", codec: str = "H264") -> Track:
    track = Track(kind, 90_000, PlainAudience())
    track.set_source(codec)
    return track


def watch(track: Track, now: float = 0.0) -> tuple[Outlet, Subscriber]:
    outlet = Outlet()
    types = {"H264": 102, "VP8": 96, "OPUS": 111}
    subscriber = Subscriber(outlet, 42, types, 2000, 5)
    track.subscribe(subscriber, now)
    return outlet, subscriber


def packet(number: int, payload: bytes = DELTA, *, ssrc: int = 7, marker: bool = True) -> RtpPacket:
    return RtpPacket(marker, 96, number % 65_536, 3000 * number % 2**32, ssrc, payload)


def send(track: Track, *packets: RtpPacket, now: float = 1.0) -> Outcome:
    return track.receive(list(packets), now)


def test_a_picture_begins_with_a_keyframe_and_sound_with_anything() -> None:
    picture, sound = make_track(), make_track("audio", "OPUS")
    seen, heard = watch(picture)[0], watch(sound)[0]
    assert send(picture, packet(1)).began is False
    assert send(sound, packet(1, SYLLABLE)) == Outcome(began=True)
    assert send(picture, packet(2, KEY)).began is True
    assert send(picture, packet(3)).began is False
    assert (seen.payloads, heard.payloads) == ([KEY, DELTA], [SYLLABLE])


def test_a_frame_that_follows_goes_whole_and_one_that_is_new_packet_by_packet() -> None:
    track = make_track()
    outlet, _ = watch(track)
    same = [packet(1, KEY, marker=False)._replace(timestamp=9), packet(2)._replace(timestamp=9)]
    assert send(track, *same).began is True
    again = [packet(3, marker=False)._replace(timestamp=99), packet(4)._replace(timestamp=99)]
    assert send(track, *again) == NOTHING
    assert [one.sequence for one in outlet.sent] == [2000, 2001, 2002, 2003]
    assert [one.marker for one in outlet.sent] == [False, True, False, True]
    assert (track.reception is not None and track.reception.packets) == 4


@pytest.mark.parametrize("first", [True, False])
def test_a_probe_is_no_packet_of_a_stream(first: bool) -> None:
    track = make_track()
    outlet, _ = watch(track)
    if not first:
        send(track, packet(1, KEY))
    assert send(track, packet(2, b"")).began is False
    send(track, packet(3, KEY if first else DELTA))
    assert [one.sequence for one in outlet.sent] == ([2000] if first else [2000, 2001])


def test_a_late_packet_goes_under_its_own_number() -> None:
    track = make_track()
    outlet, _ = watch(track)
    for number in (1, 3, 2):
        send(track, packet(number, KEY if number == 1 else DELTA))
    assert [one.sequence for one in outlet.sent] == [2000, 2002, 2001]
    send(track, packet(2))
    assert len(outlet.sent) == 3, "twice is once"


def test_what_is_cut_off_asks_for_a_keyframe_of_a_picture_alone() -> None:
    for kind, codec, first in (("video", "H264", KEY), ("audio", "OPUS", SYLLABLE)):
        track = make_track(kind, codec)
        send(track, packet(1, first))
        outcome = send(track, packet(400, first), now=5.0)
        assert track.gate.asked == (1 if kind == "video" else 0)
        assert outcome.began is True, "it goes on without the hole"


def test_another_ssrc_begins_with_a_keyframe_and_what_is_left_of_the_old_one_is_dropped() -> None:
    track = make_track()
    outlet, _ = watch(track)
    send(track, packet(1, KEY))
    assert send(track, packet(50, ssrc=8)).keyframe is True
    assert track.source_ssrc == 8
    send(track, packet(51, KEY, ssrc=8))
    assert send(track, packet(2, KEY), now=1.5) == NOTHING
    assert (track.source_ssrc, outlet.payloads) == (8, [KEY, KEY])


def test_a_codec_s_own_keyframes_count() -> None:
    for codec, key, delta in (("H264", KEY, DELTA), ("VP8", b"\x10\0", b"\x10\1")):
        track = make_track(codec=codec)
        outlet, _ = watch(track)
        send(track, packet(1, delta))
        send(track, packet(2, key))
        assert outlet.payloads == [key], codec
    assert send(make_track(codec="AV1"), packet(1, KEY)).began is False, "none is known of it"


def test_a_frame_without_its_marker_leaves_after_two_milliseconds_or_with_64_packets() -> None:
    track = make_track()
    outlet, _ = watch(track, now=1.0)
    assert send(track, packet(1, KEY, marker=False), now=1.0).deadline == 1.002
    assert track.advance(1.001).deadline == 1.002
    assert outlet.sent == []
    assert track.advance(1.002) == NOTHING
    assert len(outlet.sent) == 1
    frame = [packet(number, marker=False)._replace(timestamp=9) for number in range(2, 66)]
    send(track, *frame[:63], now=2.0)
    assert len(outlet.sent) == 1
    send(track, frame[63], now=2.0)
    assert len(outlet.sent) == 65


def test_another_source_s_pictures_are_numbered_behind_those_of_the_last() -> None:
    track = make_track(codec="VP8")
    outlet, _ = watch(track)
    for number, (picture, ssrc) in enumerate(((100, 7), (101, 7), (5, 8), (6, 8))):
        payload = b"\x90\x80" + (0x8000 | picture).to_bytes(2, "big") + b"\0"
        send(track, packet(number, payload, ssrc=ssrc))
    pictures = [int.from_bytes(one[2:4], "big") & 0x7FFF for one in outlet.payloads]
    assert pictures == [100, 101, 102, 103]


def test_octets_are_those_of_the_source() -> None:
    track = make_track()
    send(track, packet(1, KEY), packet(2, DELTA))
    send(track, packet(3, b""))
    assert track.rate.octets == len(KEY) + len(DELTA)


def test_of_a_source_that_is_gone_nothing_is_due() -> None:
    track = make_track()
    send(track, packet(1, KEY))
    send(track, packet(4))
    assert track.deadline == pytest.approx(1.012)
    track.end_source()
    assert (track.fed, track.deadline) == (False, NEVER)
    assert track.ask_keyframe(5.0) == NOTHING
    assert track.advance(9.0) == NOTHING


def test_the_end_of_a_source_sends_what_it_began() -> None:
    track = make_track()
    outlet, _ = watch(track)
    send(track, packet(1, KEY, marker=False))
    track.end_source()
    assert outlet.payloads == [KEY]


def test_after_a_goodbye_what_still_comes_is_late_for_a_second() -> None:
    track = make_track()
    outlet, _ = watch(track)
    send(track, packet(1, KEY), now=1.0)
    track.leave()
    assert (track.fed, track.source_ssrc) == (True, None)
    assert send(track, packet(2, KEY), now=1.9) == NOTHING
    assert send(track, packet(3, KEY), now=2.1).began is True
    assert outlet.payloads == [KEY, KEY]


@pytest.mark.parametrize(("age", "held"), [(3.0, True), (3.1, False)])
def test_what_is_left_of_a_source_is_kept_for_three_seconds(age: float, held: bool) -> None:
    track = make_track()
    _outlet, subscriber = watch(track)
    send(track, packet(1, KEY), now=1.0)
    track.tidy(99.0)  # it is not gone
    track.end_source()
    track.tidy(1.0 + age)
    assert track.retransmit(subscriber, [2000]) == (1 if held else 0)


def test_a_new_source_keeps_the_cache_of_the_old_one() -> None:
    track = make_track()
    _outlet, subscriber = watch(track)
    send(track, packet(1, KEY), now=1.0)
    track.set_source("H264")
    send(track, packet(9, KEY, ssrc=8), now=2.0)
    track.tidy(99.0)
    assert track.retransmit(subscriber, [2000]) == 1


def test_who_has_not_begun_has_nothing_to_ask_for() -> None:
    track = make_track()
    outlet = Outlet()
    subscriber = Subscriber(outlet, 42, {"H264": 102}, 2000)
    send(track, packet(1, KEY))
    assert track.retransmit(subscriber, [0, 1, 2]) == 0
    assert outlet.sent == []


@pytest.mark.parametrize(("age", "reported"), [(0.0, True), (6.0, True), (6.1, False)])
def test_sender_reports_go_on_for_six_seconds(age: float, reported: bool) -> None:
    track = make_track()
    _outlet, subscriber = watch(track)
    send(track, packet(1, KEY), now=1.0)
    report = track.sender_report(subscriber, 2**40, 1.0 + age)
    timestamp = 3000 + int(age * 90_000) + 5
    expected = SenderReport(42, 2**40, timestamp, 1, len(KEY)) if reported else None
    assert report == expected
    other = Subscriber(Outlet(), 43, {}, 0)
    assert track.sender_report(other, 2**40, 1.0) is None


def test_octets_of_a_report_wrap() -> None:
    track = make_track()
    _outlet, subscriber = watch(track)
    send(track, packet(1, KEY), now=1.0)
    subscriber.octets = 2**32 + 7
    report = track.sender_report(subscriber, 0, 1.0)
    assert report is not None
    assert report.octets == 7


def test_two_tracks_are_compared_once_both_have_begun() -> None:
    one, other = make_track(), make_track()
    assert one.ticks_ahead_of(other, 2.0) == 0
    send(one, packet(10, KEY), now=1.0)
    assert (one.ticks_ahead_of(other, 2.0), other.ticks_ahead_of(one, 2.0)) == (0, 0)
    send(other, packet(1, KEY), now=1.5)
    assert one.ticks_ahead_of(other, 2.0) == 27_000 + 45_000
    assert other.ticks_ahead_of(one, 2.0) == -72_000


def test_a_subscriber_of_a_picture_asks_and_one_of_sound_does_not() -> None:
    picture, sound = make_track(), make_track("audio", "OPUS")
    for track in (picture, sound):
        watch(track)
    assert (picture.gate.asked, sound.gate.asked) == (1, 0)
    send(picture, packet(1, KEY), now=1.0)
    _outlet, late = watch(picture, now=1.1)
    assert (picture.gate.asked, late.progress) == (1, Progress.REPLAYING)
    assert picture.deadline == 1.1
    picture.unsubscribe(late)
    assert picture.deadline == NEVER
    other = Subscriber(Outlet(), 43, {"H264": 102}, 2000)
    outcome = picture.subscribe(other, 1.2, from_cache=False)
    assert (outcome.keyframe, other.progress) == (True, Progress.WAITING)


def test_what_is_due_by_now_is_done_in_one_step() -> None:
    track = make_track()
    send(track, packet(1, KEY), now=1.0)
    outlet, _ = watch(track, now=1.0)
    send(track, packet(4, marker=False), now=1.1)
    outcome = track.advance(1.2)
    assert outcome == Outcome(nacks=[2, 3], deadline=pytest.approx(1.28))
    assert outlet.payloads == [KEY, DELTA], "the cache, with the frame that had no marker"
