"""Two planes: what happens to a running lesson when the coordinator or the relay node is killed.

One lesson: the coordinator is dead when it begins, is started again, is killed in mid-lesson and
started again, and then the relay node is killed.
"""

import asyncio
import os
import signal
from datetime import datetime

import pytest

from scheduler.kernel.clock import system_clock
from tests.support.chromium import needs_chromium
from tests.support.coordinator import CoordinatorProcess
from tests.support.county_now import next_times, seconds_until
from tests.support.kiosk import Kiosk
from tests.support.lesson_cast import HOST_ROOM, SCREENS, LessonHouse
from tests.support.page_browser import book, end_lesson, signed_in
from tests.support.screens import frames_counted, has_frames, in_state, pictures_again
from tests.support.standstill import Stopwatch
from tests.support.usage_export import TOLERANCE, clock_of, exported_legs
from tests.support.waiting import soon

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.asyncio(loop_scope="package"),
    pytest.mark.timeout(420),
    needs_chromium,
]

ROOMS = SCREENS[:2]
FRAME_RATE = 20
ON_THE_WAY = 6
"""Frames by which two counts may differ from the clock: the jitter buffer shrinks and grows."""
PICTURE_WITHIN = 5.0
"""Seconds from the kill of a relay node to a picture on every screen (issue: under 5 s)."""


async def assert_undisturbed(kiosk: Kiosk, seconds: float, whom: str) -> None:
    """Every frame goes on arriving: none is lost, none late by more than the buffer's grain."""
    before = await frames_counted(kiosk)
    await asyncio.sleep(seconds)
    after = await frames_counted(kiosk)
    elapsed = after.seconds - before.seconds
    surplus = after.arrived - before.arrived - FRAME_RATE * elapsed
    assert abs(surplus) <= ON_THE_WAY, f"{whom}: {surplus:+.1f} frames in {elapsed:.1f} s"
    dropped = after.dropped - before.dropped  # by a machine that is too busy to draw them
    assert dropped - surplus <= FRAME_RATE + 2, f"{whom}: {dropped} frames were not shown"
    assert (await kiosk.state())["state"] == "LIVE"


async def test_a_lesson_survives_the_kills(house: LessonHouse) -> None:
    product, zone, cast = house.product, house.zone, house.cast
    admin, kiosks = cast.admin, {room: cast.kiosks[room] for room in ROOMS}
    teacher = await signed_in(cast.browser, product.url, "teacher")
    starts, ends = next_times(zone)
    lesson = await book(teacher, starts, ends, HOST_ROOM, list(ROOMS))

    watch = Stopwatch()
    await begins_without_coordinator(product, kiosks, starts)
    await goes_on_without_coordinator(product, kiosks)
    killed, back = await comes_back_after_the_node(product, kiosks)

    await end_lesson(teacher, lesson)
    rows = await exported_legs(admin, lesson, 2)
    for name, row in rows.items():
        joined = clock_of(row, "进入", zone)
        late = (joined - starts).total_seconds()
        assert abs(late) <= watch.allows(3), f"{name} from the beginning"
        gap = (back[name] - killed).total_seconds()
        if gap > TOLERANCE + 1:  # a shorter one is a moment without a picture, no more
            assert row["中断次数"] == "1", f"{name}: only the node's death interrupted"
            assert abs(float(row["中断（秒）"]) - gap) <= watch.allows(2), (
                f"{name}: a gap of {gap} s"
            )
    await admin.goto(f"/admin/usage/{lesson}")
    page = await admin.inner_text("main")
    assert page.count("进入课堂 × 2") == 1 + len(ROOMS), "everybody came in twice"


async def begins_without_coordinator(
    product: CoordinatorProcess, kiosks: dict[str, Kiosk], starts: datetime
) -> None:
    """The coordinator is dead at the start: everybody meets on the node with what they hold."""
    for kiosk in kiosks.values():
        await soon(in_state(kiosk, "LOBBY"), 30, "the lobby before the lesson")
    await product.end(signal.SIGKILL)
    wait = seconds_until(starts)
    for name, kiosk in kiosks.items():
        await soon(in_state(kiosk, "LIVE"), wait + 20, f"{name} joins without a coordinator")
        await soon(has_frames(kiosk, 40), 10, f"{name} plays without a coordinator")
    await product.start()


async def goes_on_without_coordinator(
    product: CoordinatorProcess, kiosks: dict[str, Kiosk]
) -> None:
    """Killed in mid-lesson, away for a while, started again: nobody loses a frame."""
    node = await product.hello()
    assert node is not None
    await product.end(signal.SIGKILL)
    watching = [assert_undisturbed(kiosk, 6, name) for name, kiosk in kiosks.items()]
    await asyncio.gather(*watching)
    watching = [assert_undisturbed(kiosk, 8, name) for name, kiosk in kiosks.items()]
    await asyncio.gather(product.start(), *watching)
    adopted = await product.hello()
    assert adopted is not None
    assert adopted["boot"] == node["boot"], "the same node was adopted"


async def comes_back_after_the_node(
    product: CoordinatorProcess, kiosks: dict[str, Kiosk]
) -> tuple[datetime, dict[str, datetime]]:
    """The node is killed: its supervisor starts it again and every screen has a picture soon."""
    node = await product.hello()
    assert node is not None
    killed, watch = system_clock(), Stopwatch()
    os.kill(int(node["pid"]), signal.SIGKILL)
    back = await pictures_again(kiosks, 15)
    for name, moment in back.items():
        took = (moment - killed).total_seconds()
        assert took < watch.allows(PICTURE_WITHIN), f"{name} took {took:.1f} s"
    await asyncio.sleep(5)
    return killed, back
