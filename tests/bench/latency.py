"""`python -m tests.bench.latency`: what the relay adds to a packet's way at 62 viewers.

From the publisher's socket to each viewer's socket: stamped by the kernel when the publisher's
device took the packet and when it reached the viewer's stack, both with the same clock, nothing
subtracted. Every packet of every viewer counts; one that never came is lost. Once with a publisher
that paces its packets as a browser does, once with one that sends each picture at once (OBS).
"""

import asyncio
import statistics

from tests.bench.film import SOURCE, film
from tests.bench.premises import ROOMS, SETTLE, lesson, machine
from tests.bench.report import line, note

SECONDS, WINDOWS = 10.0, 5
JOIN_WITHIN = 3.0


async def measure(paced: bool) -> None:
    """Print the delays of one lesson."""
    found: list[dict[str, dict[str, float]]] = []
    async with lesson() as our:
        await our.publish(["hall"], paced=paced)
        offsets = [JOIN_WITHIN * number / ROOMS for number in range(ROOMS)]
        await our.viewers.ask("join", places=our.places(["hall"] * ROOMS, "leg"), offsets=offsets)
        await asyncio.sleep(SETTLE)  # the last one's replay is over
        await our.viewers.ask("match", sent=await our.publisher.ask("log", seconds=60))
        used = None
        for _window in range(WINDOWS):
            await our.viewers.ask("note", on=True)
            before = our.cpu()
            await asyncio.sleep(SECONDS)
            used = our.cpu() - before
            await our.viewers.ask("note", on=False)
            sent = await our.publisher.ask("log", seconds=2 * SECONDS)
            found.append(await our.viewers.ask("delays", sent=sent))
    assert used is not None
    manner = "paced" if paced else "at_once"
    for medium in found[0]:
        windows = [window[medium] for window in found]
        worst = {name: max(window[name] for window in windows) for name in ("p999", "max")}
        lost, expected = (sum(int(w[name]) for w in windows) for name in ("lost", "expected"))
        p50 = statistics.median(window["p50"] for window in windows)
        load = (
            f"{ROOMS} viewers, windows of {SECONDS:.0f} s, {SOURCE}, pictures sent "
            f"{manner.replace('_', ' ')}; p50 {p50:.2f}, worst window's p99.9 {worst['p999']:.2f}, "
            f"max {worst['max']:.2f} ms; {lost} of {expected} packets lost; "
            f"{used.shares(SECONDS)}; {machine()}"
        )
        p99s = [window["p99"] for window in windows]
        line(f"added_latency_p99_{medium}_{manner}", "ms", p99s, load)


async def main() -> None:
    """Measure both manners of sending."""
    film()
    for paced in (True, False):
        note(f"latency: {'paced' if paced else 'at once'}")
        await measure(paced)


if __name__ == "__main__":
    asyncio.run(main())
