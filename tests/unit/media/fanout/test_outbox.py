"""Frames that wait for their turn: for whom, how many, and what becomes of them."""

import pytest

from media.fanout.outbox import BACKLOG, Outbox
from media.fanout.segments import Scratch
from media.stage.packet import StagePacket
from tests.support.rooms import Room, Turns, audience_of, crowd, following, frame


def test_a_large_audience_is_sent_to_in_turns(scratch: Scratch) -> None:
    rooms, audience, turns, outbox = crowd(scratch, 70)
    first = frame([200] * 40)  # 2,800 packets
    outbox.hold()
    audience.send(first)
    audience.send(following(first))
    assert rooms[0].subscriber.packets_sent == 0
    outbox.release()
    assert (rooms[0].subscriber.packets_sent, rooms[-1].subscriber.packets_sent) == (40, 0)
    assert turns.run() == 4
    assert len(rooms[-1].received(80)) == 80


def test_it_tells_whether_pictures_wait(scratch: Scratch) -> None:
    _rooms, audience, turns, outbox = crowd(scratch, 1)
    assert not outbox.waiting
    audience.send(frame([100]))
    assert outbox.waiting
    turns.run()
    assert not outbox.waiting


def test_sound_is_sent_before_waiting_pictures(scratch: Scratch) -> None:
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


def test_a_node_that_cannot_follow_bounds_its_queue(scratch: Scratch) -> None:
    rooms, audience, turns, _outbox = crowd(scratch, 40)
    sent = frame([100] * 60)
    for _ in range(2 * BACKLOG):
        audience.send(sent)
        sent = following(sent)
    assert len(turns.waiting) == 1
    assert rooms[0].subscriber.packets_sent >= 60 * BACKLOG
    turns.run()
    assert {room.subscriber.packets_sent for room in rooms} == {2 * 60 * BACKLOG}


VP8 = [StagePacket(9, 9000, True, True, "VP8", b"x")]


def test_a_viewer_whose_key_fails_leaves_with_all_that_waits_for_it(scratch: Scratch) -> None:
    broken, turns = Room(repeat=False), Turns()
    audience = audience_of(scratch, [broken], Outbox(turns))
    for _again in range(3):
        audience.send(frame([100]))
    turns.run()
    assert len(audience) == 0
    assert len(broken.received(1)) == 1
    assert broken.silent()
    assert broken.failed == 2


def test_nothing_waits_for_a_viewer_who_left(scratch: Scratch) -> None:
    """Its keys are freed next: a frame under them would be written by a key that is no more."""
    broken, other, turns = Room(16, repeat=False), Room(10), Turns()
    audience = audience_of(scratch, [broken, other], Outbox(turns))
    audience.send(frame([100]))
    turns.run()
    audience.send(frame([100]))  # the same number again: refused under the broken one's policy
    audience.send(VP8)  # whereupon all that waits is sent
    audience.remove(other.subscriber)
    sent = other.subscriber.packets_sent
    turns.run()
    assert sent == other.subscriber.packets_sent == 2


def test_a_viewer_that_joins_while_frames_wait_does_not_send_them_early(scratch: Scratch) -> None:
    rooms, audience, turns, _outbox = crowd(scratch, 1)
    late = Room()
    audience.send(frame([100]))
    late.subscriber.begin_at(1)
    audience.add(late.subscriber)
    assert rooms[0].subscriber.packets_sent == 0
    turns.run()
    assert len(rooms[0].received(1)) == 1
    assert late.silent()
