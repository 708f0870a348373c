"""The page 系统 in Chromium, with 62 rooms on one lesson: what it folds, keeps and follows."""

import re
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page

from media.contract.stats import NodeStats, ViewerStats
from media.contract.subjects import Subject
from tests.support.chromium import needs_chromium
from tests.support.figures import node_figures
from tests.support.page_browser import signed_in
from tests.support.webclient import SilentRelay, Site, open_site
from web.kit.ports import NodeStatus

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="package"), needs_chromium]

ROOMS = 62
SOON = 8_000
"""Milliseconds within which a change must be seen; the page looks every three seconds."""


class Lesson(SilentRelay):
    """A node whose figures the test can change."""

    def __init__(self) -> None:
        super().__init__()
        self.viewers: list[ViewerStats] = []
        self.base = node_figures("l1", "room:host", "room:0", state="CONNECTED")
        (self._viewer,) = self.base.stages["l1"].viewers
        for number in range(ROOMS):
            self.tell(number)

    def tell(self, number: int, **figures: Any) -> None:
        """Let a room's viewer fare so."""
        well = {"fraction_lost": 0.0, "round_trip_time": 0.02, "packets_dropped": 0}
        subject = Subject.room(f"{number:02}")
        told = self._viewer.model_copy(
            update={"peer": f"v{number}", "subject": subject, **well, **figures}
        )
        self.viewers[number : number + 1] = [told]

    async def stats(self) -> Mapping[str, NodeStats]:
        stage = self.base.stages["l1"].model_copy(update={"viewers": tuple(self.viewers)})
        return {"n1": self.base.model_copy(update={"stages": {"l1": stage}})}

    async def status(self) -> Sequence[NodeStatus]:
        (entry,) = await super().status()
        return [replace(entry, reachable=True, boot="b1", peers=ROOMS + 1, stages=1)]


@pytest.fixture
def lesson() -> Lesson:
    return Lesson()


@pytest_asyncio.fixture(loop_scope="package")
async def site(tmp_path: Path, lesson: Lesson) -> AsyncIterator[Site]:
    async with open_site(tmp_path) as site:
        site.services.relay = site.relay = lesson
        yield site


@pytest_asyncio.fixture(loop_scope="package")
async def page(browser: Browser, site: Site) -> AsyncIterator[Page]:
    """The county's administrator looks at the page."""
    page = await signed_in(browser, str(site.server.make_url("/")), "county")
    await page.goto("/admin/system")
    yield page
    await page.context.close()


async def rooms(page: Page) -> list[str]:
    """Return the rooms that somebody sees without unfolding anything."""
    heads = page.locator("[data-live=traffic] tbody th")
    texts = [await head.inner_text() for head in await heads.all() if await head.is_visible()]
    return [text for text in texts if re.fullmatch(r"room:\d\d", text)]


async def test_trouble_stands_in_the_open_and_the_rest_is_folded(
    page: Page, lesson: Lesson
) -> None:
    assert await rooms(page) == []
    assert await page.locator(".notice.good").inner_text() == "所有课堂的教室都已连接，线路正常。"
    assert await page.locator("td.bad, td.warn").count() == 0
    lesson.tell(40, fraction_lost=0.25)
    lesson.tell(7, round_trip_time=0.4)
    await page.locator(".notice.warn", has_text="2 处要留意").wait_for(timeout=SOON)
    assert await rooms(page) == ["room:40", "room:07"]
    assert await page.locator("td.bad").all_inner_texts() == ["25.0%"]
    assert await page.locator("td.warn").all_inner_texts() == ["400 ms"]
    assert "其余 60 个接收方正常" in await page.inner_text("[data-live=traffic]")


async def test_what_somebody_unfolded_stays_open_and_goes_on_to_be_fresh(
    page: Page, lesson: Lesson
) -> None:
    await page.click("details[data-keep^=rest] > summary")
    assert len(await rooms(page)) == ROOMS
    lesson.tell(61, packets_dropped=4321)
    await page.locator("td", has_text="4321").last.wait_for(timeout=SOON)
    assert len(await rooms(page)) == ROOMS
    focused = await page.evaluate("document.activeElement.id")
    assert focused.startswith("rest-"), "whoever walks by keyboard is still where they were"


async def test_a_click_sorts_and_the_order_stays(page: Page, lesson: Lesson) -> None:
    lesson.tell(33, bitrate=1000)
    await page.click("details[data-keep^=rest] > summary")
    await page.locator("a", has_text="码率").last.click()
    await page.wait_for_url("**/admin/system?by=bitrate")
    assert (await rooms(page))[0] == "room:33"
    lesson.tell(12, bitrate=500)
    await page.locator("tbody tr:first-child th", has_text="room:12").wait_for(timeout=SOON)
    assert (await rooms(page))[:2] == ["room:12", "room:33"]
    assert len(await rooms(page)) == ROOMS


async def test_figures_that_stand_still_say_so(page: Page) -> None:
    stale = page.locator("#stale")
    assert not await stale.is_visible()
    await page.route("**/admin/system", lambda route: route.abort())
    await stale.wait_for(state="visible", timeout=SOON)
    await page.unroute_all()
    await stale.wait_for(state="hidden", timeout=SOON)


async def test_a_phone_needs_no_sideways_scrolling(page: Page, lesson: Lesson) -> None:
    for number in range(5):
        lesson.tell(number, fraction_lost=0.2, round_trip_time=0.9, packets_dropped=123_456)
    await page.set_viewport_size({"width": 360, "height": 780})
    await page.reload()
    wide, seen = await page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert wide <= seen
    assert len(await rooms(page)) == 5
