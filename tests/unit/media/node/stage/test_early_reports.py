"""Early sender reports: for a second after somebody joined, by one task however many do."""

import asyncio

import pytest

from media.node.session.viewer import Viewer
from media.node.stage import early_reports
from media.node.stage.early_reports import EarlyReports
from media.packets import rtcp
from tests.support.wired_peers import wired_viewer

EVERY = 0.01


@pytest.fixture(autouse=True)
def faster(monkeypatch: pytest.MonkeyPatch) -> None:
    assert (early_reports.EVERY, early_reports.ROUNDS) == (0.1, 10)
    monkeypatch.setattr(early_reports, "EVERY", EVERY)


class Rounds:
    """Counts the looks at a stage without viewers."""

    def __init__(self) -> None:
        self.count = 0
        self.reports = EarlyReports(self.look)

    def look(self) -> list[Viewer]:
        self.count += 1
        return []

    async def reach(self, count: int) -> None:
        async with asyncio.timeout(5):
            while self.count < count:
                await asyncio.sleep(EVERY / 4)


async def test_ten_rounds_follow_a_start_and_no_more() -> None:
    rounds = Rounds()
    rounds.reports.start()
    rounds.reports.start()
    await asyncio.sleep(0)
    assert rounds.count == 0, "not at once"
    began = asyncio.get_running_loop().time()
    await rounds.reach(10)
    assert asyncio.get_running_loop().time() - began >= 9 * EVERY
    await asyncio.sleep(3 * EVERY)
    assert rounds.count == 10
    rounds.reports.start()
    await rounds.reach(20)
    await asyncio.sleep(3 * EVERY)
    assert rounds.count == 20


async def test_a_start_in_between_begins_to_count_anew() -> None:
    rounds = Rounds()
    rounds.reports.start()
    await rounds.reach(4)
    before = rounds.count
    rounds.reports.start()
    await rounds.reach(before + 11)  # the one that has begun, and ten more
    await asyncio.sleep(3 * EVERY)
    assert rounds.count == before + 11


async def test_each_viewer_gets_the_reports_that_are_due() -> None:
    async with wired_viewer() as wired:
        viewer = wired.peer
        assert isinstance(viewer, Viewer)
        ((track, _end),) = viewer.streams()
        viewer.source_began(track)
        wired.ends.sent.clear()
        EarlyReports(lambda: [viewer]).start()
        async with asyncio.timeout(5):
            while len(wired.ends.sent) < 2:
                await asyncio.sleep(EVERY)
        await asyncio.sleep(3 * EVERY)
        assert [type(one) for one in wired.got()] == [rtcp.SenderReport] * 2
