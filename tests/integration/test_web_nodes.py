"""Several relay nodes, as pages and terminals are told of them."""

from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from scheduler.placement.placing import set_draining
from scheduler.placement.ranking import NodeVitals
from server.relays.placement import NodePlacement
from tests.support.lessons import book_lesson, free_start
from tests.support.webclient import SilentRelay, Site, open_site
from web.kit.ports import RelayAddress

NODES = ("n1", "n2", "n3")


class ThreeNodes(SilentRelay):
    """web.kit.ports.RelayNodes with three nodes that answer and a lesson that had to move."""

    def __init__(self) -> None:
        super().__init__()
        self.figures: dict[str, Any] = {}

    async def status(self) -> Sequence[Mapping[str, Any]]:
        entry = {"reachable": True, "boot": "b", "peers": 0, "stages": 0}
        return [{"id": node, "url": f"/relay/{node}", **entry} for node in NODES]

    async def stats(self) -> Mapping[str, Mapping[str, Any]]:
        return self.figures


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    async with open_site(tmp_path) as running:
        services = running.services
        services.relay = ThreeNodes()
        services.placement = NodePlacement(
            services.db,
            services.clock,
            services.timing,
            [RelayAddress(node, f"/relay/{node}") for node in NODES],
            lambda: [NodeVitals(node, 1000) for node in NODES],
        )
        yield running


async def order_of(site: Site, login: str, lesson_id: str) -> list[str]:
    """Return the nodes as the page of somebody of a lesson is told of them."""
    visitor = await site.sign_in(login)
    answer = await visitor.call("GET", f"/api/v1/lessons/{lesson_id}/live")
    assert answer.status == 200
    return [relay["node"] for relay in (await answer.json())["relays"]]


async def test_lessons_of_one_period_begin_on_different_nodes_for_everybody(site: Site) -> None:
    starts = await free_start(site)
    one = await book_lesson(site, "teacher", ["lz14"], "one", starts)
    two = await book_lesson(site, "teacher2", ["lz13"], "two", starts)
    first, second = await order_of(site, "teacher", one), await order_of(site, "teacher2", two)
    assert (first[0], second[0]) == ("n1", "n2")
    assert sorted(first) == sorted(second) == list(NODES)
    assert await order_of(site, "supervisor", one) == first
    assert await order_of(site, "county", two) == second


async def test_the_system_page_shows_drained_nodes_and_lessons_that_moved(site: Site) -> None:
    lesson = await book_lesson(site, "teacher", ["lz14"], "one", await free_start(site))
    assert (await order_of(site, "teacher", lesson))[0] == "n1"
    await set_draining(site.db, "n3", True)
    host = {"subject": "person:p", "slot": "main", "state": "CONNECTED", "fraction_lost": 0.0}
    host |= {"bitrate": 2_000_000, "available_bitrate": 2_800_000}
    stage = {"tracks": [], "publishers": [host], "viewers": []}
    cost = {"cpu_utilization": 0.1, "cpu_per_packet": None, "packets_dropped": 0}
    relay = site.services.relay
    assert isinstance(relay, ThreeNodes)
    relay.figures = {"n2": {**cost, "stages": {lesson: stage}}}
    admin = await site.sign_in("county")
    page = await (await admin.get("/admin/system")).text()
    for words in ("已安排的课", "不再安排新课", "节点 n2", "（原定 n1，已转移）"):
        assert page.count(words) >= 1, words
    assert page.count("不再安排新课") == 1
