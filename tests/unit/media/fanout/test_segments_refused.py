"""A kernel or path that refuses segmented messages, and what of a batch is whose."""

import socket
from collections.abc import Iterator

import pytest

from media.fanout.chunk import Chunk
from media.fanout.segments import Scratch
from media.packets.rtp import parse_rtp
from media.stage.packet import StagePacket
from tests.support.rooms import Room, audience_of, frame

SO_NO_CHECK = 11
"""A socket without checksums: Linux refuses UDP_SEGMENT on it (EINVAL)."""


@pytest.fixture
def sender() -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.setblocking(False)
        yield sender


def scratch_of(sender: socket.socket) -> Scratch:
    return Scratch(sender.fileno(), socket.AF_INET)


def later(packets: list[StagePacket], by: int) -> list[StagePacket]:
    return [packet._replace(sequence=packet.sequence + by) for packet in packets]


def numbers(room: Room, count: int) -> list[int]:
    return [
        parse_rtp(room.inbound.unprotect(room.socket.recv(2048))).sequence for _ in range(count)
    ]


def test_a_kernel_that_takes_no_segments_is_sent_single_packets_from_then_on(
    sender: socket.socket,
) -> None:
    sender.setsockopt(socket.SOL_SOCKET, SO_NO_CHECK, 1)
    scratch, rooms = scratch_of(sender), [Room() for _ in range(3)]
    audience = audience_of(scratch, rooms)
    packets = frame([300] * 5 + [20])
    audience.send(packets)
    assert scratch.segmented is False
    audience.send(later(packets, 6))
    for room in rooms:
        assert numbers(room, 12) == list(range(500, 512))
        assert room.silent()
    assert scratch.dropped == 0


def test_one_path_that_takes_no_segments_does_not_cost_the_others_theirs(
    sender: socket.socket,
) -> None:
    scratch, room = scratch_of(sender), Room()
    audience = audience_of(scratch, [room])
    packets = frame([300] * 5)
    for turn, refuses in enumerate((0, 1, 0)):
        sender.setsockopt(socket.SOL_SOCKET, SO_NO_CHECK, refuses)
        audience.send(later(packets, 5 * turn))
        assert scratch.segmented is True
    assert numbers(room, 15) == list(range(500, 515))
    assert (scratch.dropped, room.subscriber.dropped) == (0, 0)


def test_one_packet_is_no_segmented_message_and_proves_nothing(sender: socket.socket) -> None:
    scratch, room = scratch_of(sender), Room()
    audience = audience_of(scratch, [room])
    audience.send(frame([300]))
    sender.setsockopt(socket.SOL_SOCKET, SO_NO_CHECK, 1)
    audience.send(later(frame([300, 300]), 1))
    assert scratch.segmented is False
    assert numbers(room, 3) == [500, 501, 502]


@pytest.mark.parametrize("size", [1, 2, 3, 5])
def test_everybody_gets_the_same_octets(sender: socket.socket, size: int) -> None:
    scratch, rooms = scratch_of(sender), [Room() for _ in range(size)]
    audience = audience_of(scratch, rooms)
    for turn in range(2):
        packets = [
            packet._replace(payload=bytes((7 * turn + at + 1,)) * 40)
            for at, packet in enumerate(later(frame([40] * 3), 3 * turn))
        ]
        audience.send(packets)
        for room in rooms:
            read = [room.inbound.unprotect(room.socket.recv(2048)) for _ in packets]
            assert [parse_rtp(one).payload for one in read] == [one.payload for one in packets]
            assert [parse_rtp(one).marker for one in read] == [False, False, True]


def test_a_batch_fills_the_area_nearly_whole(sender: socket.socket) -> None:
    scratch, rooms = scratch_of(sender), [Room() for _ in range(5)]
    for room in rooms:
        room.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
    audience_of(scratch, rooms).send(frame([1400] * 50))
    for room in rooms:
        assert numbers(room, 50) == list(range(500, 550))
    assert scratch.dropped == 0


def test_what_cannot_be_protected_counts_as_dropped_of_all(sender: socket.socket) -> None:
    scratch, rooms = scratch_of(sender), [Room(), Room(repeat=False)]
    audience = audience_of(scratch, rooms)
    packets = frame([300, 300])
    audience.send(packets)
    assert scratch.dropped == 0
    audience.send(packets)
    assert scratch.dropped == 4


def test_a_chunk_keeps_its_batches_until_somebody_comes_or_goes(sender: socket.socket) -> None:
    rooms = [Room() for _ in range(3)]
    audience = audience_of(scratch_of(sender), rooms[:2])
    audience.send(frame([10]))
    (chunk,) = audience._chunks
    kept = chunk.batches(3)
    assert chunk.batches(3) is kept
    assert chunk.batches(4) is not kept
    for columns in range(5, 34):
        chunk.batches(columns)
    assert chunk.batches(3) is kept, "32 shapes are known by now"
    chunk.batches(34)
    assert chunk.batches(3) is kept
    chunk.batches(35)
    assert chunk.batches(3) is not kept, "of 33 the oldest is forgotten"
    again = chunk.batches(3)
    audience.remove(rooms[0].subscriber)
    assert [len(one.subscribers) for one in chunk.batches(3)] == [1]
    assert chunk.batches(3) is not again
    audience.add(rooms[2].subscriber)
    assert [len(one.subscribers) for one in chunk.batches(3)] == [2]


def test_a_chunk_has_64_viewers(sender: socket.socket) -> None:
    rooms = [Room() for _ in range(65)]
    audience = audience_of(scratch_of(sender), rooms)
    audience.send(frame([10]))
    assert [len(chunk.rows) for chunk in audience._chunks] == [64, 1]
    assert [chunk.full for chunk in audience._chunks] == [True, False]
    assert len(audience) == 65
    assert rooms[64].subscriber in audience._chunks[1]
    assert rooms[64].subscriber not in audience._chunks[0]
    assert Chunk(16).rows == []
    for room in rooms:
        room.socket.close()
