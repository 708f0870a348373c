"""A link without a socket: its owner, and the far end of its DTLS right behind it."""

import asyncio
import socket
from collections.abc import Callable, Sequence

from media.packets.stun import Address
from media.transport.dtls import DtlsSrtp, SharedCertificate
from media.transport.inbox import Inbox
from media.transport.link import Link, LinkOwner

CERTIFICATE = SharedCertificate.generateCertificate()
CLIENT_CERTIFICATE = SharedCertificate.generateCertificate()
HOME: Address = ("192.0.2.1", 40_001)


class Owner:
    """Notes each call, in order."""

    def __init__(self) -> None:
        self.calls: list[object] = []
        self.fault: Exception | None = None

    def on_checked(self) -> None:
        self.calls.append("checked")

    def on_secured(self) -> None:
        self.calls.append("secured")
        if self.fault:
            raise self.fault

    def on_moved(self) -> None:
        self.calls.append("moved")

    def on_rtp(self, packets: Sequence[memoryview]) -> None:
        self.calls.append([bytes(packet) for packet in packets])

    def on_rtcp(self, packet: bytes) -> None:
        self.calls.append(packet)

    def on_heard(self) -> None:
        self.calls.append("heard")

    def on_link_closed(self, reason: str) -> None:
        self.calls.append(("closed", reason))


class Ends:
    """A link and the far end of its DTLS; what the link sends goes straight across.

    `owner` stands where ours would, that a peer of the node may own the link.
    """

    def __init__(
        self,
        fingerprint: str = CLIENT_CERTIFICATE.fingerprint,
        owner: LinkOwner | None = None,
    ) -> None:
        self.owner = Owner()
        self.sent: list[tuple[bytes, Address]] = []
        self.taken = True
        prints = [("sha-256", fingerprint)]
        self.link = Link(owner or self.owner, CERTIFICATE, "theirs", prints, self.send)
        self.client = DtlsSrtp(CLIENT_CERTIFICATE, self.link.receive, lambda: None, role="client")
        self._wire = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._wire.bind(("127.0.0.1", 0))
        self._inbox = Inbox(self._wire.fileno(), socket.AF_INET)

    def send(self, datagram: bytes, address: Address) -> bool:
        self.sent.append((datagram, address))
        if datagram[0] < 128:  # DTLS: the rest is for the test to read
            self.client.feed(datagram)
        return self.taken

    def receive_rtcp(self, datagram: bytes) -> None:
        """Let the link read a report where the kernel put it."""
        self._wire.sendto(datagram, self._wire.getsockname())
        assert self._inbox.read() == 1
        self.link.receive_rtcp(self._inbox, 0)

    async def connect(self) -> None:
        self.link.move(HOME)
        await self.client.handshake([("sha-256", CERTIFICATE.fingerprint)])
        await self.until(lambda: self.link.dtls.secured or bool(self.owner.calls))
        self.sent.clear()

    async def until(self, done: Callable[[], bool]) -> None:
        async with asyncio.timeout(5):
            while not done():
                await asyncio.sleep(0.005)

    async def close(self) -> None:
        await self.client.close()
        await self.link.close()
        self._wire.close()
