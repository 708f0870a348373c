"""A teacher who gives the lesson from the page, by two relay nodes, the first of which dies."""

import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.async_api import Page

from scheduler.clock import system_clock
from tests.support.chromium import CAMERA_FLAGS
from tests.support.coordinator import CoordinatorProcess
from tests.support.county_now import found_county
from tests.support.desk_browser import book, desk_browser, signed_in
from tests.support.kiosk import Kiosk
from tests.support.lesson_cast import HOST_ROOM, enrol, has_frames, in_state, soon
from tests.support.outside import OutsideNodes

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.timeout(300),
    pytest.mark.skipif(shutil.which("chromium") is None, reason="Debian's chromium is not here"),
]

ROOM = "雷州市第十四小学"
PICTURE_WITHIN = 12.0
"""Seconds from the end of a node to a picture from the other one, on a busy machine."""


async def test_a_teacher_at_the_page_takes_the_class_along_to_the_other_node(
    outside: tuple[CoordinatorProcess, OutsideNodes], tmp_path: Path
) -> None:
    product, nodes = outside
    zone = await found_county(product)
    await product.start()
    for number in (1, 2):
        nodes.start(number)
    screen = Kiosk(tmp_path / "screen", f"{product.url}/terminal")
    try:
        async with desk_browser(CAMERA_FLAGS) as browser:
            await enrol(await signed_in(browser, product.url, "county"), screen, ROOM)
            teacher = await signed_in(browser, product.url, "teacher")
            soonest = system_clock().astimezone(zone) + timedelta(seconds=50)
            starts = soonest.replace(second=0, microsecond=0) + timedelta(minutes=1)
            lesson = await book(teacher, starts, starts + timedelta(minutes=10), HOST_ROOM, [ROOM])
            await teach(teacher, lesson)
            wait = max(0.0, (starts - system_clock()).total_seconds())
            await soon(has_frames(screen, 20), wait + 20, "the class sees the teacher")
            ((home,),) = product.rows("SELECT node_id FROM placement WHERE lesson_id = ?", lesson)
            first, other = (1, 2) if home == "n1" else (2, 1)

            killed = system_clock()
            nodes.kill(first)
            await soon(in_state(screen, "LOST", "JOINING"), 3, "the screen notices")
            back = await soon(in_state(screen, "LIVE"), 30, "the class sees the teacher again")
            took = (back - killed).total_seconds()
            print(f"the teacher's picture from the other node after {took:.1f} s")
            assert took < PICTURE_WITHIN
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
