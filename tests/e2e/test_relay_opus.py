"""Opus keeps its in-band forward error correction on the way through a node."""

from dataclasses import replace
from urllib.parse import urlencode

import aiohttp
import pytest
from aiohttp import web as http
from playwright.async_api import Route, async_playwright

from tests.support.chromium import CAMERA_FLAGS, CHROMIUM, needs_chromium
from tests.support.flash_beep import film
from tests.support.lipsync_pages import app
from tests.support.lossy import LossyPath
from tests.support.relay import RelayProcess
from tests.support.scripted import ScriptedPublisher
from tests.support.speech import speech

pytestmark = [pytest.mark.e2e, needs_chromium]

WITHIN = 30_000
"""Milliseconds for some dozens of packets to be lost, and those in use that repeat them."""


async def test_a_browser_repairs_lost_words_from_the_packets_behind_them(
    relay: RelayProcess, client_http: aiohttp.ClientSession
) -> None:
    shown = replace(film("H264"), sound=speech(1))
    publisher = ScriptedPublisher(client_http, relay.publish_place("l1"), shown, {})
    await publisher.start()
    runner = http.AppRunner(app(), shutdown_timeout=0.2)
    await runner.setup()
    await http.TCPSite(runner, "127.0.0.1", 0).start()
    place = relay.view_place("l1")
    query = urlencode({"node": place.node, "stage": place.stage, "ticket": place.ticket})
    async with async_playwright() as playwright, LossyPath(relay.udp_port, 0.1, seed=3) as path:

        async def lead_over(route: Route) -> None:
            answer = await route.fetch()
            await route.fulfill(response=answer, body=path.lead_over(await answer.text()))

        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=CAMERA_FLAGS)
        page = await browser.new_page()
        await page.route("**/whep/**", lead_over)
        await page.goto(f"http://127.0.0.1:{runner.addresses[0][1]}/viewer?{query}")
        await page.wait_for_function(
            "(({fecPacketsReceived, fecPacketsDiscarded}) =>"
            " fecPacketsReceived - fecPacketsDiscarded > 10)(window.seen.audio)",
            timeout=WITHIN,
        )
        heard = (await page.evaluate("window.seen"))["audio"]
        assert heard["packetsLost"] > 10
        await browser.close()
    await runner.cleanup()
    await publisher.close()
