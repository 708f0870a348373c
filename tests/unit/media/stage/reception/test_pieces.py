"""Packets taken in pieces make the same stream as packets taken one by one."""

from random import Random

import pytest

from media.packets.rtp import RtpPacket, parse_rtp
from media.stage.reception.pieces import pieces
from media.stage.subscriptions.subscriber import Subscriber
from media.stage.track import Track
from tests.support.plain_audience import PlainAudience

MARK = {"H264": (b"\x65", b"\x41"), "VP8": (b"\x10\x00", b"\x10\x01")}


def packet(sequence: int, timestamp: int = 0, marker: bool = False) -> RtpPacket:
    return RtpPacket(marker, 96, sequence % 65536, timestamp, 7, b"\x41")


def sizes(*packets: RtpPacket) -> list[int]:
    return [len(piece) for piece in pieces(packets)]


def test_a_frame_is_one_piece_across_the_wrap() -> None:
    assert sizes(*[packet(65_534 + at) for at in range(5)]) == [5]


@pytest.mark.parametrize(
    "second",
    [
        packet(3),
        packet(1),
        packet(0),
        packet(2, timestamp=1),
        packet(2)._replace(ssrc=8),
        packet(2)._replace(payload_type=97),
        packet(2)._replace(payload=b""),
    ],
)
def test_a_packet_that_does_not_continue_the_frame_begins_a_piece(second: RtpPacket) -> None:
    assert sizes(packet(1), second, second._replace(sequence=second.sequence + 1)) in (
        [1, 2],
        [1, 1, 1],
    )


def test_a_marker_ends_a_piece() -> None:
    assert sizes(packet(1), packet(2, marker=True), packet(3)) == [2, 1]
    assert sizes() == []


class Taken:
    """A track and one viewer of it."""

    def __init__(self, codec: str) -> None:
        self.sent: list[RtpPacket] = []
        self.track = Track("video", 90_000, PlainAudience())
        self.track.set_source(codec)
        self.track.subscribe(Subscriber(self, 42, {"H264": 102, "VP8": 96}, 2000), 0.0)

    def send_rtp(self, packet: bytes) -> None:
        self.sent.append(parse_rtp(packet))

    def send_retransmission(self, packet: bytes, newest: int) -> None:
        self.send_rtp(packet)


def source(codec: str, chance: Random) -> list[list[RtpPacket]]:
    """Return the packets of a bad path, in the lots that are read together."""
    sequence, ssrc, out, late = chance.getrandbits(16), 1, [], []
    for picture in range(1, 120):
        if chance.random() < 0.05:
            sequence += chance.choice([5, 400, 5000, -400])
        if chance.random() < 0.03:
            ssrc += 1
        count = chance.choice([1, 2, 10, 60, 90])
        for at in range(count):
            sequence += 1
            body = MARK[codec][picture % 7 > 0 or at > 0] + picture.to_bytes(2, "big") + bytes([at])
            made = RtpPacket(
                at == count - 1, 96, sequence % 65536, 3000 * picture % 2**32, ssrc, body
            )
            if chance.random() < 0.02:
                made = made._replace(payload=b"")
            if chance.random() < 0.02:
                late.append(made)
            elif chance.random() < 0.98:
                out.append(made)
            if chance.random() < 0.01:
                out.append(made)  # twice
        out += [late.pop(chance.randrange(len(late))) for _ in range(len(late) // 2)]
    lots = []
    while out:
        size = chance.choice([1, 10, 64])
        lots.append(out[:size])
        del out[:size]
    return lots


@pytest.mark.parametrize("codec", ["H264", "VP8"])
@pytest.mark.parametrize("seed", range(25))
def test_pieces_and_single_packets_make_the_same_stream(codec: str, seed: int) -> None:
    together, singly = Taken(codec), Taken(codec)
    for turn, lot in enumerate(source(codec, Random(seed))):
        now = turn / 40
        for piece in pieces(lot):
            together.track.receive(piece, now)
        for one in lot:
            singly.track.receive([one], now)
    for taken in (together, singly):
        taken.track.flush()
    assert len(together.sent) > 1000
    assert sorted(together.sent) == sorted(singly.sent)
    left, right = together.track.reception, singly.track.reception
    assert left is not None
    assert right is not None
    assert left.block(3.0) == right.block(3.0)
    assert left.jitter == pytest.approx(right.jitter, rel=1e-6)
    assert left.missing.due(99.0) == right.missing.due(99.0)
