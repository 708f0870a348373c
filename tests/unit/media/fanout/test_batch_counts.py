"""What a batch counts for whom, whom it cannot serve, and how much leaves in a turn."""

import pytest

from media.fanout.chunk import Chunk, make_batch
from media.fanout.outbox import BACKLOG, Job, Outbox
from media.fanout.segments import Scratch
from media.packets.rtp import parse_rtp
from media.stage.packet import StagePacket
from media.stage.subscriptions.subscriber import Subscriber
from tests.support.rooms import Room, Turns, audience_of, frame


class Plain:
    """An outlet without keys: a recorder, another node."""

    def __init__(self) -> None:
        self.sent: list[int] = []
        self.again: list[tuple[int, int]] = []

    def send_rtp(self, packet: bytes) -> None:
        self.sent.append(parse_rtp(packet).sequence)

    def send_retransmission(self, packet: bytes, newest: int) -> None:
        self.again.append((parse_rtp(packet).sequence, newest))


def counts(subscriber: Subscriber) -> tuple[int, int]:
    return subscriber.packets_sent, subscriber.octets_sent


def test_a_frame_is_counted_for_each_viewer_while_it_is_here(scratch: Scratch) -> None:
    rooms = [Room() for _ in range(3)]
    audience = audience_of(scratch, rooms[:2])
    packets = frame([30, 20], [0, 4])
    audience.send(packets)
    assert [counts(room.subscriber) for room in rooms] == [(2, 54), (2, 54), (0, 0)]
    audience.remove(rooms[0].subscriber)
    rooms[2].subscriber.begin_at(0)
    audience.add(rooms[2].subscriber)
    audience.send([packet._replace(sequence=packet.sequence + 2) for packet in packets])
    assert [counts(room.subscriber) for room in rooms] == [(2, 54), (4, 108), (2, 54)]
    audience.refresh(rooms[1].subscriber)
    assert counts(rooms[1].subscriber) == (4, 108)


def test_a_chunk_of_many_batches_counts_a_frame_once(scratch: Scratch) -> None:
    rooms = [Room() for _ in range(9)]
    audience_of(scratch, rooms).send(frame([20] * 60))
    assert {counts(room.subscriber) for room in rooms} == {(60, 1200)}


def test_a_frame_that_fails_is_counted_for_nobody(scratch: Scratch) -> None:
    sound, broken = Room(), Room(repeat=False)
    audience = audience_of(scratch, [sound, broken])
    packets = frame([30, 20])
    audience.send(packets)
    audience.send(packets)
    assert [counts(room.subscriber) for room in (sound, broken)] == [(2, 50), (2, 50)]
    assert len(audience) == 1


def test_who_has_no_keys_is_handed_plain_packets(scratch: Scratch) -> None:
    outlet, room = Plain(), Room()
    recorder = Subscriber(outlet, 7, {"H264": 102}, 2000)
    recorder.begin_at(0)
    audience = audience_of(scratch, [room])
    audience.add(recorder)
    packets = frame([30] * 6)
    audience.send(packets)
    assert (outlet.sent, len(audience)) == ([2000, 2001, 2002, 2003, 2004, 2005], 2)
    audience.retransmit(recorder, packets[:5], 5)
    assert outlet.again == [(2000 + number, 2005) for number in range(5)]
    audience.send_late(packets[1]._replace(sequence=6), 300)
    assert outlet.again[5:] == [(2006, 2300)]
    recorder.resendable_from = 7
    audience.send_late(packets[1]._replace(sequence=6), 300)
    assert len(outlet.again) == 6, "of before its beginning"
    audience.remove(recorder)
    audience.remove(recorder)
    assert len(audience) == 1


@pytest.mark.parametrize("wanted", [3, 4, 9])
def test_what_a_viewer_cannot_play_is_not_sent_again(scratch: Scratch, wanted: int) -> None:
    room = Room()
    audience = audience_of(scratch, [room])
    other = [packet._replace(codec="VP8") for packet in frame([30] * wanted)]
    audience.retransmit(room.subscriber, other, wanted - 1)
    assert room.silent()
    assert counts(room.subscriber) == (0, 0)


def test_packets_of_two_codecs_are_sent_again_one_by_one(scratch: Scratch) -> None:
    room = Room()
    audience = audience_of(scratch, [room])
    packets = frame([30] * 6)
    mixed = [packets[0]._replace(codec="VP8"), *packets[1:]]
    audience.retransmit(room.subscriber, mixed, 5)
    got = [parse_rtp(room.inbound.unprotect(room.socket.recv(2048))).sequence for _ in range(5)]
    assert got == [501, 502, 503, 504, 505]
    assert room.silent()


def test_what_lies_1024_behind_is_left_out_and_costs_the_others_nothing(scratch: Scratch) -> None:
    room = Room()
    audience = audience_of(scratch, [room])
    wanted = [frame([30])[0]._replace(sequence=number) for number in (6, 7, 1000, 1001, 1002)]
    audience.retransmit(room.subscriber, wanted, newest=1030)
    got = [parse_rtp(room.inbound.unprotect(room.socket.recv(2048))).sequence for _ in range(4)]
    assert got == [507, 1500, 1501, 1502]
    assert room.silent()
    assert counts(room.subscriber) == (4, 120)


def test_who_waits_aside_is_counted_among_those_who_are_here(scratch: Scratch) -> None:
    rooms = [Room(), Room()]
    audience = audience_of(scratch, rooms)
    rooms[1].subscriber.payload_types = {"VP8": 96}
    audience.send(frame([30]))
    assert len(audience) == 2
    audience.remove(rooms[1].subscriber)
    assert len(audience) == 1


class Taken:
    """Notes which frames were sent."""

    def __init__(self) -> None:
        self.frames: list[int] = []
        self.turns = Turns()
        self.outbox = Outbox(self.turns)

    def job(self, number: int, cells: int, chunk: Chunk | None = None) -> Job:
        batch = make_batch([], 1)._replace(handles=[None] * cells)
        packets = [StagePacket(number, 0, True, False, "H264", b"")]
        return Job(lambda sent, _chunk, _batch: self.frames.append(sent[0].sequence), packets,
                   chunk or Chunk(16), batch)  # fmt: skip


def test_a_new_outbox_asks_for_a_turn() -> None:
    taken = Taken()
    taken.outbox.put([])
    assert taken.turns.waiting == []
    taken.outbox.put([taken.job(1, 1)])
    taken.outbox.put([taken.job(2, 1)])
    assert (len(taken.turns.waiting), taken.frames) == (1, [])
    assert taken.turns.run() == 1
    assert taken.frames == [1, 2]


@pytest.mark.parametrize(
    ("cells", "turns"),
    [([1024, 1], [1, 2]), ([1023, 1, 1], [2, 3]), ([512, 512, 1], [2, 3]), ([9999, 1], [1, 2])],
)
def test_a_turn_ends_with_1024_packets(cells: list[int], turns: list[int]) -> None:
    taken = Taken()
    taken.outbox.put(taken.job(number, size) for number, size in enumerate(cells))
    for done in turns:
        taken.turns.waiting.pop(0)()
        assert len(taken.frames) == done
    assert not taken.outbox.waiting


def test_64_batches_wait_at_most() -> None:
    taken = Taken()
    assert BACKLOG == 64
    taken.outbox.hold()
    taken.outbox.put(taken.job(number, 1) for number in range(64))
    assert taken.frames == []
    taken.outbox.put([taken.job(64, 1)])
    assert taken.frames == [0]
    assert taken.turns.waiting == [], "held: no turn is asked for"
    taken.outbox.release()
    assert taken.frames == list(range(65))
    taken.outbox.put([taken.job(65, 1)])
    assert len(taken.turns.waiting) == 1, "it is held no more"


def test_a_release_sends_at_once_unless_a_turn_is_near() -> None:
    taken = Taken()
    taken.outbox.release()
    assert taken.turns.waiting == []
    taken.outbox.put([taken.job(1, 1)])
    taken.outbox.release()
    assert taken.frames == [], "its turn is asked for already"
    taken.turns.run()
    assert taken.frames == [1]


def test_what_waits_for_one_chunk_leaves_the_others_waiting() -> None:
    taken, mine = Taken(), Chunk(16)
    taken.outbox.put(
        [taken.job(1, 1), taken.job(2, 1, mine), taken.job(3, 1), taken.job(4, 1, mine)]
    )
    taken.outbox.send_waiting(Chunk(16))
    assert taken.frames == []
    taken.outbox.send_waiting(mine)
    assert taken.frames == [2, 4]
    taken.turns.run()
    assert taken.frames == [2, 4, 1, 3]
