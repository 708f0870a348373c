"""Outsiders and garbage: the right refusal, a line in the journal, nothing opened, a node alive."""

import asyncio
import contextlib
import random
import socket
import struct
from collections.abc import AsyncIterator, Callable

import aiohttp
import pytest

from media.client.lightpeer import LightPublisher, LightViewer
from media.client.offer import Credentials, write_offer
from media.client.place import Place
from media.client.publisher import Publisher
from media.client.resource import NodeRefusedError
from media.client.stage import message
from media.client.viewer import Viewer
from media.contract.messages import CLOSE_MALFORMED, CLOSE_REFUSED, Hello
from media.contract.tickets import Grant, Slot
from media.node.clock import wall
from media.transport.dtls import SharedCertificate, SrtpError
from tests.support.clips import clip
from tests.support.relay import RelayProcess
from tests.support.tickets import TicketMint
from tests.support.waiting import until

pytestmark = pytest.mark.e2e

CERTIFICATE = SharedCertificate.generateCertificate()
Forge = Callable[[TicketMint, Grant], str]


def sdp(direction: str) -> str:
    return write_offer(("audio", "video"), direction, Credentials(), CERTIFICATE.fingerprint)


def altered(mint: TicketMint, grant: Grant) -> str:
    """A genuine ticket whose payload was exchanged for another stage's."""
    head, _, signature = mint.sign(mint.claims("l2", "room:x", grant)).split(".")
    payload = mint.sign(mint.claims("l1", "room:x", grant)).split(".")[1]
    return f"{head}.{payload}.{signature}"


def wrong_key(_mint: TicketMint, grant: Grant) -> str:
    """Signed by a key that only says it is ours."""
    stranger = TicketMint()
    return stranger.sign(stranger.claims("l1", "room:x", grant))


def unsigned(mint: TicketMint, grant: Grant) -> str:
    """The header says that no signature is needed."""
    payload = mint.sign(mint.claims("l1", "room:x", grant)).split(".")[1]
    return f"eyJhbGciOiJub25lIn0.{payload}."


def expired(mint: TicketMint, grant: Grant) -> str:
    now = int(wall())
    return mint.sign(mint.claims("l1", "room:x", grant, nbf=now - 7200, exp=now - 61))


def early(mint: TicketMint, grant: Grant) -> str:
    now = int(wall())
    return mint.sign(mint.claims("l1", "room:x", grant, nbf=now + 120, exp=now + 7200))


def other_lesson(mint: TicketMint, grant: Grant) -> str:
    return mint.sign(mint.claims("l2", "room:x", grant))


def other_grant(mint: TicketMint, grant: Grant) -> str:
    """A viewer's ticket used to publish, and the other way round."""
    other = Grant.VIEW if grant is Grant.PUBLISH else Grant.PUBLISH
    return mint.sign(mint.claims("l1", "room:x", other))


def garbage(_mint: TicketMint, _grant: Grant) -> str:
    return "a.b.c"


FORGERIES: dict[Forge, tuple[int, str]] = {
    altered: (401, "bad-signature"),
    wrong_key: (401, "bad-signature"),
    unsigned: (401, "malformed"),
    garbage: (401, "malformed"),
    expired: (401, "expired"),
    early: (401, "not-yet-valid"),
    other_lesson: (403, "wrong-stage"),
    other_grant: (403, "wrong-grant"),
}
"""Status and the reason that the journal gives."""


@pytest.mark.parametrize("grant", list(Grant))
async def test_a_ticket_that_opens_nothing_is_refused_and_noted(
    relay: RelayProcess, client_http: aiohttp.ClientSession, grant: Grant
) -> None:
    endpoint = "whip" if grant is Grant.PUBLISH else "whep"
    offer = sdp("sendonly" if grant is Grant.PUBLISH else "recvonly")
    for forge, (status, _reason) in FORGERIES.items():
        headers = {
            "Authorization": f"Bearer {forge(relay.mint, grant)}",
            "Content-Type": "application/sdp",
        }
        async with client_http.post(
            f"{relay.url}/{endpoint}/l1", data=offer, headers=headers
        ) as response:
            assert response.status == status, f"{forge.__name__}: {response.status}"
            assert response.content_type == "application/problem+json", forge.__name__
            assert ("WWW-Authenticate" in response.headers) is (status == 401), forge.__name__
            assert "Location" not in response.headers
    records = await relay.records(client_http)
    assert [record["kind"] for record in records] == ["node_started"] + len(FORGERIES) * ["refused"]
    noted = {
        forge.__name__: r["data"]["reason"] for forge, r in zip(FORGERIES, records[1:], strict=True)
    }
    assert noted == {forge.__name__: reason for forge, (_status, reason) in FORGERIES.items()}


async def test_without_a_ticket_nothing_opens(
    relay: RelayProcess, client_http: aiohttp.ClientSession
) -> None:
    headers = {"Content-Type": "application/sdp"}
    for endpoint in ("whip/l1", "whep/l1"):
        async with client_http.post(
            f"{relay.url}/{endpoint}", data=sdp("sendrecv"), headers=headers
        ) as response:
            assert response.status == 401
            assert response.headers["WWW-Authenticate"].startswith("Bearer")
    assert (await relay.control(client_http, "GET", "/stages"))["stages"] == {}


async def test_a_revoked_ticket_ends_its_peer_and_is_refused_from_then_on(
    relay: RelayProcess, client_http: aiohttp.ClientSession
) -> None:
    publisher = Publisher(client_http, relay.publish_place("l1"), clip())
    await publisher.start()
    claims = relay.mint.claims("l1", "room:leg", Grant.VIEW)
    place = Place(relay.url, "l1", relay.mint.sign(claims))
    viewer = LightViewer(client_http, place, CERTIFICATE)
    await viewer.start()
    await until(lambda: viewer.octets > 0, 5, "media")
    body = {"jti": [claims.jti], "subjects": [], "until": wall() + 600}
    await relay.control(client_http, "POST", "/revoke", body)
    await until(viewer.lost.is_set, 5, "the end of the viewer's session")
    await viewer.close()
    again = LightViewer(client_http, place, CERTIFICATE)
    with pytest.raises(NodeRefusedError) as refused:
        await again.start()
    assert refused.value.status in (401, 403)
    await again.close()
    await relay.stop()
    await relay.start()
    after_restart = LightViewer(client_http, place, CERTIFICATE)
    with pytest.raises(NodeRefusedError) as refused:
        await after_restart.start()
    assert refused.value.status in (401, 403)
    await after_restart.close()
    await publisher.close()
    reasons = [
        record["data"]["reason"]
        for record in await relay.records(client_http)
        if record["kind"] == "refused"
    ]
    assert reasons == ["revoked", "revoked"]


async def test_a_foreign_session_cannot_be_ended(
    relay: RelayProcess, client_http: aiohttp.ClientSession
) -> None:
    publisher = Publisher(client_http, relay.publish_place("l1"), clip())
    await publisher.start()
    (entry,) = (await relay.control(client_http, "GET", "/stages"))["stages"]["l1"]
    session = f"{relay.url}/sessions/{entry['peer']}"
    for ticket, status in (("", 401), (relay.mint.view("l1", "room:other"), 403)):
        headers = {"Authorization": f"Bearer {ticket}"} if ticket else {}
        async with client_http.delete(session, headers=headers) as response:
            assert response.status == status
    assert len((await relay.control(client_http, "GET", "/stages"))["stages"]["l1"]) == 1
    await publisher.close()
    async with client_http.delete(
        session, headers={"Authorization": f"Bearer {relay.mint.publish('l1')}"}
    ) as response:
        assert response.status == 404


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
    message(Hello(ticket="a.b.c")): CLOSE_REFUSED,
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
    await until(lambda: viewer.sight.frames > 10, 10, "pictures")
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
    seen = watched.sight.frames
    await until(lambda: watched.sight.frames > seen + 20, 5, "pictures after the strangers")


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
    seen = watched.sight.frames
    await until(lambda: watched.sight.frames > seen + 30, 6, "pictures beside the odd publisher")
    assert "Traceback" not in relay.log()
    await odd.close()
