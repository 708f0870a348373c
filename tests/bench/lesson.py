"""`python -m tests.bench.lesson`: what a lesson with 62 terminals costs the node, in parts.

Video alone to stopped viewers, with the sound beside it, and everything to viewers that read and
give feedback as browsers do: windows in turn, on one node with the same 62 viewers. Janus, as
Debian ships it, takes a turn at the video alone.
"""

import asyncio
import shutil
import statistics
from contextlib import AsyncExitStack
from functools import partial

from tests.bench.feedback import FEEDBACK
from tests.bench.report import Peer, line, note
from tests.bench.sources import PICTURE, SOUND, Program, picture_of, sound_of
from tests.bench.subjects import JANUS, janus, our_node
from tests.bench.windows import Cost, Window, check_delivery, reading, stopped, taking_turns

TERMINALS, TURNS = 62, 5


async def measure() -> list[list[Cost]]:
    """Return costs of video alone, with sound, with feedback, and (if here) Janus's of video."""
    async with AsyncExitStack() as stack:
        node = await stack.enter_async_context(our_node("gcm", TERMINALS, "feedback"))
        picture = picture_of(node.send)  # one stream: a change of it would wait for a keyframe
        mute, whole = Program(picture), Program(picture, sound_of(node.send))
        for program in (mute, whole):
            await check_delivery(node, program)
        kinds: list[Window] = [
            partial(stopped, node, mute),
            partial(stopped, node, whole),
            partial(reading, node, whole),
        ]
        if shutil.which("janus"):
            peer = await stack.enter_async_context(janus("gcm", TERMINALS))
            program = Program(picture_of(peer.send))
            await check_delivery(peer, program)
            kinds.append(partial(stopped, peer, program))
        return await taking_turns(kinds, TURNS)


def shares(costs: list[Cost]) -> list[float]:
    return [cost.share for cost in costs]


async def main() -> None:
    """Measure and print shares of a core."""
    note(f"lesson with {TERMINALS} terminals")
    costs = await measure()
    loads = (
        ("lesson_cpu_share", f"stopped, {PICTURE}"),
        ("lesson_cpu_share_sound", f"stopped, {PICTURE} and {SOUND}"),
        ("lesson_cpu_share_feedback", f"reading, {PICTURE} and {SOUND}; {FEEDBACK}"),
    )
    peers = (Peer(JANUS, shares(costs[3])) if len(costs) > 3 else None, None, None)
    for (name, load), mine, peer in zip(loads, costs[:3], peers, strict=True):
        rate = f"{statistics.median(cost.rate for cost in mine):.0f} packets/s"
        line(name, "% of a core", shares(mine), f"GCM, {TERMINALS} viewers {load}; {rate}", peer)


if __name__ == "__main__":
    asyncio.run(main())
