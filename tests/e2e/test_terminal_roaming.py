"""The classroom page's connection survives a router that forgets: media is back in two seconds."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlencode

import aiohttp
import pytest
from aiohttp import web as http
from playwright.async_api import Page, async_playwright

from media.client.session.publisher import Publisher
from tests.support.chromium import CHROMIUM, QUIET_FLAGS, needs_chromium
from tests.support.clips import clip
from tests.support.lossy import LossyPath
from tests.support.npm import ROOT
from tests.support.relay import RelayProcess
from tests.support.standstill import Stopwatch

pytestmark = [pytest.mark.e2e, needs_chromium]

PAGE = """<!doctype html><video autoplay muted playsinline></video><script type=module>
import {watch} from '/js/protocol/whep.js';
import {restartOnPause} from '/js/protocol/ice_restart.js';
const query = Object.fromEntries(new URLSearchParams(location.search));
const real = RTCPeerConnection.prototype.setRemoteDescription;
RTCPeerConnection.prototype.setRemoteDescription = function (given) {
  const led = given.sdp.replaceAll(` ${query.port} typ host`, ` ${query.path} typ host`);
  return real.call(this, {type: given.type, sdp: led});
};
const {base, stage, ticket} = query;
const session = await watch({base, stage, ticket, timeout: 5, onstate: () => undefined});
document.querySelector('video').srcObject = new MediaStream(session.tracks('main'));
window.restarts = 0;
const fetched = window.fetch;
window.fetch = (url, given) => {
  window.restarts += given.method === 'PATCH';
  return fetched(url, given);
};
restartOnPause(session, () => true);
window.figures = async () => {
  const told = {packets: 0, frames: 0, restarts: window.restarts};
  for (const item of (await session.peer.getStats()).values()) {
    if (item.type !== 'inbound-rtp') continue;
    told.packets += item.packetsReceived;
    told.frames += item.framesDecoded ?? 0;
  }
  return told;
};
</script>"""


async def serve_page(_request: http.Request) -> http.Response:
    return http.Response(text=PAGE, content_type="text/html")


@pytest.fixture
async def page() -> AsyncIterator[Page]:
    """A browser's page at the address /."""
    app = http.Application()
    app.router.add_get("/", serve_page)
    app.router.add_static("/js", ROOT / "web/static/js")
    runner = http.AppRunner(app, shutdown_timeout=0.2)
    await runner.setup()
    await http.TCPSite(runner, "127.0.0.1", 0).start()
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET_FLAGS)
        context = await browser.new_context(base_url=f"http://127.0.0.1:{runner.addresses[0][1]}")
        yield await context.new_page()
        await browser.close()
    await runner.cleanup()


async def figures(page: Page) -> dict[str, Any]:
    return dict(await page.evaluate("window.figures ? window.figures() : {}"))


async def reaches(page: Page, name: str, count: int, seconds: float) -> float:
    """Wait until a figure has reached `count`; return the seconds that it took."""
    watch, told = Stopwatch(), await figures(page)
    while told.get(name, 0) < count:
        assert not watch.is_over(seconds), f"{name} not {count} after {seconds} s: {told}"
        await asyncio.sleep(0.02)
        told = await figures(page)
    return watch.seconds


async def test_a_classroom_behind_a_router_that_forgets_has_media_back(
    relay: RelayProcess, client_http: aiohttp.ClientSession, page: Page
) -> None:
    publisher = Publisher(client_http, relay.publish_place("l1"), clip())
    await publisher.start()
    async with LossyPath(relay.udp_port, share=0, seed=1) as path:
        query = {"base": relay.url, "stage": "l1", "ticket": relay.mint.view("l1")}
        query |= {"port": str(relay.udp_port), "path": str(path.port)}
        await page.goto(f"/?{urlencode(query)}")
        await reaches(page, "frames", 40, 15)
        for address in ("127.0.0.1", "127.0.0.2", "127.0.0.3"):
            await asyncio.sleep(3)  # calm enough for Chromium to check every 2.5 s only
            await path.forget(address)
            watch = Stopwatch()
            before = await figures(page)
            took = await reaches(page, "packets", before["packets"] + 20, 5)
            print(f"at {address} media was back after {took:.2f} s")
            assert took < watch.allows(2), f"{took:.2f} s until media was back"
            await reaches(page, "frames", before["frames"] + 20, 5)
        assert (await figures(page))["restarts"] >= 1
    await publisher.close()
