"""What follows events: orders for relay nodes, the alarm clock, live pages.

Orders must follow whatever dies on the way: their reader has a stored position. The alarm clock
and the pages of this process need only what happens while it lives, for at its start the clock
looks at everything and every page reads the database.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from scheduler.events.kinds import TIMETABLE, Event, EventKind
from scheduler.events.readers import BATCH, EventReader
from scheduler.events.reading import events_after, newest_number
from scheduler.events.waking import Waking
from scheduler.kernel.database import Database
from scheduler.lessons.events import state_after
from scheduler.placement.orders import write_orders
from server.process.log import bound
from server.process.pauses import Pauses, log_fault
from server.relays.delivery import OrderDelivery
from web.kit.live import LiveHub

LOG = logging.getLogger(__name__)

RELAY_ORDERS = "relay orders"
"""The reader's name in the table of positions."""

POLL = 2.0
"""Seconds between two looks when nobody woke us: another process may have written."""


class OrderWriter:
    """Writes what relay nodes have to be told, and wakes their delivery."""

    def __init__(self, db: Database, node_ids: Sequence[str], delivery: OrderDelivery) -> None:
        self._node_ids, self._delivery = tuple(node_ids), delivery
        self._reader = EventReader(db, RELAY_ORDERS, self._write)

    async def _write(self, session: AsyncSession, events: Sequence[Event]) -> None:
        await write_orders(session, events, self._node_ids)

    async def step(self) -> bool:
        """Take one batch of events; return whether there was anything."""
        found = await self._reader.step()
        if found:
            self._delivery.wake()
        return found


class News:
    """Tells the pages of this process and sets the alarm clock."""

    def __init__(self, db: Database, hub: LiveHub, ring: Callable[[], Awaitable[None]]) -> None:
        self._db, self._hub, self._ring = db, hub, ring
        self._number: int | None = None

    async def begin(self) -> None:
        """From here on; call it before the first page can be asked for."""
        async with self._db.read() as session:
            self._number = await newest_number(session)

    async def step(self) -> bool:
        """Take one batch of events; return whether there was anything."""
        if self._number is None:
            await self.begin()
        async with self._db.read() as session:
            events = await events_after(session, self._number or 0, BATCH)
        if not events:
            return False
        self._number = events[-1].number
        if any(event.kind in TIMETABLE for event in events):
            await self._ring()
        for event in events:
            _log(event)
            for topic in event.topics:
                self._hub.publish(topic)
        return True


async def follow(name: str, step: Callable[[], Awaitable[bool]], waking: Waking) -> None:
    """Run a reader for ever: at each wake-up, and every POLL seconds besides."""
    pauses = Pauses()
    with waking.waiter() as woken:
        while True:
            try:
                while await step():
                    pass
                pauses.after_success()
            except SQLAlchemyError as error:
                log_fault(LOG, f"{name}: the events could not be read; they are read again", error)
                await asyncio.sleep(pauses.after_fault())
            await woken.wait(POLL)


def _log(event: Event) -> None:
    if event.kind is EventKind.LESSON_STEP:
        with bound(lesson=event.object_id):
            LOG.info("the lesson is %s", state_after(event))
