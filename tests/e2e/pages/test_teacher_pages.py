"""The teacher's pages in Chromium: keyboard, highlight, preview, one click out of a conflict."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page

from tests.support.chromium import needs_chromium
from tests.support.lessons import book_lesson
from tests.support.webclient import MORNING, PASSWORD, Site, open_site

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="package"), needs_chromium]

TEN = MORNING.replace(hour=10, minute=0)
WIDE, PHONE = (1366, 768), (390, 844)
IN_SIGHT = "row => row.getBoundingClientRect().bottom < innerHeight"


@asynccontextmanager
async def signed_in(browser: Browser, site: Site, size: tuple[int, int]) -> AsyncIterator[Page]:
    """Yield a page with the teacher signed in; whatever the browser complains of fails the test."""
    complaints: list[str] = []
    context = await browser.new_context(
        base_url=str(site.server.make_url("/")),
        viewport={"width": size[0], "height": size[1]},
        locale="zh-CN",
    )
    page = await context.new_page()
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on(
        "console",
        lambda line: complaints.append(line.text) if "Security" in line.text else None,
    )
    await page.goto("/sign-in")
    await page.fill("[name=login]", "teacher")
    await page.fill("[name=password]", PASSWORD)
    await page.click(".sign-in [type=submit]")
    await page.wait_for_url("**/today")
    try:
        yield page
    finally:
        await context.close()
    assert complaints == []


@pytest_asyncio.fixture(loop_scope="package")
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    async with open_site(tmp_path) as site:
        yield site


async def test_a_lesson_is_highlighted_in_all_its_rows_by_mouse_and_by_keyboard(
    browser: Browser, site: Site
) -> None:
    lesson_id = await book_lesson(site, "teacher", ["lz14", "lz15", "fc-zx"], "k", TEN)
    async with signed_in(browser, site, WIDE) as page:
        await page.goto("/book")
        slots = page.locator(f'[data-lesson="{lesson_id}"]')
        assert await slots.count() == 4
        await slots.first.hover()
        assert await page.locator(".lit").count() == 4
        await page.mouse.move(5, 5)
        assert await page.locator(".lit").count() == 0
        assert await page.locator('.board .slot[tabindex="0"]').count() == 1
        await page.locator('.board .slot[tabindex="0"]').focus()
        for _ in range(20):
            if await page.locator(".lit").count():
                break
            await page.keyboard.press("ArrowRight")
            await page.keyboard.press("ArrowDown")
        else:
            pytest.fail("the arrow keys never reached the lesson")
        await page.keyboard.press("Enter")
        await page.wait_for_url(f"**/lessons/{lesson_id}")


async def test_the_whole_community_in_one_click_and_out_of_a_conflict_in_another(
    browser: Browser, site: Site
) -> None:
    first = await book_lesson(site, "teacher", ["fc-zx"], "k", TEN)
    async with signed_in(browser, site, WIDE) as page:
        await page.goto("/book/new?day=2026-11-18&period=10:00-10:40")
        await page.click("#everybody")
        assert await page.inner_text("#chosen") == "已选 6 间"
        await page.wait_for_selector("#verdict .notice.bad")
        verdict = await page.inner_text("#verdict")
        assert "草原 · 陈老师(演示) 11月18日 周三 10:00–10:40 占用了" in verdict
        assert await page.locator(".leg-row.is-taken:not(.is-host)").count() == 1
        await page.locator("#verdict button").first.click()
        await page.wait_for_url("**/lessons/*?done=booked")
        assert first not in page.url
        assert "已预约" in await page.inner_text("main")
        assert await page.locator("#rooms tbody tr").count() == 7


async def test_what_is_missing_leads_to_where_it_is_chosen(browser: Browser, site: Site) -> None:
    async with signed_in(browser, site, PHONE) as page:
        await page.goto("/book/new?day=2026-11-18&period=10:00-10:40")
        await page.click("#save")
        await page.locator("#verdict .notice.bad", has_text="请至少选一间听讲教室").wait_for()
        first = page.locator(".leg-row").first
        assert not await first.evaluate(IN_SIGHT)
        await page.click("#verdict a")
        assert await first.evaluate(IN_SIGHT)
        await page.locator(".leg-row input:enabled").first.check()
        await page.wait_for_selector("#verdict .notice.good")
        assert await page.locator("#verdict a").count() == 0


async def test_a_form_outlives_a_network_that_is_gone_for_a_while(
    browser: Browser, site: Site
) -> None:
    async with signed_in(browser, site, PHONE) as page:
        await page.goto("/book/new?day=2026-11-18&period=10:00-10:40")
        await page.locator(".leg-row input:enabled").first.check()
        await page.wait_for_selector("#verdict .notice.good")
        await page.context.set_offline(True)
        await page.fill("[name=title]", "草原")
        await page.dispatch_event("[name=title]", "change")
        await page.locator("#verdict .notice.bad", has_text="连不上服务器").wait_for()
        await page.click("#save")
        assert "/book/new" in page.url, "nothing was sent, so nothing was lost"
        assert await page.is_enabled("#save")
        await page.context.set_offline(False)
        await page.wait_for_selector("#verdict .notice.good")
        await page.click("#save")
        await page.wait_for_url("**/lessons/*?done=booked")
        assert await page.inner_text("h1") == "草原"


async def test_a_page_says_that_it_stands_still_and_catches_up_after_a_proxys_502(
    browser: Browser, site: Site
) -> None:
    async with signed_in(browser, site, PHONE) as page:
        await page.route("**/api/v1/live?**", lambda route: route.fulfill(status=502))
        await page.goto("/today")
        away = page.locator("#away", has_text="连不上服务器")
        await away.wait_for(state="visible")
        lesson_id = await book_lesson(site, "teacher", ["lz14"], "k", TEN)
        await page.unroute_all()
        await page.wait_for_selector(f'[href="/lessons/{lesson_id}"]')
        await away.wait_for(state="hidden")


async def test_changing_the_day_keeps_the_period_of_the_hosts_bell(
    browser: Browser, site: Site
) -> None:
    async with signed_in(browser, site, WIDE) as page:
        await page.goto("/book/new?day=2026-11-18&period=10:00-10:40")
        async with page.expect_response("**/periods?day=2026-11-19"):
            await page.fill("[name=day]", "2026-11-19")
            await page.dispatch_event("[name=day]", "change")
        assert await page.input_value("[name=period]") == "10:00-10:40"
        assert await page.locator(".own-times").is_hidden()
        await page.select_option("[name=period]", "own")
        assert await page.locator(".own-times").is_visible()


async def test_no_page_is_wider_than_a_phone(browser: Browser, site: Site) -> None:
    lesson_id = await book_lesson(site, "teacher", ["lz14", "fc-zx"], "k", TEN)
    paths = ("/today", "/book", "/book?view=week", "/timetable", "/book/new")
    async with signed_in(browser, site, PHONE) as page:
        for path in (*paths, f"/lessons/{lesson_id}", f"/lessons/{lesson_id}/move"):
            await page.goto(path)
            width = await page.evaluate("document.documentElement.scrollWidth")
            assert width == PHONE[0], path
