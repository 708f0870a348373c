"""A teacher who gives the lesson from the page, by two relay nodes, the first of which dies."""

from pathlib import Path

import pytest
from playwright.async_api import Page

from scheduler.kernel.clock import system_clock
from tests.support.chromium import CAMERA_FLAGS, needs_chromium
from tests.support.county_now import next_times, seconds_until
from tests.support.kiosk import Kiosk
from tests.support.lesson_cast import HOST_ROOM, enrol
from tests.support.outside import PICTURE_WITHIN, OutsideProduct
from tests.support.page_browser import book, page_browser, signed_in
from tests.support.screens import has_frames, pictures_again
from tests.support.standstill import Stopwatch
from tests.support.waiting import soon

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.timeout(300),
    needs_chromium,
]

ROOM = "雷州市第十四小学"


async def test_a_teacher_at_the_page_takes_the_class_along_to_the_other_node(
    outside: OutsideProduct, tmp_path: Path
) -> None:
    product, nodes, zone = outside
    screen = Kiosk(tmp_path / "screen", f"{product.url}/terminal")
    try:
        async with page_browser(CAMERA_FLAGS) as browser:
            await enrol(await signed_in(browser, product.url, "county"), screen, ROOM)
            teacher = await signed_in(browser, product.url, "teacher")
            starts, ends = next_times(zone)
            lesson = await book(teacher, starts, ends, HOST_ROOM, [ROOM])
            await teach(teacher, lesson)
            within = seconds_until(starts) + 20
            await soon(has_frames(screen, 20), within, "the class sees the teacher")
            first, other = nodes.home_of(lesson)

            killed, watch = system_clock(), Stopwatch()
            nodes.kill(first)
            back = await pictures_again({ROOM: screen}, 30)
            took = (back[ROOM] - killed).total_seconds()
            print(f"the teacher's picture from the other node after {took:.1f} s")
            assert took < watch.allows(PICTURE_WITHIN)
            assert (await product.stages(other))[lesson] == 2

            async def page_is_fine() -> bool:
                said = await teacher.inner_text("main")
                return "正在上课：画面和声音已送出" in said and "与课堂实时连接" in said

            await soon(page_is_fine, 10, "the page says so")
            row = teacher.locator("#rooms tr", has_text=ROOM)

            async def room_is_fine() -> bool:  # by its next report, a second later
                return "画面正常" in await row.inner_text()

            await soon(room_is_fine, 10, "the page says that the room has the picture")
    finally:
        await screen.close()


async def teach(teacher: Page, lesson: str) -> None:
    """Open the lesson's page in its lobby and begin to publish."""

    async def offered() -> bool:
        await teacher.goto(f"/lessons/{lesson}")
        return await teacher.locator("#publish-start").count() == 1

    await soon(offered, 90, "the lobby offers the camera", every=1)
    await teacher.click("#publish-start")
