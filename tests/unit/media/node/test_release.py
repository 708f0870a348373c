"""Who left is freed at once, with the cyclic collector off: a node seldom lets it run."""

import asyncio
import ctypes
import gc
import weakref
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from media import clock
from media.contract.tickets import Grant
from media.httpd.ratelimit import RequestLimits
from media.node.http.metrics import table_sizes
from media.node.node import RelayNode
from media.node.session.publisher import Publisher
from media.node.telemetry.collector import collect_between_lessons, return_freed_pages
from tests.fuzz.target import resident
from tests.support.inner_node import inner_node, offer
from tests.support.tickets import TicketMint

MINT = TicketMint()


@pytest.fixture
async def node(tmp_path: Path) -> AsyncIterator[RelayNode]:
    async with inner_node(tmp_path, MINT) as running:
        yield running


async def test_peers_that_left_leave_nothing_behind(node: RelayNode) -> None:
    kinds = ("audio", "video", "video", "audio", "video")
    gc.collect()
    gc.disable()
    try:
        viewing = MINT.claims("l1", "room:leg", Grant.VIEW)
        publishing = MINT.claims("l1", "room:host", Grant.PUBLISH)
        peers = [
            node.publish(publishing, offer(("audio", "video"), "sendonly")).peer,
            node.view(viewing, offer(kinds, "recvonly"), multi_slot=True).peer,
        ]
        gone = [weakref.ref(peer) for peer in peers] + [weakref.ref(peer.link) for peer in peers]
        assert table_sizes(node)["ufrags"] == 2
        for peer in peers:
            peer.stage.peer_closed(peer, "deleted")
        del peer, peers
        await asyncio.sleep(0.1)
        assert [ref() for ref in gone] == [None] * 4
    finally:
        gc.enable()
    sizes = table_sizes(node)
    assert {name: size for name, size in sizes.items() if size} == {"stages": 1, "journal": 2}


class Circle:
    """Knows itself, as aiohttp's requests do."""

    def __init__(self) -> None:
        self.own = self


async def test_circles_are_collected_once_nobody_publishes(node: RelayNode) -> None:
    claims = MINT.claims("l1", "room:host", Grant.PUBLISH)
    peer = node.publish(claims, offer(("audio", "video"), "sendonly")).peer
    assert isinstance(peer, Publisher)
    stage = node.stages["l1"]
    stage.publishers[peer.slot] = peer
    circle = Circle()
    left = weakref.ref(circle)
    del circle
    limits = RequestLimits()
    assert limits.tickets.allow("a", clock.mono() - 60)
    gc.disable()
    collecting = asyncio.create_task(collect_between_lessons(node, limits, 0.01))
    try:
        await asyncio.sleep(0.1)
        assert left() is not None
        stage.peer_closed(peer, "deleted")
        await asyncio.sleep(0.1)
        assert left() is None
        assert limits.tickets.size == 0
    finally:
        collecting.cancel()
        gc.enable()


@pytest.mark.skipif(
    not hasattr(ctypes.CDLL(None), "malloc_trim"), reason="this C library has no malloc_trim"
)
def test_pages_below_something_that_lives_are_given_back() -> None:
    pieces = [bytes(3000) for _ in range(12_000)]
    alive = pieces[::40]
    del pieces
    full = resident()
    return_freed_pages()
    assert full - resident() > 20 * 1024
    assert len(alive) == 300
