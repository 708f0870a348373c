"""A peer without codecs: its own UDP socket, ICE checks to a lite node, DTLS, counted packets.

For loads of many viewers, for measurements of the first packet, and for tests that send what no
honest client would. It keeps no jitter buffer and asks for nothing again.
"""

import asyncio
import contextlib
import secrets
from collections import Counter
from collections.abc import Sequence
from typing import Protocol

import aiohttp
from aioice import stun
from aiortc.rtcdtlstransport import SRTPProtectionProfile

from media.client.session.address import StageAddress
from media.client.session.peer import CONNECT_TIMEOUT, AnswerFilter, PeerLostError
from media.client.session.resource import Resource, delete_session, post_offer
from media.packets.demux import classify
from media.packets.rtcp import RtcpError, RtcpItem, pack_pli, pack_receiver_report, parse_rtcp
from media.packets.sdp import SdpError
from media.packets.stun import StunError, binding_response, parse_binding_request
from media.transport.dtls import PROFILES, DtlsError, DtlsSrtp, SharedCertificate
from media.transport.srtp import SrtpError
from tests.support.offer import Answer, Credentials, read_answer, write_offer

CHECK_EVERY = 2.0
FIRST_CHECKS = 0.1
CONSENT = 10.0
"""Seconds without an answer to our checks after which the peer is lost (RFC 7675: 30 at most)."""

HOST_PRIORITY = (110 << 24) | (65535 << 8) | 255


class Datagrams(Protocol):
    """A connected UDP socket, as asyncio's DatagramTransport is one."""

    def sendto(self, data: bytes) -> None: ...
    def is_closing(self) -> bool: ...
    def close(self) -> None: ...


class LightPeer(asyncio.DatagramProtocol):
    """One WHIP or WHEP session over a socket of its own. Subclasses say which."""

    kinds: Sequence[str] = ("audio", "video")
    direction = "recvonly"
    video: Sequence[str] = ("H264",)

    def __init__(
        self,
        http: aiohttp.ClientSession,
        place: StageAddress,
        certificate: SharedCertificate,
        *,
        answer_filter: AnswerFilter = str,
        profiles: Sequence[SRTPProtectionProfile] = PROFILES,
    ) -> None:
        self.lost = asyncio.Event()
        self.packets: Counter[int] = Counter()
        self.octets = 0
        self.rtcp = 0
        self.first_packet_at: float | None = None
        self.last_media: float | None = None
        self.answer: Answer | None = None
        self._http, self._place, self._filter = http, place, answer_filter
        self._mine, self._certificate = Credentials(), certificate
        self._dtls = DtlsSrtp(certificate, self._send, self.lost.set, profiles, role="client")
        self._udp: Datagrams | None = None
        self._resource: Resource | None = None
        self._selected = asyncio.Event()
        self._heard = 0.0
        self._checks: asyncio.Task[None] | None = None
        self._ssrc = secrets.randbits(32)

    def endpoint(self) -> str:
        """Return the URL to which the offer goes."""
        return f"{self._place.node}/whep/{self._place.stage}"

    async def start(self) -> None:
        """Connect. Raise NodeUnreachableError, NodeRefusedError or PeerLostError."""
        fingerprint = self._certificate.fingerprint
        offer = write_offer(self.kinds, self.direction, self._mine, fingerprint, self.video)
        self._resource = await post_offer(self._http, self.endpoint(), self._place.ticket, offer)
        try:
            self.answer = read_answer(self._filter(self._resource.answer))
            async with asyncio.timeout(CONNECT_TIMEOUT):
                await self._connect(self.answer)
        except (SdpError, DtlsError, TimeoutError, OSError) as error:
            raise PeerLostError(f"no connection to the node's media port: {error!r}") from None

    async def _connect(self, answer: Answer) -> None:
        self._udp = await self._open(answer.host, answer.port)
        self._heard = asyncio.get_running_loop().time()
        self._checks = asyncio.create_task(self._keep_checking(answer))
        await self._selected.wait()
        await self._dtls.handshake(answer.fingerprints)
        self._on_secured(answer)

    async def _open(self, host: str, port: int) -> Datagrams:
        """Return a socket of this session's own, whose datagrams come to `datagram_received`."""
        loop = asyncio.get_running_loop()
        udp, _ = await loop.create_datagram_endpoint(lambda: self, remote_addr=(host, port))
        return udp

    def _on_secured(self, answer: Answer) -> None:
        """A viewer asks at once for a picture to begin with."""
        for ssrc in filter(None, answer.ssrcs):
            self.send_rtcp(pack_pli(self._ssrc, ssrc))

    async def _keep_checking(self, answer: Answer) -> None:
        """Send binding requests: fast until answered, then to keep the consent (RFC 7675)."""
        clock = asyncio.get_running_loop().time
        while clock() - self._heard < CONSENT:
            self._send(self._check(answer))
            if self._dtls.secured:
                self.send_rtcp(pack_receiver_report(self._ssrc, []))
            await asyncio.sleep(CHECK_EVERY if self._selected.is_set() else FIRST_CHECKS)
        self.lost.set()

    def _check(self, answer: Answer) -> bytes:
        request = stun.Message(message_method=stun.Method.BINDING, message_class=stun.Class.REQUEST)
        request.attributes["USERNAME"] = f"{answer.ufrag}:{self._mine.ufrag}"
        request.attributes["PRIORITY"] = HOST_PRIORITY
        request.attributes["ICE-CONTROLLING"] = secrets.randbits(64)
        request.attributes["USE-CANDIDATE"] = None
        request.add_message_integrity(answer.pwd.encode())
        return bytes(request)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """Tell apart what came (RFC 7983) and count it."""
        kind = classify(data)
        if kind == "rtp":
            self._take_media(data)
        elif kind == "rtcp":
            self._take_rtcp(data)
        elif kind == "dtls":
            self._dtls.feed(data)
        elif kind == "stun":
            self._take_check(data, addr)

    def _take_check(self, data: bytes, addr: tuple[str, int]) -> None:
        """Answer a full agent's check; anything else on STUN is the answer to one of ours."""
        self._heard = asyncio.get_running_loop().time()
        try:
            request = parse_binding_request(data)
        except StunError:
            self._selected.set()
            return
        if request.verified(self._mine.pwd.encode()):
            self._send(binding_response(request, addr, self._mine.pwd.encode()))

    def _take_media(self, data: bytes) -> None:
        if not self._dtls.secured:
            return
        try:
            packet = self._dtls.unprotect(data)
        except SrtpError:
            return
        now = asyncio.get_running_loop().time()
        if self.first_packet_at is None:
            self.first_packet_at = now
        self.last_media = self._heard = now
        self.packets[int.from_bytes(packet[8:12], "big")] += 1
        self.octets += len(packet)

    def _take_rtcp(self, data: bytes) -> None:
        with contextlib.suppress(SrtpError, RtcpError):
            if self._dtls.secured:
                for item in parse_rtcp(self._dtls.unprotect_rtcp(data)):
                    self.rtcp += 1
                    self.on_item(item)

    def on_item(self, item: RtcpItem) -> None:
        """Called with each item of the node's RTCP; heard and left alone here."""

    def error_received(self, exc: Exception) -> None:
        """The node's port is closed (ICMP): it is gone."""
        self.lost.set()

    def send_rtp(self, packet: bytes) -> None:
        """Protect and send a packet as it is, well-formed or not."""
        self._send(self._dtls.protect(packet))

    def send_rtcp(self, packet: bytes) -> None:
        self._send(self._dtls.protect_rtcp(packet))

    def send_raw(self, datagram: bytes) -> None:
        """Send a datagram without protection."""
        self._send(datagram)

    def _send(self, datagram: bytes) -> None:
        if self._udp is not None and not self._udp.is_closing():
            self._udp.sendto(datagram)

    async def close(self) -> None:
        """End the session on the node and here."""
        self.lost.set()
        if self._checks is not None:
            self._checks.cancel()
            await asyncio.gather(self._checks, return_exceptions=True)
        if self._resource is not None:
            await delete_session(self._http, self._resource, self._place.ticket)
        await self._dtls.close()
        if self._udp is not None:
            self._udp.close()


class LightViewer(LightPeer):
    """A WHEP viewer that counts."""


class LightPublisher(LightPeer):
    """A WHIP publisher whose packets its owner writes."""

    direction = "sendonly"

    def endpoint(self) -> str:
        """Return the URL to which the offer goes."""
        return f"{self._place.node}/whip/{self._place.stage}"

    def _on_secured(self, answer: Answer) -> None:
        """A publisher asks for nothing."""
