"""Supervision of relay nodes: start, adopt, start again, and end last.

A node is a process of its own that must outlive the coordinator (docs/decisions/0001): the node
that answers at the control address under the right name is adopted, whoever started it, and only
where nobody answers a new one is started. With `spawn = false` a node is only watched.
"""

import asyncio
import logging
import subprocess
from collections.abc import Awaitable, Callable
from enum import StrEnum

from media.contract.control import OLDEST_NODE, PROTOCOL, NodeHello
from scheduler.placement.ranking import NodeVitals
from server.config.settings import ConfiguredNode
from server.process.log import bound
from server.process.processes import (
    end_process,
    is_alive,
    kill_process,
    start_process,
    wait_for_end,
)
from server.relays.control import ControlClient, NodeRefused, NodeUnreachable
from server.relays.launch import Launch
from server.relays.neighbours import Fate, fate_of

LOG = logging.getLogger(__name__)

READY_POLL, READY_TIMEOUT = 0.05, 20.0
"""Seconds between two requests to a starting node, and until it is given up: a slow disk and an old
CPU need some."""

POLL_INTERVAL = 1.0
"""Seconds between two requests to a node that runs."""

ANSWER_TIMEOUT = 10.0
"""A node that runs but does not answer for so long is stuck: it is killed and started again."""

FIRST_DELAY, LONGEST_DELAY, STEADY_AFTER = 0.5, 15.0, 5.0
"""A node that dies is started again at once; one that dies within STEADY_AFTER seconds of its start
repeatedly waits longer each time."""

END_TIMEOUT = 6.0

AWAY_AFTER = 10.0
"""A node that has not answered for so long gets no lessons: a restart takes a second."""


class NodeState(StrEnum):
    AWAY = "AWAY"
    STARTING = "STARTING"
    READY = "READY"
    FOREIGN = "FOREIGN"  # somebody else answers at this address
    OUTDATED = "OUTDATED"  # ours, but it speaks no version that we do; its lessons go on


class NodeSupervisor:
    """Keeps one node running. `run()` for ever, `end()` once at the end of everything."""

    def __init__(
        self,
        node: ConfiguredNode,
        client: ControlClient,
        launch: Launch | None,
        on_ready: Callable[[str, NodeHello], Awaitable[None]],
    ) -> None:
        self.node, self.state = node, NodeState.AWAY
        self._client, self._launch, self._on_ready = client, launch, on_ready
        self._child: subprocess.Popen[bytes] | None = None
        self._pid: int | None = None
        self._answered_at: float | None = None
        self._busy = 0.0

    def vitals(self, now: float) -> NodeVitals:
        """Return how the node is at `now` (loop time); before its first answer it is alive."""
        alive = self._answered_at is None or now - self._answered_at < AWAY_AFTER
        draining = self.state is NodeState.OUTDATED
        return NodeVitals(self.node.id, self.node.max_peers, alive, draining, self._busy)

    async def run(self) -> None:
        """Adopt or start the node, watch it; start it again."""
        short_runs = 0
        loop = asyncio.get_running_loop()
        self._answered_at = loop.time()
        with bound(node=self.node.id):
            while True:
                await asyncio.sleep(self._delay(short_runs))
                began = loop.time()
                hello = await self._find_or_start()
                if hello is not None:
                    await self._ready(hello)
                    await self._watch(hello)
                    self.state = NodeState.AWAY
                    LOG.warning("the relay node ended or does not answer")
                short_runs = short_runs + 1 if loop.time() - began < STEADY_AFTER else 0

    async def end(self) -> None:
        """End the node, if it is ours to end."""
        if self._launch is None:
            return
        with bound(node=self.node.id):
            hello = await self._ask()
            pid = hello.pid if hello else self._pid
            if pid is not None and not await end_process(pid, END_TIMEOUT):
                LOG.warning("the relay node did not end in time and was killed")
            self._reap()

    def _delay(self, short_runs: int) -> float:
        if self._launch is None:
            return POLL_INTERVAL if short_runs else 0.0
        return (
            min(LONGEST_DELAY, FIRST_DELAY * 2.0 ** min(short_runs - 2, 8))
            if short_runs > 1
            else 0.0
        )

    async def _find_or_start(self) -> NodeHello | None:
        try:
            hello = await self._client.hello()
        except NodeUnreachable:
            return await self._start() if self._launch else None
        except NodeRefused as error:
            self._note_foreign(str(error))
            return None
        if hello.node != self.node.id:
            self._note_foreign(f"the node {hello.node!r}")
            return None
        return await self._take_over(hello)

    async def _take_over(self, hello: NodeHello) -> NodeHello | None:
        """Adopt our node that runs already, or replace it, now or after its last lesson."""
        fate = fate_of(hello, await self._client.live_stages(hello), self._launch is not None)
        if fate is Fate.LET_FINISH:
            await self._let_finish(hello)
            return None
        if fate is Fate.REPLACE:
            LOG.warning("an idle relay node of version %d is replaced", hello.protocol)
            await end_process(hello.pid, END_TIMEOUT)
            return await self._start()
        LOG.info("adopted the relay node that runs already (pid %d)", hello.pid)
        return hello

    async def _let_finish(self, hello: NodeHello) -> None:
        """Return when a node that speaks no version of ours has no stages any more, or is gone."""
        words = (hello.protocol, OLDEST_NODE, PROTOCOL)
        LOG.warning("a relay node of version %d runs, not %d to %d: it gets no new lessons", *words)
        self.state, self._pid = NodeState.OUTDATED, hello.pid
        await self._on_ready(self.node.id, hello)  # the order to close its last stage may wait
        answered_at = asyncio.get_running_loop().time()
        while fate_of(hello, await self._client.live_stages(hello), self._launch is not None) is (
            Fate.LET_FINISH
        ):
            await asyncio.sleep(POLL_INTERVAL)
            now = asyncio.get_running_loop().time()
            try:
                hello = await self._client.hello()
            except (NodeUnreachable, NodeRefused):
                if now - answered_at > ANSWER_TIMEOUT or not is_alive(hello.pid):
                    break
            else:
                answered_at = self._answered_at = now
                self._busy = hello.cpu_utilization
        self.state = NodeState.AWAY

    def _note_foreign(self, why: str) -> None:
        if self.state is not NodeState.FOREIGN:
            LOG.error("something else answers at %s: %s", self.node.control, why)
        self.state = NodeState.FOREIGN

    async def _start(self) -> NodeHello | None:
        assert self._launch is not None  # noqa: S101 - both callers looked
        self._reap()
        self.state = NodeState.STARTING
        log_file = self._launch.data / self.node.id / "node.log"
        self._launch.prepare(self.node)
        child = start_process(self._launch.command(self.node), log_file, self._launch.root)
        self._child, self._pid = child, child.pid
        try:
            async with asyncio.timeout(READY_TIMEOUT):
                while child.poll() is None:
                    hello = await self._ask()
                    if hello is not None:
                        return hello
                    await asyncio.sleep(READY_POLL)
        except TimeoutError:
            kill_process(child.pid)
            await wait_for_end(child.pid)
        LOG.error("the relay node did not start: see %s", log_file.name)
        return None

    async def _ask(self) -> NodeHello | None:
        try:
            hello = await self._client.hello()
        except (NodeUnreachable, NodeRefused):
            return None
        if hello.node != self.node.id or hello.common is None:
            return None
        self._answered_at, self._busy = asyncio.get_running_loop().time(), hello.cpu_utilization
        return hello

    async def _ready(self, hello: NodeHello) -> None:
        self.state, self._pid = NodeState.READY, hello.pid
        LOG.info("the relay node is ready (pid %d, boot %s)", hello.pid, hello.boot)
        await self._on_ready(self.node.id, hello)

    async def _watch(self, hello: NodeHello) -> None:
        """Return when this run of the node is over."""
        watch = asyncio.create_task(self._watch_answers(hello))
        end = asyncio.create_task(wait_for_end(hello.pid)) if self._launch else watch
        try:
            await asyncio.wait({watch, end}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in {watch, end}:
                task.cancel()
            await asyncio.gather(watch, end, return_exceptions=True)

    async def _watch_answers(self, hello: NodeHello) -> None:
        loop = asyncio.get_running_loop()
        last_answer = loop.time()
        while True:
            await asyncio.sleep(POLL_INTERVAL)
            answer = await self._ask()
            if answer is not None and answer.boot != hello.boot:
                return
            if answer is not None:
                last_answer = loop.time()
            elif self._launch is None:
                return
            elif loop.time() - last_answer > ANSWER_TIMEOUT:
                LOG.error("the relay node runs but does not answer: it is killed and started again")
                kill_process(hello.pid)
                await wait_for_end(hello.pid)
                return

    def _reap(self) -> None:
        """Take the exit status of a child that ended, so that no zombie stays."""
        if self._child is not None and self._child.poll() is not None:
            self._child = None
