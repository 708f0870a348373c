"""npm's WHIP and WHEP clients in Chromium: whip-whep, and Eyevinn's publisher and player."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any
from urllib.parse import urlencode

import aiohttp
import pytest
from aiohttp import web as http
from playwright.async_api import Browser, Page, async_playwright

from media.client.session.publisher import Publisher
from media.client.session.viewer import Viewer
from tests.support.chromium import CAMERA_FLAGS, CHROMIUM, needs_chromium
from tests.support.clips import clip
from tests.support.endpoint_client import EndpointClient
from tests.support.npm import make_pages, what_lacks
from tests.support.relay import RelayProcess
from tests.support.waiting import until, within

pytestmark = [pytest.mark.e2e, needs_chromium]
Figures = dict[str, Any]


class Foreigners:
    """Opens a page with a client on it, and reads what that client's connection counts."""

    def __init__(self, origin: str, browser: Browser) -> None:
        self._origin, self._browser = origin, browser

    async def open(self, name: str, url: str, ticket: str) -> Page:
        page = await self._browser.new_page()
        await page.goto(f"{self._origin}/page/{name}?{urlencode({'url': url, 'ticket': ticket})}")
        return page

    @staticmethod
    async def until(page: Page, holds: Callable[[Figures], bool], seconds: float = 15) -> Figures:
        """Wait until the figures are as wanted; fail with the figures."""
        figures: Figures = {}
        async with within(seconds, lambda: f"the figures wanted, not {figures}"):
            while not (figures and holds(figures)):
                figures = await page.evaluate("window.figures ? window.figures() : {}")
                await asyncio.sleep(0.1)
        return figures


@pytest.fixture
async def foreigners() -> AsyncIterator[Foreigners]:
    if lacks := what_lacks():
        pytest.skip(lacks)
    runner = http.AppRunner(make_pages(), shutdown_timeout=0.2)
    await runner.setup()
    await http.TCPSite(runner, "127.0.0.1", 0).start()
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=CAMERA_FLAGS)
        yield Foreigners(f"http://127.0.0.1:{runner.addresses[0][1]}", browser)
        await browser.close()
    await runner.cleanup()


@pytest.fixture
async def lesson(relay: RelayProcess, client_http: aiohttp.ClientSession) -> AsyncIterator[None]:
    """The clip, published into l1."""
    publisher = Publisher(client_http, relay.publish_place("l1"), clip())
    await publisher.start()
    yield
    await publisher.close()


def decodes(frames: int) -> Callable[[Figures], bool]:
    return lambda figures: figures.get("video", {}).get("frames", 0) >= frames


def plays(figures: Figures) -> bool:
    """Pictures and sound; these come as they are made, those begin with what was there before."""
    return decodes(60)(figures) and figures.get("audio", {}).get("packets", 0) > 50


@pytest.fixture
async def terminal(
    relay: RelayProcess, client_http: aiohttp.ClientSession
) -> AsyncIterator[Viewer]:
    """An independent decoder, which waits for whoever will publish."""
    viewer = Viewer(client_http, relay.view_place("l1"))
    await viewer.start()
    yield viewer
    await viewer.close()


async def sees_and_hears(terminal: Viewer) -> None:
    """Wait for forty more pictures that change, and the tone."""
    before = terminal.video.changed
    await until(lambda: terminal.video.changed > before + 40, 15, "40 changing pictures")
    assert terminal.video.width == 640
    assert terminal.audio.tone_share(440) > 0.7


async def empty(endpoints: EndpointClient, subject: str) -> None:
    """Wait until the node has let somebody go."""
    async with within(3, f"{subject} is gone"):
        while subject in await endpoints.peers():
            await asyncio.sleep(0.1)


async def test_whip_whep_publishes_restarts_and_stops(
    relay: RelayProcess,
    client_http: aiohttp.ClientSession,
    foreigners: Foreigners,
    terminal: Viewer,
) -> None:
    endpoints = EndpointClient(client_http, relay)
    url, ticket = f"{relay.url}/whip/l1", relay.mint.publish("l1")
    page = await foreigners.open("whip-whep-publish", url, ticket)
    await foreigners.until(page, lambda figures: figures["state"] == "connected")
    await sees_and_hears(terminal)
    tag = await page.evaluate("window.client.etag")
    await page.evaluate("window.client.restart()")
    assert await page.evaluate("window.client.etag") != tag
    await sees_and_hears(terminal)
    figures = await foreigners.until(page, lambda figures: figures["state"] == "connected")
    assert figures["faults"] == []
    await page.evaluate("window.client.stop()")
    await empty(endpoints, "room:host")


async def test_whip_whep_views_although_it_trickles_without_an_etag(
    relay: RelayProcess, client_http: aiohttp.ClientSession, foreigners: Foreigners, lesson: None
) -> None:
    url, ticket = f"{relay.url}/whep/l1", relay.mint.view("l1")
    page = await foreigners.open("whip-whep-view", url, ticket)
    figures = await foreigners.until(page, plays)
    assert all("428" in fault for fault in figures["faults"]), figures["faults"]
    await page.evaluate("window.client.restart()")
    before = figures["video"]["frames"]
    await foreigners.until(page, decodes(before + 60))
    await page.evaluate("window.client.stop()")
    await empty(EndpointClient(client_http, relay), "room:leg")


async def test_eyevinns_whip_web_client_publishes(
    relay: RelayProcess,
    client_http: aiohttp.ClientSession,
    foreigners: Foreigners,
    terminal: Viewer,
) -> None:
    url, ticket = f"{relay.url}/whip/l1", relay.mint.publish("l1")
    page = await foreigners.open("whip-web-client", url, ticket)
    figures = await foreigners.until(page, lambda figures: figures["state"] == "connected")
    await sees_and_hears(terminal)
    assert figures["faults"] == []
    await page.evaluate("window.client.destroy()")
    await empty(EndpointClient(client_http, relay), "room:host")


async def test_eyevinns_player_plays(
    relay: RelayProcess, client_http: aiohttp.ClientSession, foreigners: Foreigners, lesson: None
) -> None:
    url, ticket = f"{relay.url}/whep/l1", relay.mint.view("l1")
    page = await foreigners.open("webrtc-player", url, ticket)
    figures = await foreigners.until(page, plays)
    assert figures["faults"] == []
    size = await page.evaluate("document.querySelector('video').videoWidth")
    assert size == 1280
    await page.evaluate("window.client.unload()")
    await empty(EndpointClient(client_http, relay), "room:leg")
