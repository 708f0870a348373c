"""The one place that uses aiortc's private parts: DTLS-SRTP over our own socket.

Checked against aiortc 1.16.0; tests/unit/media/transport/test_dtls.py is the contract test.
`RTCDtlsTransport` runs over any object with `role`, `_recv()` and `_send()`; we
hand it only DTLS datagrams and take the two SRTP sessions when the handshake is done, so media
never waits behind its task.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

from aiortc.rtcdtlstransport import (
    SRTP_AEAD_AES_128_GCM,
    SRTP_AES128_CM_SHA1_80,
    RTCCertificate,
    RTCDtlsFingerprint,
    RTCDtlsParameters,
    RTCDtlsTransport,
    SRTPProtectionProfile,
)

from media.transport.retransmission import WINDOW, RetransmissionSession
from media.transport.srtp import (
    Handle,
    Pointer,
    Protector,
    SrtpError,
    Workspace,
    handle_of,
    outbound_session,
    unprotect_all,
    unprotect_rtcp_in_place,
)

GCM_TAG, CM_TAG = 16, 10
QUEUE_LIMIT = 64
"""DTLS datagrams kept at most; a peer that floods loses its own handshake, nobody else's."""

PROFILES = [SRTP_AEAD_AES_128_GCM, SRTP_AES128_CM_SHA1_80]
"""In this order: GCM-128 is the cheapest to protect. Left alone, OpenSSL picks GCM-256."""


class DtlsError(Exception):
    """the handshake failed, or the peer's certificate is not the one it announced"""


class SharedCertificate(RTCCertificate):
    """A certificate whose TLS context is made once: 0.25 ms a handshake instead of 0.59."""

    _contexts: dict[tuple[bytes, ...], Any]

    def _create_ssl_context(self, srtp_profiles: list[SRTPProtectionProfile]) -> Any:
        contexts = self.__dict__.setdefault("_contexts", {})
        key = tuple(profile.openssl_profile for profile in srtp_profiles)
        if key not in contexts:
            contexts[key] = super()._create_ssl_context(srtp_profiles)
        return contexts[key]

    @property
    def fingerprint(self) -> str:
        """The SHA-256 fingerprint as it stands in an SDP answer."""
        return next(f.value for f in self.getFingerprints() if f.algorithm == "sha-256")


def _no_socket(_datagram: bytes) -> None:
    """Stands for the socket of a link that is closed."""


class _Pipe:
    """What RTCDtlsTransport asks of an ICE transport."""

    role = "controlled"

    def __init__(self, send: Callable[[bytes], None]) -> None:
        self.queue: asyncio.Queue[bytes | None] = asyncio.Queue(QUEUE_LIMIT)
        self._send_datagram = send

    def forget(self) -> None:
        """Drop the reference to the link that we send through."""
        self._send_datagram = _no_socket

    async def _recv(self) -> bytes:
        datagram = await self.queue.get()
        if datagram is None:
            raise ConnectionError
        return datagram

    async def _send(self, datagram: bytes) -> None:
        self._send_datagram(datagram)


def _no_owner() -> None:
    """Stands for an owner whose link is closed."""


class DtlsSrtp:
    """One peer's handshake, by default as DTLS server, and afterwards its two SRTP directions."""

    def __init__(
        self,
        certificate: SharedCertificate,
        send: Callable[[bytes], None],
        on_closed: Callable[[], None],
        profiles: Sequence[SRTPProtectionProfile] = PROFILES,
        role: str = "server",
    ) -> None:
        self._pipe = _Pipe(send)
        self._transport: Any = RTCDtlsTransport(self._pipe, [certificate])  # type: ignore[arg-type]
        self._transport._set_role(role)
        self._transport._srtp_profiles = list(profiles)
        self._on_closed = on_closed
        self._secured = False

    def feed(self, datagram: bytes) -> bool:
        """Take a DTLS datagram from the socket; return False when the queue is full."""
        try:
            self._pipe.queue.put_nowait(datagram)
        except asyncio.QueueFull:
            return False
        return True

    async def handshake(self, fingerprints: Sequence[tuple[str, str]]) -> None:
        """Complete the handshake with a peer that announced these (algorithm, value) pairs.

        Raises DtlsError when it fails or the certificate has another fingerprint.
        """
        announced = [RTCDtlsFingerprint(algorithm, value) for algorithm, value in fingerprints]
        await self._transport.start(RTCDtlsParameters(fingerprints=announced))
        if self._transport.state != "connected":
            raise DtlsError(f"DTLS is {self._transport.state}")
        self._secured = True
        profile = self._transport._ssl.get_selected_srtp_profile()
        self.tag = GCM_TAG if b"GCM" in profile else CM_TAG
        fresh, space = outbound_session(*self._outbound_key(profile), WINDOW), Workspace()
        self._protector = Protector(fresh, space)
        self._long_window = Protector(self._transport._tx_srtp, space)
        self._retransmission = RetransmissionSession(self._long_window.protect)
        self._unprotector = handle_of(self._transport._rx_srtp)
        self._transport.on("statechange", self._state_changed)

    def _outbound_key(self, openssl_profile: bytes) -> tuple[bytes, int]:
        """Return the handshake's master key and salt (RFC 5764 section 4.2) for what we send, and
        libsrtp's number of the profile. aiortc's own session has a long replay window; that of new
        packets shall be short.
        """
        transport = self._transport
        profile = next(p for p in transport._srtp_profiles if p.openssl_profile == openssl_profile)
        octets = 2 * (profile.key_length + profile.salt_length)
        keys = transport._ssl.export_keying_material(b"EXTRACTOR-dtls_srtp", octets)
        key = profile.get_key_and_salt(keys, 1 if transport._role == "server" else 0)
        return key, profile.libsrtp_profile

    @property
    def secured(self) -> bool:
        return self._secured

    @property
    def protector(self) -> Handle:
        """The outbound libsrtp handle, for protecting prepared buffers in one batch."""
        return self._protector.handle

    def protect(self, packet: bytes) -> bytes:
        """Return the SRTP packet of a new one; raise SrtpError, above all before the handshake."""
        if not self._secured:
            raise SrtpError("not secured")
        return self._protector.protect(packet)

    def protect_retransmission(self, packet: bytes, newest: int) -> bytes:
        """Return the SRTP packet of one that was sent before, as RetransmissionSession says."""
        if not self._secured:
            raise SrtpError("not secured")
        return self._retransmission.protect(packet, newest)

    def retransmitter(self, ssrc: int, newest: int) -> Handle:
        """Return the handle that protects packets of this SSRC that were sent before, in a batch
        (see RetransmissionSession.follow); raise SrtpError before the handshake.
        """
        if not self._secured:
            raise SrtpError("not secured")
        self._retransmission.follow(ssrc, newest)
        return self._long_window.handle

    def protect_rtcp(self, packet: bytes) -> bytes:
        if not self._secured:
            raise SrtpError("not secured")
        return self._long_window.protect_rtcp(packet)

    def unprotect_in_place(
        self, pointers: Sequence[Pointer], lengths: Sequence[Pointer]
    ) -> list[int]:
        """Turn SRTP packets into RTP where they lie, and their lengths, which are pointed to, too.

        Returns libsrtp's status of each: 0 for a genuine one.
        """
        return unprotect_all(self._unprotector, pointers, lengths)

    def unprotect_rtcp_in_place(self, pointer: Pointer, length: Pointer) -> bool:
        """Do the same with an SRTCP packet; return whether it is genuine."""
        return unprotect_rtcp_in_place(self._unprotector, pointer, length)

    def unprotect(self, packet: bytes) -> bytes:
        """Return the RTP packet; raise SrtpError when it is forged, replayed or too old."""
        return bytes(self._transport._rx_srtp.unprotect(packet))

    def unprotect_rtcp(self, packet: bytes) -> bytes:
        """Return the RTCP packet; raise SrtpError when it is forged, replayed or too long."""
        try:
            return bytes(self._transport._rx_srtp.unprotect_rtcp(packet))
        except ValueError as error:
            raise SrtpError("too long") from error

    async def close(self) -> None:
        """Send close_notify and stop. The keys are freed with this object: no libsrtp handle of it
        may outlive that.
        """
        self._secured = False
        transport, self._transport = self._transport, None
        if transport is None:
            return
        transport.remove_all_listeners()
        try:
            await transport.stop()
        finally:
            self._pipe.forget()
            self._on_closed = _no_owner

    def _state_changed(self) -> None:
        if self._transport.state in ("closed", "failed") and self._secured:
            self._secured = False
            self._on_closed()
