"""Keys of a handshake: media crosses in both directions, under the profile that is wanted."""

import re

import pytest
from aiortc.rtcdtlstransport import (
    SRTP_AEAD_AES_128_GCM,
    SRTP_AEAD_AES_256_GCM,
    SRTP_AES128_CM_SHA1_80,
)

from media.packets.rtcp import pack_receiver_report
from media.packets.rtp import RtpPacket
from media.transport import dtls, srtp
from media.transport.dtls import DtlsError, SharedCertificate
from media.transport.srtp import SrtpError
from tests.unit.media.transport.test_dtls import CERTIFICATE, CLIENT_CERTIFICATE, Pair

PACKET = RtpPacket(True, 96, 1, 2, 3, b"picture").pack()
REPORT = pack_receiver_report(3, [])


@pytest.mark.parametrize(
    ("profiles", "octets"),
    [
        ([SRTP_AES128_CM_SHA1_80], 10),
        ([SRTP_AEAD_AES_128_GCM], 16),
        ([SRTP_AES128_CM_SHA1_80, SRTP_AEAD_AES_128_GCM], 16),
        ([SRTP_AEAD_AES_256_GCM, SRTP_AES128_CM_SHA1_80, SRTP_AEAD_AES_128_GCM], 16),
    ],
)
async def test_media_and_reports_cross_in_both_directions(
    profiles: list[object], octets: int
) -> None:
    pair = Pair(profiles)
    await pair.connect()
    assert (pair.server.secured, pair.client.secured) == (True, True)
    for one, other in ((pair.server, pair.client), (pair.client, pair.server)):
        assert one.tag == octets
        protected = one.protect(PACKET)
        assert len(protected) == len(PACKET) + octets
        assert other.unprotect(protected) == PACKET
        assert one.protect_retransmission(PACKET, 1) == protected
        assert other.unprotect_rtcp(one.protect_rtcp(REPORT)) == REPORT
    await pair.client.close()
    await pair.server.close()


async def test_what_is_too_long_for_a_report_is_refused() -> None:
    pair = Pair()
    await pair.connect()
    with pytest.raises(SrtpError):
        pair.server.unprotect_rtcp(b"\x80\xc9" + bytes(4000))
    await pair.client.close()
    await pair.server.close()


async def test_an_end_that_closes_itself_is_not_told_of_it() -> None:
    pair = Pair()
    await pair.connect()
    await pair.server.close()
    await pair.client.close()
    assert "server" not in pair.closed
    assert not pair.server.secured


async def test_nothing_is_protected_before_the_handshake() -> None:
    server = Pair().server
    assert not server.secured
    for protect in (
        server.protect,
        server.protect_rtcp,
        lambda packet: server.protect_retransmission(packet, 1),
    ):
        with pytest.raises(SrtpError, match="not secured"):
            protect(PACKET)
    await server.close()


async def test_a_handshake_that_fails_secures_nothing() -> None:
    pair = Pair()
    with pytest.raises(DtlsError, match=r"^DTLS is failed$"):
        await pair.connect(client_print="00:" * 31 + "00")
    assert not pair.server.secured
    with pytest.raises(SrtpError):
        pair.server.protect(PACKET)


async def test_sixty_four_datagrams_wait_at_most() -> None:
    server = Pair().server
    assert [server.feed(b"\x16") for _ in range(65)] == [True] * 64 + [False]


def test_every_certificate_has_contexts_of_its_own_by_profile() -> None:
    gcm, both = [SRTP_AEAD_AES_128_GCM], list(dtls.PROFILES)
    context = CERTIFICATE._create_ssl_context(gcm)
    assert CERTIFICATE._create_ssl_context(gcm) is context
    assert CERTIFICATE._create_ssl_context(both) is not context
    assert CLIENT_CERTIFICATE._create_ssl_context(gcm) is not context


def test_a_fingerprint_is_written_as_in_an_answer() -> None:
    made = SharedCertificate.generateCertificate()
    assert re.fullmatch(r"[0-9A-F]{2}(:[0-9A-F]{2}){31}", made.fingerprint)
    assert made.fingerprint != CERTIFICATE.fingerprint


def test_a_packet_has_room_for_what_libsrtp_adds() -> None:
    assert (srtp.BUFFER, srtp.MAX_TRAILER, dtls.GCM_TAG, dtls.CM_TAG) == (2048, 148, 16, 10)
