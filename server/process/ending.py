"""The end has a deadline: a database that hangs may not keep the process."""

import asyncio
import logging
import os
import threading
from collections.abc import Awaitable, Callable

LOG = logging.getLogger(__name__)

END_WITHIN = 15.0
"""Seconds for the whole end. systemd would kill after 20 (deploy/tongke.service)."""

PART_WITHIN = 5.0
"""Seconds for one part of it: what comes after, the relay nodes above all, must have its turn."""

FORCED = 3
"""Exit status of an end that had to be forced."""


def begin_deadline(seconds: float = END_WITHIN) -> None:
    """End this process in so many seconds whatever it waits for, threads of drivers included."""

    def force() -> None:
        LOG.critical("the end took longer than %d s and is forced", seconds)
        logging.shutdown()
        os._exit(FORCED)

    timer = threading.Timer(seconds, force)
    timer.daemon = True
    timer.start()


async def end_part(name: str, work: Callable[[], Awaitable[None]]) -> None:
    """Do one part of the end; leave it to itself when it takes too long."""
    task = asyncio.ensure_future(work())
    done, _ = await asyncio.wait([task], timeout=PART_WITHIN)
    if not done:
        LOG.error("%s did not end within %d s", name, PART_WITHIN)
    elif (fault := task.exception()) is not None:
        LOG.error("%s did not end well", name, exc_info=fault)
