"""Whatever a source does, a viewer sees one stream: holes are losses, no number is used twice."""

from itertools import pairwise
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from media.packets.rtp import RtpPacket, parse_rtp
from media.packets.sequence import timestamp_distance
from media.stage.reception.numbering import MAX_LATE
from media.stage.subscriptions.subscriber import Subscriber
from media.stage.track import Track
from tests.support.plain_audience import PlainAudience

MARK = {"H264": b"\x65", "VP8": b"\x10\x00", "OPUS": b"opus"}


class Viewer:
    """Keeps what it is sent."""

    def __init__(self) -> None:
        self.packets: list[RtpPacket] = []

    def send_rtp(self, packet: bytes) -> None:
        self.packets.append(parse_rtp(packet))

    def send_retransmission(self, packet: bytes, newest: int) -> None:
        self.send_rtp(packet)


class Wild:
    """A source of keyframes, each with a content of its own, whose numbers leap about."""

    def __init__(self, codec: str) -> None:
        self.codec, self.now, self.made = codec, 0.0, 0
        self.track = Track("audio" if codec == "OPUS" else "video", 90_000, PlainAudience())
        self.track.set_source(codec)
        self.viewer = Viewer()
        end = Subscriber(self.viewer, 42, {"H264": 102, "VP8": 96, "OPUS": 111}, 100)
        self.track.subscribe(end, 0.0)
        self.ssrc, self.sequence, self.timestamp = 1, 65_500, 2**32 - 9000

    def packet(self) -> RtpPacket:
        self.made += 1
        self.sequence, self.timestamp = (self.sequence + 1) % 2**16, (self.timestamp + 900) % 2**32
        payload = MARK[self.codec] + self.made.to_bytes(4, "big")
        return RtpPacket(True, 96, self.sequence, self.timestamp, self.ssrc, payload)

    def send(self, *packets: RtpPacket) -> None:
        for packet in packets:
            self.now += 0.01
            self.track.receive([packet], self.now)

    def change(self, event: str, size: int) -> None:
        """Do something with the numbers of what is sent next."""
        if event == "jump":
            self.sequence = (self.sequence + 2000 + size) % 2**16
        elif event == "back":
            self.sequence = (self.sequence - MAX_LATE - 2 - size) % 2**16
        elif event == "ssrc":
            self.ssrc += 1
            self.sequence, self.timestamp = 7 * size % 2**16, 99_991 * size % 2**32
        elif event == "restart":
            self.track.set_source(self.codec)
            self.ssrc, self.sequence, self.timestamp = size, 3 * size % 2**16, 77 * size % 2**32
        elif event == "probe":
            self.send(self.packet()._replace(payload=b""))
        elif event == "pause":
            self.now += size / 100
            self.timestamp = (self.timestamp + size * 900) % 2**32


EVENTS = st.lists(
    st.tuples(
        st.sampled_from(["go on", "jump", "back", "ssrc", "restart", "probe", "pause"]),
        st.integers(0, 900),
    ),
    max_size=40,
)


@pytest.mark.parametrize("codec", ["H264", "VP8", "OPUS"])
@given(events=EVENTS)
@settings(max_examples=60, deadline=None)
def test_without_loss_there_is_no_hole(codec: str, events: list[tuple[str, int]]) -> None:
    wild = Wild(codec)
    for event, size in events:
        wild.change(event, size)
        wild.send(wild.packet())
    packets = wild.viewer.packets
    assert [p.sequence for p in packets] == [(100 + at) % 2**16 for at in range(len(packets))]
    assert len(packets) == wild.made - sum(event == "probe" for event, _ in events)
    for before, after in pairwise(packets):
        assert timestamp_distance(after.timestamp, before.timestamp) > 0


@pytest.mark.parametrize("codec", ["H264", "VP8", "OPUS"])
@given(events=EVENTS, order=st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_no_number_is_given_to_two_packets(
    codec: str, events: list[tuple[str, int]], order: Random
) -> None:
    """Under one key that would be one key stream for two plaintexts (RFC 3711 section 9.1)."""
    wild = Wild(codec)
    late: list[RtpPacket] = []
    for event, size in events:
        wild.change(event, size)
        if order.random() < 0.3:
            late.append(wild.packet())  # overtaken
        wild.send(wild.packet())
        if late and order.random() < 0.5:
            wild.send(late.pop(order.randrange(len(late))))
    wild.send(*late)
    numbers = [packet.sequence for packet in wild.viewer.packets]
    assert len(set(numbers)) == len(numbers)
