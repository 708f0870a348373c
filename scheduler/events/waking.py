"""Waking the readers of events: in process, and by LISTEN on PostgreSQL. A poll stands behind both.

A wake-up carries nothing: whoever wakes reads on from its position. A lost one costs the time to
the next poll, a doubled one a query.
"""

import asyncio
import logging
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import SQLAlchemyError

from scheduler.events.writing import CHANNEL
from scheduler.kernel.database import Database

LOG = logging.getLogger(__name__)

RECONNECT = 5.0
"""Seconds until the next try at a connection to listen on."""


class Waiter:
    """One reader's wake-ups; those that come while it works are kept as one."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def set(self) -> None:
        self._event.set()

    async def wait(self, seconds: float) -> None:
        """Return at a wake-up, or after so many seconds."""
        try:
            await asyncio.wait_for(self._event.wait(), seconds)
        except TimeoutError:
            return
        self._event.clear()


class Waking:
    """Wakes everybody who waits whenever this database was written to."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._waiters: set[Waiter] = set()
        db.on_commit(self.wake)

    def wake(self) -> None:
        for waiter in self._waiters:
            waiter.set()

    @contextmanager
    def waiter(self) -> Iterator[Waiter]:
        """Yield a waiter that is woken from now on."""
        waiter = Waiter()
        self._waiters.add(waiter)
        try:
            yield waiter
        finally:
            self._waiters.discard(waiter)

    async def listen(self) -> None:
        """Hear of other processes' commits for ever. Does nothing where nobody can tell of them."""
        if self._db.is_sqlite:
            return
        while True:
            try:
                async with self._db.listening(CHANNEL, self.wake) as lost:
                    self.wake()  # what came while nobody listened
                    await lost.wait()
                LOG.warning("the connection that tells of new events was lost")
            except SQLAlchemyError as error:
                LOG.warning("nobody tells of new events: %s", error)
            await asyncio.sleep(RECONNECT)
