"""A viewer's numbers: none below its first, none for two packets, whatever is late or changes."""

from dataclasses import dataclass, field

from media.packets.rtp import RtpPacket, parse_rtp
from media.stage.subscriptions.subscriber import Subscriber
from media.stage.track import Track
from tests.support.plain_audience import PlainAudience

KEY, DELTA = b"\x65" + bytes(40), b"\x41" + bytes(40)
VP8_KEY, VP8_DELTA = b"\x10" + bytes(40), b"\x11" + bytes(40)
FIRST = 5000


@dataclass
class Outlet:
    """Keeps what a viewer is sent, by number."""

    sent: dict[int, set[bytes]] = field(default_factory=dict)

    def send_rtp(self, packet: bytes) -> None:
        self.sent.setdefault(parse_rtp(packet).sequence, set()).add(packet)

    def send_retransmission(self, packet: bytes, newest: int) -> None:
        self.send_rtp(packet)


def source(track: Track, key: bytes, delta: bytes, pictures: int, ssrc: int) -> None:
    """Let a source send a keyframe and what follows, a packet a picture."""
    for at in range(pictures):
        payload = delta if at else key
        track.receive([RtpPacket(True, 96, at, 3000 * at, ssrc, payload)], at / 30)


def lesson() -> tuple[Track, Outlet, Subscriber]:
    track, outlet = Track("video", 90_000, PlainAudience()), Outlet()
    track.set_source("H264")
    return track, outlet, Subscriber(outlet, 42, {"H264": 109}, FIRST)


def test_a_viewer_begins_with_the_lowest_number_of_a_keyframe_that_comes_in_disorder() -> None:
    track, outlet, subscriber = lesson()
    source(track, KEY, DELTA, 3, ssrc=7)
    track.subscribe(subscriber, 5.0)  # the keyframe is too old to be shown
    for number, payload in ((4, DELTA), (3, KEY), (5, DELTA)):
        track.receive([RtpPacket(number == 5, 96, number, 9000, 7, payload)], 0.1)
    assert list(outlet.sent) == [FIRST + 1, FIRST, FIRST + 2]


def test_nothing_of_before_a_viewers_beginning_can_be_asked_for() -> None:
    track, _outlet, subscriber = lesson()
    source(track, KEY, DELTA, 10, ssrc=7)
    subscriber.begin_at(5)
    assert track.retransmit(subscriber, [FIRST - 1, FIRST - 5]) == 0
    assert track.retransmit(subscriber, [FIRST]) == 1


def test_codecs_that_change_during_a_replay_give_no_number_to_two_packets() -> None:
    """The same number under the same key for something else gives the key away (GCM)."""
    track, outlet, subscriber = lesson()
    source(track, KEY, DELTA, 40, ssrc=7)
    track.subscribe(subscriber, 0.5)
    track.replay(1.5)
    for codec, key, delta, ssrc in (("VP8", VP8_KEY, VP8_DELTA, 8), ("H264", KEY, DELTA, 9)):
        track.set_source(codec)
        subscriber.codec_changed(codec, track.next_sequence)
        source(track, key, delta, 30, ssrc)
    while track.replay(2.0):
        pass
    numbers = list(outlet.sent)
    assert len(numbers) == 42
    assert numbers == sorted(numbers)
    assert (numbers[0], numbers[-1]) == (FIRST, FIRST + 69)
    assert {len(packets) for packets in outlet.sent.values()} == {1}
