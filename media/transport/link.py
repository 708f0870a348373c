"""One peer as the socket sees it: ICE-lite, DTLS-SRTP, and what arrives decrypted."""

import asyncio
import logging
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from media.packets import demux
from media.packets.stun import Address, BindingRequest
from media.transport.dtls import DtlsError, DtlsSrtp, SharedCertificate
from media.transport.ice import IceCredentials, IceLite
from media.transport.inbox import Inbox, Run
from media.transport.kernel import pack_address
from media.transport.srtp import Handle, SrtpError

logger = logging.getLogger(__name__)

CHECKS_KEPT = 256
"""Connectivity checks remembered: ten minutes of a browser's."""

HANDSHAKE_TIMEOUT = 15.0
"""Seconds from the ClientHello to a finished handshake."""


class LinkOwner(Protocol):
    """Who is told what the link learns. Called on the event loop, never awaited."""

    def on_checked(self) -> None: ...
    def on_secured(self) -> None: ...
    def on_moved(self) -> None: ...
    def on_rtp(self, packets: Sequence[memoryview]) -> None: ...  # on_heard is not called for it
    def on_rtcp(self, packet: bytes) -> None: ...
    def on_heard(self) -> None: ...
    def on_link_closed(self, reason: str) -> None: ...


@dataclass(slots=True)
class LinkCounters:
    """Packets: `dropped` never left (socket full); `refused` came and were not taken, because they
    failed authentication, came twice, cannot be read or are nothing that was negotiated.
    """

    dropped: int = 0
    refused: int = 0


class Link:
    """`send` hands a datagram to the socket and returns False when it was dropped."""

    def __init__(
        self,
        owner: LinkOwner,
        certificate: SharedCertificate,
        remote_ufrag: str,
        fingerprints: Sequence[tuple[str, str]],
        send: Callable[[bytes, Address], bool],
    ) -> None:
        self.ice = IceLite(remote_ufrag)
        self.address: Address | None = None
        self.names: list[bytes] = []  # addresses that checks have proven, as the socket writes them
        self.counters = LinkCounters()
        self.dtls = DtlsSrtp(
            certificate, self._send, lambda: owner.on_link_closed("closed by the peer")
        )
        self._owner = owner
        self._fingerprints = fingerprints
        self._send_to = send
        self._handshake: asyncio.Task[None] | None = None
        self._closed = False
        self._checks: dict[bytes, bytes] = {}

    def check(self, request: BindingRequest, name: bytes) -> IceCredentials | None:
        """Return our credentials when the check is genuine, and tell the owner.

        `name` is the sender's address. A check that came from another one before is a copy in
        somebody else's hands: it must not move our media there.
        """
        credentials = self.ice.accepts(request)
        if credentials is None or self._closed:
            return None
        if self._checks.setdefault(request.transaction, name) != name:
            return None
        if len(self._checks) > CHECKS_KEPT:
            del self._checks[next(iter(self._checks))]
        self._owner.on_checked()
        return credentials

    def move(self, address: Address) -> None:
        """Send to this address from now on."""
        first = self.address is None
        self.address = address
        if not first:
            self._owner.on_moved()

    def batch_keys(self) -> tuple[Handle, int, bytes] | None:
        """Return (SRTP handle, tag octets, packed address) for a batched send."""
        if self.address is None or not self.dtls.secured:
            return None
        return self.dtls.protector, self.dtls.tag, _packed(self.address)

    def retransmission_keys(self, ssrc: int, newest: int) -> tuple[Handle, int, bytes] | None:
        """Return the same for packets that are sent again (see media.transport.retransmission)."""
        if self.address is None or not self.dtls.secured:
            return None
        try:
            handle = self.dtls.retransmitter(ssrc, newest)
        except SrtpError:
            return None
        return handle, self.dtls.tag, _packed(self.address)

    def receive(self, datagram: bytes) -> None:
        """Take a datagram that came from our peer's address and is neither RTP nor RTCP."""
        if demux.classify(datagram) == demux.DTLS:
            self.dtls.feed(datagram)
            if self._handshake is None and not self._closed:
                self._handshake = asyncio.create_task(self._shake_hands())

    def receive_rtp(self, inbox: Inbox, run: Run) -> None:
        """Take RTP packets where they lie: the path of every packet of every publisher."""
        if not self.dtls.secured:
            return
        here = slice(run.start, run.end)
        statuses = self.dtls.unprotect_in_place(inbox.pointers[here], inbox.length_pointers[here])
        packets = [inbox.packet(at) for at, bad in enumerate(statuses, run.start) if not bad]
        self.counters.refused += len(statuses) - len(packets)
        if packets:
            self._owner.on_rtp(packets)

    def receive_rtcp(self, inbox: Inbox, index: int) -> None:
        """Take an RTCP packet where it lies."""
        if not self.dtls.secured:
            return
        pointer, length = inbox.pointers[index], inbox.length_pointers[index]
        if not self.dtls.unprotect_rtcp_in_place(pointer, length):
            self.counters.refused += 1
            return
        self._owner.on_heard()
        self._owner.on_rtcp(bytes(inbox.packet(index)))

    async def _shake_hands(self) -> None:
        try:
            async with asyncio.timeout(HANDSHAKE_TIMEOUT):
                await self.dtls.handshake(self._fingerprints)
            self._owner.on_secured()  # at once: the peer's media follows our last flight
        except (DtlsError, TimeoutError) as error:
            self._owner.on_link_closed(f"handshake: {str(error) or 'timed out'}")
        except Exception:
            logger.exception("DTLS handshake failed: internal error; the session ends")
            self._owner.on_link_closed("handshake: fault")

    def send_rtp(self, packet: bytes) -> None:
        """Protect and send an RTP packet; a packet that cannot be protected is dropped."""
        if self.dtls.secured:
            try:
                self._send(self.dtls.protect(packet))
            except SrtpError:
                self.counters.dropped += 1

    def send_retransmission(self, packet: bytes, newest: int) -> None:
        """Send an RTP packet as it was sent before (see media.transport.retransmission)."""
        if self.dtls.secured:
            try:
                self._send(self.dtls.protect_retransmission(packet, newest))
            except SrtpError:
                self.counters.dropped += 1

    def send_rtcp(self, packet: bytes) -> None:
        """Protect and send a compound RTCP packet."""
        if self.dtls.secured:
            try:
                self._send(self.dtls.protect_rtcp(packet))
            except SrtpError:
                self.counters.dropped += 1

    def _send(self, datagram: bytes) -> None:
        if self.address is None or not self._send_to(datagram, self.address):
            self.counters.dropped += 1

    async def close(self) -> None:
        """End the handshake or say goodbye; the owner is not told."""
        self._closed = True
        if self._handshake is not None and not self._handshake.done():
            self._handshake.cancel()
        await self.dtls.close()


def _packed(address: Address) -> bytes:
    """Return the address as a sockaddr."""
    return pack_address(socket.AF_INET6 if ":" in address[0] else socket.AF_INET, address)
