"""A relay node is started, adopted, started again when it dies, and ended at the end."""

import asyncio
import os
import signal
from contextlib import suppress
from pathlib import Path

import aiohttp
import pytest

from media.contract.control import NodeHello
from server.process.processes import is_alive
from server.relays.control import ControlClient, NodeUnreachable
from server.relays.supervision import AWAY_AFTER, NodeState, NodeSupervisor
from tests.support.nodes import NodeHouse
from tests.support.standstill import Stopwatch
from tests.support.waiting import within


class Watched:
    """A supervisor whose greetings can be waited for."""

    def __init__(self, house: NodeHouse, client: ControlClient, spawn: bool = True) -> None:
        self.greetings: asyncio.Queue[NodeHello] = asyncio.Queue()
        launch = house.launch if spawn else None
        self.supervisor = NodeSupervisor(house.node, client, launch, self._greet)
        self.task = asyncio.create_task(self.supervisor.run())

    async def _greet(self, _node: str, hello: NodeHello) -> None:
        await self.greetings.put(hello)

    async def ready(self, seconds: float = 15.0) -> NodeHello:
        async with within(seconds, "a node is ready"):
            return await self.greetings.get()

    async def vanish(self) -> None:
        """Go away as a killed coordinator does: without a word to the node."""
        self.task.cancel()
        with suppress(asyncio.CancelledError):
            await self.task


async def test_a_node_is_started_and_ended(tmp_path: Path) -> None:
    async with aiohttp.ClientSession() as http:
        house = NodeHouse(tmp_path)
        watched = Watched(house, house.client(http))
        hello = await watched.ready()
        assert hello.node == "n1"
        assert os.getsid(hello.pid) == hello.pid, "the node shares our session: Ctrl-C reaches it"
        await watched.vanish()
        await watched.supervisor.end()
        assert not is_alive(hello.pid)


async def test_a_node_that_stopped_answering_counts_as_away(tmp_path: Path) -> None:
    async with aiohttp.ClientSession() as http:
        house = NodeHouse(tmp_path)
        watched = Watched(house, house.client(http))
        now = asyncio.get_running_loop().time
        assert watched.supervisor.vitals(now()).alive, "it has time to be found"
        hello = await watched.ready()
        vitals = watched.supervisor.vitals(now())
        assert (vitals.id, vitals.capacity, vitals.usable) == ("n1", house.node.max_peers, True)
        assert 0 <= vitals.busy < 1
        assert not watched.supervisor.vitals(now() + AWAY_AFTER).alive
        await watched.vanish()
        await watched.supervisor.end()
        assert not is_alive(hello.pid)


async def test_a_node_that_dies_is_ready_again_at_once(tmp_path: Path) -> None:
    async with aiohttp.ClientSession() as http:
        house = NodeHouse(tmp_path)
        watched = Watched(house, house.client(http))
        first = await watched.ready()
        watch = Stopwatch()
        os.kill(first.pid, signal.SIGKILL)
        second = await watched.ready()
        assert not watch.is_over(4.0), f"ready again only after {watch.seconds:.1f} s"
        assert second.boot != first.boot
        assert second.seq > 0, "the journal began anew"
        await watched.vanish()
        await watched.supervisor.end()


async def test_a_running_node_is_adopted_and_not_started_twice(tmp_path: Path) -> None:
    async with aiohttp.ClientSession() as http:
        house = NodeHouse(tmp_path)
        before = Watched(house, house.client(http))
        first = await before.ready()
        await before.vanish()
        assert is_alive(first.pid)

        after = Watched(house, house.client(http))
        adopted = await after.ready()
        assert (adopted.pid, adopted.boot) == (first.pid, first.boot)

        os.kill(adopted.pid, signal.SIGKILL)
        again = await after.ready()
        assert again.boot != first.boot, "an adopted node that died was not started again"
        await after.vanish()
        await after.supervisor.end()
        assert not is_alive(again.pid)


async def test_without_spawn_a_node_is_only_looked_for(tmp_path: Path) -> None:
    async with aiohttp.ClientSession() as http:
        house = NodeHouse(tmp_path)
        looking = Watched(house, house.client(http), spawn=False)
        await asyncio.sleep(1.5)
        assert looking.supervisor.state is NodeState.AWAY
        with pytest.raises(NodeUnreachable):
            await house.client(http).hello()

        starting = Watched(house, house.client(http))
        started = await starting.ready()
        assert (await looking.ready()).pid == started.pid
        await looking.vanish()
        await looking.supervisor.end()
        assert is_alive(started.pid), "a node that is not ours was ended"
        await starting.vanish()
        await starting.supervisor.end()


async def test_a_stranger_at_the_address_is_left_alone(tmp_path: Path) -> None:
    async with aiohttp.ClientSession() as http:
        ours, theirs = NodeHouse(tmp_path / "ours"), NodeHouse(tmp_path / "theirs", "other")
        running = Watched(theirs, theirs.client(http))
        stranger = await running.ready()
        confused = NodeSupervisor(
            ours.node,
            ControlClient(theirs.node.control, theirs.keys.node_secret, http),
            ours.launch,
            running._greet,
        )
        task = asyncio.create_task(confused.run())
        await asyncio.sleep(1.0)
        task.cancel()
        assert confused.state is NodeState.FOREIGN
        assert is_alive(stranger.pid)
        assert not (tmp_path / "ours/nodes").exists(), "a second node was started"
        await running.vanish()
        await running.supervisor.end()
