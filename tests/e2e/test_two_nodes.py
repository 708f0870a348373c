"""Two relay nodes under the whole product: a lesson survives the end of its node, and two lessons
of one period are on two nodes.
"""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from scheduler.kernel.clock import system_clock
from tests.support.chromium import needs_chromium
from tests.support.coordinator import CoordinatorProcess
from tests.support.county_now import found_county, next_times, seconds_until
from tests.support.kiosk import Kiosk
from tests.support.lesson_cast import HOST_ROOM, HOST_SCHOOL, TOKEN, HostBox, cast_of
from tests.support.outside import PICTURE_WITHIN, OutsideProduct
from tests.support.page_browser import book, end_lesson, page_browser, signed_in
from tests.support.screens import has_frames, in_state, pictures_again
from tests.support.standstill import Stopwatch
from tests.support.usage_export import TOLERANCE, clock_of, exported_legs
from tests.support.waiting import soon, until

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.timeout(420),
    needs_chromium,
]

ROOMS = ("雷州市第十四小学", "雷州市第十五小学")
LATE = "雷州市第十六小学"
WITHIN = timedelta(seconds=3)
"""By how much the log may differ from the truth, which it tells in whole seconds."""


async def test_a_lesson_goes_on_when_its_node_is_gone_for_good(
    outside: OutsideProduct, tmp_path: Path
) -> None:
    product, nodes, zone = outside
    async with cast_of(product, tmp_path, (*ROOMS, LATE)) as cast:
        admin, kiosks = cast.admin, cast.kiosks
        remembers = partial(kiosks[LATE].on_disk, TOKEN)
        await until(remembers, 70, "the late one remembers who it is", every=0.2)
        kiosks[LATE].cut_power()
        teacher = await signed_in(cast.browser, product.url, "teacher")
        starts, ends = next_times(zone)
        lesson = await book(teacher, starts, ends, HOST_ROOM, list(kiosks))
        wait, watch = seconds_until(starts), Stopwatch()
        for name in ROOMS:
            await soon(has_frames(kiosks[name], 40), wait + 20, f"{name} plays")
        first, other = nodes.home_of(lesson)
        assert (await product.stages(first))[lesson] >= 3
        assert await product.stages(other) == {}

        killed = system_clock()
        nodes.kill(first)
        back = await everybody_sees_again({name: kiosks[name] for name in ROOMS}, killed)
        assert (await product.stages(other))[lesson] >= 3
        await admin.goto("/admin/system")
        await admin.screenshot(path=tmp_path / "moved.png", full_page=True)
        page = await admin.inner_text("main")
        assert f"节点 n{other} （原定 n{first}，已转移）" in page
        assert "没有回应" in page

        nodes.start(first)  # back, but too late: the lesson stays where it is
        await asyncio.sleep(3)
        await kiosks[LATE].switch_on()
        await soon(in_state(kiosks[LATE], "LIVE"), 20, "who comes late finds the lesson")
        assert (await product.stages(first)).get(lesson, 0) == 0

        ending, ended = await end_lesson(teacher, lesson)
        rows = await exported_legs(admin, lesson, 3)
        still = timedelta(seconds=watch.stood_still)
        for name in ROOMS:
            joined = clock_of(rows[name], "进入", zone)
            assert abs(joined - starts) <= WITHIN + still, f"{name} from the beginning"
            left = clock_of(rows[name], "离开", zone)
            assert abs(left - ended) <= WITHIN + still, f"{name} until the end"
            gap = (back[name] - killed).total_seconds()
            seen = 60 * float(rows[name]["画面（分）"])
            missing = (ending - starts).total_seconds() - gap - seen
            assert missing <= watch.allows(3.5), (
                f"{name}: {missing:.1f} s of its picture are not in the log"
            )
            lost = float(rows[name]["中断（秒）"])
            # from the last report before to the first one after, which come once a second
            assert lost <= gap + watch.allows(3), (
                f"{name}: a gap of {gap:.1f} s, {lost} s in the log"
            )
            if gap > TOLERANCE + 1:
                assert rows[name]["中断次数"] == "1", f"{name}: one gap"
                assert abs(lost - gap) <= watch.allows(2), (
                    f"{name}: {gap:.1f} s, in the log {lost} s"
                )


async def everybody_sees_again(kiosks: dict[str, Kiosk], killed: datetime) -> dict[str, datetime]:
    """Return when each screen had a picture again."""
    watch = Stopwatch()
    back = await pictures_again(kiosks, 20)
    for name, moment in back.items():
        took = (moment - killed).total_seconds()
        print(f"{name}: a picture from the other node after {took:.1f} s")
        assert took < watch.allows(PICTURE_WITHIN), f"{name} took {took:.1f} s"
    return back


LESSONS = {
    "teacher": (HOST_ROOM, f"{HOST_SCHOOL} {HOST_ROOM}", ROOMS[0]),
    "teacher2": ("互动教室1", "雷州市第十二小学", "雷州市第十三小学"),
}
"""By login: the host room on the booking page and among terminals, and the receiving school."""


@pytest.fixture
async def pair(tmp_path: Path) -> AsyncIterator[CoordinatorProcess]:
    product = CoordinatorProcess(tmp_path, nodes=2)
    yield product
    await product.clean_up()


async def test_two_lessons_of_a_period_are_on_two_nodes(
    pair: CoordinatorProcess, tmp_path: Path
) -> None:
    zone = await found_county(pair)
    await pair.start()
    boxes = {name: HostBox(pair, name) for pair_ in LESSONS.values() for name in pair_[1:]}
    try:
        async with page_browser() as browser:
            admin = await signed_in(browser, pair.url, "county")
            for room, box in boxes.items():
                await box.enrol(admin, room)
            starts, ends = next_times(zone)
            lessons = {}
            for login, (host_room, _, leg) in LESSONS.items():
                teacher = await signed_in(browser, pair.url, login)
                lessons[login] = await book(teacher, starts, ends, host_room, [leg])
            await asyncio.sleep(seconds_until(starts))

            async def both_are_on() -> bool:
                found = [await pair.stages(number) for number in (1, 2)]
                return sorted(map(list, found)) == sorted([[one] for one in lessons.values()]) and (
                    all(count >= 2 for node in found for count in node.values())
                )

            await soon(both_are_on, 40, "each node carries one lesson with host and room")
            placed = dict(pair.rows("SELECT lesson_id, node_id FROM placement"))
            assert sorted(placed.values()) == ["n1", "n2"]
            for number in (1, 2):
                assert placed[next(iter(await pair.stages(number)))] == f"n{number}"
            await admin.goto("/admin/system")
            await admin.screenshot(path=tmp_path / "system.png", full_page=True)
            page = await admin.inner_text("main")
            for words in ("节点 n1", "节点 n2", "已安排的课"):
                assert words in page
            assert "已转移" not in page
    finally:
        for box in boxes.values():
            box.end()
