"""Waiting in tests: until something holds, with a sentence when it does not.

Whoever waits has the seconds that are named and those that the machine stood still meanwhile.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime

from scheduler.kernel.clock import system_clock
from tests.support.standstill import Stopwatch

BEFOREHAND = 0.002
"""Seconds before a limit at which it is looked whether it moves."""


async def until(
    holds: Callable[[], bool],
    seconds: float,
    what: str | Callable[[], str],
    every: float = 0.02,
) -> float:
    """Wait until `holds` and return the seconds it took; fail with `what` after `seconds`.

    `what` that tells of evidence is a function, so that it tells of what there was in the end.
    """
    watch = Stopwatch()
    while not holds():
        if watch.is_over(seconds):
            raise AssertionError(_not_within(seconds, watch, what))
        await asyncio.sleep(every)
    return watch.seconds


async def soon(
    holds: Callable[[], Awaitable[bool]],
    seconds: float,
    what: str | Callable[[], str],
    every: float = 0.05,
) -> datetime:
    """Wait until `holds`; return the moment, or fail with a sentence."""
    async with within(seconds, what):
        while not await holds():
            await asyncio.sleep(every)
    return system_clock()


@asynccontextmanager
async def within(seconds: float, what: str | Callable[[], str]) -> AsyncIterator[Stopwatch]:
    """Let the block end within `seconds`, or fail with `what`."""
    loop, watch = asyncio.get_running_loop(), Stopwatch()
    began, end = loop.time(), loop.time() + seconds
    limit = asyncio.timeout_at(end)

    def prolong() -> None:
        nonlocal end, look
        if (later := began + watch.allows(seconds)) > end + BEFOREHAND:
            end = later
            limit.reschedule(end)
            look = loop.call_at(end - BEFOREHAND, prolong)

    look = loop.call_at(end - BEFOREHAND, prolong)
    try:
        async with limit:
            yield watch
    except TimeoutError:
        if not limit.expired():
            raise  # the block's own
        raise AssertionError(_not_within(seconds, watch, what)) from None
    finally:
        look.cancel()


def _not_within(seconds: float, watch: Stopwatch, what: str | Callable[[], str]) -> str:
    sentence = what if isinstance(what, str) else what()
    still = f" and {watch.stood_still:.2f} s of standstill" if watch.stood_still > 0.01 else ""
    return f"not within {seconds} s{still}: {sentence}"
