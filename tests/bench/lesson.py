"""`python -m tests.bench.lesson`: what a lesson with 62 terminals costs the node, in parts.

Video alone to stopped viewers, with the sound beside it, and everything to viewers that read and
give feedback as browsers do: three windows in turn, on one node with the same 62 viewers.
"""

import asyncio
import statistics

from tests.bench.feedback import FEEDBACK
from tests.bench.report import line, note
from tests.bench.sources import PICTURE, SOUND, Program, picture_of, sound_of
from tests.bench.subjects import our_node
from tests.bench.windows import check_delivery, reading, stopped, taking_turns, windows

TERMINALS, TURNS = 62, 5


async def main() -> None:
    """Measure and print shares of a core."""
    note(f"lesson with {TERMINALS} terminals")
    async with our_node("gcm", TERMINALS, "feedback") as node:
        picture = picture_of(node.send)  # one stream: a change of it would wait for a keyframe
        mute, whole = Program(picture), Program(picture, sound_of(node.send))
        for program in (mute, whole):
            await check_delivery(node, program)
        kinds = [
            *windows(stopped, [node, node], [mute, whole]),
            *windows(reading, [node], [whole]),
        ]
        costs = await taking_turns(kinds, TURNS)
    loads = (
        ("lesson_cpu_share", f"stopped, {PICTURE}"),
        ("lesson_cpu_share_sound", f"stopped, {PICTURE} and {SOUND}"),
        ("lesson_cpu_share_feedback", f"reading, {PICTURE} and {SOUND}; {FEEDBACK}"),
    )
    for (name, load), mine in zip(loads, costs, strict=True):
        rate = f"{statistics.median(cost.rate for cost in mine):.0f} packets/s"
        shares = [cost.share for cost in mine]
        line(name, "% of a core", shares, f"GCM, {TERMINALS} viewers {load}; {rate}")


if __name__ == "__main__":
    asyncio.run(main())
