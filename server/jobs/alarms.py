"""The alarm clock: rings when a lesson's next state is due, and every half minute besides.

The database is the schedule (docs/lessons.md). An alarm knows nothing: it calls `reconcile`,
which looks at what is overdue, and sets the next alarm by what `reconcile` says. So a missed,
doubled or late alarm changes nothing.
"""

import asyncio
import logging
from datetime import UTC, datetime

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from scheduler.kernel.clock import Clock
from scheduler.kernel.database import Database
from scheduler.lessons.timing import Timing
from scheduler.lifecycle.reconcile import reconcile
from server.process.pauses import log_fault

LOG = logging.getLogger(__name__)

ROUND, NEXT = "round", "next"


class AlarmClock:
    """Rings `reconcile`. What follows from it is in the events that it writes."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        timing: Timing,
        every: float,
    ) -> None:
        self._db, self._clock, self._timing, self._every = db, clock, timing, every
        self._one_at_a_time = asyncio.Lock()
        # misfire_grace_time: by default APScheduler 3 skips a job that is over a second late.
        defaults = {"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
        self._alarms = AsyncIOScheduler(timezone=UTC, job_defaults=defaults)

    async def start(self) -> None:
        """Do what is overdue, then keep ringing."""
        self._alarms.start()
        self._alarms.add_job(self.ring, "interval", seconds=self._every, id=ROUND)
        await self.ring()

    def stop(self) -> None:
        """Ring no more."""
        self._alarms.shutdown(wait=False)

    async def ring(self) -> None:
        """Reconcile now and set the next alarm. A failure is logged; the next round tries again."""
        async with self._one_at_a_time:
            try:
                done = await reconcile(self._db, self._clock(), self._timing)
                self._arm(done.next_due)
            except Exception as error:
                log_fault(LOG, "the timetable could not be brought up to date", error)

    def _arm(self, due: datetime | None) -> None:
        if due is not None:
            self._alarms.add_job(self.ring, "date", run_date=due, id=NEXT, replace_existing=True)
        elif self._alarms.get_job(NEXT):
            self._alarms.remove_job(NEXT)
