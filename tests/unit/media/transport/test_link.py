"""A secured peer on a real socket: only what its own keys protected, once, from its own address."""

import asyncio
import socket
from collections.abc import AsyncIterator, Sequence

import pytest

from media.fanout.outbox import Outbox
from media.packets import rtcp
from media.packets.rtp import RtpPacket
from media.transport.dtls import DtlsSrtp, SharedCertificate
from media.transport.link import Link
from media.transport.port import UdpPort
from tests.fuzz.packets import check
from tests.support.waiting import until

CERTIFICATE = SharedCertificate.generateCertificate()
CLIENT_CERTIFICATE = SharedCertificate.generateCertificate()


class Owner:
    """Remembers what the link took for genuine."""

    def __init__(self) -> None:
        self.rtp: list[bytes] = []
        self.rtcp: list[bytes] = []
        self.secured = False

    def on_checked(self) -> None: ...
    def on_moved(self) -> None: ...
    def on_heard(self) -> None: ...
    def on_link_closed(self, reason: str) -> None: ...

    def on_secured(self) -> None:
        self.secured = True

    def on_rtp(self, packets: Sequence[memoryview]) -> None:
        self.rtp += map(bytes, packets)

    def on_rtcp(self, packet: bytes) -> None:
        self.rtcp.append(packet)


class Client:
    """The far end: a socket and its keys."""

    def __init__(self, port: UdpPort) -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.setblocking(False)
        self.node = ("127.0.0.1", port.port)
        self.dtls = DtlsSrtp(CLIENT_CERTIFICATE, self.send, lambda: None, role="client")
        asyncio.get_running_loop().add_reader(self.socket.fileno(), self._read)

    def send(self, datagram: bytes) -> None:
        self.socket.sendto(datagram, self.node)

    def _read(self) -> None:
        datagram = self.socket.recv(2048)
        if datagram[0] >= 20:  # past STUN (RFC 7983)
            self.dtls.feed(datagram)

    async def connect(self, link: Link) -> None:
        user = f"{link.ice.local.ufrag}:theirs".encode()
        self.send(check(user, link.ice.local.pwd.encode()))
        await asyncio.wait_for(
            self.dtls.handshake([("sha-256", CERTIFICATE.fingerprint)]), timeout=5
        )

    async def close(self) -> None:
        await self.dtls.close()
        asyncio.get_running_loop().remove_reader(self.socket.fileno())
        self.socket.close()


class Line:
    """A node's port, one secured peer on it, and a stranger beside."""

    def __init__(self) -> None:
        loop = asyncio.get_running_loop()
        self.port = UdpPort("127.0.0.1", 0, Outbox(loop.call_soon))
        self.port.open()
        self.owner = Owner()
        prints = [("sha-256", CLIENT_CERTIFICATE.fingerprint)]
        self.link = Link(self.owner, CERTIFICATE, "theirs", prints, self.send)
        self.port.add(self.link)
        self.client = Client(self.port)
        self.stranger = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sent: list[bytes] = []

    def send(self, datagram: bytes, address: tuple[str, int]) -> bool:
        self.sent.append(datagram)
        return self.port.send(datagram, address)

    async def settled(self) -> None:
        """Return once everything sent so far was read: a datagram of a stranger came after it."""
        seen = self.port.strangers
        self.stranger.sendto(b"\x80\x66 the last", self.client.node)
        await until(lambda: self.port.strangers > seen, 2, "the last datagram")


@pytest.fixture
async def line() -> AsyncIterator[Line]:
    line = Line()
    await line.client.connect(line.link)
    await until(lambda: line.owner.secured, 2, "keys")
    yield line
    await line.client.close()
    await line.link.close()
    line.stranger.close()
    line.port.close()


def picture(number: int) -> bytes:
    return RtpPacket(True, 102, number, 1, 77, b"a picture").pack()


def changed(datagram: bytes) -> bytes:
    return datagram[:-1] + bytes([datagram[-1] ^ 1])


async def test_media_is_taken_once_and_only_as_it_was_protected(line: Line) -> None:
    genuine = line.client.dtls.protect(picture(1))
    for datagram in (picture(1), changed(genuine), genuine, genuine, changed(genuine)):
        line.client.send(datagram)
    await line.settled()
    assert line.owner.rtp == [picture(1)]
    assert line.link.counters.refused == 4


async def test_reports_are_taken_once_and_only_as_they_were_protected(line: Line) -> None:
    plain = rtcp.pack_receiver_report(77, []) + rtcp.pack_bye([77])
    genuine = line.client.dtls.protect_rtcp(plain)
    for datagram in (plain, changed(genuine), genuine, genuine, changed(genuine)):
        line.client.send(datagram)
    await line.settled()
    assert line.owner.rtcp == [plain]
    assert line.link.counters.refused == 4


@pytest.mark.parametrize("size", [0, 1, 2, 11, 12, 13, 27, 28, 1501, 2047, 2048, 2049, 9000])
@pytest.mark.parametrize("kind", [102, 201], ids=["RTP", "RTCP"])
async def test_datagrams_of_any_length_cause_no_internal_error(
    line: Line, size: int, kind: int
) -> None:
    genuine = [line.client.dtls.protect(picture(number)) for number in (1, 2)]
    for datagram in (genuine[0], bytes((128, kind)).ljust(size, b"\1")[:size], genuine[1]):
        line.client.send(datagram)
    await line.settled()
    assert line.owner.rtp == [picture(1), picture(2)]
    assert line.port.faults == 0


async def test_packets_of_a_peer_are_refused_from_an_unproven_address(line: Line) -> None:
    report = rtcp.pack_receiver_report(77, [])
    datagrams = (line.client.dtls.protect(picture(1)), line.client.dtls.protect_rtcp(report))
    for datagram in datagrams:
        line.stranger.sendto(datagram, line.client.node)
    await until(lambda: line.port.strangers == 2, 2, "two datagrams of a stranger")
    assert (line.owner.rtp, line.owner.rtcp) == ([], [])
    for datagram in datagrams:
        line.client.send(datagram)
    await line.settled()
    assert (line.owner.rtp, line.owner.rtcp) == ([picture(1)], [report])


async def test_nothing_is_taken_or_sent_before_there_are_keys() -> None:
    line = Line()
    user = f"{line.link.ice.local.ufrag}:theirs".encode()
    line.client.send(check(user, line.link.ice.local.pwd.encode()))
    await until(lambda: line.link.address is not None, 2, "the address")
    line.client.send(picture(1))
    line.client.send(rtcp.pack_receiver_report(77, []))
    await line.settled()
    line.link.send_rtp(picture(2))
    line.link.send_rtcp(rtcp.pack_receiver_report(78, []))
    assert (line.owner.rtp, line.owner.rtcp, line.owner.secured) == ([], [], False)
    assert line.sent == []
    await line.client.close()
    await line.link.close()
    line.stranger.close()
    line.port.close()
