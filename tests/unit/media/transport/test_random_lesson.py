"""Viewers who come, leave and move while pictures come in disorder and wait for their turn."""

import random
import socket
from collections.abc import Callable, Container
from contextlib import suppress
from typing import Any

import pytest

from media.fanout.batch_audience import BatchAudience
from media.fanout.outbox import Outbox
from media.fanout.segments import Scratch
from media.packets.rtp import FIXED, RtpPacket
from media.stage.reception.numbering import MAX_LATE
from media.stage.track import Track
from media.transport.kernel import pack_address
from media.transport.srtp import SrtpError, handle_of
from tests.support.rooms import Room, Turns

KEYS = {"H264": (b"\x65", b"\x41"), "VP8": (b"\x90\x80\x11\x00", b"\x90\x80\x11\x01")}


class Person(Room):
    """A viewer that moves between two sockets and remembers what it was sent under each number."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.places = [self.socket, socket.socket(socket.AF_INET, socket.SOCK_DGRAM)]
        self.places[1].bind(("127.0.0.1", 0))
        self.subscriber.first_sequence = MAX_LATE
        self.sent: dict[int, bytes] = {}
        self.left = False

    def batch_keys(self) -> tuple[Any, int, bytes]:
        name = pack_address(socket.AF_INET, self.places[0].getsockname())
        return handle_of(self.outbound), self.tag, name

    def send_rtp(self, packet: bytes) -> None:
        self.places[0].sendto(self.outbound.protect(packet), self.places[0].getsockname())

    def send_retransmission(self, packet: bytes, newest: int) -> None:
        with suppress(SrtpError):  # too old to be sent again
            self.places[0].sendto(
                self.retransmission.protect(packet, newest), self.places[0].getsockname()
            )

    def look(self, known: Container[int]) -> None:
        """Take what came: genuine, mine, and never two things under one number.

        `known` are the SSRCs of the lesson; others are of whoever had this port before.
        """
        for place in self.places:
            place.setblocking(False)
            while True:
                try:
                    datagram = place.recv(2048)
                except BlockingIOError:
                    break
                _, _, number, _, ssrc = FIXED.unpack_from(datagram)
                if ssrc not in known:
                    continue
                assert not self.left
                assert ssrc == self.subscriber.ssrc
                if number not in self.sent:
                    self.inbound.unprotect(datagram)
                assert self.sent.setdefault(number, datagram) == datagram

    def close(self) -> None:
        for place in self.places:
            place.close()


class Lesson:
    """A track, its viewers, and a source of random pictures."""

    def __init__(self, scratch: Scratch, seed: int) -> None:
        self.chance = random.Random(seed)
        self.turns = Turns()
        self.outbox = Outbox(self.turns)
        self.track = Track("video", 90_000, BatchAudience(scratch, self.outbox))
        self.people: list[Person] = []
        self.gone: list[Person] = []
        self.now, self.made = 0.0, 0
        self.late: list[RtpPacket] = []
        self.begin()

    def begin(self) -> None:
        """Another publisher, maybe of another codec."""
        codec = self.chance.choice(["H264", "H264", "VP8"])
        self.track.set_source(codec)
        for person in self.people:
            person.subscriber.codec_changed(codec, self.track.next_sequence)
        self.ssrc, self.sequence = self.chance.getrandbits(31), self.chance.getrandbits(16)
        self.late, self.key_next = [], True

    def count_around(self) -> None:
        """The publisher counts on until its numbers are nearly those of before, unseen."""
        self.sequence = (self.sequence - self.chance.randrange(100)) % 2**16

    def picture(self) -> None:
        """A picture of some packets, of which some are late, lost or mere probes."""
        key, delta = KEYS[self.track.codec]
        count, out, chance = self.chance.choice([1, 3, 10, 70]), self.late, self.chance
        self.late = []
        for at in range(count):
            self.made += 1
            self.sequence = (self.sequence + 1) % 2**16
            first = key if self.key_next and at == 0 else delta
            body = first + self.made.to_bytes(4, "big") + bytes(chance.choice([20, 1100, 1140]))
            packet = RtpPacket(
                at == count - 1, 96, self.sequence, 3000 * self.made, self.ssrc, body
            )
            if chance.random() < 0.03:
                packet = packet._replace(payload=b"")
            if chance.random() < 0.97:
                (self.late if chance.random() < 0.03 else out).append(packet)
        self.key_next = chance.random() < 0.05
        self.outbox.hold()
        for packet in out:
            self.track.receive([packet], self.now)
        self.outbox.release()

    def join(self) -> None:
        person = Person()
        person.subscriber.payload_types = self.chance.choice([{"H264": 102}, {"H264": 9, "VP8": 8}])
        person.subscriber.codec_changed(self.track.codec, self.track.next_sequence)
        self.track.subscribe(person.subscriber, self.now)
        self.people.append(person)

    def leave(self) -> None:
        if self.people:
            person = self.people.pop(self.chance.randrange(len(self.people)))
            self.track.unsubscribe(person.subscriber)
            self.gone.append(person)
            self.look()
            person.left = True

    def look(self) -> None:
        everybody = (*self.people, *self.gone)
        known = {person.subscriber.ssrc for person in everybody}
        for person in everybody:
            person.look(known)

    def move(self) -> None:
        if self.people:
            person = self.chance.choice(self.people)
            person.places.reverse()
            self.track.viewers.live.refresh(person.subscriber)

    def ask_again(self) -> None:
        if self.people:
            person = self.chance.choice(self.people)
            wanted = self.chance.sample(sorted(person.sent), min(5, len(person.sent)))
            self.track.retransmit(person.subscriber, [n + self.chance.randrange(3) for n in wanted])

    def replay(self) -> None:
        self.track.replay(self.now)

    def take_turns(self) -> None:
        self.turns.run()


@pytest.mark.parametrize("seed", range(6))
def test_every_viewer_gets_only_its_own_packets_in_a_random_lesson(
    scratch: Scratch, seed: int
) -> None:
    lesson = Lesson(scratch, seed)
    steps: list[tuple[Callable[[], None], int]] = [
        (lesson.picture, 50), (lesson.replay, 10), (lesson.take_turns, 12), (lesson.join, 6),
        (lesson.leave, 3), (lesson.move, 3), (lesson.ask_again, 10), (lesson.begin, 4),
        (lesson.count_around, 1),
    ]  # fmt: skip
    for step in lesson.chance.choices(*zip(*steps, strict=True), k=400):
        lesson.now += 0.01
        step()
        lesson.look()
    everybody = (*lesson.people, *lesson.gone)
    assert len(lesson.gone) > 1
    assert sum(len(person.sent) for person in everybody) > 300
    for person in everybody:
        person.close()
