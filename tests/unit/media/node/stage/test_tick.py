"""A second's work of a node: done in turns, whatever happens between them."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from media import clock
from media.contract.tickets import Grant
from media.node.node import RelayNode
from media.node.session.peer_states import PeerEvent
from media.node.stage.live_stage import PEERS_A_TURN
from tests.support.inner_node import inner_node, offer
from tests.support.tickets import TicketMint

MINT = TicketMint()
KINDS = ("audio", "video", "video", "audio", "video")
PEERS = 3 * PEERS_A_TURN


@pytest.fixture
async def node(tmp_path: Path) -> AsyncIterator[RelayNode]:
    """A node with PEERS viewers on one stage."""
    async with inner_node(tmp_path, MINT) as running:
        for number in range(PEERS):
            claims = MINT.claims("l1", f"room:{number}", Grant.VIEW)
            running.view(claims, offer(KINDS, "recvonly"), multi_slot=True)
        yield running


async def test_a_tick_yields_after_every_few_peers(node: RelayNode) -> None:
    turns = 0

    def packets() -> None:
        nonlocal turns
        turns += 1
        loop.call_soon(packets)

    loop = asyncio.get_running_loop()
    loop.call_soon(packets)
    await node.tick()
    assert turns == PEERS // PEERS_A_TURN


async def test_a_peer_that_leaves_during_a_tick_is_skipped(node: RelayNode) -> None:
    stage = node.stages["l1"]
    ticking = stage.tick(clock.mono())
    next(ticking)
    *_, last = stage.peers.values()
    stage.peer_closed(last, "deleted")
    assert sum(1 for _turn in ticking) == PEERS // PEERS_A_TURN - 1
    assert len(stage.peers) == PEERS - 1


async def test_a_peers_report_is_dated_when_it_leaves(node: RelayNode) -> None:
    peers = list(node.stages["l1"].peers.values())
    for peer in peers:
        peer.move(PeerEvent.CHECKED)
        peer.move(PeerEvent.SECURED)
    ticking = node.stages["l1"].tick(clock.mono())
    next(ticking)
    resumed = clock.mono()
    assert sum(1 for _turn in ticking) == PEERS // PEERS_A_TURN - 1
    dates = [peer._sampled[0] for peer in peers]
    assert max(dates[:PEERS_A_TURN]) < resumed <= min(dates[PEERS_A_TURN:])


async def test_a_stage_closed_during_a_tick_ends_that_tick_without_an_error(
    node: RelayNode,
) -> None:
    node.open_stage("l2")
    ticking = asyncio.create_task(node.tick())
    await asyncio.sleep(0)
    node.close_stage("l1", "ended", clock.wall() + 60)
    node.close_stage("l2", "ended", clock.wall() + 60)
    await ticking
    await node.tick()
    assert node.stages == {}
