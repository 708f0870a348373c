"""The contract with aiortc's private parts, checked without a network."""

import asyncio
import gc
import weakref
from importlib.metadata import version

import pytest
from aiortc.rtcdtlstransport import SRTP_AES128_CM_SHA1_80

from media.node.session.publisher import MAX_PAYLOAD
from media.packets.rtcp import pack_receiver_report
from media.packets.rtp import RtpPacket
from media.transport.dtls import CM_TAG, GCM_TAG, PROFILES, DtlsError, DtlsSrtp, SharedCertificate
from media.transport.srtp import BUFFER, SrtpError

CERTIFICATE = SharedCertificate.generateCertificate()
CLIENT_CERTIFICATE = SharedCertificate.generateCertificate()


def test_the_version_and_the_private_names_that_are_used() -> None:
    assert version("aiortc").startswith("1.16.")
    transport = DtlsSrtp(CERTIFICATE, print, print)._transport
    for name in ("_set_role", "_srtp_profiles", "_role", "start", "stop", "state"):
        assert hasattr(transport, name), name
    assert hasattr(SharedCertificate.__mro__[1], "_create_ssl_context")


class Pair:
    """A server and a client whose datagrams go straight across."""

    def __init__(self, client_profiles: list[object] | None = None) -> None:
        self.closed: list[str] = []
        self.server = DtlsSrtp(CERTIFICATE, self._to_client, lambda: self.closed.append("server"))
        self.client = DtlsSrtp(
            CLIENT_CERTIFICATE,
            self.server.feed,
            lambda: self.closed.append("client"),
            profiles=client_profiles or PROFILES,  # type: ignore[arg-type]
            role="client",
        )

    def _to_client(self, datagram: bytes) -> None:
        self.client.feed(datagram)

    async def connect(self, client_print: str | None = None) -> None:
        theirs = CLIENT_CERTIFICATE.fingerprint if client_print is None else client_print
        await asyncio.wait_for(
            asyncio.gather(
                self.server.handshake([("sha-256", theirs)]),
                self.client.handshake([("sha-256", CERTIFICATE.fingerprint)]),
            ),
            5,
        )


@pytest.mark.parametrize(("profiles", "tag"), [(None, GCM_TAG), ([SRTP_AES128_CM_SHA1_80], CM_TAG)])
async def test_keys_are_agreed_and_media_crosses(profiles: list[object] | None, tag: int) -> None:
    pair = Pair(profiles)
    await pair.connect()
    packet = RtpPacket(True, 96, 1, 2, 3, b"picture").pack()
    protected = pair.server.protect(packet)
    assert len(protected) == len(packet) + tag == len(packet) + pair.server.tag
    assert b"picture" not in protected
    assert pair.client.unprotect(protected) == packet
    assert pair.server.protect(packet) == protected  # a retransmission is byte-identical
    with pytest.raises(SrtpError):
        pair.client.unprotect(protected)  # replayed
    with pytest.raises(SrtpError):
        pair.client.unprotect(protected[:-1] + b"\0")
    await pair.client.close()
    await pair.server.close()


@pytest.mark.parametrize("profiles", [None, [SRTP_AES128_CM_SHA1_80]], ids=["gcm", "cm"])
async def test_the_longest_packet_is_sent_again_as_it_was(profiles: list[object] | None) -> None:
    pair = Pair(profiles)
    await pair.connect()
    longest = RtpPacket(True, 96, 9, 2, 3, bytes(MAX_PAYLOAD + 1)).pack()  # VP8's ids made wide
    assert pair.server.protect_retransmission(longest, 9) == pair.server.protect(longest)
    for protect in (
        pair.server.protect,
        lambda packet: pair.server.protect_retransmission(packet, 9),
    ):
        with pytest.raises(SrtpError):
            protect(bytes(BUFFER))
    await pair.client.close()
    await pair.server.close()
    with pytest.raises(SrtpError):
        pair.server.protect_retransmission(longest, 9)


@pytest.mark.parametrize("profiles", [None, [SRTP_AES128_CM_SHA1_80]], ids=["gcm", "cm"])
async def test_a_packet_with_any_byte_changed_is_forged(profiles: list[object] | None) -> None:
    pair = Pair(profiles)
    await pair.connect()
    rtp = RtpPacket(True, 96, 1, 2, 3, b"picture").pack()
    report = pack_receiver_report(3, [])
    for protected, unprotect, plain in (
        (pair.server.protect(rtp), pair.client.unprotect, rtp),
        (pair.server.protect_rtcp(report), pair.client.unprotect_rtcp, report),
    ):
        for at in range(len(protected)):
            forged = protected[:at] + bytes([protected[at] ^ 0x40]) + protected[at + 1 :]
            with pytest.raises(SrtpError):
                unprotect(forged)
        assert unprotect(protected) == plain
    await pair.client.close()
    await pair.server.close()


async def test_what_cannot_be_protected_does_not_come_out_at_all() -> None:
    pair = Pair()
    await pair.connect()
    extension_beyond_the_end = b"\x90\x60\0\1" + bytes(8) + b"\xbe\xde\xff\xff picture"
    for packet in (extension_beyond_the_end, b"", b"\x80"):
        with pytest.raises(SrtpError):
            pair.server.protect(packet)
    with pytest.raises(SrtpError):
        pair.server.protect_rtcp(b"\x80")
    await pair.client.close()
    await pair.server.close()


async def test_a_certificate_with_another_fingerprint_is_refused() -> None:
    pair = Pair()
    with pytest.raises(DtlsError):
        await pair.connect(client_print="00:" * 31 + "00")


async def test_a_close_notify_is_reported_once() -> None:
    pair = Pair()
    await pair.connect()
    await pair.client.close()
    for _ in range(50):
        await asyncio.sleep(0.01)
    assert pair.closed == ["server"]
    assert not pair.server.secured


def test_all_handshakes_share_one_context() -> None:
    assert CERTIFICATE._create_ssl_context(PROFILES) is CERTIFICATE._create_ssl_context(PROFILES)


async def test_a_flood_of_datagrams_is_bounded() -> None:
    pair = Pair()
    taken = [pair.server.feed(b"\x16" * 20) for _ in range(200)]
    assert taken.count(True) == 64


async def test_a_closed_end_is_freed_at_once_and_protects_nothing_more() -> None:
    """Without the cyclic collector, which a node seldom lets run; its keys are the bulk of it."""
    pair = Pair()
    await pair.connect()
    gc.disable()
    try:
        transport = weakref.ref(pair.server._transport)
        await pair.server.close()
        await asyncio.sleep(0.05)
        assert transport() is None
    finally:
        gc.enable()
    for protect in (pair.server.protect, pair.server.protect_rtcp):
        with pytest.raises(SrtpError):
            protect(RtpPacket(False, 96, 1, 1, 1, b"x").pack())
    await pair.server.close()
    await pair.client.close()


async def test_a_packet_longer_than_the_buffer_is_refused() -> None:
    pair = Pair()
    await pair.connect()
    with pytest.raises(SrtpError, match="too long"):
        pair.server.protect(RtpPacket(False, 96, 1, 1, 1, bytes(3000)).pack())
    await pair.server.close()
    await pair.client.close()
