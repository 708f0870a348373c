"""Signed-in pages driven through Playwright, as a person would."""

import csv
import io
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime

from playwright.async_api import Browser, Page, async_playwright

from scheduler.kernel.clock import system_clock
from tests.support.chromium import CHROMIUM, QUIET_FLAGS

PASSWORD = "tongke-demo-2026"


@asynccontextmanager
async def page_browser(flags: Sequence[str] = QUIET_FLAGS) -> AsyncIterator[Browser]:
    """One browser for everybody; CAMERA_FLAGS give it a made-up camera."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=[*flags])
        yield browser
        await browser.close()


async def signed_in(browser: Browser, url: str, login: str) -> Page:
    """Return a page of somebody who has signed in."""
    context = await browser.new_context(
        base_url=url, locale="zh-CN", viewport={"width": 1366, "height": 768}
    )
    page = await context.new_page()
    await page.goto("/sign-in")
    await page.fill("input[name=login]", login)
    await page.fill("input[name=password]", PASSWORD)
    await page.press("input[name=password]", "Enter")
    await page.wait_for_url(re.compile(r"/(today|admin)"))
    return page


async def approve(admin: Page, code: str, room_name: str) -> None:
    """Let an admin approve a screen for the room whose option begins with `room_name`."""
    await admin.goto("/admin/terminals")
    await admin.fill("input[name=code]", code)
    rooms = admin.locator("select[name=room] option")
    option = rooms.filter(has_text=re.compile(f"^{re.escape(room_name)}"))
    await admin.select_option("select[name=room]", await option.first.get_attribute("value"))
    async with admin.expect_navigation():
        await admin.click("form[action='/admin/terminals/approve'] button")
    said = await admin.inner_text("main")
    assert await admin.locator(".notice.good").count(), f"{code} for {room_name}: {said[:300]}"


async def book(teacher: Page, starts: datetime, ends: datetime, host: str, legs: list[str]) -> str:
    """Book on the page: own times, the host room and the legs by their names; return the id.

    The page's fields take whole minutes; here they take seconds, so that no test waits for a
    minute to begin.
    """
    await teacher.goto("/book/new")
    await teacher.fill("input[name=day]", starts.date().isoformat())
    await teacher.select_option("select[name=period]", "own")
    for name, moment in (("starts", starts), ("ends", ends)):
        field = teacher.locator(f"input[name={name}]")
        await field.evaluate("field => { field.step = 1; }")
        await field.fill(f"{moment:%H:%M:%S}")
    option = teacher.locator("select[name=host_room] option", has_text=host).first
    await teacher.select_option("select[name=host_room]", await option.get_attribute("value"))
    await teacher.fill("input[name=subject]", "语文")
    await teacher.fill("input[name=title]", "草原")
    for name in legs:
        await teacher.locator(".leg-row", has_text=name).first.locator("input[name=room]").check()
    await teacher.click("#save")
    await teacher.wait_for_url(re.compile(r"/lessons/[0-9a-f]{16}"))
    found = re.search(r"/lessons/([0-9a-f]{16})", teacher.url)
    assert found is not None
    return found[1]


async def end_lesson(teacher: Page, lesson_id: str) -> tuple[datetime, datetime]:
    """End it early, with the one confirmation that the page asks for.

    Return the moments between which it ended: before the click, and with the next page.
    """
    await teacher.goto(f"/lessons/{lesson_id}")
    await teacher.click("#confirm-end summary")
    before = system_clock()
    async with teacher.expect_navigation():
        await teacher.click("#confirm-end form button")
    return before, system_clock()


async def export(admin: Page) -> list[dict[str, str]]:
    """Download the usage log and read it as Excel would."""
    response = await admin.request.get("/admin/usage.csv")
    assert response.status == 200, await response.text()
    raw = await response.body()
    assert raw.startswith(b"\xef\xbb\xbf"), "Excel needs the mark to read Chinese"
    return list(csv.DictReader(io.StringIO(raw.decode("utf-8-sig"))))
