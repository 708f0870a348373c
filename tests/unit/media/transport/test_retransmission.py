"""What is sent again is what was sent before, octet for octet, however long ago that was."""

import socket

import pytest
from pylibsrtp import Error

from media.fanout.batch_audience import BatchAudience
from media.fanout.segments import Scratch
from media.packets.rtp import RtpPacket
from media.stage.subscriptions.audience import LATE
from media.stage.subscriptions.subscriber import Subscriber
from media.stage.track import Track
from media.transport.retransmission import LONG_WINDOW, WINDOW, RetransmissionSession
from tests.support.plain_audience import PlainAudience
from tests.support.rooms import Room, session

FIRST = 1000


def packet(index: int, ssrc: int = 7) -> bytes:
    body = index.to_bytes(4, "big")
    return RtpPacket(False, 96, index % 65536, index, ssrc, body).pack()


@pytest.mark.parametrize("tag", [16, 10])
def test_it_is_the_same_packet_after_the_numbers_have_turned(tag: int) -> None:
    fresh, again = (
        session(tag, inbound=False, window=WINDOW),
        RetransmissionSession(session(tag, False).protect),
    )
    sent, asked_at = {}, {FIRST, 1500, 40_000, 65_700, 131_500, 200_000}
    for index in range(FIRST, 200_001):
        sent[index] = fresh.protect(packet(index))
        if index in asked_at:
            for back in (0, 1, WINDOW, LONG_WINDOW - 1):
                if index - back >= FIRST:
                    assert again.protect(packet(index - back), index) == sent[index - back]
    with pytest.raises(Error):
        fresh.protect(packet(200_000 - WINDOW))


def test_each_stream_of_a_viewer_has_a_count_of_its_own() -> None:
    fresh, again = (
        session(16, inbound=False, window=WINDOW),
        RetransmissionSession(session(16, False).protect),
    )
    sound = [fresh.protect(packet(index, ssrc=8)) for index in range(10, 20)]
    pictures = [fresh.protect(packet(index)) for index in range(FIRST, 70_000)]
    assert again.protect(packet(69_000), 69_999) == pictures[69_000 - FIRST]
    assert again.protect(packet(11, ssrc=8), 19) == sound[1]


class Viewer:
    """Keeps by number what it is sent, under real keys."""

    def __init__(self, codec: str) -> None:
        self.fresh = session(16, inbound=False, window=WINDOW)
        self.retransmission = RetransmissionSession(session(16, inbound=False).protect)
        self.sent: dict[int, list[bytes]] = {}
        self.subscriber = Subscriber(self, 4, {codec: 102}, FIRST)

    def send_rtp(self, packet: bytes) -> None:
        self.keep(self.fresh.protect(packet))

    def send_retransmission(self, packet: bytes, newest: int) -> None:
        self.keep(self.retransmission.protect(packet, newest))

    def keep(self, protected: bytes) -> None:
        self.sent.setdefault(int.from_bytes(protected[2:4], "big"), []).append(protected)


def play(track: Track, codec: str, numbers: range, key: bytes) -> None:
    track.set_source(codec)
    for number in numbers:
        payload = key + number.to_bytes(2, "big")
        made = RtpPacket(True, 96, number, 3000 * number, len(codec), payload)
        track.receive([made], number / 300)


def test_who_is_shown_a_long_cache_may_have_its_beginning_again() -> None:
    track, viewer = Track("video", 90_000, PlainAudience()), Viewer("H264")
    play(track, "H264", range(1), b"\x65")
    for number in range(1, 3000):
        track.receive([RtpPacket(True, 96, number, 3000 * number, 4, b"\x41")], number / 300)
    track.subscribe(viewer.subscriber, 100.0)
    for turn in range(6):
        track.replay(100.2 + turn / 250)
    assert track.retransmit(viewer.subscriber, [FIRST + 3]) == 1
    while track.replay(101.0):
        pass
    lately = FIRST + 2999
    assert track.retransmit(viewer.subscriber, [lately]) == 1
    for number in (FIRST + 3, lately):
        first, again = viewer.sent[number]
        assert first == again


def test_who_cannot_play_what_comes_may_have_again_what_it_played() -> None:
    track, viewer = Track("video", 90_000, PlainAudience()), Viewer("VP8")
    track.subscribe(viewer.subscriber, 0.0)
    play(track, "VP8", range(500), b"\x10\x00")
    last = FIRST + 499
    for codec, numbers, key in (
        ("H264", range(500, 4000), b"\x65"),
        ("VP8", range(4000, 4400), b"\x10\x00"),
    ):
        viewer.subscriber.codec_changed(codec, track.next_sequence)
        play(track, codec, numbers, key)
        assert track.retransmit(viewer.subscriber, [last]) == 1
        first, again = viewer.sent[last]
        assert first == again
        viewer.sent[last].pop()
        last = FIRST + 500 + 399


def test_what_is_sent_with_the_others_lies_within_the_short_window() -> None:
    """A track looks how late a packet is when its frame leaves, and frames leave in order."""
    assert LATE < WINDOW - 1


def test_what_comes_very_late_reaches_viewers_under_its_own_number(scratch: Scratch) -> None:
    room = Room()
    room.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
    room.subscriber = Subscriber(room, 4, {"H264": 102}, 500)
    track = Track("video", 90_000, BatchAudience(scratch, None))
    track.set_source("H264")
    track.subscribe(room.subscriber, 0.0)

    def source(number: int) -> RtpPacket:
        payload = b"\x65" + number.to_bytes(2, "big")
        return RtpPacket(True, 96, number, 3000 * number, 9, payload)

    for number in range(WINDOW + 40):
        if number not in (7, 200):
            track.receive([source(number)], number / 30)
    for late in (7, 200):  # one behind the window, one within
        track.receive([source(late)], 9.9)
    got = {}
    for _ in range(WINDOW + 40):
        made = room.inbound.unprotect(room.socket.recv(2048))
        got[int.from_bytes(made[2:4], "big")] = int.from_bytes(made[-2:], "big")
    assert got == {500 + number: number for number in range(WINDOW + 40)}
    assert room.failed == 0
    assert room.subscriber.packets_sent == WINDOW + 40
