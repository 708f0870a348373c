"""What a latecomer is shown of the past, and under which timestamps."""

from dataclasses import dataclass, field
from itertools import pairwise

import pytest

from media.packets.rtp import RtpPacket, parse_rtp
from media.stage.catchup import CHUNK, PAUSE, FastMotion
from media.stage.packet import StagePacket
from media.stage.subscriber import Progress, Subscriber
from media.stage.track import Track
from tests.support.plain_audience import PlainAudience

KEY, DELTA = b"\x65" + bytes(40), b"\x41" + bytes(40)


def packet(sequence: int, timestamp: int) -> StagePacket:
    return StagePacket(sequence, timestamp & 0xFFFFFFFF, True, False, "H264", DELTA)


def test_the_past_is_shrunk_to_the_pace_at_which_it_is_sent() -> None:
    motion = FastMotion.over(packet(1000, 0), packet(1299, 299 * 3000), 90_000)
    sent_within = 300 / CHUNK * PAUSE
    shown_within = (motion.timestamp - motion.timestamp_of(packet(1000, 0))) / 90_000
    assert shown_within == pytest.approx(sent_within, rel=0.01)


@pytest.mark.parametrize("start", [0, 2**32 - 3000 * 150])
def test_time_only_grows_in_fast_motion_and_goes_on_as_it_is_behind_it(start: int) -> None:
    packets = [packet(at, start + 3000 * at) for at in range(400)]
    motion = FastMotion.over(packets[0], packets[299], 90_000)
    times = [motion.timestamp_of(one) for one in packets]
    steps = {(later - earlier) & 0xFFFFFFFF for earlier, later in pairwise(times)}
    assert steps == {30, 31, 3000}
    assert times[299:] == [one.timestamp for one in packets[299:]]


@pytest.mark.parametrize("start", [0, 2**32 - 3000 * 2])
def test_pictures_that_are_sent_out_of_their_order_in_time_keep_it(start: int) -> None:
    """H.264 with B-frames: a picture that is shown later is sent before those it follows."""
    order = (0, 3, 1, 2, 6, 4, 5)
    packets = [packet(at, start + 3000 * picture) for at, picture in enumerate(order)]
    motion = FastMotion.over(packets[0], packets[-1], 90_000)
    assert motion.factor > 1
    shown = {
        picture: (motion.timestamp_of(one) - motion.timestamp) & 0xFFFFFFFF
        for picture, one in zip(order, packets, strict=True)
    }
    times = [(shown[picture] + 0x80000000) & 0xFFFFFFFF for picture in range(7)]
    assert times == sorted(times)
    assert times[-1] - times[-2] == 3000


@pytest.mark.parametrize("last", [(0, 0), (3, 9)], ids=["one packet", "hardly any time"])
def test_what_is_shorter_than_its_sending_is_left_as_it_is(last: tuple[int, int]) -> None:
    motion = FastMotion.over(packet(0, 0), packet(*last), 90_000)
    assert motion.factor == 1


@dataclass
class Outlet:
    """Keeps what a viewer is sent."""

    sent: list[bytes] = field(default_factory=list)

    def send_rtp(self, data: bytes) -> None:
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
        track.receive(RtpPacket(True, 96, at, 3000 * at, 7, payload), at / 30)


def join(track: Track, now: float) -> tuple[Outlet, Subscriber]:
    outlet = Outlet()
    subscriber = Subscriber(outlet, 42, {"H264": 109}, 100, timestamp_offset=5)
    track.subscribe(subscriber, now)
    return outlet, subscriber


def test_a_latecomer_is_in_the_present_when_the_replay_is_over() -> None:
    track = lesson(pictures=31)
    outlet, subscriber = join(track, 1.0)
    while track.replay(1.0):
        pass
    assert subscriber.progress is Progress.LIVE
    present, _ = join(track, 1.0)
    go_on(track, 31, 5)
    times = [parse_rtp(data).timestamp for data in outlet.sent]
    steps = [later - earlier for earlier, later in pairwise(times)]
    assert set(steps[:30]) == {31, 32}
    assert steps[30:] == [3000] * 5
    assert parse_rtp(outlet.sent[0]).payload == KEY
    assert present.sent == []  # is still being shown the cache


def test_what_was_shown_in_fast_motion_is_sent_again_octet_for_octet() -> None:
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
    assert track.gate.due(60.0)
    assert track.replay(60.1)
    track.receive(RtpPacket(True, 96, 31, 3000 * 1800, 7, KEY), 60.1)
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


def test_one_who_waits_in_vain_is_shown_the_cache_while_others_are_shown_it_too() -> None:
    track = lesson(pictures=31)
    _, early = join(track, 60.0)
    _, late = join(track, 60.05)
    assert track.replay(60.16)
    assert (early.progress, late.progress) == (Progress.REPLAYING, Progress.WAITING)
    assert track.replay(60.21)
    assert late.progress is Progress.REPLAYING


def test_where_there_is_no_keyframe_nobody_is_looked_after_for_ever() -> None:
    track = lesson(pictures=0)
    _, subscriber = join(track, 60.0)
    assert track.replay(60.1)
    assert not track.replay(60.2)
    assert subscriber.progress is Progress.WAITING
