"""Keeps the figures of past lessons: a task that computes what is missing.

Pages are right without it, only slower; so a failure is logged and tried again at the next round.
"""

import asyncio
import logging

from scheduler.evidence.policy import AttendancePolicy
from scheduler.kernel.clock import Clock
from scheduler.kernel.database import Database
from scheduler.usage.settling import settle
from server.process.pauses import log_fault

LOG = logging.getLogger(__name__)

ROUND = 20.0
"""Seconds between two looks for lessons that were archived meanwhile."""

BATCH_PAUSE = 0.1
"""Seconds between two batches, so that bookings and journals are written in between."""


async def keep_figures(db: Database, clock: Clock, policy: AttendancePolicy) -> None:
    """Run until cancelled."""
    while True:
        try:
            left = await settle(db, clock(), policy)
        except Exception as error:
            log_fault(
                LOG, f"figures of past lessons were not stored; next try in {ROUND:.0f} s", error
            )
            left = 0
        await asyncio.sleep(BATCH_PAUSE if left else ROUND)
