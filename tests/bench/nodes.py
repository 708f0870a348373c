"""`python -m tests.bench.nodes`: the same lessons on one node process and on two.

Four lessons with 32 viewers each; the film is played faster and faster until a node loses a packet
or the 99th percentile of what it adds to a packet's way exceeds LIMIT. In each lesson 31 viewers
are stopped while a rate is measured, so that they cost nothing, and one, the last that joined,
notes when each packet came. Each node comes first on a core of its own; publishers and the noting
viewers take what is left, which on a machine of two cores is what two nodes leave over.
"""

import asyncio
import contextlib
import os
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.bench.film import SOURCE, film
from tests.bench.helpers import Helper, give_core
from tests.bench.premises import machine
from tests.bench.processor import cpu_seconds
from tests.bench.report import Peer, line, note
from tests.bench.stamped import NANO, SOCKET_BUFFER
from tests.support.relay import RelayProcess, running_relay

LESSONS, VIEWERS = 4, 32
SPEEDS = (2, 4, 6, 8, 10, 12, 14, 16, 20, 24)
LIMIT = 20.0
"""Milliseconds of added latency (p99) that a lesson does not notice."""

KEPT_UP = 0.85
"""Share of the ordered rate below which it was the publishers that could no more."""

PRIORITY = -10
"""Of what makes the load, where we may: below the nodes, above what else the machine does."""

ONE = "one node"
WINDOW, SETTLE, LOGGED = 4.0, 1.0, 12.0
SMALL_BUFFER = 256 << 10
"""Octets of a stopped viewer's socket: a keyframe, and no memory for what nobody reads."""


@dataclass(frozen=True, slots=True)
class Rung:
    """What was measured at one speed. `rate` is forwarded packets a second, `cpu` microseconds of
    the nodes together a packet, `share` their part of a core, `helpers` that of what makes the
    load; `p99` in milliseconds."""

    speed: int
    rate: float
    cpu: float
    share: float
    helpers: float
    p99: float
    lost: int

    @property
    def carried(self) -> bool:
        return not self.lost and self.p99 < LIMIT


@dataclass(frozen=True, slots=True)
class House:
    """Nodes with their lessons, and the helpers: a publisher for each half of the lessons."""

    nodes: Sequence[RelayProcess]
    publishers: Sequence[Helper]
    crowd: Helper
    probes: Helper

    def node_of(self, lesson: int) -> RelayProcess:
        return self.nodes[lesson % len(self.nodes)]

    async def fill(self) -> None:
        """Begin the lessons and let everybody in."""
        for half, publisher in enumerate(self.publishers):
            lessons = range(half, LESSONS, len(self.publishers))
            doors = [self.node_of(number).publish_place(f"lesson{number}") for number in lessons]
            orders = [[door.node, door.stage, door.ticket] for door in doors]
            await publisher.ask("publish", places=orders, paced=False)
        await asyncio.sleep(SETTLE)
        seats = ((self.crowd, VIEWERS - 1, SMALL_BUFFER), (self.probes, 1, SOCKET_BUFFER))
        for viewers, count, buffer in seats:
            places = [p for number in range(LESSONS) for p in self._seats(number, viewers, count)]
            offsets = [0.02 * index for index in range(len(places))]
            joins = await viewers.ask("join", places=places, offsets=offsets, buffer=buffer)
            assert not any(join["fault"] for join in joins), f"a viewer did not get in: {joins[-1]}"
        await asyncio.sleep(SETTLE)
        await self.probes.ask("match", sent=await self.log(60))

    def _seats(self, number: int, viewers: Helper, count: int) -> list[list[str]]:
        node, stage = self.node_of(number), f"lesson{number}"
        subjects = [f"room:{viewers.pid}-{seat}" for seat in range(count)]
        return [[node.url, stage, node.mint.view(stage, subject)] for subject in subjects]

    async def log(self, seconds: float) -> dict[str, Any]:
        logs: dict[str, Any] = {}
        for publisher in self.publishers:
            logs |= await publisher.ask("log", seconds=seconds)
        return logs

    async def order(self, order: str, **values: Any) -> None:
        for publisher in self.publishers:
            await publisher.ask(order, **values)

    def cpu(self) -> tuple[float, float]:
        """Return seconds of CPU that the nodes and the helpers have used."""
        helpers = (*self.publishers, self.probes)
        return sum(cpu_seconds(n.pid) for n in self.nodes), sum(h.cpu for h in helpers)


@asynccontextmanager
async def house(count: int) -> AsyncIterator[House]:
    """`count` nodes, each bound to a core of its own, and lessons spread over them."""
    async with AsyncExitStack() as stack:
        nodes = []
        for core in range(count):
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            nodes.append(await stack.enter_async_context(running_relay(folder)))
            give_core(core, nodes[-1].pid)
        helpers = []
        for module in ("publisher", "publisher", "viewers", "viewers"):
            helpers.append(await Helper.start(f"tests.bench.{module}"))
            stack.push_async_callback(helpers[-1].close)
            with contextlib.suppress(PermissionError):
                os.setpriority(os.PRIO_PROCESS, helpers[-1].pid, PRIORITY)
        found = House(nodes, helpers[:2], *helpers[2:])
        await found.fill()
        yield found


async def rung(our: House, speed: int) -> Rung:
    """Measure one speed."""
    our.crowd.stop()
    try:
        await our.order("hasten", speed=speed)
        await asyncio.sleep(SETTLE)
        await our.probes.ask("note", on=True)
        (nodes, helpers), began = our.cpu(), _now()
        await asyncio.sleep(WINDOW)
        (nodes_now, helpers_now), ended = our.cpu(), _now()
        await our.probes.ask("note", on=False)
        await our.order("hasten", speed=1)
    finally:
        our.crowd.go_on()
    await asyncio.sleep(SETTLE)
    in_now = await our.crowd.ask("present")
    assert in_now == LESSONS * (VIEWERS - 1), f"only {in_now} of the stopped viewers are still in"
    logs = await our.log(LOGGED)
    delays = await our.probes.ask("delays", sent=logs)
    took = (ended - began) / NANO
    sent = VIEWERS * sum(began <= at < ended for log in logs.values() for *_, at in log)
    found = Rung(
        speed=speed,
        rate=sent / took,
        cpu=1e6 * (nodes_now - nodes) / sent,
        share=(nodes_now - nodes) / took,
        helpers=(helpers_now - helpers) / took,
        p99=max(kind["p99"] for kind in delays.values()),
        lost=int(sum(kind["lost"] for kind in delays.values())),
    )
    note(f"  {found}")
    return found


def _now() -> int:
    return time.clock_gettime_ns(time.CLOCK_REALTIME)


async def climb(count: int) -> list[Rung]:
    """Measure faster and faster, until a rung is not carried (tried twice)."""
    note(f"{count} node(s)")
    rungs: list[Rung] = []
    async with house(count) as our:
        for speed in SPEEDS:
            found = await rung(our, speed)
            if not found.carried:  # somebody else's work may have been in the way
                found = await rung(our, speed)
            if rungs and found.rate / speed < KEPT_UP * rungs[0].rate / SPEEDS[0]:
                note("  the publishers cannot send faster: the machine is full")
                break
            if not found.carried:
                break
            rungs.append(found)
    assert rungs, f"{count} node(s) did not carry {SPEEDS[0]} times the film's rate"
    return rungs


async def main() -> None:
    """Measure one node and two, and print."""
    film()
    one, two = await climb(1), await climb(2)
    lessons = f"{LESSONS} lessons x {VIEWERS} viewers, {SOURCE}"
    alone, shared = list(zip(one, two, strict=False))[-1]  # the fastest that both carry
    load = (
        f"{lessons}, played {alone.speed} times as fast: {alone.rate:.0f} packets/s; nodes' CPU "
        f"in cores: two nodes {shared.share:.2f} together, one node {alone.share:.2f}"
    )
    line("two_nodes_cpu_per_packet", "us", [shared.cpu], load, Peer(ONE, [alone.cpu]))
    line("two_nodes_added_latency_p99", "ms", [shared.p99], load, Peer(ONE, [alone.p99]))
    top, top_alone = two[-1], one[-1]
    load = (
        f"{lessons}, played faster until a packet is lost, p99 exceeds {LIMIT:.0f} ms or the "
        f"publishers cannot send faster; CPU of nodes and of what makes the load, in cores: "
        f"two nodes {top.share:.2f} and {top.helpers:.2f}, one node {top_alone.share:.2f} and "
        f"{top_alone.helpers:.2f}; {machine()}"
    )
    peer = Peer(ONE, [top_alone.rate])
    line("two_nodes_packets_carried", "1/s", [top.rate], load, peer, digits=0)


if __name__ == "__main__":
    asyncio.run(main())
