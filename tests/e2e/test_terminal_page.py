"""The classroom's page in a real browser that nobody touches: from pairing to revocation.

The coordinator is the web application in this process with a database of its own; the relay node
is a process. What the screen says is read through the debugging port, never with a gesture.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from media.client.publisher import Publisher
from scheduler.booking.move import cancel
from scheduler.clock import system_clock
from scheduler.organisation import directory, enrolment
from scheduler.organisation.shapes import RoomView
from server.keys import SigningKey
from server.tickets import TicketSigner
from tests.support import kiosk as kiosks
from tests.support.chromium import needs_chromium
from tests.support.clips import clip
from tests.support.kiosk import Kiosk
from tests.support.lessons import book_lesson, rooms_of_school
from tests.support.relay import RelayProcess
from tests.support.webclient import Desk, open_desk
from web import static_files
from web.ports import RelayAddress

pytestmark = [
    pytest.mark.e2e,
    needs_chromium,
]

Check = Callable[[dict[str, Any]], bool]


@pytest.fixture
async def desk(tmp_path: Path, relay: RelayProcess) -> AsyncIterator[Desk]:
    async with open_desk(tmp_path, clock=system_clock) as running:
        key = SigningKey(relay.mint.kid, relay.mint.key)
        running.services.tickets = TicketSigner(key, [RelayAddress("n1", relay.url)])
        yield running


@pytest.fixture
async def screen(tmp_path: Path, desk: Desk) -> AsyncIterator[Kiosk]:
    one = Kiosk(tmp_path / "screen", str(desk.server.make_url("/terminal")))
    await one.switch_on()
    yield one
    await one.close()


@asynccontextmanager
async def other_screen(
    folder: Path, desk: Desk, monkeypatch: pytest.MonkeyPatch, flags: Sequence[str]
) -> AsyncIterator[Kiosk]:
    """A screen whose browser is started with other flags than a kiosk's."""
    monkeypatch.setattr(kiosks, "FLAGS", tuple(flags))
    screen = Kiosk(folder / "other", str(desk.server.make_url("/terminal")))
    await screen.switch_on()
    try:
        yield screen
    finally:
        await screen.close()


async def until(screen: Kiosk, check: Check, what: str, seconds: float = 20.0) -> dict[str, Any]:
    """Wait until the page says what is expected of it."""
    try:
        async with asyncio.timeout(seconds):
            while not check(state := await screen.state()):
                await asyncio.sleep(0.1)
            return state
    except TimeoutError:
        raise AssertionError(f"{what}, but the screen says {await screen.describe()}") from None


def is_(name: str) -> Check:
    return lambda state: state.get("state") == name


def plays(state: dict[str, Any]) -> bool:
    return state.get("state") == "LIVE" and state["frames"] > 50 and state["audioLevel"] > 0


async def code_on(screen: Kiosk) -> str:
    await until(screen, is_("PAIRING"), "a new screen wants to be paired")
    async with asyncio.timeout(10):
        while not (found := re.search(r"\b[2-9A-Z]{6}\b", await screen.text())):
            await asyncio.sleep(0.1)
    return found.group()


async def pair(desk: Desk, screen: Kiosk, room: RoomView) -> str:
    """Approve the screen for the room, as the administrator's page does; return its terminal."""
    admin = await desk.sign_in("county")
    await admin.get("/admin/terminals")
    answer = await admin.post(
        "/admin/terminals/approve", {"code": await code_on(screen), "room": room.id}
    )
    await admin.close()
    assert answer.status == 303
    async with desk.db.read() as session:
        (terminal,) = await directory.terminals(session, school_ids=[room.school_id])
    return terminal.id


async def leg_room(desk: Desk) -> RoomView:
    (room, *_rest) = await rooms_of_school(desk, "lz14")
    return room


async def lesson_in(desk: Desk, seconds: float) -> str:
    """Book a lesson that begins so soon, and tell the rooms as the process around us would."""
    starts = system_clock() + timedelta(seconds=seconds)
    lesson_id = await book_lesson(desk, "teacher", ["lz14"], f"k{seconds}", starts)
    desk.services.live.publish(f"room:{(await leg_room(desk)).id}")
    desk.services.live.publish(f"room:{(await desk.room('lz01-rec')).id}")
    return lesson_id


async def test_pairing_standby_reload_revocation(desk: Desk, screen: Kiosk) -> None:
    room = await leg_room(desk)
    first_code = await code_on(screen)
    await screen.look("location.reload()")
    await asyncio.sleep(1)
    assert await code_on(screen) == first_code  # somebody may be typing it just now
    assert await screen.look("document.getElementById('qr').naturalWidth") > 0

    terminal_id = await pair(desk, screen, room)
    await until(screen, is_("STANDBY"), "an approved screen goes to standby")
    text = await screen.text()
    assert room.school_name in text
    assert room.name in text

    await screen.look("location.reload()")
    await asyncio.sleep(1)
    await until(screen, is_("STANDBY"), "a reload leads back to standby by itself")

    await enrolment.revoke_terminal(
        desk.db, system_clock(), await desk.actor("county"), terminal_id
    )
    desk.services.live.publish(f"room:{room.id}")
    assert await code_on(screen) != first_code
    assert await screen.look("localStorage.getItem('tongke.terminal.token')") is None


async def test_a_lesson_added_just_now_is_joined_and_its_end_obeyed(
    desk: Desk, screen: Kiosk, relay: RelayProcess, client_http: Any
) -> None:
    await pair(desk, screen, await leg_room(desk))
    await until(screen, is_("STANDBY"), "an approved screen goes to standby")
    lesson_id = await lesson_in(desk, 6)
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
    await screen.look("location.reload()")
    await asyncio.sleep(2)
    assert (await screen.state())["state"] == "STANDBY"  # it remembers that the lesson is over
    await publisher.close()


async def test_a_cancelled_lesson_leaves_the_screen_at_once(desk: Desk, screen: Kiosk) -> None:
    await pair(desk, screen, await leg_room(desk))
    lesson_id = await lesson_in(desk, 120)
    await until(screen, is_("LOBBY"), "the lobby opens five minutes before", 5)
    await cancel(desk.db, system_clock(), await desk.actor("teacher"), lesson_id, "停电")
    desk.services.live.publish(f"room:{(await leg_room(desk)).id}")
    await until(screen, is_("STANDBY"), "a cancelled lesson is forgotten", 5)


async def test_the_day_is_kept_while_the_coordinator_is_away(
    desk: Desk, screen: Kiosk, relay: RelayProcess, client_http: Any
) -> None:
    await pair(desk, screen, await leg_room(desk))
    lesson_id = await lesson_in(desk, 8)
    await until(screen, is_("LOBBY"), "the lesson is known", 5)
    await desk.server.close()
    publisher = Publisher(client_http, relay.publish_place(lesson_id), clip())
    await publisher.start()
    await until(screen, plays, "the lesson is joined without the coordinator", 25)
    await publisher.close()


async def test_the_host_room_publishes_by_itself(
    desk: Desk,
    relay: RelayProcess,
    client_http: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with other_screen(
        tmp_path, desk, monkeypatch, (*kiosks.FLAGS, "--use-fake-device-for-media-stream")
    ) as screen:
        await pair(desk, screen, await desk.room("lz01-rec"))
        lesson_id = await lesson_in(desk, 4)
        state = await until(screen, is_("LIVE"), "the host room sends by itself", 25)
        assert state["lessonId"] == lesson_id
        assert (await leg_room(desk)).school_name in await screen.text()
        stages = await relay.control(client_http, "GET", "/stages")
        (peer,) = [one for one in stages["stages"][lesson_id] if one["grant"] == "publish"]
        assert (peer["role"], peer["state"]) == ("HOST", "CONNECTED")


async def test_without_permission_to_autoplay_it_plays_muted_and_says_so(
    desk: Desk,
    relay: RelayProcess,
    client_http: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    flags = tuple(flag for flag in kiosks.FLAGS if "autoplay" not in flag)
    async with other_screen(tmp_path, desk, monkeypatch, flags) as screen:
        await pair(desk, screen, await leg_room(desk))
        lesson_id = await lesson_in(desk, 3)
        publisher = Publisher(client_http, relay.publish_place(lesson_id), clip())
        await publisher.start()
        await until(
            screen,
            lambda now: now.get("state") == "LIVE" and now["muted"] and now["frames"] > 25,
            "it plays muted",
            25,
        )
        assert "点一下屏幕打开声音" in await screen.text()
        stages = await relay.control(client_http, "GET", "/stages")
        (peer,) = [one for one in stages["stages"][lesson_id] if one["role"] == "LEG"]
        assert peer["muted"] is True
        await publisher.close()


async def test_a_host_room_without_a_camera_says_what_is_wrong(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flags = tuple(flag for flag in kiosks.FLAGS if "fake" not in flag)
    async with other_screen(tmp_path, desk, monkeypatch, flags) as screen:
        await pair(desk, screen, await desk.room("lz01-rec"))
        await lesson_in(desk, 3)
        state = await until(screen, is_("FAULT"), "a room without a camera is a fault", 15)
        assert state["fault"] in ("C02", "C03")
        assert "管理员" in await screen.text()
        async with desk.db.read() as session:
            places = await directory.terminals(session)
        assert [one.detail["fault"] for one in places if one.detail.get("fault")] == [
            state["fault"]
        ]


async def test_a_new_version_takes_over_in_a_quiet_moment(
    desk: Desk, screen: Kiosk, monkeypatch: pytest.MonkeyPatch
) -> None:
    await pair(desk, screen, await leg_room(desk))
    await until(screen, lambda state: bool(state.get("keepsPage")), "the page is kept")
    lesson_id = await lesson_in(desk, 240)
    await until(screen, is_("LOBBY"), "a lesson is near", 5)
    loaded = await screen.look("performance.timeOrigin")
    monkeypatch.setattr(static_files, "version", lambda: "v0123")
    await screen.look(
        "navigator.serviceWorker.getRegistration('/terminal').then((it) => void it.update())"
    )
    await until(screen, lambda state: bool(state.get("newer")), "the new version waits")
    await asyncio.sleep(35)  # longer than the page's look at whether it should renew itself
    assert await screen.look("performance.timeOrigin") == loaded, "not before a lesson"

    await cancel(desk.db, system_clock(), await desk.actor("teacher"), lesson_id, "停电")
    desk.services.live.publish(f"room:{(await leg_room(desk)).id}")
    renewed = f"performance.timeOrigin > {loaded} && !!document.querySelector('script[src*=v0123]')"
    async with asyncio.timeout(45):
        while not await screen.look(renewed):
            await asyncio.sleep(0.2)
    await until(screen, is_("STANDBY"), "the renewed page stands by")
    assert await screen.look("caches.keys().then((names) => names.length)") == 1
