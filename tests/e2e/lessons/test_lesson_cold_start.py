"""A classroom PC that is switched on while the coordinator is down still finds its lesson.

The whole product in processes; the coordinator is killed, the screen's browser is killed and
started again. The relay node lives on, and so does the recording room's box.
"""

import signal
from functools import partial

import pytest

from tests.support.chromium import needs_chromium
from tests.support.coordinator import CoordinatorProcess
from tests.support.county_now import next_times, seconds_until
from tests.support.kiosk import Kiosk
from tests.support.lesson_cast import HOST_ROOM, SCREENS, LessonHouse
from tests.support.page_browser import book, signed_in
from tests.support.screens import has_frames, in_state
from tests.support.waiting import soon, until

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.asyncio(loop_scope="package"),
    pytest.mark.timeout(300),
    needs_chromium,
]

SCHOOL = SCREENS[0]


async def power_cut(product: CoordinatorProcess, screen: Kiosk) -> None:
    """The county's server dies, then the classroom's plug is pulled and put back."""
    await product.end(signal.SIGKILL)
    screen.cut_power()
    await screen.switch_on()


async def test_a_screen_switched_on_without_a_server(house: LessonHouse) -> None:
    product, zone, cast = house.product, house.zone, house.cast
    screen = cast.kiosks[SCHOOL]

    async def kept() -> bool:
        return (await screen.state()).get("keepsPage") is True

    await soon(kept, 20, "the page is kept by its worker")
    teacher = await signed_in(cast.browser, product.url, "teacher")
    later, ends = next_times(zone, lead=29 * 60)
    lesson = await book(teacher, later, ends, HOST_ROOM, [SCHOOL])
    await until(partial(screen.on_disk, lesson), 90, "the day is on the screen's disk", every=0.2)

    await power_cut(product, screen)
    await soon(in_state(screen, "STANDBY"), 20, "the page comes up by itself")
    text = await screen.text()
    assert SCHOOL in text, text
    assert f"{later:%H:%M}" in text, text

    await product.start()
    starts, ends = next_times(zone)
    lesson = await book(teacher, starts, ends, HOST_ROOM, [SCHOOL])
    await soon(in_state(screen, "LOBBY"), 20, "the lobby of the lesson that was added")
    await soon(in_state(screen, "LIVE"), seconds_until(starts) + 20, "the lesson begins")
    await soon(has_frames(screen, 40), 10, "the lesson plays")
    await until(partial(screen.on_disk, lesson), 90, "the lesson is on its disk", every=0.2)
    await power_cut(product, screen)
    await soon(has_frames(screen, 40), 30, "it joins the lesson on the node alone")
    assert (await screen.state())["state"] == "LIVE"
