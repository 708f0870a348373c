"""A link without a socket: its handshake, and who is told when."""

import asyncio
from dataclasses import dataclass, field

from media.packets.stun import Address
from media.transport.dtls import DtlsSrtp, SharedCertificate
from media.transport.link import Link

CERTIFICATE = SharedCertificate.generateCertificate()
CLIENT_CERTIFICATE = SharedCertificate.generateCertificate()


@dataclass
class Owner:
    """Notes the turns of the loop beside what it is told; takes no media."""

    heard: list[str] = field(default_factory=list)

    def on_checked(self) -> None: ...
    def on_moved(self) -> None: ...
    def on_rtp(self, packets: object) -> None: ...
    def on_rtcp(self, packet: bytes) -> None: ...
    def on_heard(self) -> None: ...

    def on_secured(self) -> None:
        self.heard.append("secured")

    def on_link_closed(self, reason: str) -> None:
        self.heard.append(reason)


async def test_the_owner_knows_before_the_peer_can_answer_our_last_flight() -> None:
    owner, loop = Owner(), asyncio.get_running_loop()

    def to_client(datagram: bytes, _address: Address) -> bool:
        owner.heard.append("sent")
        loop.call_soon(owner.heard.append, "next turn")
        return client.feed(datagram)

    fingerprints = [("sha-256", CLIENT_CERTIFICATE.fingerprint)]
    link = Link(owner, CERTIFICATE, "theirs", fingerprints, to_client)
    link.move(("127.0.0.1", 9))
    client = DtlsSrtp(CLIENT_CERTIFICATE, link.receive, lambda: None, role="client")
    await asyncio.wait_for(client.handshake([("sha-256", CERTIFICATE.fingerprint)]), 5)
    secured = owner.heard.index("secured")
    assert owner.heard[secured - 1] == "sent"
    await client.close()
    await link.close()
