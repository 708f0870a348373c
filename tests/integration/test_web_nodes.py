"""Several relay nodes, as pages and terminals are told of them."""

from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path

import pytest

from media.contract.stats import NodeStats, StageStats
from scheduler.placement.placing import set_draining
from scheduler.placement.ranking import NodeVitals
from server.relays.placement import NodePlacement
from tests.support.figures import node_of, publisher_stats
from tests.support.lessons import book_lesson, free_start
from tests.support.webclient import SilentRelay, Site, open_site
from web.kit.ports import NodeStatus, RelayAddress

NODES = ("n1", "n2", "n3")


class ThreeNodes(SilentRelay):
    """web.kit.ports.RelayNodes with three nodes that answer and a lesson that had to move."""

    def __init__(self) -> None:
        super().__init__()
        self.figures: dict[str, NodeStats] = {}
        self.outdated = ""

    async def status(self) -> Sequence[NodeStatus]:
        return [
            NodeStatus(node, f"/relay/{node}", True, "b", outdated=node == self.outdated)
            for node in NODES
        ]

    async def stats(self) -> Mapping[str, NodeStats]:
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
    stage = StageStats(publishers=(publisher_stats("person:p"),))
    relay = site.services.relay
    assert isinstance(relay, ThreeNodes)
    relay.figures = {"n2": node_of({lesson: stage}, node="n2")}
    admin = await site.sign_in("county")
    page = await (await admin.get("/admin/system")).text()
    for words in ("已安排的课", "不再安排新课", "节点 n2", "（原定 n1，已转移）"):
        assert page.count(words) >= 1, words
    assert page.count("不再安排新课") == 1


async def test_the_system_page_names_a_node_of_another_version(site: Site) -> None:
    relay = site.services.relay
    assert isinstance(relay, ThreeNodes)
    admin = await site.sign_in("county")
    words = "版本不同，不再安排新课，最后一节课结束后更换"
    assert words not in await (await admin.get("/admin/system")).text()
    relay.outdated = "n2"
    assert (await (await admin.get("/admin/system")).text()).count(words) == 1
