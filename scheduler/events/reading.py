"""Reading events in the order of their commits."""

from collections.abc import Iterable

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from scheduler.events.kinds import Event, EventKind
from scheduler.events.tables import EventRow
from scheduler.events.topics import Topic, parse_topic


async def events_after(session: AsyncSession, number: int, limit: int) -> list[Event]:
    """Return at most `limit` events whose number is above `number`, in their order."""
    query = select(EventRow).where(col(EventRow.number) > number)
    rows = await session.scalars(query.order_by(col(EventRow.number)).limit(limit))
    return [event_of(row) for row in rows]


async def newest_number(session: AsyncSession) -> int:
    """Return the number of the newest event, 0 when there is none."""
    return await session.scalar(select(func.max(col(EventRow.number)))) or 0


def event_of(row: EventRow) -> Event:
    """Return a row as the typed event that was written."""
    return Event(
        kind=EventKind(row.kind) if row.kind in _KINDS else row.kind,
        at=row.at,
        topics=tuple(_known(row.topics)),
        actor_id=row.account_id,
        address=row.address,
        object_id=row.object_id,
        summary=row.summary,
        before=row.before,
        after=row.after,
        number=row.number or 0,
    )


_KINDS = frozenset(EventKind)


def _known(written: Iterable[str]) -> Iterable[Topic]:
    """Yield the topics; one of a kind that only a newer version knows concerns nobody here."""
    for text in written:
        try:
            yield parse_topic(text)
        except ValueError:
            continue
