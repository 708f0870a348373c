"""Garbage: malformed SDP, JSON, STUN and RTP are refused clearly or dropped, and the node lives."""

import asyncio
import contextlib
import random
import socket
import struct
from collections.abc import AsyncIterator

import aiohttp
import pytest

from media.client.session.publisher import Publisher
from media.client.session.resource import NodeRefusedError
from media.client.session.viewer import Viewer
from media.contract.messages import CLOSE_MALFORMED, CLOSE_REFUSED, Hello
from media.contract.tickets import Slot
from media.transport.dtls import SharedCertificate
from media.transport.srtp import SrtpError
from tests.support.clips import clip
from tests.support.lightpeer import LightPublisher
from tests.support.offer import Credentials, write_offer
from tests.support.relay import RelayProcess
from tests.support.waiting import until

pytestmark = pytest.mark.e2e

CERTIFICATE = SharedCertificate.generateCertificate()


def sdp(direction: str) -> str:
    return write_offer(("audio", "video"), direction, Credentials(), CERTIFICATE.fingerprint)


MALFORMED_OFFERS = [
    ("", (400,)),
    ("v=1\r\n", (400,)),
    ("v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\n", (400,)),
    ("\x00\xff" * 200, (400,)),
    ("v=0\r\nm=video 99999 UDP/TLS/RTP/SAVPF 102\r\n", (400,)),
    ("v=0\r\nm=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n", (400, 422)),
    (sdp("sendonly").replace("a=rtpmap:111 opus", "a=rtpmap:111 speex"), (422,)),
    (sdp("recvonly"), (422,)),
    (sdp("sendonly").replace("a=setup:active", "a=setup:passive"), (422,)),
    (sdp("sendonly").replace("a=ice-pwd", "a=ice-nothing"), (400, 422)),
    (sdp("sendonly").replace("a=fingerprint:sha-256", "a=fingerprint:md5"), (400, 422)),
    (sdp("sendonly").replace("a=mid:1", "a=mid:0"), (400, 422)),
    (sdp("sendonly") + "m=video 9 UDP/TLS/RTP/SAVPF 102\r\na=mid:2\r\n", (422,)),
    ("v=0\r\n" + "a=x\r\n" * 30000, (400, 413)),
]


async def test_malformed_offers_are_refused_with_a_problem_and_open_nothing(
    relay: RelayProcess, client_http: aiohttp.ClientSession
) -> None:
    for number, (offer, statuses) in enumerate(MALFORMED_OFFERS):
        ticket = relay.mint.publish("l1", f"room:{number}")
        headers = {"Authorization": f"Bearer {ticket}", "Content-Type": "application/sdp"}
        async with client_http.post(
            f"{relay.url}/whip/l1", data=offer.encode("latin-1"), headers=headers
        ) as response:
            assert response.status in statuses, f"offer {number}: {response.status}"
            assert response.content_type == "application/problem+json", f"offer {number}"
    stages = (await relay.control(client_http, "GET", "/stages"))["stages"]
    assert stages.get("l1", []) == []


async def test_a_slot_takes_only_the_kinds_it_has(
    relay: RelayProcess, client_http: aiohttp.ClientSession
) -> None:
    place = relay.publish_place("l1", slot=Slot.SCREEN)
    publisher = LightPublisher(client_http, place, CERTIFICATE)
    with pytest.raises(NodeRefusedError) as refused:
        await publisher.start()
    assert (refused.value.status, refused.value.reason) == (422, "slot screen takes no audio")
    assert (await relay.control(client_http, "GET", "/stages"))["stages"] == {}
    await publisher.close()


async def test_a_wrong_media_type_is_refused(
    relay: RelayProcess, client_http: aiohttp.ClientSession
) -> None:
    headers = {"Authorization": f"Bearer {relay.mint.publish('l1')}", "Content-Type": "text/plain"}
    async with client_http.post(
        f"{relay.url}/whip/l1", data=sdp("sendonly"), headers=headers
    ) as response:
        assert response.status == 415


IMPROPER_HELLOS = {
    "{": CLOSE_MALFORMED,
    "[]": CLOSE_MALFORMED,
    '{"type": "dance"}': CLOSE_MALFORMED,
    '{"type": "report", "frames": 1}': CLOSE_MALFORMED,
    '{"type": "hello", "ticket": 3}': CLOSE_MALFORMED,
    "[" * 4000: CLOSE_MALFORMED,
    "x" * 5000: aiohttp.WSCloseCode.MESSAGE_TOO_BIG,
    Hello(ticket="a.b.c").model_dump_json(): CLOSE_REFUSED,
}


async def test_a_stage_socket_that_does_not_say_a_proper_hello_is_closed(
    relay: RelayProcess, client_http: aiohttp.ClientSession
) -> None:
    for text, code in IMPROPER_HELLOS.items():
        async with client_http.ws_connect(f"{relay.url}/stages/l1") as ws:
            await ws.send_str(text)
            received = await ws.receive(timeout=5)
            assert received.type in (aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED)
            assert ws.close_code == code, text[:60]
    assert "Traceback" not in relay.log()


@pytest.fixture
async def watched(relay: RelayProcess, client_http: aiohttp.ClientSession) -> AsyncIterator[Viewer]:
    """A lesson in progress whose viewer must not notice what strangers send."""
    publisher = Publisher(client_http, relay.publish_place("l1"), clip())
    await publisher.start()
    viewer = Viewer(client_http, relay.view_place("l1", "room:watched"))
    await viewer.start()
    await until(lambda: viewer.video.frames > 10, 10, "pictures")
    yield viewer
    await viewer.close()
    await publisher.close()


def strange_datagrams(chance: random.Random) -> list[bytes]:
    """Datagrams of every kind that belong to nobody: torn, empty, oversized, random."""
    stun = struct.pack(">HHI12s", 1, 0, 0x2112A442, b"x" * 12)
    torn = struct.pack(">HHI12sHH", 1, 400, 0x2112A442, b"x" * 12, 6, 999)
    zero = [struct.pack(">HHI12sHH", 1, 4, 0x2112A442, b"x" * 12, kind, 0) for kind in range(40)]
    firsts = [0, 1, 3, 20, 22, 63, 64, 127, 128, 129, 191, 192, 255]
    rubbish = [
        bytes([first]) + chance.randbytes(chance.randrange(0, 1400))
        for first in firsts
        for _ in range(20)
    ]
    return [b"", b"\x00", stun, torn, *zero, *rubbish, b"\x80" * 9000, bytes(1500)]


async def test_strange_datagrams_are_dropped_and_the_lesson_goes_on(
    relay: RelayProcess, watched: Viewer
) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
        for datagram in strange_datagrams(random.Random(11)):
            stranger.sendto(datagram, ("127.0.0.1", relay.udp_port))
        stranger.setblocking(False)
        await asyncio.sleep(0.5)
        with pytest.raises(BlockingIOError):
            stranger.recv(2048)
    seen = watched.video.frames
    await until(lambda: watched.video.frames > seen + 20, 5, "pictures after the strangers")


async def test_malformed_media_of_a_genuine_publisher_harms_nobody(
    relay: RelayProcess, client_http: aiohttp.ClientSession, watched: Viewer
) -> None:
    """It has a ticket for the guest's slot, so its session is real; its packets are not."""
    place = relay.publish_place("l1", "room:odd", slot=Slot.GUEST)
    odd = LightPublisher(client_http, place, CERTIFICATE)
    await odd.start()
    chance, sent = random.Random(5), 0
    for number in range(300):
        flags = chance.choice([0x80, 0x90, 0xA0, 0xBF, 0x8F])
        payload_type = chance.choice([102, 102, 111, 0, 127])
        head = struct.pack(">BBHII", flags, payload_type, number, 90 * number, 77)
        with contextlib.suppress(SrtpError):  # libsrtp will not protect a torn extension
            odd.send_rtp(head + chance.randbytes(chance.randrange(0, 1200)))
            sent += 1
    assert sent > 100
    for kind in (200, 201, 202, 203, 205, 206, 207):
        for length in (0, 1, 3, 40):
            body = chance.randbytes(12 + chance.randrange(0, 8) * 4)
            odd.send_rtcp(struct.pack(">BBH", 0x80 | chance.randrange(32), kind, length) + body)
    odd.send_raw(b"\x80\x66" + chance.randbytes(600))
    seen = watched.video.frames
    await until(lambda: watched.video.frames > seen + 30, 6, "pictures beside the odd publisher")
    assert "Traceback" not in relay.log()
    await odd.close()
