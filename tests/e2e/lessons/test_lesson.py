"""The product's main job, through every layer with the real parts: one lesson, end to end.

A teacher books on the page; classroom screens that were enrolled join without anybody's gesture;
one is killed and comes back, one is cut off, one comes late, one never comes; the admin's page and
the export tell exactly that.
"""

import asyncio
from datetime import datetime
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from scheduler.kernel.clock import system_clock
from tests.support.chromium import needs_chromium
from tests.support.county_now import next_times, seconds_until
from tests.support.kiosk import Kiosk
from tests.support.lesson_cast import HOST_ROOM, SCREENS, TOKEN, TONE, LessonHouse
from tests.support.page_browser import book, end_lesson, signed_in
from tests.support.screens import has_frames, in_state
from tests.support.standstill import Stopwatch
from tests.support.usage_export import clock_of, exported_legs
from tests.support.waiting import soon, until

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.asyncio(loop_scope="package"),
    pytest.mark.timeout(420),
    needs_chromium,
]

KILLED, CUT_OFF, LATE = SCREENS
ABSENT = "附城镇山柑小学"
WITHIN = 2.0
"""Seconds by which the log may differ from the truth."""


async def test_one_lesson_from_booking_to_log(house: LessonHouse, tmp_path: Path) -> None:
    product, zone, cast = house.product, house.zone, house.cast
    admin, kiosks = cast.admin, cast.kiosks
    remembers = partial(kiosks[LATE].on_disk, TOKEN)
    await until(remembers, 70, "the late one remembers who it is", every=0.2)
    kiosks[LATE].cut_power()
    teacher = await signed_in(cast.browser, product.url, "teacher")
    starts, ends = next_times(zone)
    legs = [KILLED, CUT_OFF, LATE, ABSENT]
    lesson = await book(teacher, starts, ends, HOST_ROOM, legs)
    await teach(kiosks, starts, tmp_path)
    watch = Stopwatch()

    # One is killed and comes back.
    killed_at = system_clock()
    kiosks[KILLED].cut_power()
    await asyncio.sleep(6)
    await kiosks[KILLED].switch_on()
    back_at = await soon(has_frames(kiosks[KILLED], 0), 20, "it comes back by itself")
    # One comes late.
    await kiosks[LATE].switch_on()
    late_at = await soon(has_frames(kiosks[LATE], 0), 20, "the late one joins by itself")
    await plays(kiosks[LATE])
    # One is cut off, and stays so.
    cut_at = system_clock()
    kiosks[CUT_OFF].cut_network()
    await asyncio.sleep(8)
    await end_lesson(teacher, lesson)
    ended_at = system_clock()
    for name in (KILLED, LATE):
        await soon(in_state(kiosks[name], "STANDBY"), 5, f"{name} is back in standby")

    rows = await exported_legs(admin, lesson, 4)
    moments = (killed_at, back_at, late_at, cut_at, ended_at)
    truth = Truth(zone, watch.allows(WITHIN), starts, *moments)
    truth.check(rows)
    await admin.goto(f"/admin/usage/{lesson}")
    page = await admin.inner_text("main")
    for words in ("迟到", "未到", "中断 1 次"):
        assert words in page
    await admin.screenshot(path=tmp_path / "usage.png")


async def teach(kiosks: dict[str, Kiosk], starts: datetime, folder: Path) -> None:
    """The lesson begins: both screens play it by themselves, with sound."""
    present = [kiosks[KILLED], kiosks[CUT_OFF]]
    for kiosk in present:
        await soon(in_state(kiosk, "LOBBY"), 20, "the lobby before the lesson")
    wait = seconds_until(starts)
    for kiosk in present:
        await soon(in_state(kiosk, "LIVE"), wait + 15, "the lesson begins by itself")
        await plays(kiosk)
        await kiosk.screenshot(folder / "live.png")


async def plays(kiosk: Kiosk) -> None:
    """The screen shows a changing picture and sounds the tone, and nobody touched it."""
    await soon(has_frames(kiosk, 100), 30, "over a hundred frames are decoded")
    seen = await kiosk.state()
    assert seen["muted"] is False
    assert seen["audioLevel"] > 0.003
    pictures = set()
    for _ in range(5):
        pictures.add(await kiosk.picture())
        await asyncio.sleep(0.3)
    assert len(pictures) >= 4, "the picture changes"
    assert abs(await kiosk.tone() - TONE) < 15, "the publisher's tone is heard"


class Truth:
    """What really happened, and whether the log says so `within` some seconds."""

    def __init__(self, zone: ZoneInfo, within: float, starts: datetime, *moments: datetime) -> None:
        self.zone, self.within, self.starts = zone, within, starts
        self.killed, self.back, self.late, self.cut, self.ended = moments

    def near(self, row: dict[str, str], column: str, moment: datetime) -> None:
        apart = (clock_of(row, column, self.zone) - moment).total_seconds()
        # the export names whole seconds, cut off: half a second is added in the middle
        assert abs(apart + 0.5) <= self.within + 0.5, f"{row['学校']} {column}: {apart:+.1f} s off"

    def check(self, rows: dict[str, dict[str, str]]) -> None:
        killed, cut, late, absent = (rows[name] for name in (KILLED, CUT_OFF, LATE, ABSENT))
        self.near(killed, "进入", self.starts)
        self.near(killed, "离开", self.ended)
        assert killed["中断次数"] == "1"
        gap = (self.back - self.killed).total_seconds()
        assert abs(float(killed["中断（秒）"]) - gap) <= self.within
        self.near(cut, "离开", self.cut)
        early = (self.ended - self.cut).total_seconds()
        assert abs(float(cut["早退（秒）"]) - early) <= self.within
        self.near(late, "进入", self.late)
        assert late["到课"] == "迟到"
        since = (self.late - self.starts).total_seconds()
        assert abs(float(late["迟到（秒）"]) - since) <= self.within
        assert absent["到课"] == "未到"
        assert absent["进入"] == absent["离开"] == ""
        assert float(absent["画面（分）"]) == 0
