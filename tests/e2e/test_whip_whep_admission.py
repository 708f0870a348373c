"""Who may ask, how often, and from which page: docs/whip-whep.md W12 to W15."""

import re
from collections.abc import Sequence
from pathlib import Path

import aiohttp
import pytest
from yarl import URL

from tests.support.endpoint_client import (
    EVERY_SLOT,
    FIVE_SECTIONS,
    FRAGMENT,
    SDP,
    EndpointClient,
    Reply,
    fragment,
    offer,
)
from tests.support.relay import RelayProcess, running_relay

pytestmark = pytest.mark.e2e

PAGE = "https://pages.example"
PREFLIGHT = {"Origin": PAGE, "Access_Control_Request_Method": "POST"}
WAITING = offer("recvonly", FIVE_SECTIONS)


@pytest.fixture
def endpoints(relay: RelayProcess, client_http: aiohttp.ClientSession) -> EndpointClient:
    return EndpointClient(client_http, relay)


async def test_w12_nothing_happens_without_a_ticket(endpoints: EndpointClient) -> None:
    session = (await endpoints.wait()).headers["Location"]
    for method, path in (
        ("POST", "/whip/l1"),
        ("POST", "/whep/l1"),
        ("PATCH", session),
        ("DELETE", session),
    ):
        reply = await endpoints.ask(method, path, None, offer("sendonly"), Content_Type=SDP)
        assert (reply.status, reply.headers["WWW-Authenticate"]) == (401, "Bearer")
        reply = await endpoints.ask(method, path, "a.b.c", offer("sendonly"), Content_Type=SDP)
        assert reply.status == 401
        assert reply.headers["WWW-Authenticate"].startswith('Bearer error="invalid_token"')
    assert await endpoints.peers() == ["room:leg"]


async def test_w12_the_scheme_is_read_in_any_case_and_may_be_left_out(
    endpoints: EndpointClient,
) -> None:
    ticket = endpoints.relay.mint.view("l1")
    for shown in (f"Bearer {ticket}", f"bearer {ticket}", ticket):
        given = {"Authorization": shown, "Content_Type": SDP}
        reply = await endpoints.ask("POST", f"/whep/{EVERY_SLOT}", None, WAITING, **given)
        assert reply.status == 201
    for shown in ("Bearer", "Bearer ", f"Basic {ticket}"):
        given = {"Authorization": shown, "Content_Type": SDP}
        reply = await endpoints.ask("POST", f"/whep/{EVERY_SLOT}", None, WAITING, **given)
        assert reply.status == 401


async def test_w12_a_session_answers_only_to_its_own_ticket(endpoints: EndpointClient) -> None:
    session = (await endpoints.wait()).headers["Location"]
    for ticket in (endpoints.relay.mint.view("l1", "room:other"), endpoints.relay.mint.view("l2")):
        assert (await endpoints.ask("DELETE", session, ticket)).status == 403
        assert (await endpoints.patch(session, ticket, fragment(), {"If_Match": "*"})).status == 403
    assert await endpoints.peers() == ["room:leg"]


async def test_w13_a_page_may_preflight_and_read_what_it_needs(endpoints: EndpointClient) -> None:
    session = (await endpoints.wait()).headers["Location"]
    for path, accepted in (
        ("/whip/l1", ("Accept-Post", SDP)),
        ("/whep/l1", ("Accept-Post", SDP)),
        (session, ("Accept-Patch", FRAGMENT)),
    ):
        reply = await endpoints.ask("OPTIONS", path, **PREFLIGHT)
        assert (reply.status, reply.text) == (200, "")
        assert reply.headers[accepted[0]] == accepted[1]
        assert reply.headers["Access-Control-Allow-Origin"] == PAGE
        methods = set(reply.headers["Access-Control-Allow-Methods"].split(", "))
        assert methods == {"OPTIONS", "GET", "POST", "PATCH", "DELETE"}
        asked = reply.headers["Access-Control-Allow-Headers"]
        assert {"Authorization", "Content-Type", "If-Match"} <= set(asked.split(", "))
    created = await endpoints.ask(
        *("POST", "/whip/l1", endpoints.relay.mint.publish("l1"), offer("sendonly")),
        Content_Type=SDP,
        Origin=PAGE,
    )
    exposed = set(created.headers["Access-Control-Expose-Headers"].split(", "))
    assert {"Location", "ETag", "Link", "Accept-Patch", "Retry-After"} <= exposed


async def test_w13_a_page_may_read_why_it_was_refused(endpoints: EndpointClient) -> None:
    for ticket, status in ((None, 401), ("a.b.c", 401), (endpoints.relay.mint.view("l1"), 409)):
        given = {"Content_Type": SDP, "Origin": PAGE}
        reply = await endpoints.ask("POST", "/whep/l1", ticket, offer("recvonly"), **given)
        assert (reply.status, reply.headers["Access-Control-Allow-Origin"]) == (status, PAGE)


async def test_w13_pages_of_other_origins_are_told_nothing(
    tmp_path: Path, client_http: aiohttp.ClientSession
) -> None:
    async with running_relay(tmp_path, origins=(PAGE,)) as relay:
        endpoints = EndpointClient(client_http, relay)
        mine = await endpoints.ask("OPTIONS", "/whip/l1", **PREFLIGHT)
        assert mine.headers["Access-Control-Allow-Origin"] == PAGE
        assert mine.headers["Vary"] == "Origin"
        for origin in ("https://pages.example.evil", "http://pages.example", "null"):
            reply = await endpoints.ask("OPTIONS", "/whip/l1", **{**PREFLIGHT, "Origin": origin})
            assert reply.status == 200
            assert not [name for name in reply.headers if name.startswith("Access-Control")]


async def test_w14_get_answers_without_content(endpoints: EndpointClient) -> None:
    session = (await endpoints.wait()).headers["Location"]
    for path in ("/whip/l1", "/whep/l1", session):
        for method in ("GET", "HEAD"):
            reply = await endpoints.ask(method, path, endpoints.relay.mint.view("l1"))
            assert (reply.status, reply.text) == (204, "")
    put = await endpoints.ask("PUT", "/whip/l1", endpoints.relay.mint.publish("l1"), "x")
    assert put.status == 405
    assert "POST" in put.headers["Allow"]


def refused(replies: Sequence[Reply]) -> list[Reply]:
    """Return those that were one too many; meanwhile a few more may have become free."""
    found = [reply for reply in replies if reply.status == 429]
    assert len(found) > len(replies) / 2
    return found


async def test_w15_a_ticket_and_a_stranger_have_limits_of_their_own(
    endpoints: EndpointClient,
) -> None:
    ticket = endpoints.relay.mint.view("l1", "room:eager")
    replies = [await endpoints.wait(ticket) for _ in range(20)]
    assert {reply.status for reply in replies[:12]} == {201}
    assert {reply.headers["Retry-After"] for reply in refused(replies[12:])} == {"1"}
    strangers = [await endpoints.ask("POST", "/whip/l1", "a.b.c") for _ in range(60)]
    assert {reply.status for reply in strangers[:30]} == {401}
    assert {reply.headers["Retry-After"] for reply in refused(strangers[30:])} == {"5"}
    assert (await endpoints.wait()).status == 201  # a genuine ticket from the strangers' address


async def test_w15_sixty_two_rooms_may_share_an_address(endpoints: EndpointClient) -> None:
    replies = [
        await endpoints.wait(endpoints.relay.mint.view("l1", f"room:{n}")) for n in range(62)
    ]
    assert {reply.status for reply in replies} == {201}
    places = {reply.headers["Location"] for reply in replies}
    assert len(places) == 62
    assert all(re.fullmatch(r"/sessions/[0-9a-f]{32}", place) for place in places)


async def test_w15_changes_of_a_session_are_counted_too(endpoints: EndpointClient) -> None:
    ticket = endpoints.relay.mint.view("l1")
    created = await endpoints.wait(ticket)
    session, tag = created.headers["Location"], created.headers["ETag"]
    candidate = fragment("abcd", "p" * 22, "a=candidate:1 1 udp 1 192.0.2.1 9 typ host")
    headers = {"If_Match": tag}

    async def is_refused() -> bool:
        return (await endpoints.patch(session, ticket, candidate, headers)).status == 429

    assert any([await is_refused() for _ in range(20)])
    while await is_refused():  # the next one is used up as soon as it is there
        pass
    assert (await endpoints.ask("DELETE", session, ticket)).status == 429
    assert await endpoints.peers() == ["room:leg"]


NO_STAGES = ["%00abc", "%2e%2e", "l%0a1", "l 1", "%e4%b8%80", "l1%2f", "a" * 65, "l1;x", "%ff"]


@pytest.mark.parametrize("name", NO_STAGES)
async def test_a_name_that_no_stage_has_is_no_address_and_leaves_nothing_in_the_journal(
    endpoints: EndpointClient, client_http: aiohttp.ClientSession, name: str
) -> None:
    ticket = endpoints.relay.mint.view("l1")
    for method, path in (
        ("POST", f"/whep/{name}"),
        ("POST", f"/whip/{name}"),
        ("GET", f"/stages/{name}/sources"),
        ("GET", f"/stages/{name}"),
    ):
        url = URL(endpoints.relay.url + path, encoded=True)
        headers = {"Authorization": f"Bearer {ticket}", "Content-Type": SDP}
        body = offer("recvonly") if method == "POST" else None
        async with client_http.request(method, url, data=body, headers=headers) as answer:
            assert answer.status in (400, 404), path
    kinds = [record["kind"] for record in await endpoints.relay.records(client_http)]
    assert "refused" not in kinds
