"""PATCH and DELETE on a session, and how sessions end: docs/whip-whep.md S1 to S6."""

import asyncio
import re
from collections.abc import AsyncIterator

import aiohttp
import pytest

from media.packets.sdp import parse_fragment
from tests.support.endpoint_client import CERTIFICATE, SDP, EndpointClient, fragment
from tests.support.relay import RelayProcess
from tests.support.roaming import RoamingPublisher, RoamingViewer, keep_sending
from tests.support.standstill import Stopwatch
from tests.support.waiting import until, within

pytestmark = pytest.mark.e2e

CANDIDATE = "a=candidate:1 1 udp 2130706431 192.0.2.1 9 typ host"


@pytest.fixture
def endpoints(relay: RelayProcess, client_http: aiohttp.ClientSession) -> EndpointClient:
    return EndpointClient(client_http, relay)


@pytest.fixture
async def host(
    relay: RelayProcess, client_http: aiohttp.ClientSession
) -> AsyncIterator[RoamingPublisher]:
    """A publisher that sends pictures."""
    publisher = RoamingPublisher(client_http, relay.publish_place("l1"), CERTIFICATE)
    await publisher.start()
    sending = asyncio.create_task(keep_sending(publisher))
    yield publisher
    sending.cancel()
    await asyncio.gather(sending, return_exceptions=True)
    await publisher.close()


@pytest.fixture
async def viewer(
    relay: RelayProcess, client_http: aiohttp.ClientSession, host: RoamingPublisher
) -> AsyncIterator[RoamingViewer]:
    """A viewer that gets them."""
    watching = RoamingViewer(client_http, relay.view_place("l1"), CERTIFICATE)
    await watching.start()
    await until(lambda: watching.received > 20, 5, "pictures")
    yield watching
    await watching.close()


async def goes_on(viewer: RoamingViewer) -> float:
    """Return the seconds until thirty more packets have come."""
    before = viewer.received
    return await until(lambda: viewer.received > before + 30, 3, "media goes on")


async def test_s1_another_type_or_a_malformed_fragment_is_refused(
    endpoints: EndpointClient,
) -> None:
    ticket = endpoints.relay.mint.view("l1")
    created = await endpoints.wait(ticket)
    session, tag = created.headers["Location"], created.headers["ETag"]
    wrong = await endpoints.ask(
        "PATCH", session, ticket, fragment(), Content_Type=SDP, If_Match=tag
    )
    assert (wrong.status, wrong.headers["Accept-Patch"]) == (
        415,
        "application/trickle-ice-sdpfrag",
    )
    short, strange = fragment("abc"), fragment("ab:d")
    lone = "a=ice-ufrag:abcd\r\n"
    for body in ("", "hello", "a=sendrecv\r\n", lone, short, strange, fragment("abcd", "short")):
        assert (await endpoints.patch(session, ticket, body, {"If_Match": "*"})).status == 400
    two = fragment(
        "fresh", "p" * 22, "m=video 9 UDP/TLS/RTP/SAVPF 0", "a=mid:1", "a=ice-ufrag:more"
    )
    unsupported = await endpoints.patch(session, ticket, two, {"If_Match": "*"})
    assert (unsupported.status, '"unsupported-fragment"' in unsupported.text) == (422, True)
    present = await endpoints.patch(session, ticket, f"{CANDIDATE}\r\n", {"If_Match": tag})
    assert present.status == 204, "what was refused must not have changed the session"
    assert await endpoints.peers() == ["room:leg"]


async def test_s2_candidates_are_taken_without_a_word(endpoints: EndpointClient) -> None:
    ticket = endpoints.relay.mint.view("l1")
    created = await endpoints.wait(ticket)
    session, headers = created.headers["Location"], {"If_Match": created.headers["ETag"]}
    strange = "a=candidate:9 1 tcp 1 room-7.local 9 typ host tcptype active"
    ended = "a=end-of-candidates"
    for lines in ((CANDIDATE,), (strange,), (CANDIDATE, ended), (ended,)):
        body = "m=audio 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:0\r\n" + "".join(f"{x}\r\n" for x in lines)
        reply = await endpoints.patch(session, ticket, body, headers)
        assert (reply.status, reply.text, "ETag" in reply.headers) == (204, "", False)


async def test_s3_without_if_match_or_with_an_older_one_nothing_changes(
    endpoints: EndpointClient, viewer: RoamingViewer
) -> None:
    refused = ({}, 428), ({"If_Match": '"older"'}, 412), ({"If_Match": 'W/"a", "older"'}, 412)
    for headers, status in refused:
        for body in (f"{CANDIDATE}\r\n", fragment("fresh", "p" * 22)):
            assert (await viewer.patch(body, **headers))[0] == status
    await goes_on(viewer)


async def test_s3_the_present_tag_may_stand_in_a_list(endpoints: EndpointClient) -> None:
    ticket = endpoints.relay.mint.view("l1")
    created = await endpoints.wait(ticket)
    headers = {"If_Match": f'"older", {created.headers["ETag"]}'}
    reply = await endpoints.patch(created.headers["Location"], ticket, f"{CANDIDATE}\r\n", headers)
    assert reply.status == 204


async def test_s4_a_restart_has_new_credentials_and_media_goes_on(viewer: RoamingViewer) -> None:
    assert viewer.answer is not None
    older, tags = viewer.answer.ufrag, set()
    for form in ("*", '"*"'):
        body = fragment(f"fresh{len(tags)}", "p" * 22)
        status, tag, text = await viewer.patch(body, If_Match=form)
        found = parse_fragment(text)
        assert status == 200
        assert found.ufrag not in (None, older)
        assert [line.split()[5] for line in found.candidates if line] == [str(viewer.answer.port)]
        assert text.startswith("a=ice-lite\r\nm=audio 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:0\r\n")
        tags.add(tag)
        again = await viewer.patch(body, If_Match=form)
        assert (again[0], again[1], again[2]) == (200, tag, text)
    assert len(tags) == 2
    stale = await viewer.patch(f"{CANDIDATE}\r\n", If_Match=tags.pop())
    fresh = await viewer.patch(f"{CANDIDATE}\r\n", If_Match=tags.pop())
    assert {stale[0], fresh[0]} == {412, 204}


async def test_s4_restarts_that_lead_nowhere_leave_the_session_alive(viewer: RoamingViewer) -> None:
    for number in range(3):
        body = fragment(f"lost{number}", "p" * 22)
        assert (await viewer.patch(body, If_Match="*"))[0] == 200
    assert (await viewer.patch(fragment("no"), If_Match="*"))[0] == 400
    await asyncio.sleep(6)  # the older checks, every two seconds, are all that keeps it
    await goes_on(viewer)
    assert not viewer.lost.is_set()


async def test_s4_a_restart_that_succeeds_on_a_new_socket_leaves_the_old_one_silent(
    viewer: RoamingViewer,
) -> None:
    await viewer.restart()
    watch, leftover = Stopwatch(), await viewer.move()
    assert await goes_on(viewer) < watch.allows(2)
    settled = leftover.datagrams
    await goes_on(viewer)
    assert leftover.datagrams == settled


async def test_a_viewer_whose_address_changes_has_media_back_at_once(
    viewer: RoamingViewer,
) -> None:
    for _ in range(3):
        watch, leftover = Stopwatch(), await viewer.move()
        took = await goes_on(viewer)
        assert took < watch.allows(2), f"{took:.2f} s for 30 packets at 50 a second"
        settled = leftover.datagrams
        await goes_on(viewer)
        assert leftover.datagrams == settled, "the address it left still gets packets"


async def test_a_publisher_may_move_and_restart_as_well(
    host: RoamingPublisher, viewer: RoamingViewer
) -> None:
    for change in (host.move, host.restart):
        watch = Stopwatch()
        await change()
        assert await goes_on(viewer) < watch.allows(2)


TABLE = re.compile(r'^tongke_table_size\{table="(\w+)"\} (\d+)', re.MULTILINE)


async def kept(endpoints: EndpointClient) -> dict[str, int]:
    """Return the sizes of the node's tables that hold anything of peers."""
    tables = TABLE.findall((await endpoints.ask("GET", "/metrics")).text)
    return {name: int(size) for name, size in tables if name not in ("stages", "journal")}


async def test_s5_delete_frees_everything_whatever_if_match_says(endpoints: EndpointClient) -> None:
    ticket = endpoints.relay.mint.view("l1")
    before = await kept(endpoints)
    assert len(before) > 4
    assert set(before.values()) == {0}
    for headers in ({}, {"If_Match": '"older"'}, {"If_Match": "*"}):
        session = (await endpoints.wait(ticket)).headers["Location"]
        assert (await endpoints.ask("DELETE", session, ticket, **headers)).status == 200
        assert await endpoints.peers() == []
        assert (await endpoints.ask("DELETE", session, ticket)).status == 404
        assert (await endpoints.patch(session, ticket, fragment(), {"If_Match": "*"})).status == 404
    assert await kept(endpoints) == before


async def test_s5_delete_of_a_session_in_use_ends_its_media(
    endpoints: EndpointClient, viewer: RoamingViewer
) -> None:
    ticket, path = viewer.ticket, viewer.session.removeprefix(endpoints.relay.url)
    assert (await endpoints.ask("DELETE", path, ticket)).status == 200
    await until(viewer.lost.is_set, 2, "the viewer hears a close_notify")
    seen = viewer.received
    await asyncio.sleep(0.3)
    assert viewer.received == seen
    assert await endpoints.peers() == ["room:host"]


async def gone(endpoints: EndpointClient, subject: str, seconds: float) -> float:
    """Wait until the node has forgotten somebody; return the seconds that it took."""
    async with within(seconds, f"{subject} is gone") as watch:
        while subject in await endpoints.peers():
            await asyncio.sleep(0.1)
    return watch.seconds


async def test_s6_a_close_notify_ends_a_session_at_once(
    endpoints: EndpointClient, viewer: RoamingViewer
) -> None:
    await viewer.say_goodbye()
    await gone(endpoints, "room:leg", 1)
    async with aiohttp.ClientSession() as http:
        records = await endpoints.relay.records(http)
    reasons = [record["data"]["reason"] for record in records if record["kind"] == "peer_left"]
    assert reasons == ["closed by the peer"]


async def test_s6_sessions_without_consent_or_never_used_are_dropped(
    endpoints: EndpointClient, host: RoamingPublisher, viewer: RoamingViewer
) -> None:
    """A publisher of whom only media is heard stays: FFmpeg's muxer sends no checks."""
    await host.vanish()
    assert (await endpoints.wait(endpoints.relay.mint.view("l1", "room:idle"))).status == 201
    await viewer.vanish()
    assert await gone(endpoints, "room:idle", 18) > 10
    assert await gone(endpoints, "room:leg", 20) > 5
    assert await endpoints.peers() == ["room:host"]
