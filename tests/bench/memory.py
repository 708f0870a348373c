"""`python -m tests.bench.memory`: what a viewer and a stage take of the node's memory.

Pss (proportional set size) of the node's process with some viewers, and with many more of them
while the film plays; and with some stages, and more of them whose caches of packets are full. What
is told is the difference over their number.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from tests.bench.report import line, note
from tests.bench.sources import (
    PAYLOAD,
    PICTURE,
    SOUND,
    Program,
    frames_of_ten,
    picture_of,
    sound_of,
)
from tests.bench.subjects import our_relay, our_stage, publishing

FIRST, MORE = 50, 200
FIRST_STAGES, MORE_STAGES = 2, 8
FILL, FILL_RATE = 4200, 700
"""Packets that fill a stage's cache of video, and how many a second."""
SETTLE = 3.0


def pss(pid: int) -> int:
    """Return a process's proportional set size in KiB."""
    rows = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return next(int(row.split()[1]) for row in rows if row.startswith("Pss:"))


@asynccontextmanager
async def playing(program: Program) -> AsyncIterator[None]:
    """The program plays meanwhile."""

    async def for_ever() -> None:
        while True:
            await program.play(1.0)

    task = asyncio.create_task(for_ever())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def viewers() -> None:
    """Measure what one viewer more takes."""
    async with our_stage() as stage:
        pid = stage.relay.pid
        line("memory_node", "MiB", [pss(pid) / 1024], "Pss, one publisher, no viewer", digits=1)
        async with (
            playing(Program(picture_of(stage.send), sound_of(stage.send))),
            stage.crowd(FIRST, "counting", name="first"),
        ):
            await asyncio.sleep(SETTLE)
            before = pss(pid)
            async with stage.crowd(MORE, "counting", name="more"):
                await asyncio.sleep(SETTLE)
                each = (pss(pid) - before) / MORE
    load = f"Pss from {FIRST} to {FIRST + MORE} viewers reading, {PICTURE} and {SOUND}"
    line("memory_per_viewer", "KiB", [each], load, digits=1)


async def stages() -> None:
    """Measure what one stage more takes, as soon as it is open and with its cache full."""
    async with our_relay() as relay, AsyncExitStack() as stack:

        async def open_stage(name: str) -> Program:
            publisher = publishing(relay.publish_place(name))
            return frames_of_ten(await stack.enter_async_context(publisher), FILL_RATE)

        async def fill(programs: list[Program]) -> None:
            await asyncio.gather(*(program.play(FILL / FILL_RATE) for program in programs))

        await fill([await open_stage(f"first-{number}") for number in range(FIRST_STAGES)])
        before = pss(relay.pid)
        more = [await open_stage(f"more-{number}") for number in range(MORE_STAGES)]
        empty = (pss(relay.pid) - before) / MORE_STAGES
        await fill(more)
        full = (pss(relay.pid) - before) / MORE_STAGES / 1024
    load = f"Pss over {MORE_STAGES} stages with a publisher each"
    line("memory_per_stage", "KiB", [empty], f"{load} that sent nothing", digits=1)
    load += f" that sent {FILL} packets of {PAYLOAD + 12} octets, no viewer"
    line("memory_per_stage_full", "MiB", [full], load)


async def main() -> None:
    """Measure and print."""
    note("memory")
    await viewers()
    await stages()


if __name__ == "__main__":
    asyncio.run(main())
