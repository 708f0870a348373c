"""Waiting in tests: until something holds, with a sentence when it does not."""

import asyncio
from collections.abc import Callable


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
