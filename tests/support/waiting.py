"""Waiting in tests: until something holds, with a sentence when it does not."""

import asyncio
from collections.abc import Callable


async def until(holds: Callable[[], bool], seconds: float, what: str) -> float:
    """Wait until `holds` and return the seconds it took; fail with `what` after `seconds`."""
    clock = asyncio.get_running_loop().time
    began = clock()
    while not holds():
        if clock() - began > seconds:
            raise AssertionError(f"not within {seconds} s: {what}")
        await asyncio.sleep(0.02)
    return clock() - began
