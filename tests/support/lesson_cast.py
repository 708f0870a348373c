"""Everybody whom an end-to-end lesson needs: the host's box, the screens, the admin."""

import re
import subprocess
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from playwright.async_api import Browser, Page

from tests.support.clips import lend_clip
from tests.support.coordinator import CoordinatorProcess
from tests.support.kiosk import Kiosk
from tests.support.nodes import ROOT
from tests.support.page_browser import approve, end_lesson, page_browser, signed_in
from tests.support.screens import in_state
from tests.support.waiting import soon

HOST_ROOM = "录播教室"
HOST_SCHOOL = "雷州市第一小学"
CODE = "[2-9A-HJKMNP-Z]{6}"
TONE = 440
"""Hertz of the clip that the host's box publishes."""

TOKEN = "tongke.terminal.token"
"""Where a screen's page keeps what the coordinator knows it by."""
SCREENS = tuple(f"雷州市第十{number}小学" for number in "四五六")
"""Schools whose first room has a screen in every lesson that shares a product."""


async def pairing_code(kiosk: Kiosk) -> str:
    """Return the code that the screen shows."""
    found: list[str] = []

    async def shown() -> bool:
        text = await kiosk.look("document.querySelector('#code')?.textContent || ''")
        found[:] = re.findall(CODE, "".join(str(text).split()))
        return bool(found)

    await soon(shown, 30, "the screen shows a pairing code")
    return found[0]


async def enrol(admin: Page, kiosk: Kiosk, room: str) -> None:
    """Switch a new screen on and have it approved for a room, by its code.

    At once, for Chromium writes what a page remembers five seconds after it began to remember
    anything, and then not before a minute is over.
    """
    await kiosk.switch_on()
    await approve(admin, await pairing_code(kiosk), room)
    await soon(in_state(kiosk, "STANDBY"), 15, f"{room} goes to standby by itself")


class HostBox:
    """A headless terminal: by default the recording classroom's, which publishes the clip."""

    def __init__(self, product: CoordinatorProcess, name: str = "host") -> None:
        lend_clip(product.folder)
        self._log = product.folder / f"{name}.log"
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                product.command("terminal", "--state", str(product.folder / f"{name}.json")),
                cwd=ROOT,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    async def enrol(self, admin: Page, room: str = f"{HOST_SCHOOL} {HOST_ROOM}") -> None:
        """Have it approved for its room, by the code that it prints."""
        found: list[str] = []

        async def printed() -> bool:
            found[:] = re.findall(rf"\b{CODE}\b", self._log.read_text("utf-8"))
            return bool(found)

        await soon(printed, 60, f"the box for {room} prints its pairing code")
        await approve(admin, found[0], room)

    def end(self) -> None:
        self._process.terminate()
        self._process.wait(10)


@dataclass(frozen=True)
class Cast:
    """The browser of all people, the page of the admin in it, and the screens by their room."""

    browser: Browser
    admin: Page
    kiosks: dict[str, Kiosk]


@asynccontextmanager
async def cast_of(
    product: CoordinatorProcess, folder: Path, rooms: Sequence[str]
) -> AsyncIterator[Cast]:
    """Enrol the host's box and a screen for each room with a product that runs; end them all."""
    kiosks = {room: Kiosk(folder / room, f"{product.url}/terminal") for room in rooms}
    host = HostBox(product)
    try:
        async with page_browser() as browser:
            admin = await signed_in(browser, product.url, "county")
            await host.enrol(admin)
            for room, kiosk in kiosks.items():
                await enrol(admin, kiosk, room)
            yield Cast(browser, admin, kiosks)
    finally:
        host.end()
        for kiosk in kiosks.values():
            await kiosk.close()


@dataclass(frozen=True)
class LessonHouse:
    """A product that several lessons share one after the other, and its cast."""

    product: CoordinatorProcess
    zone: ZoneInfo
    cast: Cast

    async def set_right(self) -> None:
        """Start again what the test before has killed or cut off, and end its lesson."""
        if self.product.process.poll() is not None:
            await self.product.start()
        for (lesson,) in self.product.rows("SELECT id FROM lesson WHERE state = 'LIVE'"):
            teacher = await signed_in(self.cast.browser, self.product.url, "teacher")
            await end_lesson(teacher, lesson)
        for kiosk in self.cast.kiosks.values():
            if not kiosk.runs:
                kiosk.cut_power()
                await kiosk.switch_on()
        for room, kiosk in self.cast.kiosks.items():
            await soon(in_state(kiosk, "STANDBY"), 30, f"{room} stands by before the lesson")
