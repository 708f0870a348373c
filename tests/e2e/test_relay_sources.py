"""GET /stages/{stage}/sources: where a lesson is, asked without any trace on the node."""

import json

import aiohttp
import pytest

from media.node.http.sources import FRESH
from media.transport.dtls import SharedCertificate
from tests.support.endpoint_client import EndpointClient
from tests.support.lightpeer import LightPublisher
from tests.support.relay import RelayProcess
from tests.support.waiting import soon

pytestmark = pytest.mark.e2e

NOBODY = {"sources": {"main": False, "screen": False, "guest": False}}
MAIN = {"sources": {"main": True, "screen": False, "guest": False}}


class CutOff(LightPublisher):
    """A publisher whose cable is pulled: it goes without a word."""

    cut = False

    def _send(self, datagram: bytes) -> None:
        if not self.cut:
            super()._send(datagram)


@pytest.fixture
def endpoints(relay: RelayProcess, client_http: aiohttp.ClientSession) -> EndpointClient:
    return EndpointClient(client_http, relay)


async def asked(
    endpoints: EndpointClient, ticket: str | None, stage: str = "l1"
) -> tuple[int, object]:
    reply = await endpoints.ask("GET", f"/stages/{stage}/sources", ticket)
    return reply.status, json.loads(reply.text) if reply.status == 200 else None


async def test_an_unopened_stage_has_no_source_and_stays_unopened(
    endpoints: EndpointClient, client_http: aiohttp.ClientSession
) -> None:
    for ticket in (endpoints.relay.mint.view("l1"), endpoints.relay.mint.publish("l1")):
        assert await asked(endpoints, ticket) == (200, NOBODY)
    assert (await endpoints.relay.control(client_http, "GET", "/stages"))["stages"] == {}
    kinds = {record["kind"] for record in await endpoints.relay.records(client_http)}
    assert kinds == {"node_started"}


async def test_a_publisher_counts_as_long_as_it_is_heard(
    endpoints: EndpointClient, client_http: aiohttp.ClientSession
) -> None:
    ticket = endpoints.relay.mint.view("l1")
    certificate = SharedCertificate.generateCertificate()
    publisher = CutOff(client_http, endpoints.relay.publish_place("l1"), certificate)
    await publisher.start()

    async def is_source() -> bool:
        return await asked(endpoints, ticket) == (200, MAIN)

    async def is_none() -> bool:
        return await asked(endpoints, ticket) == (200, NOBODY)

    await soon(is_source, 5, "the publisher is a source")
    publisher.cut = True
    await soon(is_none, FRESH + 4, "a publisher that is cut off no longer counts", every=0.6)
    assert await endpoints.peers() == ["room:host"], "it is still let back into its session"
    await publisher.close()


async def test_only_a_ticket_of_the_stage_is_answered_and_a_closed_one_says_so(
    endpoints: EndpointClient, client_http: aiohttp.ClientSession
) -> None:
    assert (await asked(endpoints, None))[0] == 401
    assert (await asked(endpoints, endpoints.relay.mint.view("l2")))[0] == 403
    body = {"reason": "ended", "until": 4e9}
    await endpoints.relay.control(client_http, "POST", "/stages/l1/close", body)
    assert (await asked(endpoints, endpoints.relay.mint.view("l1")))[0] == 410


async def test_a_page_of_another_origin_may_ask(endpoints: EndpointClient) -> None:
    given = {"Origin": "https://pages.example", "Access_Control_Request_Method": "GET"}
    reply = await endpoints.ask("OPTIONS", "/stages/l1/sources", **given)
    assert reply.status == 200
    assert reply.headers["Access-Control-Allow-Origin"] == "https://pages.example"
    assert "Authorization" in reply.headers["Access-Control-Allow-Headers"]
