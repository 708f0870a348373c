"""Outsiders: the right refusal, a line in the journal, nothing opened."""

from collections.abc import Callable

import aiohttp
import pytest

from media.client.session.address import StageAddress
from media.client.session.publisher import Publisher
from media.client.session.resource import NodeRefusedError
from media.clock import wall
from media.contract.tickets import Grant
from media.transport.dtls import SharedCertificate
from tests.support.clips import clip
from tests.support.lightpeer import LightViewer
from tests.support.offer import Credentials, write_offer
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
    place = StageAddress(relay.url, "l1", relay.mint.sign(claims))
    viewer = LightViewer(client_http, place, CERTIFICATE)
    await viewer.start()
    await until(lambda: viewer.octets > 0, 5, "media")
    body = {"jti": [claims.jti], "subjects": [], "until": wall() + 600}
    await relay.control(client_http, "POST", "/revoke", body)
    await until(viewer.lost.is_set, 5, "the end of the viewer's session")
    await viewer.close()
    await is_refused(client_http, place)
    await relay.stop()
    await relay.start()
    await is_refused(client_http, place)
    await publisher.close()
    reasons = [
        record["data"]["reason"]
        for record in await relay.records(client_http)
        if record["kind"] == "refused"
    ]
    assert reasons == ["revoked", "revoked"]


async def is_refused(http: aiohttp.ClientSession, place: StageAddress) -> None:
    """Try to watch; the node must not let this ticket in."""
    viewer = LightViewer(http, place, CERTIFICATE)
    with pytest.raises(NodeRefusedError) as refused:
        await viewer.start()
    assert refused.value.status in (401, 403)
    await viewer.close()


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


async def test_a_revoked_device_stays_out_and_its_successor_comes_in(
    relay: RelayProcess, client_http: aiohttp.ClientSession
) -> None:
    publisher = Publisher(client_http, relay.publish_place("l1"), clip())
    await publisher.start()
    stolen = StageAddress(relay.url, "l1", relay.mint.view("l1", device="old"))
    viewer = LightViewer(client_http, stolen, CERTIFICATE)
    await viewer.start()
    await until(lambda: viewer.octets > 0, 5, "media")
    await relay.control(client_http, "POST", "/revoke", {"devices": ["old"], "until": wall() + 600})
    await until(viewer.lost.is_set, 5, "the end of the revoked device's session")
    await viewer.close()
    others = (
        ("l1", relay.mint.view("l1", device="old")),
        ("l2", relay.mint.view("l2", device="old")),
    )
    for stage, ticket in (("l1", stolen.ticket), *others):  # none of today's opens anything
        again = LightViewer(client_http, StageAddress(relay.url, stage, ticket), CERTIFICATE)
        with pytest.raises(NodeRefusedError) as refused:
            await again.start()
        assert refused.value.status in (401, 403)
        await again.close()
    fresh = StageAddress(relay.url, "l1", relay.mint.view("l1", device="new"))
    successor = LightViewer(client_http, fresh, CERTIFICATE)
    await successor.start()
    await until(lambda: successor.octets > 0, 5, "media for the room's new device")
    await successor.close()
    await publisher.close()
