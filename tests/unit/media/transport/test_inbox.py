"""Batched reads from a real socket: what came, from whom, in which runs, and where it lies."""

import socket
import struct
from collections.abc import Iterator

import pytest

from media.packets.stun import Address
from media.transport.inbox import Inbox, Run, name_of
from media.transport.kernel import (
    ADDRESS,
    MSG_DONTWAIT,
    SOL_UDP,
    UDP_SEGMENT,
    address_of,
    ffi,
    pack_address,
)

RTP, OTHER = b"\x80\x60", b"\x16\xfe"
FAMILIES = {"IPv4": (socket.AF_INET, "127.0.0.1"), "IPv6": (socket.AF_INET6, "::1")}


class Ends:
    """A socket with its inbox, and two senders."""

    def __init__(self, family: int, host: str) -> None:
        self.family = family
        self.node, *self.senders = (socket.socket(family, socket.SOCK_DGRAM) for _ in range(3))
        for one in (self.node, *self.senders):
            one.bind((host, 0))
        self.inbox = Inbox(self.node.fileno(), family)

    def send(self, sender: int, *datagrams: bytes) -> None:
        for datagram in datagrams:
            self.senders[sender].sendto(datagram, self.node.getsockname())

    def address(self, sender: int) -> Address:
        host, port, *_scope = self.senders[sender].getsockname()
        return host, port

    def name(self, sender: int) -> bytes:
        return name_of(self.family, self.address(sender))

    def close(self) -> None:
        for one in (self.node, *self.senders):
            one.close()


@pytest.fixture(params=FAMILIES.values(), ids=FAMILIES.keys())
def ends(request: pytest.FixtureRequest) -> Iterator[Ends]:
    ends = Ends(*request.param)
    yield ends
    ends.close()


def test_nothing_is_read_of_nothing(ends: Ends) -> None:
    assert ends.inbox.read() == 0
    assert list(ends.inbox.runs(0)) == []


def test_each_datagram_lies_as_it_came(ends: Ends) -> None:
    datagrams = [RTP, RTP + bytes(range(200)), RTP + b"x" * 2046]
    ends.send(0, *datagrams)
    assert ends.inbox.read() == 3
    assert [bytes(ends.inbox.packet(at)) for at in range(3)] == datagrams
    assert list(ends.inbox.lengths[:3]) == [2, 202, 2048]
    assert ends.inbox.read() == 0


def test_a_datagram_longer_than_its_buffer_is_cut(ends: Ends) -> None:
    ends.send(0, RTP + b"x" * 3000, RTP + b"y")
    assert ends.inbox.read() == 2
    assert bytes(ends.inbox.packet(0)) == RTP + b"x" * 2046
    assert bytes(ends.inbox.packet(1)) == RTP + b"y"


def test_sixty_four_are_read_at_a_time(ends: Ends) -> None:
    ends.send(0, *(RTP + bytes([number]) for number in range(70)))
    assert ends.inbox.read() == 64
    assert [ends.inbox.packet(at)[2] for at in range(64)] == list(range(64))
    assert ends.inbox.read() == 6
    assert [ends.inbox.packet(at)[2] for at in range(6)] == list(range(64, 70))


def test_what_comes_from_one_sender_in_one_kind_is_one_run(ends: Ends) -> None:
    ends.send(0, RTP, RTP)
    ends.send(1, RTP)
    ends.send(0, RTP, OTHER, OTHER, RTP)
    first, second = ends.name(0), ends.name(1)
    assert list(ends.inbox.runs(ends.inbox.read())) == [
        Run(0, 2, first, True),
        Run(2, 3, second, True),
        Run(3, 4, first, True),
        Run(4, 6, first, False),
        Run(6, 7, first, True),
    ]


def test_only_what_was_read_makes_runs(ends: Ends) -> None:
    ends.send(0, RTP, RTP, RTP)
    ends.inbox.read()
    ends.send(1, OTHER)
    assert list(ends.inbox.runs(ends.inbox.read())) == [Run(0, 1, ends.name(1), False)]


def test_a_sender_is_known_by_address_and_port(ends: Ends) -> None:
    ends.send(1, RTP)
    (run,) = ends.inbox.runs(ends.inbox.read())
    assert ends.inbox.address_of(run.name) == ends.address(1)
    assert len(run.name) == ends.inbox.name_length == (8 if ends.family == socket.AF_INET else 24)


def test_packets_and_their_lengths_are_pointed_to(ends: Ends) -> None:
    ends.send(0, RTP + b"a", RTP + b"bc")
    ends.inbox.read()
    for at, content in enumerate((RTP + b"a", RTP + b"bc")):
        length = ffi.cast("int *", int(ffi.cast("uintptr_t", ends.inbox.length_pointers[at])))
        assert length[0] == len(content)
        octets = ffi.cast("char *", int(ffi.cast("uintptr_t", ends.inbox.pointers[at])))
        assert bytes(ffi.buffer(octets, length[0])) == content
    assert len(ends.inbox.pointers) == len(ends.inbox.length_pointers) == 64


@pytest.mark.parametrize(
    ("family", "address", "packed"),
    [
        (socket.AF_INET, ("192.0.2.1", 258), "0102 c0000201"),
        (socket.AF_INET6, ("2001:db8::ff", 258), "0102 00000000 20010db8" + "00" * 11 + "ff"),
    ],
)
def test_addresses_are_written_as_the_kernel_does(
    family: int, address: Address, packed: str
) -> None:
    octets = struct.pack("=H", family) + bytes.fromhex(packed)
    assert pack_address(family, address) == octets.ljust(28, b"\0")
    assert name_of(family, address) == octets
    assert (ADDRESS, MSG_DONTWAIT, SOL_UDP, UDP_SEGMENT) == (28, 0x40, 17, 103)


def test_memory_has_an_address() -> None:
    area = ffi.new("unsigned char[]", 2)
    assert address_of(area + 1) == address_of(area) + 1
    assert address_of(area) == int(ffi.cast("uintptr_t", area))
