"""Hostile input against a running node: `python -m tests.fuzz live` in small, and what a ticket
that was taken away can still do."""

import asyncio
from pathlib import Path

import aiohttp
import pytest
from yarl import URL

from media.client.session.address import StageAddress
from media.clock import wall
from media.contract.messages import CLOSE_REFUSED, Hello
from media.contract.tickets import LEEWAY, Grant
from media.node.node import PENDING
from media.transport.dtls import SharedCertificate
from tests.fuzz.live import Speaker, siege
from tests.fuzz.target import resident
from tests.soak.crowd import Crowd
from tests.soak.looking import look
from tests.support.lightpeer import LightPublisher
from tests.support.offer import Credentials, write_offer
from tests.support.relay import RelayProcess
from tests.support.waiting import until

pytestmark = pytest.mark.e2e

CERTIFICATE = SharedCertificate.generateCertificate()


async def test_a_lesson_goes_on_under_siege(tmp_path: Path) -> None:
    async with siege(tmp_path / "node", seed=5) as besieged:
        rss = resident(besieged.relay.pid)
        await besieged.strangers(3000)
        await besieged.impostors(3000)
        await besieged.visitors(60)
        await besieged.goes_on("after the siege")
        besieged.judge(rss)


async def test_a_revoked_room_neither_hears_nor_reports_any_more(
    relay: RelayProcess, client_http: aiohttp.ClientSession
) -> None:
    claims = relay.mint.claims("l1", "room:leg", Grant.VIEW)
    async with client_http.ws_connect(f"{relay.url}/stages/l1") as line:
        await line.send_str(Hello(ticket=relay.mint.sign(claims)).model_dump_json())
        assert (await line.receive_json(timeout=5))["type"] == "welcome"
        body = {"jti": [], "subjects": ["room:leg"], "until": wall() + 600}
        await relay.control(client_http, "POST", "/revoke", body)
        assert (await line.receive(timeout=5)).type is aiohttp.WSMsgType.CLOSE
        assert line.close_code == CLOSE_REFUSED


async def test_a_ticket_ends_with_its_time_whether_anybody_ends_the_lesson_or_not(
    relay: RelayProcess, client_http: aiohttp.ClientSession
) -> None:
    claims = relay.mint.claims("l1", "room:host", Grant.PUBLISH, exp=int(wall() - LEEWAY + 3))
    place = StageAddress(relay.url, "l1", relay.mint.sign(claims))
    publisher = LightPublisher(client_http, place, CERTIFICATE)
    await publisher.start()
    await until(publisher.lost.is_set, 8, "the end of a session whose ticket expired")
    await publisher.close()
    (left,) = [r for r in await relay.records(client_http) if r["kind"] == "peer_left"]
    assert left["data"]["reason"] == "expired"


async def test_one_ticket_cannot_fill_the_node(
    relay: RelayProcess, client_http: aiohttp.ClientSession
) -> None:
    """Sessions that nobody ever connects give way to the next one of the same ticket."""
    ticket = relay.mint.view("l1", "room:leg")
    headers = {"Authorization": f"Bearer {ticket}", "Content-Type": "application/sdp"}
    kinds = ("audio", "video", "video", "audio", "video")
    for _ in range(PENDING + 5):
        offer = write_offer(kinds, "recvonly", Credentials(), CERTIFICATE.fingerprint)
        url = f"{relay.url}/whep/l1?slots=main,screen,guest"
        async with client_http.post(url, data=offer, headers=headers) as response:
            assert response.status == 201, await response.text()
    rosters = (await relay.control(client_http, "GET", "/stages"))["stages"]
    assert len(rosters["l1"]) == PENDING


async def test_who_joined_and_left_is_nowhere_in_the_node(
    relay: RelayProcess, client_http: aiohttp.ClientSession
) -> None:
    """`python -m tests.soak` in small: attendance and WebSockets that say goodbye."""
    speaker = Speaker(client_http, relay.publish_place("l1"), CERTIFICATE)
    await speaker.start()
    speaker.begin()
    crowd = Crowd(relay, client_http, seed=1, shares=(3, 1, 0, 0))
    await crowd.join(4, at_once=4)
    before = tables(await look(relay, client_http))
    await crowd.join(40, at_once=4)
    await asyncio.sleep(0.5)
    assert set(crowd.happened) == {"visit", "listen"}
    assert tables(await look(relay, client_http)) == before
    await speaker.close()


def tables(sizes: dict[str, int]) -> dict[str, int]:
    """What does not depend on the moment: no memory, no connections kept alive."""
    return {name: sizes[name] for name in ("sessions", "subscribers", "ufrags", "addresses")}


async def test_a_control_secret_of_any_bytes_is_refused(relay: RelayProcess) -> None:
    status = await _raw_status(relay, b"GET /control/hello", b"Authorization: Bearer \xff\xfe")
    assert status == 401
    assert relay.log() == ""


async def _raw_status(relay: RelayProcess, start: bytes, header: bytes) -> int:
    reader, writer = await asyncio.open_connection("127.0.0.1", relay.http_port)
    writer.write(start + b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" + header + b"\r\n\r\n")
    answer = await reader.read()
    writer.close()
    return int(answer.split(b" ", 2)[1])


async def test_a_flood_of_bad_tickets_fills_neither_journal_nor_log(
    relay: RelayProcess, client_http: aiohttp.ClientSession
) -> None:
    for _ in range(400):
        async with client_http.ws_connect(f"{relay.url}/stages/{'x' * 64}") as line:
            await line.send_str(Hello(ticket="a.b.c").model_dump_json())
            await line.receive(timeout=5)
            assert line.close_code == CLOSE_REFUSED
    records = await relay.records(client_http)
    assert len(records) < 100
    assert all(len(record["stage"]) <= 64 for record in records)
    assert relay.log() == ""


async def test_a_stage_that_no_lesson_can_have_is_not_found_and_noted_nowhere(
    relay: RelayProcess, client_http: aiohttp.ClientSession
) -> None:
    before = len(await relay.records(client_http))
    for name in ("x" * 65, "x" * 2000, "%00abc", "a%20b"):
        place = URL(f"{relay.url}/stages/{name}", encoded=True)
        with pytest.raises(aiohttp.WSServerHandshakeError, match="404"):
            await client_http.ws_connect(place)
    assert len(await relay.records(client_http)) == before
    assert relay.log() == ""
