"""A second's work of a node: done in turns, whatever happens between them."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from media.client.offer import Credentials, write_offer
from media.contract.tickets import Grant
from media.node import clock
from media.node.live_stage import PEERS_A_TURN
from media.node.node import RelayNode
from media.node.settings import parse_settings
from media.stage.peer_states import PeerEvent
from tests.support.tickets import TicketMint

MINT = TicketMint()
KINDS = ("audio", "video", "video", "audio", "video")
PEERS = 3 * PEERS_A_TURN


@pytest.fixture
async def node(tmp_path: Path) -> AsyncIterator[RelayNode]:
    """A node with PEERS viewers on one stage."""
    (tmp_path / "keys.json").write_text(json.dumps(MINT.jwks()))
    (tmp_path / "secret").write_text("x" * 32)
    words = ["--id", "n1", "--udp-port", "0", "--data", str(tmp_path / "data")]
    words += ["--keys", str(tmp_path / "keys.json"), "--secret-file", str(tmp_path / "secret")]
    node = RelayNode(parse_settings(words))
    await node.start()
    for number in range(PEERS):
        sdp = write_offer(KINDS, "recvonly", Credentials(), ":".join(["AB"] * 32))
        node.view(MINT.claims("l1", f"room:{number}", Grant.VIEW), sdp, multi_slot=True)
    yield node
    await node.stop()


async def test_others_have_their_turn_during_a_tick(node: RelayNode) -> None:
    turns = 0

    def packets() -> None:
        nonlocal turns
        turns += 1
        loop.call_soon(packets)

    loop = asyncio.get_running_loop()
    loop.call_soon(packets)
    await node.tick()
    assert turns == PEERS // PEERS_A_TURN


async def test_who_leaves_during_a_tick_is_missed_by_nobody(node: RelayNode) -> None:
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


async def test_a_stage_closed_during_a_tick_ends_it_without_a_fault(node: RelayNode) -> None:
    node.open_stage("l2")
    ticking = asyncio.create_task(node.tick())
    await asyncio.sleep(0)
    node.close_stage("l1", "ended", clock.wall() + 60)
    node.close_stage("l2", "ended", clock.wall() + 60)
    await ticking
    await node.tick()
    assert node.stages == {}
