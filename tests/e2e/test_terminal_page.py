"""The classroom's page in a real browser that nobody touches: from pairing to revocation.

The coordinator is the web application in this process with a database of its own; the relay node
is a process. What the screen says is read through the debugging port, never with a gesture.
"""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from media.client.session.publisher import Publisher
from scheduler.booking.cancel import cancel
from scheduler.events.topics import room_topic
from scheduler.kernel.clock import system_clock
from scheduler.terminals import enrolment
from tests.support.chromium import needs_chromium
from tests.support.clips import clip
from tests.support.kiosk import Kiosk
from tests.support.relay import RelayProcess
from tests.support.terminal_screen import (
    code_on,
    is_,
    leg_room,
    lesson_in,
    pair,
    plays,
    reload,
    screen_of,
    site_with,
    until,
)
from tests.support.waiting import soon, within
from tests.support.webclient import Site
from web.kit.pages import static_files

pytestmark = [
    pytest.mark.e2e,
    needs_chromium,
]


@pytest.fixture
async def site(tmp_path: Path, relay: RelayProcess) -> AsyncIterator[Site]:
    async with site_with(relay, tmp_path) as running:
        yield running


@pytest.fixture
async def screen(tmp_path: Path, site: Site) -> AsyncIterator[Kiosk]:
    async with screen_of(site, tmp_path) as one:
        yield one


async def test_pairing_standby_reload_revocation(site: Site, screen: Kiosk) -> None:
    room = await leg_room(site)
    first_code = await code_on(screen)
    await reload(screen)
    assert await code_on(screen) == first_code  # somebody may be typing it just now

    async def qr_is_drawn() -> bool:
        return bool(await screen.look("document.getElementById('qr').naturalWidth > 0"))

    await soon(qr_is_drawn, 10, "the QR code beside it")

    terminal_id = await pair(site, screen, room)
    await until(screen, is_("STANDBY"), "an approved screen goes to standby")
    text = await screen.text()
    assert room.school_name in text
    assert room.name in text

    await reload(screen)
    await until(screen, is_("STANDBY"), "a reload leads back to standby by itself")

    await enrolment.revoke_terminal(
        site.db, system_clock(), await site.actor("county"), terminal_id
    )
    site.services.live.publish(room_topic(room.id))
    assert await code_on(screen) != first_code
    assert await screen.look("localStorage.getItem('tongke.terminal.token')") is None


async def test_a_lesson_added_just_now_is_joined_and_its_end_obeyed(
    site: Site, screen: Kiosk, relay: RelayProcess, client_http: Any
) -> None:
    await pair(site, screen, await leg_room(site))
    await until(screen, is_("STANDBY"), "an approved screen goes to standby")
    lesson_id = await lesson_in(site, 6)
    state = await until(screen, is_("LOBBY"), "a lesson in a minute opens the lobby at once", 5)
    assert state["lessonId"] == lesson_id
    await until(screen, is_("JOINING"), "the lesson begins by the clock", 12)
    assert "等待" in await screen.text()  # nobody publishes yet, and the screen says so

    publisher = Publisher(client_http, relay.publish_place(lesson_id), clip())
    await publisher.start()
    await until(screen, plays, "the screen shows and sounds")
    assert (await screen.state())["muted"] is False
    await publisher.close()

    await relay.kill()
    await until(screen, is_("LOST"), "a killed relay is noticed at once", 3)
    assert "正在重新连接" in await screen.text()
    frames = (await screen.state())["frames"]
    await relay.start()
    publisher = Publisher(client_http, relay.publish_place(lesson_id), clip())
    await publisher.start()
    await until(
        screen,
        lambda now: now["state"] == "LIVE" and now["frames"] > frames + 25,
        "the picture is back soon after the relay is",
        8,
    )

    until_then = (system_clock() + timedelta(hours=1)).timestamp()
    await relay.control(
        client_http,
        "POST",
        f"/stages/{lesson_id}/close",
        {"reason": "ended", "until": until_then},
    )
    await until(screen, is_("STANDBY"), "a closed stage leads to standby at once", 3)
    await reload(screen)
    await until(screen, is_("STANDBY"), "it remembers that the lesson is over")
    await asyncio.sleep(2)
    assert (await screen.state())["state"] == "STANDBY"
    await publisher.close()


async def test_a_cancelled_lesson_leaves_the_screen_at_once(site: Site, screen: Kiosk) -> None:
    await pair(site, screen, await leg_room(site))
    lesson_id = await lesson_in(site, 120)
    await until(screen, is_("LOBBY"), "the lobby opens five minutes before", 5)
    await cancel(site.db, system_clock(), await site.actor("teacher"), lesson_id, "停电")
    site.services.live.publish(room_topic((await leg_room(site)).id))
    await until(screen, is_("STANDBY"), "a cancelled lesson is forgotten", 5)


async def test_the_day_is_kept_while_the_coordinator_is_away(
    site: Site, screen: Kiosk, relay: RelayProcess, client_http: Any
) -> None:
    await pair(site, screen, await leg_room(site))
    lesson_id = await lesson_in(site, 8)
    await until(screen, is_("LOBBY"), "the lesson is known", 5)
    await site.server.close()
    publisher = Publisher(client_http, relay.publish_place(lesson_id), clip())
    await publisher.start()
    await until(screen, plays, "the lesson is joined without the coordinator", 25)
    await publisher.close()


HASTE = """
window.looks = 0;
const every = window.setInterval;
window.setInterval = (look, pause, ...rest) => pause !== 30000 ? every(look, pause, ...rest)
  : every(async () => { await look(); window.looks += 1; }, 1000);
"""
"""Lets a page look each second, not each half minute, whether it should renew itself."""


async def test_a_new_version_takes_over_in_a_quiet_moment(
    site: Site, screen: Kiosk, monkeypatch: pytest.MonkeyPatch
) -> None:
    await code_on(screen)
    await screen.before_scripts(HASTE)
    await reload(screen)
    await pair(site, screen, await leg_room(site))
    await until(screen, lambda state: bool(state.get("keepsPage")), "the page is kept")
    lesson_id = await lesson_in(site, 240)
    await until(screen, is_("LOBBY"), "a lesson is near", 5)
    loaded = await screen.look("performance.timeOrigin")
    monkeypatch.setattr(static_files, "version", lambda: "v0123")
    await screen.look(
        "navigator.serviceWorker.getRegistration('/terminal').then((it) => void it.update())"
    )
    await until(screen, lambda state: bool(state.get("newer")), "the new version waits")
    looks = await screen.look("window.looks")
    async with within(20, "two looks at whether it should renew itself"):
        while await screen.look("window.looks") < looks + 2:
            await asyncio.sleep(0.2)
    assert await screen.look("performance.timeOrigin") == loaded, "not before a lesson"

    await cancel(site.db, system_clock(), await site.actor("teacher"), lesson_id, "停电")
    site.services.live.publish(room_topic((await leg_room(site)).id))
    renewed = f"performance.timeOrigin > {loaded} && !!document.querySelector('script[src*=v0123]')"
    async with within(15, "the renewed page"):
        while not await screen.look(renewed):
            await asyncio.sleep(0.2)
    await until(screen, is_("STANDBY"), "the renewed page stands by")
    assert await screen.look("caches.keys().then((names) => names.length)") == 1
