"""Chromium keeps sound and picture together, over restarts of the source and whatever came apart.

ITU-R BT.1359-1: viewers notice sound that is more than 45 ms early or 125 ms late. Measured at the
viewer, from the flash on its screen to the beep in its ear.
"""

import asyncio
import os
from collections.abc import AsyncIterator
from statistics import median
from typing import Any
from urllib.parse import urlencode

import aiohttp
import pytest
from aiohttp import web as http
from playwright.async_api import Browser, Page, async_playwright

from media.client.session.address import StageAddress
from tests.support.chromium import CAMERA_FLAGS, CHROMIUM, needs_chromium
from tests.support.flash_beep import film
from tests.support.lipsync_pages import app, offsets
from tests.support.relay import RelayProcess
from tests.support.scripted import ScriptedPublisher
from tests.support.standstill import Stopwatch

pytestmark = [pytest.mark.e2e, needs_chromium]

APART = 80.0
"""Milliseconds; a picture lasts up to 50, a screen refreshes every 17."""
APART_BEHIND_CHANGES = 125.0
"""The same where Chromium had to move one against the other several times: it takes back what it
added until it finds less than 30 ms by its own reckoning, which leaves out how long a picture
waits for the screen. What the node adds to that is measured on the wire (test_relay_continuity)."""
SETTLES = 45
"""Seconds that Chromium takes at most: it moves by 80 ms a second, on filtered figures."""
LOOKS = 5
"""Flashes that a figure is the median of."""


class Pages:
    """Opens the two pages in one browser."""

    def __init__(self, browser: Browser, url: str) -> None:
        self._browser, self._url = browser, url

    async def open(self, kind: str, place: StageAddress, **more: str) -> Page:
        query = {"node": place.node, "stage": place.stage, "ticket": place.ticket, **more}
        page = await self._browser.new_page()
        await page.goto(f"{self._url}/{kind}?{urlencode(query)}")
        return page


@pytest.fixture
async def pages() -> AsyncIterator[Pages]:
    runner = http.AppRunner(app(), shutdown_timeout=0.2)
    await runner.setup()
    await http.TCPSite(runner, "127.0.0.1", 0).start()
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=CAMERA_FLAGS)
        yield Pages(browser, f"http://127.0.0.1:{runner.addresses[0][1]}")
        await browser.close()
    await runner.cleanup()


async def seen(page: Page) -> dict[str, Any]:
    """Return what the viewer keeps."""
    found: dict[str, Any] = await page.evaluate("window.seen")
    assert "error" not in found, found["error"]
    return found


async def next_offsets(page: Page) -> list[float]:
    """Return how far flash and beep lie apart, in milliseconds, for the next few of them."""
    before = len((await seen(page))["beeps"])
    for _ in range(10 * LOOKS):
        await asyncio.sleep(0.5)
        now = await seen(page)
        found = offsets(now["flashes"], now["beeps"][before:])
        if len(found) >= LOOKS:
            return found
    raise AssertionError(f"no flashes with beeps: {now['flashes'][-3:]} {now['beeps'][-3:]}")


async def lipsync(page: Page, when: str, apart: float = APART) -> None:
    """Fail unless the offset settles: twice in a row, for Chromium's control may overshoot."""
    watch, figures = Stopwatch(), [median(await next_offsets(page))]
    while any(abs(figure) > apart for figure in figures[-2:]) or len(figures) < 2:
        if watch.is_over(SETTLES):
            found = [round(ms) for ms in figures]
            pytest.fail(f"{when}: {found} ms apart, at a load of {os.getloadavg()[0]:.1f}")
        figures.append(median(await next_offsets(page)))
    print(f"{when}: {[round(ms) for ms in figures]} ms")


async def test_over_a_restart_in_another_codec(relay: RelayProcess, pages: Pages) -> None:
    host = await pages.open("publisher", relay.publish_place("l1"), codec="video/H264")
    await host.wait_for_function("window.seen.state === 'connected'")
    viewer = await pages.open("viewer", relay.view_place("l1"))
    await lipsync(viewer, "Chromium in H.264")
    before = (await seen(viewer))["video"]
    await host.close()
    await pages.open("publisher", relay.publish_place("l1"), codec="video/VP8")
    await lipsync(viewer, "Chromium again, in VP8")
    after = (await seen(viewer))["video"]
    assert after["framesDecoded"] > before["framesDecoded"] + 100
    assert after["ssrc"] == before["ssrc"]
    assert after["packetsLost"] == 0
    assert after["freezeCount"] - before["freezeCount"] <= 2  # the change itself
    assert 1 <= after["keyFramesDecoded"] - before["keyFramesDecoded"] <= 5
    assert after["pliCount"] - before["pliCount"] <= 5


async def test_where_sound_and_picture_come_apart(
    relay: RelayProcess, client_http: aiohttp.ClientSession, pages: Pages
) -> None:
    """The publishers' timestamps begin anywhere, and one medium takes longer on its way."""
    viewer = None
    for late in ({"video": 0.15}, {"audio": 0.2}):
        place = relay.publish_place("l1")
        publisher = ScriptedPublisher(client_http, place, film("H264"), late)
        await publisher.start()
        if viewer is None:
            viewer = await pages.open("viewer", relay.view_place("l1"))
        await lipsync(viewer, f"late by {late}", APART_BEHIND_CHANGES)
    await publisher.close()


async def test_over_a_jump_and_other_numbers(
    relay: RelayProcess, client_http: aiohttp.ClientSession, pages: Pages
) -> None:
    publisher = ScriptedPublisher(client_http, relay.publish_place("l1"), film("H264"), {})
    await publisher.start()
    viewer = await pages.open("viewer", relay.view_place("l1"))
    await lipsync(viewer, "before")
    before = (await seen(viewer))["video"]
    publisher.jump(5000)
    await asyncio.sleep(3)
    publisher.change_ssrc()
    await lipsync(viewer, "under other numbers")
    after = (await seen(viewer))["video"]
    assert after["framesDecoded"] > before["framesDecoded"] + 100
    assert after["packetsLost"] == after["nackCount"] == 0
    assert after["freezeCount"] - before["freezeCount"] <= 4  # two changes, a busy machine
    await publisher.close()
