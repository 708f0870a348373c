"""Waiting in tests: until something holds, with a sentence when it does not."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime

from scheduler.kernel.clock import system_clock


async def until(holds: Callable[[], bool], seconds: float, what: str | Callable[[], str]) -> float:
    """Wait until `holds` and return the seconds it took; fail with `what` after `seconds`.

    `what` that tells of evidence is a function, so that it tells of what there was in the end.
    """
    clock = asyncio.get_running_loop().time
    began = clock()
    while not holds():
        if clock() - began > seconds:
            sentence = what if isinstance(what, str) else what()
            raise AssertionError(f"not within {seconds} s: {sentence}")
        await asyncio.sleep(0.02)
    return clock() - began


async def soon(
    holds: Callable[[], Awaitable[bool]], seconds: float, what: str, every: float = 0.05
) -> datetime:
    """Wait until `holds`; return the moment, or fail with a sentence."""
    try:
        async with asyncio.timeout(seconds):
            while not await holds():
                await asyncio.sleep(every)
    except TimeoutError:
        raise AssertionError(f"not within {seconds} s: {what}") from None
    return system_clock()
