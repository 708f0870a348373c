"""Viewers of a batched send: real sockets, real SRTP keys, and turns that a test gives."""

import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import pylibsrtp

from media.fanout.batch_audience import BatchAudience
from media.fanout.outbox import Outbox
from media.fanout.segments import Scratch
from media.packets.rtp import parse_rtp
from media.stage.packet import StagePacket
from media.stage.subscriptions.subscriber import Subscriber
from media.transport.kernel import pack_address
from media.transport.retransmission import LONG_WINDOW, WINDOW, RetransmissionSession
from media.transport.srtp import handle_of

PROFILES = {
    16: (pylibsrtp.Policy.SRTP_PROFILE_AEAD_AES_128_GCM, 28),
    10: (pylibsrtp.Policy.SRTP_PROFILE_AES128_CM_SHA1_80, 30),
}


def session(
    tag: int, inbound: bool, repeat: bool = True, window: int = LONG_WINDOW
) -> pylibsrtp.Session:
    profile, size = PROFILES[tag]
    kind = pylibsrtp.Policy.SSRC_ANY_INBOUND if inbound else pylibsrtp.Policy.SSRC_ANY_OUTBOUND
    policy = pylibsrtp.Policy(key=bytes(range(size)), ssrc_type=kind, srtp_profile=profile)
    policy.allow_repeat_tx = repeat
    policy.window_size = window
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
        self.outbound = session(self.tag, inbound=False, repeat=self.repeat, window=WINDOW)
        self.long_window = session(self.tag, inbound=False)
        self.retransmission = RetransmissionSession(self.long_window.protect)
        self.inbound = session(self.tag, inbound=True)
        self.subscriber = Subscriber(self, self.socket.getsockname()[1], {"H264": 102}, 500, 9)

    def batch_keys(self) -> tuple[Any, int, bytes]:
        name = pack_address(socket.AF_INET, self.socket.getsockname())
        return handle_of(self.outbound), self.tag, name

    def retransmission_keys(self, ssrc: int, newest: int) -> tuple[Any, int, bytes]:
        _handle, tag, name = self.batch_keys()
        self.retransmission.follow(ssrc, newest)
        return handle_of(self.long_window), tag, name

    def protect_failed(self) -> None:
        self.failed += 1

    def send_rtp(self, packet: bytes) -> None:
        raise AssertionError("the batch sends by itself")

    def send_retransmission(self, packet: bytes, newest: int) -> None:
        self.socket.sendto(self.retransmission.protect(packet, newest), self.socket.getsockname())

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


def audience_of(
    scratch: Scratch, rooms: Sequence[Room], outbox: Outbox | None = None
) -> BatchAudience:
    audience = BatchAudience(scratch, outbox)
    for room in rooms:
        room.subscriber.begin_at(0)
        audience.add(room.subscriber)
    return audience


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
