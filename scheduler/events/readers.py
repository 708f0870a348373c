"""Readers: what must follow an event, however often the process dies on the way there.

A reader is done with an event when its position, stored in the transaction of what it wrote,
has passed it. So what it writes is written once.
"""

from collections.abc import Awaitable, Callable, Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from scheduler.events.kinds import Event
from scheduler.events.reading import events_after
from scheduler.events.tables import ReaderPosition
from scheduler.kernel.database import Database
from scheduler.kernel.locks import hold

BATCH = 200

Handle = Callable[[AsyncSession, Sequence[Event]], Awaitable[None]]


class EventReader:
    """Reads on from a stored position; `handle` writes what must follow, with the session given.

    Two processes may run the reader of one name: they take turns.
    """

    def __init__(self, db: Database, name: str, handle: Handle) -> None:
        self._db, self._name, self._handle = db, name, handle

    async def step(self) -> bool:
        """Take one batch; return whether there was anything."""
        async with self._db.read() as session:
            position = await session.get(ReaderPosition, self._name)
            behind = await events_after(session, position.number if position else 0, 1)
        return bool(behind) and await self._db.transact(self._take)

    async def _take(self, session: AsyncSession) -> bool:
        await hold(session, f"reader {self._name}")
        position = await session.get(ReaderPosition, self._name, populate_existing=True)
        if position is None:
            position = ReaderPosition(reader=self._name, number=0)
            session.add(position)
        events = await events_after(session, position.number, BATCH)
        if events:
            await self._handle(session, events)
            position.number = events[-1].number
        return bool(events)
