"""`python -m tests.bench.hall`: 500 viewers on one node, and whether it lost a packet of theirs.

The viewers read, and count what they get. What the kernel threw away because a viewer did not read
in time (`drops` of its socket) is the viewers' own loss; whatever else is missing the node lost.
"""

import asyncio
import re

import aiohttp

from tests.bench.processor import cpu_seconds
from tests.bench.report import line, note
from tests.bench.sources import PICTURE, SOUND, Program, picture_of, sound_of
from tests.bench.subjects import Stage, our_stage
from tests.bench.windows import LOSS

VIEWERS, SECONDS = 500, 8.0
DROPPED = re.compile(r"^tongke_send_dropped_total ([0-9.e+]+)$", re.MULTILINE)


async def dropped(stage: Stage) -> int:
    """Return what the node says that its socket did not take."""
    async with aiohttp.ClientSession() as http, http.get(f"{stage.relay.url}/metrics") as response:
        found = DROPPED.search(await response.text())
    assert found is not None, "the node does not say what it dropped"
    return int(float(found[1]))


async def main() -> None:
    """Measure and print: packets that the node lost, and its share of a core."""
    note(f"hall with {VIEWERS} viewers")
    clock = asyncio.get_running_loop().time
    async with our_stage() as stage, stage.crowd(VIEWERS, "counting") as crowd:
        program = Program(picture_of(stage.send), sound_of(stage.send))
        await program.play(2.0)
        got, late = sum(await crowd.settled_counts()), sum(crowd.drops().values())
        refused, sent = await dropped(stage), program.sent
        cpu, began = cpu_seconds(stage.relay.pid), clock()
        await program.play(SECONDS)
        cpu, took = cpu_seconds(stage.relay.pid) - cpu, clock() - began
        got = sum(await crowd.settled_counts()) - got
        late = sum(crowd.drops().values()) - late
        refused, wanted = await dropped(stage) - refused, (program.sent - sent) * VIEWERS
    assert got > (1 - LOSS) * wanted, f"{got} of {wanted} packets: no load to measure"
    load = f"GCM, {VIEWERS} viewers reading, {PICTURE} and {SOUND}, {took:.1f} s, "
    load += f"{wanted / took:.0f} packets/s"
    told = f"{load}; {wanted} sent, {got} received, {late} came too fast for their viewer, "
    told += f"{refused} not taken by the node's socket"
    line("hall_lost_at_sender", "packets", [wanted - got - late], told, digits=0)
    line("hall_cpu_share", "% of a core", [100 * cpu / took], load)
    line("hall_cpu_per_packet", "us", [1e6 * cpu / wanted], load)


if __name__ == "__main__":
    asyncio.run(main())
