"""Chromium with nothing of ours installed publishes and watches a lesson."""

import json
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlencode

import aiohttp
import pytest
from aiohttp import web as http
from playwright.async_api import Browser, async_playwright

from media.client.session.address import StageAddress
from media.client.session.publisher import Publisher
from media.client.session.viewer import Viewer
from tests.support.bare_pages import PUBLISHER, VIEWER
from tests.support.chromium import CAMERA_FLAGS, CHROMIUM, needs_chromium
from tests.support.clips import clip
from tests.support.relay import RelayProcess
from tests.support.waiting import until

pytestmark = [pytest.mark.e2e, needs_chromium]


class PageServer:
    """Serves the bare pages and remembers the last thing that each one told."""

    def __init__(self) -> None:
        self.url = ""
        self.told: dict[str, dict[str, Any]] = {}

    def app(self) -> http.Application:
        app = http.Application()
        for name, page in (("publisher", PUBLISHER), ("viewer", VIEWER)):
            app.router.add_get(f"/{name}", _serving(page))
        app.router.add_post("/tell/{name}", self._listen)
        return app

    async def _listen(self, request: http.Request) -> http.Response:
        self.told[request.match_info["name"]] = json.loads(await request.text())
        return http.Response(status=204)

    def page(self, kind: str, place: StageAddress, name: str, **more: str) -> str:
        query = {"node": place.node, "stage": place.stage, "ticket": place.ticket, "name": name}
        return f"{self.url}/{kind}?{urlencode({**query, **more})}"

    def of(self, name: str, key: str) -> Any:
        told = self.told.get(name, {})
        assert "error" not in told, f"{name}: {told['error']}"
        return told.get(key)


def _serving(page: str) -> Any:
    async def serve(_request: http.Request) -> http.Response:
        return http.Response(text=page, content_type="text/html")

    return serve


@pytest.fixture
async def pages() -> AsyncIterator[PageServer]:
    server = PageServer()
    runner = http.AppRunner(server.app(), shutdown_timeout=0.2)
    await runner.setup()
    await http.TCPSite(runner, "127.0.0.1", 0).start()
    server.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield server
    await runner.cleanup()


@pytest.fixture
async def chromium() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=CAMERA_FLAGS)
        yield browser
        await browser.close()


def is_heard(told: dict[str, Any], hertz: float) -> bool:
    """Whether the last sixth of a second was this tone and hardly anything else."""
    return abs(told["peak"] - hertz) < 10 and bool(told["share"] > 0.8)


PUBLISHING = {"preferred": {}, "VP8": {"codec": "video/VP8"}, "simulcast": {"simulcast": "3"}}
"""What the page is asked for. Of three layers the node takes one, which has the full size."""


@pytest.mark.parametrize("asked", PUBLISHING.values(), ids=PUBLISHING.keys())
async def test_a_browser_watches_what_a_browser_publishes(
    relay: RelayProcess, pages: PageServer, chromium: Browser, asked: dict[str, str]
) -> None:
    publisher = await chromium.new_page()
    await publisher.goto(pages.page("publisher", relay.publish_place("l1"), "publisher", **asked))
    await until(
        lambda: pages.of("publisher", "state") == "connected",
        15,
        lambda: f"the publisher to connect: {pages.told}",
    )
    assert pages.of("publisher", "layered") is ("simulcast" in asked)
    viewer = await chromium.new_page()
    await viewer.goto(pages.page("viewer", relay.view_place("l1"), "viewer"))
    await until(lambda: (pages.of("viewer", "changed") or 0) > 100, 30, "100 changing pictures")
    await until(
        lambda: is_heard(pages.told["viewer"], 440), 5, lambda: f"440 Hz: {pages.told['viewer']}"
    )
    seen = pages.told["viewer"]
    assert (seen["muted"], seen["playing"], seen["width"]) == (False, True, 640)


async def test_a_browser_watches_the_clip_and_a_terminal_watches_a_browser(
    relay: RelayProcess,
    client_http: aiohttp.ClientSession,
    pages: PageServer,
    chromium: Browser,
) -> None:
    host = Publisher(client_http, relay.publish_place("l1"), clip("amber"))
    await host.start()
    page = await chromium.new_page()
    await page.goto(pages.page("viewer", relay.view_place("l1"), "viewer"))
    await until(lambda: (pages.of("viewer", "changed") or 0) > 60, 20, "60 changing pictures")
    await until(
        lambda: is_heard(pages.told["viewer"], 660), 5, lambda: f"660 Hz: {pages.told['viewer']}"
    )
    await page.close()
    await host.close()
    camera = await chromium.new_page()
    await camera.goto(pages.page("publisher", relay.publish_place("l2"), "camera"))
    await until(lambda: pages.of("camera", "state") == "connected", 15, "the camera to connect")
    terminal = Viewer(client_http, relay.view_place("l2"))
    await terminal.start()
    await until(lambda: terminal.video.changed > 40, 15, "40 changing pictures of the camera")
    assert terminal.video.width == 640
    assert terminal.audio.tone_share(440) > 0.7
    await terminal.close()
