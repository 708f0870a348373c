"""Measuring windows: CPU of a server's process a packet that reached a viewer's socket.

Windows are short, and those of two servers take turns, so that what else the machine does meets
both. While the viewers are stopped (SIGSTOP, under five seconds: nobody is given up meanwhile)
only the sender's cost counts; the kernel's own count of what reached the viewers' full sockets
must then agree with what the source sent.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from tests.bench.processor import cpu_seconds
from tests.bench.sources import Source
from tests.bench.subjects import Subject

WINDOW, REST = 2.5, 0.4
FULL_WITHIN = 2.0
TOLERANCE = 0.02


@dataclass(frozen=True, slots=True)
class Cost:
    """CPU seconds of the server's process in a window of `seconds`, for so many packets sent."""

    cpu: float
    packets: int
    seconds: float

    @property
    def microseconds(self) -> float:
        """CPU a packet."""
        return 1e6 * self.cpu / self.packets

    @property
    def share(self) -> float:
        """Per cent of a core."""
        return 100 * self.cpu / self.seconds


async def check_delivery(subject: Subject, source: Source, seconds: float = 1.5) -> None:
    """Before anything is measured: every viewer, reading, gets all that is sent."""
    await source.play(seconds)  # a viewer begins with a keyframe
    await asyncio.sleep(REST)
    before, sent = await subject.crowd.counts(), source.sent
    await source.play(seconds)
    await asyncio.sleep(REST)
    sent = source.sent - sent
    got = [new - old for new, old in zip(await subject.crowd.counts(), before, strict=True)]
    assert min(got) >= sent, f"{subject.name}: a viewer got {min(got)} of {sent} packets"


async def reading(subject: Subject, source: Source) -> Cost:
    """Measure one window while the viewers read."""
    await source.play(REST)
    cost = await _window(subject, source)
    await asyncio.sleep(REST)
    return cost


async def stopped(subject: Subject, source: Source) -> Cost:
    """Measure one window while the viewers are stopped and their buffers full."""
    await source.play(REST)
    subject.crowd.stop()
    try:
        await _fill(subject, source)
        before = subject.crowd.drops()
        cost = await _window(subject, source)
        reached = sum(subject.crowd.drops().values()) - sum(before.values())
    finally:
        subject.crowd.go_on()
    assert abs(reached - cost.packets) <= TOLERANCE * cost.packets, (
        f"{subject.name}: {reached} of {cost.packets} packets reached the viewers' sockets"
    )
    await asyncio.sleep(REST)
    return cost


async def _fill(subject: Subject, source: Source) -> None:
    """Send until every viewer's buffer is full."""
    first = subject.crowd.drops()
    async with asyncio.timeout(FULL_WITHIN):
        while True:
            await source.play(0.1)
            now = subject.crowd.drops()
            if all(now[inode] > first[inode] for inode in first):
                return


async def _window(subject: Subject, source: Source) -> Cost:
    clock = asyncio.get_running_loop().time
    cpu, sent, began = cpu_seconds(subject.pid), source.sent, clock()
    await source.play(WINDOW)
    cpu, sent, took = cpu_seconds(subject.pid) - cpu, source.sent - sent, clock() - began
    return Cost(cpu, sent * subject.crowd.size, took)


async def taking_turns(
    subjects: Sequence[Subject], sources: Sequence[Source], turns: int, *, read: bool = False
) -> list[list[Cost]]:
    """Measure A B A B ..., `turns` windows each; return the costs of each subject."""
    measure = reading if read else stopped
    costs: list[list[Cost]] = [[] for _ in subjects]
    for _turn in range(turns):
        for subject, source, mine in zip(subjects, sources, costs, strict=True):
            mine.append(await measure(subject, source))
    return costs
