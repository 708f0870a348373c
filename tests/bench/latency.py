"""`python -m tests.bench.latency`: what the relay adds to a packet's way at 62 viewers.

From the publisher's socket to each viewer's socket: stamped by the kernel when the publisher's
device took the packet and when it reached the viewer's stack, both with the same clock, nothing
subtracted. Every packet of every viewer counts; one that never came is lost. Once with a publisher
that paces its packets as a browser does, once with one that sends each picture at once (OBS).
"""

import asyncio

from tests.bench.film import SOURCE, film
from tests.bench.premises import ROOMS, lesson, machine
from tests.bench.report import line, note

SECONDS = 30.0
JOIN_WITHIN = 3.0


async def measure(paced: bool) -> None:
    """Print the delays of one lesson."""
    async with lesson() as our:
        await our.publish(["hall"], paced=paced)
        offsets = [JOIN_WITHIN * number / ROOMS for number in range(ROOMS)]
        await our.viewers.ask("join", places=our.places(["hall"] * ROOMS, "leg"), offsets=offsets)
        await asyncio.sleep(1)
        await our.viewers.ask("note", on=True)
        before = our.cpu()
        await asyncio.sleep(SECONDS)
        used = our.cpu() - before
        await our.viewers.ask("note", on=False)
        sent = await our.publisher.ask("log", seconds=2 * SECONDS)
        await our.viewers.ask("match", sent=sent)
        found = await our.viewers.ask("delays", sent=sent)
    manner = "paced" if paced else "at_once"
    for medium, delays in found.items():
        load = (
            f"{ROOMS} viewers, {SECONDS:.0f} s, {SOURCE}, pictures sent {manner.replace('_', ' ')};"
            f" p50 {delays['p50']:.2f}, p99.9 {delays['p999']:.2f}, max {delays['max']:.2f} ms;"
            f" {delays['lost']} of {delays['expected']} packets lost; {used.shares(SECONDS)};"
            f" {machine()}"
        )
        line(f"added_latency_p99_{medium}_{manner}", "ms", [delays["p99"]], load)


async def main() -> None:
    """Measure both manners of sending."""
    film()
    for paced in (True, False):
        note(f"latency: {'paced' if paced else 'at once'}")
        await measure(paced)


if __name__ == "__main__":
    asyncio.run(main())
