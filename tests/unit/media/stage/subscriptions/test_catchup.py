"""What a latecomer is shown of the past, and under which timestamps."""

from dataclasses import dataclass, field

from media.packets.rtp import RtpPacket, parse_rtp
from media.stage.subscriptions.subscriber import Progress, Subscriber
from media.stage.track import Track
from tests.support.plain_audience import PlainAudience

KEY, DELTA = b"\x65" + bytes(40), b"\x41" + bytes(40)


@dataclass
class Outlet:
    """Keeps what a viewer is sent."""

    sent: list[bytes] = field(default_factory=list)

    def send_rtp(self, data: bytes) -> None:
        self.sent.append(data)

    def send_retransmission(self, data: bytes, newest: int) -> None:
        self.sent.append(data)


def lesson(pictures: int) -> Track:
    track = Track("video", 90_000, PlainAudience())
    track.set_source("H264")
    go_on(track, 0, pictures)
    return track


def go_on(track: Track, first: int, pictures: int) -> None:
    """Send pictures of one packet; number 0 is a keyframe."""
    for at in range(first, first + pictures):
        payload = DELTA if at else KEY
        track.receive([RtpPacket(True, 96, at, 3000 * at, 7, payload)], at / 30)


def join(track: Track, now: float) -> tuple[Outlet, Subscriber]:
    outlet = Outlet()
    subscriber = Subscriber(outlet, 42, {"H264": 109}, 100, timestamp_offset=5)
    track.subscribe(subscriber, now)
    return outlet, subscriber


def test_a_latecomer_is_shown_the_cache_from_its_keyframe_and_then_the_lesson() -> None:
    track = lesson(pictures=31)
    outlet, subscriber = join(track, 1.0)
    while track.replay(1.0):
        pass
    assert subscriber.progress is Progress.LIVE
    later, _ = join(track, 1.0)
    go_on(track, 31, 5)
    times = [parse_rtp(data).timestamp for data in outlet.sent]
    assert times == [5 + 3000 * picture for picture in range(36)]
    assert parse_rtp(outlet.sent[0]).payload == KEY
    assert later.sent == []  # is still being shown the cache


def test_what_was_shown_from_the_cache_is_sent_again_octet_for_octet() -> None:
    track = lesson(pictures=31)
    outlet, subscriber = join(track, 1.0)
    while track.replay(1.0):
        pass
    go_on(track, 31, 5)
    shown = list(outlet.sent)
    sequences = [parse_rtp(data).sequence for data in shown]
    assert track.retransmit(subscriber, sequences) == 36
    assert outlet.sent == shown + shown


def test_a_source_that_answers_is_seen_from_its_new_keyframe_only() -> None:
    track = lesson(pictures=31)
    outlet, subscriber = join(track, 60.0)
    assert track.gate.sent == 1
    assert track.replay(60.1)
    track.receive([RtpPacket(True, 96, 31, 3000 * 1800, 7, KEY)], 60.1)
    assert not track.replay(60.2)
    assert subscriber.progress is Progress.LIVE
    assert [parse_rtp(data).payload for data in outlet.sent] == [KEY]


def test_a_source_that_does_not_answer_is_seen_from_its_old_keyframe() -> None:
    track = lesson(pictures=31)
    outlet, subscriber = join(track, 60.0)
    assert track.replay(60.1)
    assert outlet.sent == []
    while track.replay(60.2):
        pass
    assert subscriber.progress is Progress.LIVE
    assert [parse_rtp(data).payload for data in outlet.sent] == [KEY] + [DELTA] * 30


def test_a_viewer_whose_keyframe_does_not_come_is_shown_the_cache_beside_others() -> None:
    track = lesson(pictures=31)
    _, early = join(track, 60.0)
    _, late = join(track, 60.05)
    assert track.replay(60.16)
    assert (early.progress, late.progress) == (Progress.REPLAYING, Progress.WAITING)
    assert track.replay(60.21)
    assert late.progress is Progress.REPLAYING


def test_without_a_keyframe_the_replay_ends() -> None:
    track = lesson(pictures=0)
    _, subscriber = join(track, 60.0)
    assert track.replay(60.1)
    assert not track.replay(60.2)
    assert subscriber.progress is Progress.WAITING
