"""Measuring windows: CPU of a server's process a packet that it forwards.

Windows are short, and those of two servers take turns, so that what else the machine does meets
both. While the viewers are stopped (SIGSTOP, under five seconds: nobody is given up meanwhile)
only the sender's cost counts; packets are then those of which the kernel says that they reached
the viewers' full sockets.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial

from tests.bench.processor import cpu_seconds
from tests.bench.report import note
from tests.bench.sources import Program
from tests.bench.subjects import Subject

WINDOW, REST = 2.0, 0.3
FULL_WITHIN = 2.0
LOSS = 0.1
"""Of what is sent: a server that loses more forwards something else than it is measured for."""
TOLERANCE = 0.02
"""Of what a server sends beside the media: sender reports, and answers to a last check. What is
further from what the source sent is told: on a busy machine a server falls behind."""


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

    @property
    def rate(self) -> float:
        """Packets a second."""
        return self.packets / self.seconds


Window = Callable[[], Awaitable[Cost]]


async def check_delivery(subject: Subject, program: Program, seconds: float = 0.6) -> None:
    """Before anything is measured: what is sent reaches all viewers.

    What a viewer's socket could not take counts too: a busy machine lets viewers fall behind.
    """
    await program.play(seconds)  # a viewer begins with a keyframe
    before, sent = await _reached(subject), program.sent
    await program.play(seconds)
    reached, wanted = await _reached(subject) - before, (program.sent - sent) * subject.crowd.size
    told = f"{subject.name}: {reached} packets reached the viewers instead of {wanted}"
    assert reached > (1 - LOSS) * wanted, told
    if reached < wanted:
        note(told)


async def _reached(subject: Subject) -> int:
    return sum(await subject.crowd.settled_counts()) + sum(subject.crowd.drops().values())


async def reading(subject: Subject, program: Program) -> Cost:
    """Measure one window while the viewers read; packets are those that they received."""
    await program.play(REST)
    before = sum(await subject.crowd.counts())
    cost = await _measured(subject, program)
    got = sum(await subject.crowd.counts()) - before
    await asyncio.sleep(REST)
    return Cost(cost.cpu, got, cost.seconds)


async def stopped(subject: Subject, program: Program) -> Cost:
    """Measure one window while the viewers are stopped and their buffers full."""
    await program.play(REST)
    subject.crowd.stop()
    try:
        await _fill(subject, program)
        before = sum(subject.crowd.drops().values())
        cost = await _measured(subject, program)
        reached = sum(subject.crowd.drops().values()) - before
    finally:
        subject.crowd.go_on()
    if abs(reached - cost.packets) > TOLERANCE * cost.packets:
        note(f"{subject.name}: {reached} packets reached the viewers instead of {cost.packets}")
    await asyncio.sleep(REST)
    return Cost(cost.cpu, reached, cost.seconds)


async def _fill(subject: Subject, program: Program) -> None:
    """Send until every viewer's buffer is full."""
    first = subject.crowd.drops()
    async with asyncio.timeout(FULL_WITHIN):
        while True:
            await program.play(0.1)
            now = subject.crowd.drops()
            if all(now[inode] > first[inode] for inode in first):
                return


async def _measured(subject: Subject, program: Program) -> Cost:
    clock = asyncio.get_running_loop().time
    cpu, sent, began = cpu_seconds(subject.pid), program.sent, clock()
    await program.play(WINDOW)
    cpu, sent, took = cpu_seconds(subject.pid) - cpu, program.sent - sent, clock() - began
    return Cost(cpu, sent * subject.crowd.size, took)


def windows(
    measure: Callable[[Subject, Program], Awaitable[Cost]],
    subjects: Sequence[Subject],
    programs: Sequence[Program],
) -> list[Window]:
    """Return a window on each subject with its program."""
    pairs = zip(subjects, programs, strict=True)
    return [partial(measure, subject, program) for subject, program in pairs]


async def taking_turns(measured: Sequence[Window], turns: int) -> list[list[Cost]]:
    """Measure A B A B ..., `turns` windows each; return the costs of each."""
    costs: list[list[Cost]] = [[] for _ in measured]
    for _turn in range(turns):
        for window, mine in zip(measured, costs, strict=True):
            mine.append(await window())
    return costs
