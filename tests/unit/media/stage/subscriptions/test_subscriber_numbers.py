"""A viewer's numbers, header and allowance, each to its bound."""

import pytest

from media.packets.rtp import parse_rtp
from media.stage.packet import StagePacket
from media.stage.subscriptions.subscriber import Progress, SharedCount, Subscriber


class Outlet:
    def __init__(self) -> None:
        self.sent: list[bytes] = []
        self.again: list[tuple[bytes, int]] = []

    def send_rtp(self, packet: bytes) -> None:
        self.sent.append(packet)

    def send_retransmission(self, packet: bytes, newest: int) -> None:
        self.again.append((packet, newest))


def packet(
    sequence: int, codec: str = "H264", *, marker: bool = False, pad: int = 0
) -> StagePacket:
    return StagePacket(sequence, 3000 * sequence, marker, False, codec, b"abc", pad)


def viewer(first: int = 1000, offset: int = 0) -> tuple[Subscriber, Outlet]:
    outlet = Outlet()
    return Subscriber(outlet, 0x01020304, {"H264": 102, "VP8": 96}, first, offset), outlet


def test_a_packet_is_written_under_the_viewer_s_numbers() -> None:
    subscriber, outlet = viewer(offset=2**32 - 1)
    subscriber.begin_at(10)
    subscriber.begin_at(99)  # once
    subscriber.send(packet(12, marker=True))
    subscriber.send(packet(13, "VP8", pad=1))
    subscriber.send(packet(14, pad=4))
    assert outlet.sent == [
        bytes.fromhex("80e603ea 00008c9f 01020304") + b"abc",
        bytes.fromhex("a06003eb 00009857 01020304") + b"abc\x01",
        bytes.fromhex("a06603ec 0000a40f 01020304") + b"abc\0\0\0\x04",
    ]
    assert (subscriber.packets, subscriber.octets) == (3, 3 + 4 + 7)
    assert (subscriber.shift, subscriber.begun, subscriber.resendable_from) == (990, True, 10)
    assert [subscriber.to_track(number) for number in (1002, 990, 989)] == [12, 0, 65_535]
    assert subscriber.to_viewer_timestamp(5) == 4
    assert subscriber.to_viewer_timestamp(0) == 2**32 - 1


def test_what_its_group_was_sent_counts_while_it_is_one_of_it() -> None:
    subscriber, _outlet = viewer()
    group = SharedCount()
    group.packets, group.octets = 5, 500
    subscriber.begin_at(0)
    subscriber.send(packet(0))
    subscriber.join(group)
    assert (subscriber.packets_sent, subscriber.octets_sent) == (1, 3), "not of before it came"
    group.packets, group.octets = 7, 540
    assert (subscriber.packets_sent, subscriber.octets_sent) == (3, 43)
    subscriber.send(packet(1))
    subscriber.leave()
    group.packets, group.octets = 99, 9999
    assert (subscriber.packets_sent, subscriber.octets_sent) == (4, 46)
    subscriber.leave()
    assert (subscriber.packets_sent, subscriber.octets_sent) == (4, 46)


def test_before_its_beginning_a_viewer_has_the_track_s_numbers() -> None:
    subscriber, _outlet = viewer()
    assert (subscriber.begun, subscriber.shift, subscriber.to_track(7)) == (False, 0, 7)


def test_a_codec_that_cannot_be_played_is_named_and_not_sent() -> None:
    subscriber, outlet = viewer()
    subscriber.begin_at(0)
    subscriber.send(packet(0, "AV1"))
    subscriber.send_retransmission(packet(0, "AV1"), 5)
    assert (outlet.sent, outlet.again, subscriber.packets) == ([], [], 0)
    assert subscriber.unplayable == "AV1"


def numbers(outlet: Outlet) -> list[int]:
    return [parse_rtp(data).sequence for data in outlet.sent]


def test_what_is_left_out_takes_up_no_numbers() -> None:
    subscriber, outlet = viewer()
    subscriber.begin_at(10)
    subscriber.send(packet(10))
    subscriber.codec_changed("AV1", 11)
    subscriber.codec_changed("AV2", 15)  # still nothing to play
    subscriber.codec_changed("VP8", 20)
    subscriber.codec_changed("H264", 22)  # both can be played
    subscriber.send(packet(20, "VP8"))
    assert numbers(outlet) == [1000, 1001]
    assert (subscriber.resendable_from, subscriber.cursor) == (20, 20)
    subscriber.leave_out(21)
    subscriber.take_in(21)
    subscriber.send(packet(21))
    assert numbers(outlet) == [1000, 1001, 1002]


def test_a_viewer_that_begins_while_left_out_counts_from_there() -> None:
    subscriber, outlet = viewer()
    subscriber.leave_out(5)
    subscriber.begin_at(30)
    subscriber.take_in(40)
    subscriber.send(packet(40))
    assert numbers(outlet) == [1000]
    other, outlet = viewer()
    other.leave_out(5)
    other.take_in(40)
    assert not other.begun
    other.begin_at(40)
    other.send(packet(40))
    assert numbers(outlet) == [1000]


def test_a_cursor_that_is_further_stays() -> None:
    subscriber, _outlet = viewer()
    subscriber.begin_at(0)
    subscriber.cursor = 50
    subscriber.leave_out(10)
    subscriber.take_in(20)
    assert subscriber.cursor == 50


@pytest.mark.parametrize(
    ("progress", "cursor", "left_out", "newest"),
    [
        (Progress.LIVE, 0, None, 1090),
        (Progress.LIVE, 50, None, 1090),
        (Progress.REPLAYING, 50, None, 1039),
        (Progress.REPLAYING, 500, None, 1090),
        (Progress.LIVE, 0, 60, 1049),
        (Progress.REPLAYING, 50, 60, 1039),
        (Progress.REPLAYING, 80, 60, 1049),
        (Progress.LIVE, 0, 200, 1090),
    ],
)
def test_what_is_sent_again_lies_behind_what_was_sent(
    progress: Progress, cursor: int, left_out: int | None, newest: int
) -> None:
    subscriber, outlet = viewer()
    subscriber.begin_at(10)
    subscriber.progress, subscriber.cursor = progress, cursor
    if left_out is not None:
        subscriber.leave_out(left_out)
    subscriber.send_retransmission(packet(12), 100)
    ((data, reached),) = outlet.again
    assert (parse_rtp(data).sequence, reached) == (1002, newest)
    assert (subscriber.packets, subscriber.octets) == (1, 3)


def test_another_track_follows_in_number_and_in_time() -> None:
    subscriber, outlet = viewer(offset=100)
    subscriber.begin_at(10)
    subscriber.progress = Progress.LIVE
    subscriber.send(packet(10))
    subscriber.change_track(11, 5000)
    assert (subscriber.begun, subscriber.progress) == (False, Progress.WAITING)
    subscriber.begin_at(700)
    subscriber.send(packet(700))
    assert numbers(outlet) == [1000, 1001]
    assert subscriber.timestamp_offset == 5100


def test_who_changes_before_its_beginning_begins_where_it_would_have() -> None:
    subscriber, outlet = viewer()
    subscriber.leave_out(3)
    subscriber.change_track(50, -7)
    subscriber.begin_at(700)
    subscriber.send(packet(700))
    assert (numbers(outlet), subscriber.timestamp_offset) == ([1000], -7)


@pytest.mark.parametrize(
    ("progress", "left_out", "first"),
    [
        (Progress.LIVE, None, 1010),
        (Progress.LIVE, 15, 1005),
        (Progress.REPLAYING, None, 1003),
        (Progress.REPLAYING, 12, 1002),
    ],
)
def test_who_was_left_out_or_behind_changes_from_where_it_was(
    progress: Progress, left_out: int | None, first: int
) -> None:
    subscriber, outlet = viewer()
    subscriber.begin_at(10)
    subscriber.progress, subscriber.cursor = progress, 13
    if left_out is not None:
        subscriber.leave_out(left_out)
    subscriber.change_track(20, 0)
    subscriber.begin_at(0)
    subscriber.send(packet(0))
    assert numbers(outlet) == [first]


def test_a_thousand_and_twenty_four_packets_may_be_sent_again_before_new_ones() -> None:
    subscriber, _outlet = viewer()
    subscriber.begin_at(0)

    def resend(times: int) -> int:
        granted = subscriber.take_resends(times)
        for _ in range(granted):
            subscriber.send_retransmission(packet(0), 9)
        return granted

    assert [resend(3), resend(0), resend(1500), resend(10)] == [3, 0, 1021, 0]
    for number in range(5):
        subscriber.send(packet(number))
    assert [resend(2), resend(10), resend(1)] == [2, 3, 0]
    for number in range(3000):
        subscriber.send(packet(number))
    assert [resend(1024), resend(1)] == [1024, 0]
