"""A frame sent to many in one batch, over real sockets and real SRTP keys."""

import socket
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pylibsrtp
import pytest

from media.packets.rtp import parse_rtp
from media.stage.packet import StagePacket
from media.stage.subscriber import Subscriber
from media.transport.audience import BatchAudience
from media.transport.chunk import ROWS
from media.transport.kernel import pack_address
from media.transport.outbox import BACKLOG, Outbox
from media.transport.segments import Scratch, run_end

PROFILES = {
    16: (pylibsrtp.Policy.SRTP_PROFILE_AEAD_AES_128_GCM, 28),
    10: (pylibsrtp.Policy.SRTP_PROFILE_AES128_CM_SHA1_80, 30),
}


def session(tag: int, inbound: bool, repeat: bool = True) -> pylibsrtp.Session:
    profile, size = PROFILES[tag]
    kind = pylibsrtp.Policy.SSRC_ANY_INBOUND if inbound else pylibsrtp.Policy.SSRC_ANY_OUTBOUND
    policy = pylibsrtp.Policy(key=bytes(range(size)), ssrc_type=kind, srtp_profile=profile)
    policy.allow_repeat_tx = repeat
    return pylibsrtp.Session(policy)


@dataclass(eq=False)
class Room:
    """A viewer with a socket of its own; `failed` counts what the batch told it."""

    tag: int = 16
    repeat: bool = True
    failed: int = 0

    def __post_init__(self) -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.settimeout(2)
        self.outbound = session(self.tag, inbound=False, repeat=self.repeat)
        self.inbound = session(self.tag, inbound=True)
        self.subscriber = Subscriber(self, self.socket.getsockname()[1], {"H264": 102}, 500, 9)

    def batch_keys(self) -> tuple[Any, int, bytes]:
        name = pack_address(socket.AF_INET, self.socket.getsockname())
        return self.outbound._srtp[0], self.tag, name

    def protect_failed(self) -> None:
        self.failed += 1

    def send_rtp(self, packet: bytes) -> None:
        raise AssertionError("the batch sends by itself")

    def received(self, count: int) -> list[bytes]:
        """Return so many decrypted payloads, after checking what they carry."""
        payloads = []
        for index in range(count):
            packet = parse_rtp(self.inbound.unprotect(self.socket.recv(2048)))
            assert (packet.sequence, packet.payload_type) == (500 + index, 102)
            assert packet.ssrc == self.subscriber.ssrc
            assert packet.timestamp == 9009
            payloads.append(packet.payload)
        return payloads

    def silent(self) -> bool:
        self.socket.settimeout(0.05)
        try:
            self.socket.recv(2048)
        except TimeoutError:
            return True
        return False


class Unreachable(Room):
    """A viewer whose address (port 0) no datagram can be sent to."""

    def batch_keys(self) -> tuple[Any, int, bytes]:
        handle, tag, _name = super().batch_keys()
        return handle, tag, pack_address(socket.AF_INET, ("127.0.0.1", 0))


def frame(lengths: Sequence[int], pads: Sequence[int] | None = None) -> list[StagePacket]:
    pads = pads or [0] * len(lengths)
    return [
        StagePacket(index, 9000, index == len(lengths) - 1, index == 0, "H264", bytes([65]) * n, p)
        for index, (n, p) in enumerate(zip(lengths, pads, strict=True))
    ]


@pytest.fixture
def scratch() -> Iterator[Scratch]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.setblocking(False)
        yield Scratch(sender.fileno(), socket.AF_INET)


def audience_of(
    scratch: Scratch, rooms: Sequence[Room], outbox: Outbox | None = None
) -> BatchAudience:
    audience = BatchAudience(scratch, outbox)
    for room in rooms:
        room.subscriber.begin_at(0)
        audience.add(room.subscriber)
    return audience


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
        assert room.subscriber.packets == len(lengths)
        assert room.subscriber.octets == sum(lengths)
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


def test_leaving_moves_nobody_else(scratch: Scratch) -> None:
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
    audience.send(frame([10]))
    room.socket.settimeout(2)
    assert len(room.received(1)) == 1
    assert room.subscriber.unplayable == ""


@pytest.mark.parametrize(
    ("lengths", "start", "end"),
    [([5], 0, 1), ([5, 5, 5], 0, 3), ([5, 5, 3, 3], 0, 3), ([5, 5, 3, 3], 3, 4), ([3, 5], 0, 1),
     ([1400] * 80, 0, 46), ([100] * 80, 0, 64)],
)  # fmt: skip
def test_runs_that_one_message_can_carry(lengths: list[int], start: int, end: int) -> None:
    assert run_end(lengths, start) == end


class Turns:
    """Stands where the event loop would: keeps what is to run later until `run`."""

    def __init__(self) -> None:
        self.waiting: list[Callable[[], None]] = []

    def __call__(self, work: Callable[[], None]) -> None:
        self.waiting.append(work)

    def run(self) -> int:
        """Run what waits until nothing does; return how many turns that took."""
        turns = 0
        while self.waiting:
            self.waiting.pop(0)()
            turns += 1
        return turns


def crowd(scratch: Scratch, size: int) -> tuple[list[Room], BatchAudience, Turns, Outbox]:
    rooms, turns = [Room() for _ in range(size)], Turns()
    outbox = Outbox(turns)
    return rooms, audience_of(scratch, rooms, outbox), turns, outbox


def following(frame: Sequence[StagePacket]) -> list[StagePacket]:
    return [packet._replace(sequence=packet.sequence + len(frame)) for packet in frame]


def test_a_large_audience_is_served_in_turns(scratch: Scratch) -> None:
    rooms, audience, turns, outbox = crowd(scratch, 70)
    first = frame([200] * 40)  # 2,800 packets
    outbox.hold()
    audience.send(first)
    audience.send(following(first))
    assert rooms[0].subscriber.packets == 0
    outbox.release()
    assert (rooms[0].subscriber.packets, rooms[-1].subscriber.packets) == (40, 0)
    assert turns.run() == 4
    assert len(rooms[-1].received(80)) == 80


def test_sound_passes_pictures_by(scratch: Scratch) -> None:
    rooms, pictures, _turns, outbox = crowd(scratch, 2)
    listener = Room()
    outbox.hold()
    pictures.send(frame([1100] * 10))
    audience_of(scratch, [listener]).send(frame([80]))
    assert len(listener.received(1)) == 1
    assert rooms[0].silent()
    outbox.release()
    rooms[0].socket.settimeout(2)
    assert len(rooms[0].received(10)) == 10


def test_a_fault_with_one_frame_does_not_hold_the_others_back(scratch: Scratch) -> None:
    rooms, audience, turns, outbox = crowd(scratch, 1)
    first = frame([100])
    outbox.hold()
    audience.send([first[0]._replace(payload=bytes(9000))])  # no cell is that long
    audience.send(first)
    with pytest.raises(ValueError):
        outbox.release()
    assert turns.run() == 1
    assert len(rooms[0].received(1)) == 1


def test_what_waits_reaches_those_it_was_meant_for(scratch: Scratch) -> None:
    """Nobody is sent a frame from before they came, nor loses one because somebody else left."""
    rooms, audience, turns, _outbox = crowd(scratch, 40)
    late = Room()
    first = frame([200] * 40)
    audience.send(first)
    audience.remove(rooms[-1].subscriber)
    late.subscriber.begin_at(40)
    audience.add(late.subscriber)
    audience.send(following(first)[:1])
    turns.run()
    assert len(rooms[-1].received(40)) == 40
    assert rooms[-1].silent()
    assert len(rooms[-2].received(41)) == 41
    assert len(late.received(1)) == 1


def test_a_node_that_cannot_follow_lets_nothing_pile_up(scratch: Scratch) -> None:
    rooms, audience, turns, _outbox = crowd(scratch, 40)
    sent = frame([100] * 60)
    for _ in range(2 * BACKLOG):
        audience.send(sent)
        sent = following(sent)
    assert len(turns.waiting) == 1
    assert rooms[0].subscriber.packets >= 60 * BACKLOG
    turns.run()
    assert {room.subscriber.packets for room in rooms} == {2 * 60 * BACKLOG}
