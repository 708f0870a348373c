"""What the port refuses is counted once and has no other effect; what it takes reaches its link."""

import asyncio
import socket
from collections.abc import Iterator

import pytest

from media.fanout.outbox import Outbox
from media.packets.stun import Address
from media.transport.dtls import SharedCertificate
from media.transport.inbox import name_of
from media.transport.link import Link
from media.transport.port import UdpPort
from tests.fuzz.packets import check
from tests.support.link_ends import Owner

CERTIFICATE = SharedCertificate.generateCertificate()
RTP, RTCP, DTLS = b"\x80\x60" + bytes(20), b"\x80\xc9\0\1" + bytes(4), b"\x16" + bytes(20)


class Peer:
    """A peer on a socket of its own, and its link on the port."""

    def __init__(self, port: UdpPort, remote: str = "theirs") -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.setblocking(False)
        self.owner, self.remote, self.port = Owner(), remote, port
        prints = [("sha-256", "AB")]
        self.link = Link(self.owner, CERTIFICATE, remote, prints, port.send)
        port.add(self.link)

    @property
    def address(self) -> Address:
        host, number = self.socket.getsockname()
        return host, number

    def check(self, number: int = 0, *, nominate: bool = True, pwd: str | None = None) -> bytes:
        local = self.link.ice.local
        user = f"{local.ufrag}:{self.remote}".encode()
        password = (pwd or local.pwd).encode()
        return check(user, password, nominate, number.to_bytes(12, "big"))

    def arrive(self, datagram: bytes, address: Address | None = None) -> None:
        self.port.receive(datagram, name_of(socket.AF_INET, address or self.address))

    def answers(self) -> list[bytes]:
        """Return the first two octets of each datagram that came back."""
        found = []
        while True:
            try:
                found.append(self.socket.recv(2048)[:2])
            except BlockingIOError:
                return found


@pytest.fixture
def port() -> Iterator[UdpPort]:
    port = UdpPort("127.0.0.1", 0, Outbox(lambda _work: None))
    yield port
    port.socket.close()


@pytest.fixture
def peer(port: UdpPort) -> Iterator[Peer]:
    peer = Peer(port)
    yield peer
    peer.socket.close()


def counts(port: UdpPort) -> dict[str, int]:
    names = ("strangers", "refused", "dropped", "faults")
    return {name: getattr(port, name) for name in names if getattr(port, name)}


async def test_a_genuine_check_is_answered_and_binds_its_address(port: UdpPort, peer: Peer) -> None:
    peer.arrive(peer.check())
    assert peer.answers() == [b"\x01\x01"]
    assert (peer.link.address, peer.owner.calls) == (peer.address, ["checked"])
    assert port.sizes() == {"ufrags": 1, "addresses": 1}
    assert counts(port) == {}


@pytest.mark.parametrize("gone", ["closed", "removed", "forged"])
async def test_a_check_that_is_refused_is_not_answered_and_binds_nothing(
    port: UdpPort, peer: Peer, gone: str
) -> None:
    datagram = peer.check(pwd="0123456789012345678901" if gone == "forged" else None)
    if gone == "closed":
        await peer.link.close()
    elif gone == "removed":
        port.remove(peer.link)
    peer.arrive(datagram)
    assert peer.answers() == []
    assert (peer.link.address, peer.link.names, peer.owner.calls) == (None, [], [])
    assert port.sizes()["addresses"] == 0
    assert counts(port) == {"refused": 1}
    peer.arrive(RTCP)
    assert counts(port) == {"refused": 1, "strangers": 1}


@pytest.mark.parametrize("datagram", [b"", b"\0\1\0\0", b"\3" + bytes(30), RTP, RTCP, DTLS, b"\4"])
async def test_a_stranger_s_datagram_is_counted_and_dropped(
    port: UdpPort, peer: Peer, datagram: bytes
) -> None:
    peer.arrive(datagram)
    assert (peer.answers(), peer.owner.calls, counts(port)) == ([], [], {"strangers": 1})


async def test_a_known_address_may_send_all_but_checks_of_others(port: UdpPort, peer: Peer) -> None:
    peer.arrive(peer.check())
    for datagram in (RTCP, RTP, b"\4", b""):
        peer.arrive(datagram)
    assert counts(port) == {}
    peer.arrive(b"\3" + bytes(30))  # begins as a check does
    assert counts(port) == {"strangers": 1}


async def test_media_moves_to_an_address_that_is_nominated(port: UdpPort, peer: Peer) -> None:
    other = ("127.0.0.1", 9)
    peer.arrive(peer.check(0, nominate=False))
    assert peer.link.address == peer.address, "the first, nominated or not"
    peer.arrive(peer.check(1, nominate=False), other)
    assert peer.link.address == peer.address
    peer.arrive(peer.check(2), other)
    assert peer.link.address == other
    peer.arrive(peer.check(3), other)
    assert peer.owner.calls == ["checked", "checked", "checked", "moved", "checked"]


async def test_a_datagram_that_the_network_refuses_is_counted(port: UdpPort) -> None:
    assert port.send(b"x", ("127.0.0.1", 9)) is True
    assert port.send(bytes(70_000), ("127.0.0.1", 9)) is False
    assert port.dropped == 1


async def test_two_links_are_told_apart_and_one_goes_alone(port: UdpPort, peer: Peer) -> None:
    other = Peer(port, "others")
    for number, one in enumerate((peer, other)):
        one.arrive(one.check(number))
    assert port.sizes() == {"ufrags": 2, "addresses": 2}
    port.remove(peer.link)
    assert port.sizes() == {"ufrags": 1, "addresses": 1}
    other.arrive(other.check(7))
    peer.arrive(peer.check(8))
    assert (other.owner.calls, peer.owner.calls) == (["checked", "checked"], ["checked"])
    other.socket.close()


async def test_after_a_restart_a_link_is_known_under_both_fragments_until_it_is_added_again(
    port: UdpPort, peer: Peer
) -> None:
    old = peer.check(1)
    peer.link.ice.restart("theirs")
    port.add(peer.link)
    assert port.sizes()["ufrags"] == 2
    peer.arrive(old)
    peer.arrive(peer.check(2))
    assert peer.owner.calls == ["checked", "checked"]
    port.add(peer.link)
    assert port.sizes()["ufrags"] == 1
    peer.arrive(old)
    assert counts(port) == {"refused": 1}


class Steps(list[str]):
    """An outgoing queue that notes what it is told, in order."""

    waiting = True

    def hold(self) -> None:
        self.append("hold")

    def release(self) -> None:
        self.append("release")


async def test_a_wake_up_reads_four_full_batches_and_lets_others_in_between() -> None:
    steps = Steps()
    port = UdpPort("127.0.0.1", 0, steps)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        for _ in range(4 * 64 + 1):
            sender.sendto(RTP, ("127.0.0.1", port.port))
    port._read()
    assert (port.strangers, steps) == (256, ["hold", "release"])
    port._read()
    assert port.strangers == 257
    port.socket.close()


async def test_an_open_port_reads_and_a_closed_one_does_not(port: UdpPort) -> None:
    port.open()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.sendto(RTP, ("127.0.0.1", port.port))
        async with asyncio.timeout(2):
            while not port.strangers:
                await asyncio.sleep(0.005)
    handle = port.socket.fileno()
    port.close()
    assert port.socket.fileno() == -1
    assert asyncio.get_running_loop().remove_reader(handle) is False
