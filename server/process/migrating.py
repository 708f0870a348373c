"""Bringing the database up to date at a start, also where it is still away."""

import asyncio
import logging
from contextlib import suppress

from scheduler.kernel.availability import DatabaseUnavailable
from scheduler.migrations.run import upgrade
from server.process.pauses import Pauses

LOG = logging.getLogger(__name__)


async def migrated(url: str, stop: asyncio.Event) -> bool:
    """Bring the database up to date; wait for one that is away. Return False when told to end."""
    pauses = Pauses()
    while not stop.is_set():
        try:
            await upgrade(url)
        except DatabaseUnavailable as error:
            pause = pauses.after_fault()
            LOG.warning("%s; next try in %d s", error, pause)
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), pause)
        else:
            return True
    return False
