"""A classroom PC that is switched on while the coordinator is down still finds its lesson.

The whole product in processes; the coordinator is killed, the screen's browser is killed and
started again. The relay node lives on, and so does the recording room's box.
"""

import signal
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import pytest

from scheduler.clock import system_clock
from tests.support.chromium import needs_chromium
from tests.support.coordinator import CoordinatorProcess
from tests.support.county_now import found_county
from tests.support.desk_browser import book, desk_browser, signed_in
from tests.support.kiosk import Kiosk
from tests.support.lesson_cast import HOST_ROOM, HostBox, enrol, has_frames, in_state, soon

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.timeout(300),
    needs_chromium,
]

SCHOOL = "雷州市第十四小学"


def on_disk(screen: Kiosk, lesson_id: str) -> Callable[[], Awaitable[bool]]:
    """Return a question: would the screen's storage know this lesson after a power cut?"""
    folder = screen.profile / "Default" / "Local Storage" / "leveldb"
    words = [lesson_id.encode("utf-16-le"), lesson_id.encode()]

    async def holds() -> bool:
        logs = [file.read_bytes() for file in folder.glob("*.log")]
        return any(word in log for word in words for log in logs)

    return holds


async def power_cut(product: CoordinatorProcess, screen: Kiosk) -> None:
    """The county's server dies, then the classroom's plug is pulled and put back."""
    await product.end(signal.SIGKILL)
    screen.cut_power()
    await screen.switch_on()


async def test_a_screen_switched_on_without_a_server(
    product: CoordinatorProcess, tmp_path: Path
) -> None:
    zone = await found_county(product)
    await product.start()
    screen = Kiosk(tmp_path / "screen", f"{product.url}/terminal")
    host = HostBox(product)
    try:
        async with desk_browser() as browser:
            admin = await signed_in(browser, product.url, "county")
            await host.enrol(admin)
            await enrol(admin, screen, SCHOOL)

            async def kept() -> bool:
                return (await screen.state()).get("keepsPage") is True

            await soon(kept, 20, "the page is kept by its worker")
            teacher = await signed_in(browser, product.url, "teacher")
            now = system_clock().astimezone(zone).replace(second=0, microsecond=0)
            later = now + timedelta(minutes=30)
            ends = later + timedelta(minutes=10)
            lesson = await book(teacher, later, ends, HOST_ROOM, [SCHOOL])
            await soon(on_disk(screen, lesson), 90, "the day is on the screen's disk")

            await power_cut(product, screen)
            await soon(in_state(screen, "STANDBY"), 20, "the page comes up by itself")
            text = await screen.text()
            assert SCHOOL in text, text
            assert f"{later:%H:%M}" in text, text

            await product.start()
            soonest = system_clock().astimezone(zone) + timedelta(seconds=75)
            starts = soonest.replace(second=0, microsecond=0)
            ends = starts + timedelta(minutes=10)
            lesson = await book(teacher, starts, ends, HOST_ROOM, [SCHOOL])
            await soon(in_state(screen, "LOBBY"), 20, "the lobby of the lesson that was added")
            wait = max(0.0, (starts - system_clock()).total_seconds())
            await soon(has_frames(screen, 40), wait + 20, "the lesson plays")
            await soon(on_disk(screen, lesson), 90, "the lesson is on the screen's disk")
            await power_cut(product, screen)
            await soon(has_frames(screen, 40), 30, "it joins the lesson on the node alone")
            assert (await screen.state())["state"] == "LIVE"
    finally:
        host.end()
        await screen.close()
