"""Strangers at a real node's HTTP: counted by their own address, and never for long."""

import asyncio
from pathlib import Path

import aiohttp
import pytest

from media.clock import wall
from tests.support.endpoint_client import SENDONLY, offer
from tests.support.relay import RelayProcess, running_relay
from tests.support.waiting import within

pytestmark = pytest.mark.e2e

STRANGERS_BURST = 30


async def knock(http: aiohttp.ClientSession, relay: RelayProcess, address: str) -> int:
    """Ask with a ticket that nobody signed, from behind a proxy."""
    headers = {"Authorization": "Bearer a.b.c", "X-Forwarded-For": address}
    async with http.post(f"{relay.url}/whep/l1", headers=headers) as response:
        return response.status


async def test_behind_a_trusted_proxy_each_stranger_has_a_count_of_his_own(
    tmp_path: Path, client_http: aiohttp.ClientSession
) -> None:
    async with running_relay(tmp_path, extra=["--trusted-proxy", "127.0.0.1"]) as relay:
        loud = [await knock(client_http, relay, "192.0.2.7") for _ in range(STRANGERS_BURST + 5)]
        assert set(loud[:STRANGERS_BURST]) == {401}
        assert 429 in loud[STRANGERS_BURST:]
        assert await knock(client_http, relay, "192.0.2.8") == 401
        while await knock(client_http, relay, "192.0.2.7") == 429:
            pass  # one more is free now, and used up
        assert await knock(client_http, relay, "192.0.2.8, 192.0.2.7") == 429


async def test_without_one_nobody_chooses_the_address_he_is_counted_under(
    relay: RelayProcess, client_http: aiohttp.ClientSession
) -> None:
    found = [await knock(client_http, relay, f"192.0.2.{n}") for n in range(STRANGERS_BURST + 5)]
    assert 429 in found[STRANGERS_BURST:]


async def test_an_offer_that_trickles_is_given_up(relay: RelayProcess) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", relay.http_port)
    head = (
        f"POST /whep/l1 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {relay.mint.view('l1')}\r\n"
        "Content-Type: application/sdp\r\nContent-Length: 5000\r\n\r\n"
    )
    writer.write(head.encode())

    async def trickle() -> None:
        while True:
            writer.write(b"v")
            await asyncio.sleep(0.5)

    trickling = asyncio.create_task(trickle())
    try:
        async with within(13, "the refusal"):
            answer = await reader.readuntil(b"\r\n")
    finally:
        trickling.cancel()
        writer.close()
    assert answer == b"HTTP/1.1 408 Request Timeout\r\n"


async def test_a_ticket_that_is_revoked_while_its_offer_comes_in_opens_nothing(
    relay: RelayProcess, client_http: aiohttp.ClientSession
) -> None:
    ticket, text = relay.mint.publish("l1"), offer(SENDONLY)
    reader, writer = await asyncio.open_connection("127.0.0.1", relay.http_port)
    head = (
        f"POST /whip/l1 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {ticket}\r\n"
        f"Content-Type: application/sdp\r\nContent-Length: {len(text)}\r\n\r\n"
    )
    writer.write(head.encode() + text[:100].encode())
    await asyncio.sleep(0.3)
    body = {"jti": [], "subjects": ["room:host"], "until": wall() + 600}
    await relay.control(client_http, "POST", "/revoke", body)
    writer.write(text[100:].encode())
    async with within(5, "an answer"):
        answer = await reader.readuntil(b"\r\n")
    writer.close()
    assert answer == b"HTTP/1.1 403 Forbidden\r\n"
    assert await relay.control(client_http, "GET", "/stages") == {"stages": {}}


async def test_who_says_nothing_is_let_go_and_the_node_tells_how_many(
    relay: RelayProcess, client_http: aiohttp.ClientSession
) -> None:
    silent = [await asyncio.open_connection("127.0.0.1", relay.http_port) for _ in range(50)]
    async with within(15, "the end of fifty silent connections") as watch:
        for reader, _writer in silent:
            with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
                await reader.readexactly(1)
    assert watch.seconds > 8
    async with client_http.get(f"{relay.url}/metrics") as response:
        figures = (await response.text()).splitlines()
    assert "tongke_http_overdue_total 50.0" in figures
    assert "tongke_http_connections 1.0" in figures
