"""The UDP port against copied checks, stolen addresses and faults of our own."""

import asyncio
import socket
from collections.abc import Iterator, Sequence

import pytest

from media.fanout.chunk import Chunk, make_batch
from media.fanout.outbox import Job, Outbox
from media.transport.dtls import SharedCertificate
from media.transport.inbox import name_of
from media.transport.link import CHECKS_KEPT, Link
from media.transport.port import GATHER, PROVEN, UdpPort
from tests.fuzz.packets import check

HOME, STRANGER = ("127.0.0.1", 40_001), ("127.0.0.1", 40_002)
CERTIFICATE = SharedCertificate.generateCertificate()


class Owner:
    """A peer that counts what it is told; `faulty` makes it fail as a fault of ours would."""

    def __init__(self) -> None:
        self.checked = 0
        self.faulty = False

    def on_checked(self) -> None:
        self.checked += 1
        if self.faulty:
            raise RuntimeError("a fault of ours")

    def on_secured(self) -> None: ...
    def on_moved(self) -> None: ...
    def on_rtp(self, packets: Sequence[memoryview]) -> None: ...
    def on_rtcp(self, packet: bytes) -> None: ...
    def on_heard(self) -> None: ...
    def on_link_closed(self, reason: str) -> None: ...


@pytest.fixture
def port() -> Iterator[UdpPort]:
    port = UdpPort("127.0.0.1", 0, Outbox(lambda _work: None))
    yield port
    port.socket.close()


def admit(port: UdpPort, remote: str = "theirs") -> tuple[Link, Owner]:
    owner = Owner()
    link = Link(owner, CERTIFICATE, remote, [("sha-256", "AB")], port.send)
    port.add(link)
    return link, owner


def genuine(link: Link, number: int = 0, remote: str = "theirs", *, nominate: bool = True) -> bytes:
    """A check of the peer, each number with a transaction of its own."""
    return check(
        f"{link.ice.local.ufrag}:{remote}".encode(),
        link.ice.local.pwd.encode(),
        use_candidate=nominate,
        transaction=number.to_bytes(12, "big"),
    )


def arrive(port: UdpPort, datagram: bytes, address: tuple[str, int]) -> None:
    port.receive(datagram, name_of(socket.AF_INET, address))


async def test_a_copied_check_does_not_move_the_media_to_its_sender(port: UdpPort) -> None:
    link, owner = admit(port)
    arrive(port, genuine(link), HOME)
    arrive(port, genuine(link), HOME)  # the same again is a retransmission
    assert (link.address, owner.checked, port.refused) == (HOME, 2, 0)
    arrive(port, genuine(link), STRANGER)
    assert (link.address, owner.checked, port.refused) == (HOME, 2, 1)
    arrive(port, genuine(link, 1), STRANGER)  # one that only the peer can have made
    assert link.address == STRANGER


async def test_media_is_taken_from_an_address_that_is_proven_and_not_nominated(
    port: UdpPort,
) -> None:
    link, _owner = admit(port)
    arrive(port, genuine(link), HOME)
    arrive(port, genuine(link, 1, nominate=False), STRANGER)
    arrive(port, b"\x80\x66" + bytes(20), STRANGER)
    assert (link.address, port.strangers) == (HOME, 0)
    arrive(port, genuine(link, 2), STRANGER)
    assert link.address == STRANGER


async def test_what_was_refused_stays_counted_when_its_link_goes(port: UdpPort) -> None:
    first, second = admit(port)[0], admit(port)[0]
    first.counters.refused, second.counters.refused = 3, 4
    first.ice.restart("theirs")
    port.add(first)  # under two ufrags now
    assert port.packets_refused == 7
    port.remove(first)
    assert port.packets_refused == 7
    second.counters.refused += 1
    assert port.packets_refused == 8


async def test_checks_are_not_remembered_without_end(port: UdpPort) -> None:
    link, _owner = admit(port)
    for number in range(CHECKS_KEPT + 100):
        arrive(port, genuine(link, number), HOME)
    assert len(link._checks) == CHECKS_KEPT


async def test_only_the_last_addresses_of_a_peer_that_moves_are_accepted(port: UdpPort) -> None:
    link, _owner = admit(port)
    places = [("127.0.0.1", 50_000 + number) for number in range(PROVEN + 5)]
    for number, place in enumerate(places):
        arrive(port, genuine(link, number), place)
    assert port.sizes()["addresses"] == len(link.names) == PROVEN
    before = port.strangers
    for place in places:
        arrive(port, b"\x80\x66" + bytes(20), place)
    assert port.strangers - before == 5


async def test_an_address_that_was_claimed_by_another_comes_back(port: UdpPort) -> None:
    mine, _ = admit(port)
    thief, _ = admit(port, "thief")
    arrive(port, genuine(mine), HOME)
    arrive(port, genuine(thief, remote="thief"), HOME)
    arrive(port, genuine(mine, 1), HOME)
    port.remove(thief)
    before = port.strangers
    arrive(port, b"\x80\x66" + bytes(20), HOME)
    assert port.strangers == before  # the datagram is known to be mine
    port.remove(mine)
    assert port.sizes() == {"ufrags": 0, "addresses": 0}


PICTURE, LAST_OF_PICTURE = (b"\x80" + bytes([kind]) + bytes(1000) for kind in (96, 0x80 | 96))
SOUND, REPORT, CHECK = b"\x80\x6f" + bytes(100), b"\x80\xc9" + bytes(1000), bytes(700)


@pytest.mark.parametrize(
    ("arrived", "sleeps"),
    [
        ([], False), ([PICTURE], True), ([PICTURE, PICTURE], True), ([SOUND, PICTURE], True),
        ([PICTURE, LAST_OF_PICTURE], False), ([SOUND], False), ([PICTURE, SOUND], False),
        ([REPORT], True), ([CHECK], True),
    ],
)  # fmt: skip
def test_the_loop_sleeps_for_the_rest_of_a_frame_unless_pictures_wait(
    monkeypatch: pytest.MonkeyPatch, arrived: list[bytes], sleeps: bool
) -> None:
    naps: list[float] = []
    outbox = Outbox(lambda _work: None)
    port = UdpPort("127.0.0.1", 0, outbox)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer:

        def send(datagrams: list[bytes]) -> None:
            for datagram in datagrams:
                peer.sendto(datagram, ("127.0.0.1", port.port))

        def nap(seconds: float) -> None:
            naps.append(seconds)
            send([LAST_OF_PICTURE])  # the rest of the frame

        monkeypatch.setattr("media.transport.port.sleep", nap)
        send(arrived)
        port._read()
        assert naps == [GATHER] * sleeps
        assert port.strangers == len(arrived) + len(naps)  # what came meanwhile was read with it
        outbox.put([Job(lambda _frame, _chunk, _batch: None, [], Chunk(16), make_batch([], 1))])
        send(arrived)
        port._read()
        assert naps == [GATHER] * sleeps
    port.socket.close()


async def test_an_internal_error_drops_one_datagram(
    port: UdpPort, caplog: pytest.LogCaptureFixture
) -> None:
    link, owner = admit(port)
    port.open()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer:
        peer.bind(("127.0.0.1", 0))
        owner.faulty = True
        for number in range(3):
            peer.sendto(genuine(link, number), ("127.0.0.1", port.port))
        await asyncio.sleep(0.1)
        assert (owner.checked, port.faults) == (3, 3)
        assert len(caplog.records) == 3
        owner.faulty = False
        peer.sendto(genuine(link, 9), ("127.0.0.1", port.port))
        await asyncio.sleep(0.1)
        peer.settimeout(2)
        assert peer.recv(2048)[:2] == b"\x01\x01"
    asyncio.get_running_loop().remove_reader(port.socket.fileno())
