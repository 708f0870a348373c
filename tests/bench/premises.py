"""A node under measurement on a core of its own; what makes its load shares another one."""

import asyncio
import os
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.bench.helpers import Helper, bind_to, give_core
from tests.bench.processor import cpu_seconds
from tests.support.relay import RelayProcess, running_relay

ROOMS = 62
NODE_CORE, LOAD_CORE = 0, 1
SETTLE = 2.0


def machine() -> str:
    """Say what else the machine does while we measure."""
    return f"{os.cpu_count()} cores, load average {os.getloadavg()[0]:.1f}"


@dataclass(frozen=True, slots=True)
class Cpu:
    """Seconds of CPU used by the node, the viewers and the publishers."""

    node: float
    viewers: float
    publishers: float

    def __sub__(self, earlier: "Cpu") -> "Cpu":
        return Cpu(
            self.node - earlier.node,
            self.viewers - earlier.viewers,
            self.publishers - earlier.publishers,
        )

    def shares(self, seconds: float) -> str:
        """Say what each used of a core."""
        node, viewers, publishers = (
            f"{100 * cpu / seconds:.1f} %" for cpu in (self.node, self.viewers, self.publishers)
        )
        return f"of a core: node {node}, viewers {viewers}, publishers {publishers}"


@dataclass(frozen=True, slots=True)
class Lesson:
    """A node, and two helpers: one with all publishers, one with all light viewers."""

    relay: RelayProcess
    publisher: Helper
    viewers: Helper

    async def publish(self, stages: Sequence[str], **how: bool) -> None:
        """Begin to publish the film on each stage; `how` as tests.bench.publisher takes it."""
        places = [self.relay.publish_place(stage) for stage in stages]
        orders = [[place.node, place.stage, place.ticket] for place in places]
        await self.publisher.ask("publish", places=orders, **how)
        await asyncio.sleep(SETTLE)

    def places(self, stages: Sequence[str], name: str) -> list[list[str]]:
        """Return a place on each of the stages, each for a room of its own."""
        mint = self.relay.mint
        return [
            [self.relay.url, stage, mint.view(stage, f"room:{name}-{number}")]
            for number, stage in enumerate(stages)
        ]

    def cpu(self) -> Cpu:
        return Cpu(cpu_seconds(self.relay.pid), self.viewers.cpu, self.publisher.cpu)


@asynccontextmanager
async def lesson() -> AsyncIterator[Lesson]:
    """A node that has core NODE_CORE to itself; we and the helpers take LOAD_CORE."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        relay = await stack.enter_async_context(running_relay(folder, origins=["*"]))
        give_core(NODE_CORE, relay.pid)
        bind_to(LOAD_CORE)
        helpers = []
        for module in ("tests.bench.publisher", "tests.bench.viewers"):
            helpers.append(await Helper.start(module))
            stack.push_async_callback(helpers[-1].close)
        yield Lesson(relay, *helpers)
