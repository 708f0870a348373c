"""A frame sent to many in one batch, over real sockets and real SRTP keys."""

import pytest

from media.fanout.batch_audience import WORTH_A_BATCH
from media.fanout.chunk import ROWS
from media.fanout.segments import Scratch, run_end
from media.fanout.template import Template
from media.packets.rtp import parse_rtp
from media.stage.packet import StagePacket
from media.transport.retransmission import LONG_WINDOW
from media.transport.srtp import SrtpError
from tests.support.rooms import Room, Unreachable, audience_of, frame


@pytest.mark.parametrize("segmented", [True, False])
@pytest.mark.parametrize(
    "lengths", [[100], [1100] * 10, [1100] * 9 + [30], [50, 900, 900, 20], [1400] * 60]
)
def test_everybody_gets_the_frame(scratch: Scratch, lengths: list[int], segmented: bool) -> None:
    scratch.segmented = segmented
    rooms = [Room(16), Room(10), Room(16)]
    audience_of(scratch, rooms).send(frame(lengths))
    for room in rooms:
        assert [len(payload) for payload in room.received(len(lengths))] == lengths
        assert room.subscriber.packets_sent == len(lengths)
        assert room.subscriber.octets_sent == sum(lengths)
    assert scratch.dropped == 0


@pytest.mark.parametrize("segmented", [True, False])
def test_what_does_not_leave_is_noted_with_whose_it_was(scratch: Scratch, segmented: bool) -> None:
    scratch.segmented = segmented
    rooms = [Room(), Unreachable(), Room()]
    audience = audience_of(scratch, rooms)
    audience.send(frame([1100] * 5))
    assert [room.subscriber.dropped for room in rooms] == [0, 5, 0]
    assert (scratch.dropped, len(scratch.missed)) == (5, 0)
    for room in (rooms[0], rooms[2]):
        assert len(room.received(5)) == 5


def test_padding_leaves_the_payload_whole(scratch: Scratch) -> None:
    room = Room()
    audience_of(scratch, [room]).send(frame([98, 100], pads=[2, 0]))
    assert [len(payload) for payload in room.received(2)] == [98, 100]


def test_more_than_a_chunk(scratch: Scratch) -> None:
    rooms = [Room() for _ in range(ROWS + 3)]
    audience_of(scratch, rooms).send(frame([300, 300]))
    assert all(len(room.received(2)) == 2 for room in rooms)


def test_a_viewer_that_leaves_changes_no_other(scratch: Scratch) -> None:
    rooms = [Room() for _ in range(4)]
    audience = audience_of(scratch, rooms)
    audience.remove(rooms[1].subscriber)
    audience.remove(rooms[1].subscriber)
    audience.send(frame([300]))
    assert len(audience) == 3
    assert rooms[1].silent()
    assert all(len(rooms[index].received(1)) == 1 for index in (0, 2, 3))


def test_a_failing_key_puts_no_plaintext_on_the_wire_and_harms_one_frame(scratch: Scratch) -> None:
    sound, broken = Room(), Room(repeat=False)
    audience = audience_of(scratch, [sound, broken])
    audience.send(frame([300]))
    assert len(sound.received(1)) == len(broken.received(1)) == 1
    audience.send(frame([300]))  # the same sequence again: refused under the broken one's policy
    assert sound.silent()
    assert broken.silent()
    assert (sound.failed, broken.failed) == (0, 1)
    audience.send(frame([300, 300])[1:])
    assert broken.silent()
    sound.socket.settimeout(2)
    assert parse_rtp(sound.inbound.unprotect(sound.socket.recv(2048))).sequence == 501


def test_a_viewer_without_the_codec_waits_until_the_source_speaks_it(scratch: Scratch) -> None:
    room = Room()
    audience = audience_of(scratch, [room])
    other = [StagePacket(0, 9000, True, True, "VP8", b"x")]
    audience.send(other)
    assert room.silent()
    assert room.subscriber.unplayable == "VP8"
    late = Room()
    audience.add(late.subscriber)
    assert late.subscriber.unplayable == "VP8"
    audience.send(frame([10]))
    room.socket.settimeout(2)
    assert len(room.received(1)) == 1
    assert room.subscriber.unplayable == late.subscriber.unplayable == ""


@pytest.mark.parametrize(
    ("lengths", "start", "end"),
    [([5], 0, 1), ([5, 5, 5], 0, 3), ([5, 5, 3, 3], 0, 3), ([5, 5, 3, 3], 3, 4), ([3, 5], 0, 1),
     ([1400] * 80, 0, 46), ([100] * 80, 0, 64)],
)  # fmt: skip
def test_runs_that_one_message_can_carry(lengths: list[int], start: int, end: int) -> None:
    assert run_end(lengths, start) == end


class Latecomer(Room):
    """A viewer to whom single packets can be sent, too."""

    def send_rtp(self, packet: bytes) -> None:
        self.socket.sendto(self.outbound.protect(packet), self.socket.getsockname())


def test_a_packet_is_the_same_in_a_batch_and_when_it_is_sent_singly(scratch: Scratch) -> None:
    """Anything else under the same number and key would give the key away (GCM)."""
    room = Latecomer()
    packets = frame([100, 98, 200], pads=[0, 2, 0])
    audience_of(scratch, [room]).send(packets)
    for packet in packets:
        room.subscriber.send(packet)
    sent = [room.socket.recv(2048) for _ in range(6)]
    assert sent[:3] == sent[3:]
    assert room.subscriber.packets_sent == 6
    assert room.subscriber.octets_sent == 2 * 400


def test_a_frame_that_fails_leaves_nothing_of_itself_to_the_one_before() -> None:
    template, good = Template(4), frame([100, 50])
    template.load(good)
    with pytest.raises(ValueError):
        template.load(frame([9000]))
    template.load(good)
    assert template.lengths == [112, 62]


@pytest.mark.parametrize("wanted", [1, WORTH_A_BATCH, 100])
@pytest.mark.parametrize("tag", [16, 10])
def test_what_is_sent_again_is_byte_identical_in_a_batch_as_well(
    scratch: Scratch, wanted: int, tag: int
) -> None:
    room, other = Room(tag), Room(tag)
    audience = audience_of(scratch, [room, other])
    sent: list[StagePacket] = []
    for _ in range(2):
        sent += [
            packet._replace(sequence=packet.sequence + len(sent))
            for packet in frame([300] * 59 + [90], [3] * 59 + [0])
        ]
    for start in range(0, len(sent), 60):
        audience.send(sent[start : start + 60])
    first = [room.socket.recv(2048) for _ in sent]
    assert not other.silent()
    audience.retransmit(room.subscriber, sent[20 : 20 + wanted], newest=len(sent) - 1)
    assert [room.socket.recv(2048) for _ in range(wanted)] == first[20 : 20 + wanted]
    assert room.silent()
    assert room.subscriber.packets_sent == len(sent) + wanted
    assert other.subscriber.packets_sent == len(sent)


def test_what_lies_behind_the_long_window_is_not_sent_again_and_harms_nobody(
    scratch: Scratch,
) -> None:
    room = Room()
    audience = audience_of(scratch, [room])
    old = frame([100] * 10)
    with pytest.raises(SrtpError):  # libsrtp refuses it; a link drops and counts it
        audience.retransmit(room.subscriber, old, newest=LONG_WINDOW + 500)
    assert room.failed == 0
    assert room.silent()
