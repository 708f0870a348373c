"""`python -m tests.soak --joins 2000`: joins and leaves, and what they leave behind in the node.

Light viewers join a lesson that is on the air, wait for a packet and leave: most say goodbye, some
vanish, some never connect, some listen on the stage's WebSocket. The node's tables, tasks, open
files and memory are printed before, on the way, half-way and after; before, half-way and after with
no lesson on it, as between two lessons. The exit status is 1 when a table is not as it was, when
Python holds more blocks than it did, or when memory grew by more than KIB_PER_JOIN in all or by
more than SLACK in the second half. One JSON object a line.
"""

import argparse
import asyncio
import json
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp

from tests.fuzz.live import Speaker
from tests.soak.crowd import CERTIFICATE, Crowd
from tests.soak.looking import keep_acknowledging, look
from tests.support.relay import RelayProcess, running_relay

WARM = 200
"""Joins before the first look: caches of the lesson, of TLS and of the allocator fill."""

DESERTED_WITHIN = 120.0
"""Seconds: a viewer that vanished is given up after 30, a stage without anybody after 60 more."""

TIDIED_WITHIN = 62.0
"""Seconds in which a node that nobody publishes to collects and gives freed memory back
(media/node/telemetry/collector.py)."""

KIB_PER_JOIN = 0.5
SLACK = 6 * 1024
"""KiB that do not count: what allocators keep of the fullest moment. Python gives memory back by
the megabyte, and only where nothing in it lives."""

BLOCKS = 3000
"""Blocks of Python's own that do not count, of some 270,000: caches, and when we looked."""

NOT_COMPARED = {"resident_bytes", "memory_blocks", "journal", "open_files"}


def say(**what: Any) -> None:
    print(json.dumps(what), flush=True)


@asynccontextmanager
async def lesson(relay: RelayProcess, http: aiohttp.ClientSession) -> AsyncIterator[None]:
    """A lesson that is on the air meanwhile."""
    speaker = Speaker(http, relay.publish_place("l1"), CERTIFICATE)
    await speaker.start()
    speaker.begin()
    try:
        yield
    finally:
        await speaker.close()


async def look_between_lessons(relay: RelayProcess, http: aiohttp.ClientSession) -> dict[str, int]:
    """Return the node's size once it is empty and has tidied up."""
    async with asyncio.timeout(DESERTED_WITHIN):
        while (await look(relay, http))["stages"]:
            await asyncio.sleep(2)
    await asyncio.sleep(TIDIED_WITHIN)
    return await look(relay, http)


async def soak(joins: int, at_once: int, seed: int) -> bool:
    """Run it; return whether the node is as it was."""
    connector = aiohttp.TCPConnector(limit=2 * at_once)
    with tempfile.TemporaryDirectory(prefix="tongke-soak-") as folder:
        async with (
            running_relay(Path(folder) / "node") as relay,
            aiohttp.ClientSession(connector=connector) as http,
        ):
            reader = asyncio.create_task(keep_acknowledging(relay))
            crowd = Crowd(relay, http, seed)
            async with lesson(relay, http):
                await crowd.join(WARM, at_once)
            looks = [await look_between_lessons(relay, http)]
            say(when="before", joins=WARM, **looks[0])
            crowd.happened.clear()
            seconds = 0.0
            for half in ("half-way", "after"):
                began = time.perf_counter()
                async with lesson(relay, http):
                    for _ in range(2):
                        await crowd.join(joins // 4, at_once)
                        say(when="on the way", joins=crowd.number, **await look(relay, http))
                    seconds += time.perf_counter() - began
                looks.append(await look_between_lessons(relay, http))
                say(when=half, joins=crowd.number, **looks[-1])
            log = relay.log()
            reader.cancel()
    say(seconds=round(seconds, 1), a_second=round(joins / seconds, 1), **crowd.happened)
    return _judge(looks, joins, log)


def _judge(looks: Sequence[dict[str, int]], joins: int, log: str) -> bool:
    """A leak goes on: the second half must add nothing to what the first one left."""
    before, half, after = looks
    changed = {
        name: (before[name], after[name])
        for name in before
        if name not in NOT_COMPARED and before[name] != after[name]
    }
    first, second = _kib(before, half), _kib(half, after)
    blocks = after["memory_blocks"] - before["memory_blocks"]
    sound = (
        not changed
        and first + second <= SLACK + KIB_PER_JOIN * joins
        and second <= SLACK
        and blocks <= BLOCKS
        and "Traceback" not in log
    )
    grown = {"grown_kib": first + second, "second_half_kib": second, "blocks": blocks}
    say(sound=sound, changed=changed, **grown, log_lines=log.count("\n"))
    return sound


def _kib(earlier: dict[str, int], later: dict[str, int]) -> int:
    return (later["resident_bytes"] - earlier["resident_bytes"]) // 1024


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("--joins", type=int, default=2000)
    parser.add_argument("--at-once", type=int, default=16)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    return 0 if asyncio.run(soak(given.joins, given.at_once, given.seed)) else 1


if __name__ == "__main__":
    sys.exit(main())
