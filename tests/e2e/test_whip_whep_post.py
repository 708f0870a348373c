"""POST on the endpoints, line by line of docs/whip-whep.md (W1 to W11)."""

import asyncio
from pathlib import Path

import aiohttp
import pytest

from tests.support.endpoint_client import (
    CERTIFICATE,
    EVERY_SLOT,
    FIVE_SECTIONS,
    RECVONLY,
    SDP,
    SENDONLY,
    EndpointClient,
    offer,
)
from tests.support.lightpeer import LightPublisher
from tests.support.relay import RelayProcess, running_relay

pytestmark = pytest.mark.e2e


@pytest.fixture
def endpoints(relay: RelayProcess, client_http: aiohttp.ClientSession) -> EndpointClient:
    return EndpointClient(client_http, relay)


async def test_w1_another_media_type_or_malformed_sdp_is_refused(endpoints: EndpointClient) -> None:
    ticket = endpoints.relay.mint.publish("l1")
    for kind in ("application/json", "text/plain", "application/sdpx"):
        reply = await endpoints.ask("POST", "/whip/l1", ticket, offer(SENDONLY), Content_Type=kind)
        assert (reply.status, reply.headers["Accept-Post"]) == (415, SDP)
    with_charset = await endpoints.ask(
        "POST", "/whip/l1", ticket, offer(SENDONLY), Content_Type="Application/SDP; charset=utf-8"
    )
    assert with_charset.status == 201
    assert (await endpoints.ask("DELETE", with_charset.headers["Location"], ticket)).status == 200
    for body in ("", "v=0\r\n", "hello", b"\xff\xfe", offer(SENDONLY).replace("v=0", "v=7")):
        assert (await endpoints.publish(body)).status == 400
        assert (await endpoints.watch(body)).status == 400
    assert await endpoints.peers() == []


async def test_w2_a_session_is_created_with_its_answer_and_place(endpoints: EndpointClient) -> None:
    for reply in (await endpoints.publish(), await endpoints.wait()):
        assert (reply.status, reply.headers["Content-Type"]) == (201, SDP)
        assert reply.headers["Location"].startswith("/sessions/")
        assert reply.headers["Accept-Patch"] == "application/trickle-ice-sdpfrag"
        assert reply.text.startswith("v=0\r\n")


async def test_w3_directions_are_those_of_the_endpoint(endpoints: EndpointClient) -> None:
    answers = (await endpoints.publish(), "recvonly"), (await endpoints.wait(), "sendonly")
    for reply, direction in answers:
        assert {section.direction for section in reply.sdp.sections} == {direction}
    both = await endpoints.publish(offer("sendrecv"))
    assert {section.direction for section in both.sdp.sections} == {"recvonly"}
    mixed = offer(SENDONLY).replace("a=sendonly", "a=recvonly", 1)
    for wrong in (offer(RECVONLY), offer("inactive"), mixed):
        assert (await endpoints.publish(wrong)).status == 422
    for wrong in (offer(SENDONLY), offer("inactive"), mixed):
        assert (await endpoints.watch(wrong)).status == 422


async def test_w4_each_session_has_a_strong_etag_of_its_own(endpoints: EndpointClient) -> None:
    tags = [(await endpoints.wait()).headers["ETag"] for _ in range(5)]
    assert len(set(tags)) == 5
    assert all(tag[0] == tag[-1] == '"' and len(tag) >= 18 for tag in tags)


TURN = ("turn:relay.example:3478?transport=udp,room,secret", "turns:relay.example,room,secret")


async def test_w5_turn_servers_are_told_to_who_holds_a_ticket(
    tmp_path: Path, client_http: aiohttp.ClientSession
) -> None:
    file = tmp_path / "turn"
    file.touch(mode=0o600)
    file.write_text("\n".join((*TURN, "stun:s.example")))
    extra = ["--turn-file", str(file)]
    async with running_relay(tmp_path, ("https://pages.example",), extra) as relay:
        assert "room,secret" not in Path(f"/proc/{relay.pid}/cmdline").read_text()
        endpoints = EndpointClient(client_http, relay)
        ticket = relay.mint.publish("l1")
        asked = await endpoints.ask("OPTIONS", "/whip/l1", ticket)
        for reply in (await endpoints.publish(), await endpoints.wait(), asked):
            links = reply.headers.getall("Link")
            login = 'username="room"; credential="secret"; credential-type="password"'
            assert links == [
                f'<turn:relay.example:3478?transport=udp>; rel="ice-server"; {login}',
                f'<turns:relay.example>; rel="ice-server"; {login}',
                '<stun:s.example>; rel="ice-server"',
            ]
        preflight = {
            "Origin": "https://pages.example",
            "Access_Control_Request_Method": "POST",
            "Access_Control_Request_Headers": "authorization,content-type",
        }
        bare = await endpoints.ask("OPTIONS", "/whip/l1", **preflight)
        assert (bare.status, "Link" in bare.headers) == (200, False)
        forged = await endpoints.ask("OPTIONS", "/whip/l1", "a.b.c")
        assert (forged.status, "Link" in forged.headers) == (401, False)


async def test_w6_the_answer_is_lite_and_holds_every_candidate(
    tmp_path: Path, client_http: aiohttp.ClientSession
) -> None:
    async with running_relay(tmp_path, extra=["--announce", "192.0.2.9"]) as relay:
        answer = (await EndpointClient(client_http, relay).publish()).sdp
        assert "ice-lite" in answer.attributes
        for section in answer.sections:
            found = [line.split()[4:8] for line in section.attributes["candidate"]]
            port = str(relay.udp_port)
            assert found == [["127.0.0.1", port, "typ", "host"], ["192.0.2.9", port, "typ", "host"]]
            assert "end-of-candidates" in section.attributes


async def test_w7_one_bundle_with_multiplexed_rtcp(endpoints: EndpointClient) -> None:
    for reply, mids in ((await endpoints.publish(), "0 1"), (await endpoints.wait(), "0 1 2 3 4")):
        assert reply.sdp.attributes["group"] == [f"BUNDLE {mids}"]
        for section in reply.sdp.sections:
            assert {"rtcp-mux", "rtcp-mux-only"} <= section.attributes.keys()
        transports = {(s.first("ice-ufrag"), s.first("fingerprint")) for s in reply.sdp.sections}
        assert len(transports) == 1
    for kinds in (("audio", "video", "video"), ("audio", "audio", "video")):
        assert (await endpoints.publish(offer(SENDONLY, kinds))).status == 422
        assert (await endpoints.watch(offer(RECVONLY, kinds))).status == 422
    assert (await endpoints.publish(offer(SENDONLY).replace("a=rtcp-mux\r\n", ""))).status == 422
    assert (
        await endpoints.publish(offer(SENDONLY).replace("BUNDLE 0 1", "BUNDLE 0"))
    ).status == 422


async def test_w7_several_slots_are_an_extension_that_is_asked_for_by_name(
    endpoints: EndpointClient,
) -> None:
    ticket, five = endpoints.relay.mint.view("l1"), offer(RECVONLY, FIVE_SECTIONS)
    for query in ("slots=main,guest", "slots=", "slots=all"):
        reply = await endpoints.ask("POST", f"/whep/l1?{query}", ticket, five, Content_Type=SDP)
        assert (reply.status, '"slots"' in reply.text) == (422, True)
    for kinds in (("audio", "video"), FIVE_SECTIONS[::-1]):
        sdp = offer(RECVONLY, kinds)
        reply = await endpoints.ask("POST", f"/whep/{EVERY_SLOT}", ticket, sdp, Content_Type=SDP)
        assert (reply.status, "audio, video, video, audio, video" in reply.text) == (422, True)
    assert await endpoints.peers() == []


async def test_w8_no_section_is_ever_rejected_alone(endpoints: EndpointClient) -> None:
    good = offer(SENDONLY)
    unknown_codec = good.replace("H264/90000", "H266/90000")
    data_channel = good.replace("BUNDLE 0 1", "BUNDLE 0 1 2") + (
        "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\na=mid:2\r\na=sctp-port:5000\r\n"
    )
    stopped = good.replace("m=video 9", "m=video 0")
    for body in (unknown_codec, data_channel, stopped):
        assert (await endpoints.publish(body)).status == 422
    assert await endpoints.peers() == []
    bundled_only = stopped.replace("a=mid:1", "a=mid:1\r\na=bundle-only")
    for body in (good, bundled_only):
        reply = await endpoints.publish(body)
        assert (reply.status, all(s.port for s in reply.sdp.sections)) == (201, True)


async def test_w9_who_may_be_active_is_answered_passive(endpoints: EndpointClient) -> None:
    for setup in ("actpass", "active"):
        reply = await endpoints.publish(offer(SENDONLY).replace("setup:active", f"setup:{setup}"))
        assert [section.first("setup") for section in reply.sdp.sections] == ["passive", "passive"]
    refused = await endpoints.publish(offer(SENDONLY).replace("setup:active", "setup:passive"))
    assert refused.status == 422
    assert "DTLS server" in refused.text


async def test_w10_simulcast_is_answered_with_one_plain_stream(endpoints: EndpointClient) -> None:
    layers = "a=rid:h send\r\na=rid:l send\r\na=simulcast:send h;l\r\n"
    reply = await endpoints.publish(offer(SENDONLY) + layers)
    assert reply.status == 201
    for section in reply.sdp.sections:
        assert {"rid", "simulcast"}.isdisjoint(section.attributes)


async def test_w11_an_empty_stage_is_told_apart_from_a_full_node_and_a_closed_lesson(
    tmp_path: Path, client_http: aiohttp.ClientSession
) -> None:
    async with running_relay(tmp_path, extra=["--max-peers", "2"]) as relay:
        endpoints = EndpointClient(client_http, relay)
        empty = await endpoints.watch()
        assert (empty.status, empty.headers["Retry-After"]) == (409, "2")
        publisher = LightPublisher(client_http, relay.publish_place("l1"), CERTIFICATE)
        await publisher.start()
        assert (await endpoints.watch()).status == 201
        for full in (await endpoints.watch(), await endpoints.wait(), await endpoints.publish()):
            assert (full.status, full.headers["Retry-After"]) == (503, "10")
        await publisher.close()
        body = {"reason": "ended", "until": 4e9}
        await relay.control(client_http, "POST", "/stages/l1/close", body)
        for over in (await endpoints.watch(), await endpoints.publish()):
            assert (over.status, "Retry-After" in over.headers) == (410, False)


async def test_w11_a_slot_that_a_person_holds_is_told_with_a_time_to_come_back(
    endpoints: EndpointClient,
) -> None:
    relay = endpoints.relay
    async with aiohttp.ClientSession() as http:
        place = relay.publish_place("l1", "person:p1")
        person = LightPublisher(http, place, CERTIFICATE)
        await person.start()
        held = await endpoints.publish()
        assert (held.status, held.headers["Retry-After"]) == (409, "5")
        await person.close()
        assert (await endpoints.publish()).status == 201


async def test_w11_nothing_is_redirected(endpoints: EndpointClient) -> None:
    ticket = endpoints.relay.mint.publish("l1")
    for path in ("/whip/l1/", "/whip", "/whip/", "//whip/l1", "/sessions"):
        reply = await endpoints.ask("POST", path, ticket, offer(SENDONLY), Content_Type=SDP)
        assert (reply.status, "Location" in reply.headers) == (404, False)


async def test_refusals_say_why_as_a_problem_document(endpoints: EndpointClient) -> None:
    replies = await asyncio.gather(
        endpoints.watch(), endpoints.publish(offer(RECVONLY)), endpoints.watch("x")
    )
    words = ("no-source", "unsupported-offer", "malformed-sdp")
    for reply, word in zip(replies, words, strict=True):
        assert reply.headers["Content-Type"].startswith("application/problem+json")
        assert f'"title": "{word}"' in reply.text
