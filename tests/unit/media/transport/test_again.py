"""What is sent again is what was sent before, octet for octet, however long ago that was."""

import socket

import pytest
from pylibsrtp import Error

from media.packets.rtp import RtpPacket
from media.stage.audience import LATE
from media.stage.subscriber import Subscriber
from media.stage.track import MAX_FRAME, Track
from media.transport.again import LONG_WINDOW, WINDOW, Again
from media.transport.audience import BatchAudience
from media.transport.segments import Scratch
from tests.support.rooms import Room, session

FIRST = 1000


def packet(index: int, ssrc: int = 7) -> bytes:
    body = index.to_bytes(4, "big")
    return RtpPacket(False, 96, index % 65536, index, ssrc, body).pack()


@pytest.mark.parametrize("tag", [16, 10])
def test_it_is_the_same_packet_after_the_numbers_have_turned(tag: int) -> None:
    fresh, again = session(tag, inbound=False, window=WINDOW), Again(session(tag, False).protect)
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
    fresh, again = session(16, inbound=False, window=WINDOW), Again(session(16, False).protect)
    sound = [fresh.protect(packet(index, ssrc=8)) for index in range(10, 20)]
    pictures = [fresh.protect(packet(index)) for index in range(FIRST, 70_000)]
    assert again.protect(packet(69_000), 69_999) == pictures[69_000 - FIRST]
    assert again.protect(packet(11, ssrc=8), 19) == sound[1]


def test_what_counts_as_late_leaves_the_short_window_room_for_a_frame() -> None:
    assert LATE + MAX_FRAME < WINDOW


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
    assert room.subscriber.packets == WINDOW + 40
