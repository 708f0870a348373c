"""`python -m tests.bench.joins`: from the ticket shown to a whole first keyframe.

A lesson's 62 rooms join within one second, and then, harder, all at one moment; three of them are
Chromium and decode. Then single rooms come late, at any moment of a ten-second group of pictures:
to a publisher that makes a keyframe when asked, and to one that cannot (ffmpeg, RTSP).

A light viewer has its first keyframe when every packet of it, parameter sets to marker, is there
and what they make is what the encoder made; the time is the kernel's, of the last of them. It asks
for nothing. The node has one core to itself, everything else shares the other.
"""

import asyncio
import math
import random
import statistics
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from media.client.session.address import StageAddress
from tests.bench.browsers import browsers
from tests.bench.film import GROUP, RATE, SOURCE, film
from tests.bench.premises import ROOMS, Lesson, lesson, machine
from tests.bench.report import line, note

CHROMIUMS, ROUNDS = 3, 3
STAGES, COMERS = 8, 5
WATCH = 2.0
SEED = 20261121
MILESTONES = ("answered", "secured", "first_packet", "picture")

Joins = list[dict[str, Any]]
"""What tests.bench.viewers tells of each: milestones in ms since the ticket was shown."""


def percentile(values: Sequence[float], share: float) -> float:
    """Return the smallest value that `share` of all values do not exceed."""
    return sorted(values)[math.ceil(share * len(values)) - 1]


def waits(joins: Joins) -> list[float]:
    """Return the milliseconds to each one's picture; who never had one waited for ever."""
    return [math.inf if join["picture"] is None else join["picture"] for join in joins]


def way(joins: Joins) -> str:
    """Say where the time went."""
    parts = []
    for name in MILESTONES:
        known = [join[name] for join in joins if join.get(name) is not None]
        parts.append(f"{name} {statistics.median(known):.0f}" if known else f"{name} never")
    return f"medians {', '.join(parts)} ms"


def busiest_second(requests: Sequence[float]) -> int:
    """Return how many requests came within less than a second at most."""
    return max((sum(0 <= at - start < 0.99 for at in requests) for start in requests), default=0)


@dataclass(slots=True)
class Rush:
    """What came of rooms that joined together, all rounds."""

    joins: Joins = field(default_factory=list)
    shown: list[float] = field(default_factory=list)  # ms to Chromium's first picture on screen
    frames: list[int] = field(default_factory=list)  # that each Chromium decoded in WATCH seconds
    node_cpu: float = 0.0
    light_cpu: float = 0.0


async def rush(spread: float) -> None:
    """Let 62 rooms join within `spread` seconds, ROUNDS times, and print how long they waited."""
    found, chance = Rush(), random.Random(SEED)
    async with lesson() as our:
        await our.publish(["hall"])
        for number in range(ROUNDS):
            offsets = [chance.uniform(0, spread) for _ in range(ROOMS)]
            await _round(our, found, f"round{number}", offsets)
        (requests,) = (await our.publisher.ask("requests")).values()
    name = "one_second" if spread else "one_moment"
    load = (
        f"{ROOMS} rooms within {spread:.0f} s, {ROUNDS} rounds, {SOURCE}; {way(found.joins)}; "
        f"CPU a join and {WATCH:.0f} s of lesson: node {_each(found.node_cpu):.1f} ms, light "
        f"viewers {_each(found.light_cpu):.1f} ms"
    )
    _tell(f"join_{name}_first_keyframe", found.joins, load)
    load = f"{CHROMIUMS} of the {ROOMS}, first picture on screen, frames decoded {found.frames}"
    line(f"join_{name}_chromium_slowest", "ms", [max(found.shown)], load, digits=0)
    load = f"requests that the publisher saw in its busiest second, {len(requests)} in all"
    line(f"join_{name}_keyframe_requests", "1/s", [busiest_second(requests)], load, digits=0)


def _each(cpu: float) -> float:
    return 1e3 * cpu / (ROOMS * ROUNDS)


async def _round(our: Lesson, found: Rush, name: str, offsets: Sequence[float]) -> None:
    async with browsers(CHROMIUMS) as chromium:
        places, before = our.places(["hall"] * ROOMS, name), our.cpu()
        tabs = [StageAddress(*place) for place in places[:CHROMIUMS]]
        joins, shown = await asyncio.gather(
            our.viewers.ask("join", places=places[CHROMIUMS:], offsets=offsets[CHROMIUMS:]),
            chromium.join(tabs, offsets[:CHROMIUMS]),
        )
        await asyncio.sleep(WATCH)
        used = our.cpu() - before
        found.frames += await chromium.decoded()
    await our.viewers.ask("leave")
    await asyncio.sleep(2)  # the next round finds a keyframe of another age
    found.joins += joins
    found.shown += shown
    found.node_cpu += used.node
    found.light_cpu += used.viewers


async def late(answers: bool) -> None:
    """Let single rooms join running lessons, and print how long they waited."""
    chance, joins = random.Random(SEED), []
    stages = [f"lesson{number}" for number in range(STAGES)]
    async with lesson() as our:
        await our.publish(stages, answers=answers)
        for number in range(COMERS):
            offsets = [chance.uniform(0, GROUP / RATE) for _ in stages]
            places = our.places(stages, f"late{number}")
            joins += await our.viewers.ask("join", places=places, offsets=offsets)
            await our.viewers.ask("leave")
    kind = "answers" if answers else "cannot answer"
    load = (
        f"{len(joins)} rooms, each alone, at any moment of a group of {GROUP // RATE} s, {SOURCE}, "
        f"the publisher {kind} keyframe requests; {way(joins)}"
    )
    name = "late_join_first_keyframe" + ("" if answers else "_deaf_publisher")
    _tell(name, joins, load)


def _tell(name: str, joins: Joins, load: str) -> None:
    """Print the 95th percentile, and in the load what else there is to know."""
    found = waits(joins)
    lacking = sum(map(math.isinf, found))
    for fault in {join["fault"] for join in joins if join["fault"]}:
        note(f"{name}: {fault}")
    whole = f"p50 {percentile(found, 0.5):.0f}, slowest {max(found):.0f} ms, {lacking} without"
    line(f"{name}_p95", "ms", [percentile(found, 0.95)], f"{load}; {whole}; {machine()}", digits=0)


PARTS = {
    "second": lambda: rush(1.0),
    "moment": lambda: rush(0.0),
    "late": lambda: late(answers=True),
    "deaf": lambda: late(answers=False),
}


async def main() -> None:
    """Measure the parts that the command line names, or all."""
    film()
    for name in sys.argv[1:] or PARTS:
        note(f"joins: {name}")
        await PARTS[name]()


if __name__ == "__main__":
    asyncio.run(main())
