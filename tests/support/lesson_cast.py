"""Everybody whom an end-to-end lesson needs, and the waiting for what they do."""

import asyncio
import re
import subprocess
from collections.abc import Awaitable, Callable
from datetime import datetime
from zoneinfo import ZoneInfo

from playwright.async_api import Page

from scheduler.clock import system_clock
from tests.support.coordinator import CoordinatorProcess
from tests.support.desk_browser import approve, export
from tests.support.kiosk import Kiosk
from tests.support.nodes import ROOT

HOST_ROOM = "录播教室"
HOST_SCHOOL = "雷州市第一小学"
CODE = "[2-9A-HJKMNP-Z]{6}"
TONE = 440
"""Hertz of the clip that the host's box publishes."""


async def soon(
    holds: Callable[[], Awaitable[bool]], seconds: float, what: str, every: float = 0.05
) -> datetime:
    """Wait until `holds`; return the moment, or fail with a sentence."""
    try:
        async with asyncio.timeout(seconds):
            while not await holds():
                await asyncio.sleep(every)
    except TimeoutError:
        raise AssertionError(f"not within {seconds} s: {what}") from None
    return system_clock()


def in_state(kiosk: Kiosk, *states: str) -> Callable[[], Awaitable[bool]]:
    """Return a question: is the screen in one of these states?"""

    async def holds() -> bool:
        return (await kiosk.state()).get("state") in states

    return holds


async def frames(kiosk: Kiosk) -> int:
    """Return how many frames the screen has decoded since it joined."""
    return int((await kiosk.state()).get("frames", 0))


def has_frames(kiosk: Kiosk, count: int) -> Callable[[], Awaitable[bool]]:
    async def holds() -> bool:
        return await frames(kiosk) > count

    return holds


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
    """Switch a new screen on and have it approved for a room, by its code."""
    await kiosk.switch_on()
    await approve(admin, await pairing_code(kiosk), room)
    await soon(in_state(kiosk, "STANDBY"), 15, f"{room} goes to standby by itself")


class HostBox:
    """A headless terminal: by default the recording classroom's, which publishes the clip."""

    def __init__(self, product: CoordinatorProcess, name: str = "host") -> None:
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


async def exported_legs(admin: Page, lesson: str, count: int) -> dict[str, dict[str, str]]:
    """Return a lesson's legs of the export by school, once the log holds its end."""
    rows: dict[str, dict[str, str]] = {}

    async def complete() -> bool:
        found = [row for row in await export(admin) if row["课程编号"] == lesson]
        rows.update({row["学校"]: row for row in found if row["端"] == "听讲"})
        return len(rows) == count and all(row["实际结束"] for row in rows.values())

    await soon(complete, 15, "the export holds the lesson", every=0.5)
    await asyncio.sleep(3)  # the last facts of the journal
    await complete()
    return rows


def clock_of(row: dict[str, str], column: str, zone: ZoneInfo) -> datetime:
    """Return a time of the export as a moment."""
    local = datetime.strptime(f"{row['日期']} {row[column]}", "%Y-%m-%d %H:%M:%S")  # noqa: DTZ007
    return local.replace(tzinfo=zone)
