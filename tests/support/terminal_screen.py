"""A classroom's screen beside a web application and a relay node: paired, booked for, asked."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from scheduler.events.topics import room_topic
from scheduler.kernel.clock import system_clock
from scheduler.organisation.shapes import RoomView
from scheduler.terminals.views import enrolled_terminals
from server.process.keys import SigningKey
from server.relays.tickets import TicketSigner
from tests.support.county_now import morning_zone
from tests.support.kiosk import Kiosk
from tests.support.lessons import book_lesson, rooms_of_school
from tests.support.relay import RelayProcess
from tests.support.waiting import soon, within
from tests.support.webclient import Site, open_site
from web.kit.ports import RelayAddress

Check = Callable[[dict[str, Any]], bool]
"""A question about what the page says of itself."""


@asynccontextmanager
async def site_with(relay: RelayProcess, folder: Path) -> AsyncIterator[Site]:
    """Run the application by the real clock, in a zone where no lesson of a test meets midnight,
    with tickets that this node takes.
    """
    zone = morning_zone(system_clock()).key
    async with open_site(folder, clock=system_clock, time_zone=zone) as running:
        key = SigningKey(relay.mint.kid, relay.mint.key)
        running.services.tickets = TicketSigner(key, [RelayAddress("n1", relay.url)])
        yield running


@asynccontextmanager
async def screen_of(site: Site, folder: Path) -> AsyncIterator[Kiosk]:
    """A new screen that is switched on."""
    screen = Kiosk(folder / "screen", str(site.server.make_url("/terminal")))
    await screen.switch_on()
    try:
        yield screen
    finally:
        await screen.close()


async def until(screen: Kiosk, check: Check, what: str, seconds: float = 20.0) -> dict[str, Any]:
    """Wait until the page says what is expected of it."""
    try:
        async with within(seconds, what):
            while not check(state := await screen.state()):
                await asyncio.sleep(0.1)
            return state
    except AssertionError as late:
        raise AssertionError(f"{late}, but the screen says {await screen.describe()}") from None


async def reload(screen: Kiosk) -> None:
    """Load the page anew; return when the new one is there, which may know nothing yet."""
    renewed = f"performance.timeOrigin > {await screen.look('performance.timeOrigin')}"
    await screen.look("location.reload()")

    async def is_renewed() -> bool:
        return bool(await screen.look(renewed))

    await soon(is_renewed, 20, "the page is loaded anew")


def is_(name: str) -> Check:
    return lambda state: state.get("state") == name


def plays(state: dict[str, Any]) -> bool:
    return state.get("state") == "LIVE" and state["frames"] > 50 and state["audioLevel"] > 0


async def code_on(screen: Kiosk) -> str:
    await until(screen, is_("PAIRING"), "a new screen wants to be paired")
    async with within(10, "the code is shown"):
        while not (found := re.search(r"\b[2-9A-Z]{6}\b", await screen.text())):
            await asyncio.sleep(0.1)
    return found.group()


async def pair(site: Site, screen: Kiosk, room: RoomView) -> str:
    """Approve the screen for the room, as the administrator's page does; return its terminal."""
    admin = await site.sign_in("county")
    await admin.get("/admin/terminals")
    answer = await admin.post(
        "/admin/terminals/approve", {"code": await code_on(screen), "room": room.id}
    )
    await admin.close()
    assert answer.status == 303
    async with site.db.read() as session:
        (terminal,) = await enrolled_terminals(session, school_ids=[room.school_id])
    return terminal.id


async def leg_room(site: Site) -> RoomView:
    (room, *_rest) = await rooms_of_school(site, "lz14")
    return room


async def lesson_in(site: Site, seconds: float) -> str:
    """Book a lesson that begins so soon, and tell the rooms as the process around us would."""
    starts = system_clock() + timedelta(seconds=seconds)
    lesson_id = await book_lesson(site, "teacher", ["lz14"], f"k{seconds}", starts)
    site.services.live.publish(room_topic((await leg_room(site)).id))
    site.services.live.publish(room_topic((await site.room("lz01-rec")).id))
    return lesson_id
