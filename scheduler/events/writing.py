"""Writing events: last in the transaction that they tell of, in the order of the commits.

On PostgreSQL numbers are given before the commit, so that a reader by number could pass a
transaction that is still open, and never see its events. So whoever writes events holds one lock
from just before its commit to its end (docs/decisions/0016). SQLite has one writer anyway.
"""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from scheduler.events.kinds import Event
from scheduler.events.tables import EventRow
from scheduler.kernel.database import before_commit
from scheduler.kernel.locks import hold

CHANNEL = "tongke_events"
"""PostgreSQL tells whoever listens here that there are new events (LISTEN, NOTIFY)."""

_PENDING = "events"


def emit(session: AsyncSession, event: Event) -> None:
    """Write an event when the session's transaction commits."""
    pending: list[Event] | None = session.info.get(_PENDING)
    if pending is None:
        pending = session.info[_PENDING] = []
        before_commit(session, _write)
    pending.append(event)


async def _write(session: AsyncSession) -> None:
    await session.flush()  # every other lock first: whoever waits for this one may hold those
    await hold(session, "events")
    for event in session.info[_PENDING]:
        session.add(_row(event))
        await session.flush()
    if session.get_bind().dialect.name == "postgresql":
        await session.execute(text(f"NOTIFY {CHANNEL}"))


def _row(event: Event) -> EventRow:
    return EventRow(
        at=event.at,
        kind=str(event.kind),
        account_id=event.actor_id,
        address=event.address,
        object_id=event.object_id,
        summary=event.summary,
        topics=[str(topic) for topic in event.topics],
        before=dict(event.before),
        after=dict(event.after),
    )
