"""The classroom's page in browsers with other flags than a kiosk's: cameras and autoplay."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from media.client.session.publisher import Publisher
from scheduler.terminals.views import enrolled_terminals
from tests.support import kiosk as kiosks
from tests.support.chromium import needs_chromium
from tests.support.clips import clip
from tests.support.kiosk import Kiosk
from tests.support.relay import RelayProcess
from tests.support.terminal_screen import (
    is_,
    leg_room,
    lesson_in,
    pair,
    screen_of,
    site_with,
    until,
)
from tests.support.waiting import soon
from tests.support.webclient import Site

pytestmark = [
    pytest.mark.e2e,
    needs_chromium,
]


@pytest.fixture
async def site(tmp_path: Path, relay: RelayProcess) -> AsyncIterator[Site]:
    async with site_with(relay, tmp_path) as running:
        yield running


@asynccontextmanager
async def other_screen(
    folder: Path, site: Site, monkeypatch: pytest.MonkeyPatch, flags: Sequence[str]
) -> AsyncIterator[Kiosk]:
    """A screen whose browser is started with these flags."""
    monkeypatch.setattr(kiosks, "FLAGS", tuple(flags))
    async with screen_of(site, folder) as screen:
        yield screen


async def test_the_host_room_publishes_by_itself(
    site: Site,
    relay: RelayProcess,
    client_http: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with other_screen(
        tmp_path, site, monkeypatch, (*kiosks.FLAGS, "--use-fake-device-for-media-stream")
    ) as screen:
        await pair(site, screen, await site.room("lz01-rec"))
        lesson_id = await lesson_in(site, 4)
        state = await until(screen, is_("LIVE"), "the host room sends by itself", 25)
        assert state["lessonId"] == lesson_id
        assert (await leg_room(site)).school_name in await screen.text()
        stages = await relay.control(client_http, "GET", "/stages")
        (peer,) = [one for one in stages["stages"][lesson_id] if one["grant"] == "publish"]
        assert (peer["role"], peer["state"]) == ("HOST", "CONNECTED")


async def test_without_permission_to_autoplay_it_plays_muted_and_says_so(
    site: Site,
    relay: RelayProcess,
    client_http: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    flags = tuple(flag for flag in kiosks.FLAGS if "autoplay" not in flag)
    async with other_screen(tmp_path, site, monkeypatch, flags) as screen:
        await pair(site, screen, await leg_room(site))
        lesson_id = await lesson_in(site, 3)
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
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flags = tuple(flag for flag in kiosks.FLAGS if "fake" not in flag)
    async with other_screen(tmp_path, site, monkeypatch, flags) as screen:
        await pair(site, screen, await site.room("lz01-rec"))
        await lesson_in(site, 3)
        state = await until(screen, is_("FAULT"), "a room without a camera is a fault", 15)
        assert state["fault"] in ("C02", "C03")
        assert "管理员" in await screen.text()

        async def noted() -> bool:
            async with site.db.read() as session:
                places = await enrolled_terminals(session)
            faults = [one.detail["fault"] for one in places if one.detail.get("fault")]
            return faults == [state["fault"]]

        await soon(noted, 5, "the coordinator knows this fault of this room and no other")
