"""What relay nodes have to be told after an event, and what they have not heard yet.

An order is written in the transaction that moves the reader's position past its event, and goes
when the node has acknowledged it, or when it is of no use any more. So it reaches the node at
least once whatever dies in between; the node takes it twice without harm.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from scheduler.events.kinds import Event, EventKind
from scheduler.kernel.database import Database
from scheduler.lessons.events import end_after, state_after
from scheduler.lessons.states import LessonState
from scheduler.lessons.windows import CLOSED_FOR, TICKETS_LAST
from scheduler.placement.tables import RelayOrder


class OrderKind(StrEnum):
    CLOSE = "close"  # the stage of a lesson that is over
    REVOKE = "revoke"  # terminals that lost their room


CLOSE_REASONS = {
    LessonState.ENDED: "ended",
    LessonState.CANCELLED: "cancelled",
    LessonState.MISSED: "missed",
}
"""The states that close a lesson's stage when it enters them, and what the terminals are told."""


@dataclass(frozen=True, slots=True)
class Order:
    """`names`: the stage, or the terminals. Of no use after `until`."""

    kind: OrderKind
    names: tuple[str, ...]
    reason: str
    until: datetime


@dataclass(frozen=True, slots=True)
class WaitingOrder:
    """An order that one node has not acknowledged."""

    id: int
    node_id: str
    order: Order


def orders_of(event: Event) -> Sequence[Order]:
    """Return what every node has to be told after this event. Pure."""
    if event.kind is EventKind.TERMINAL_REVOKE:
        until = event.at + TICKETS_LAST
        return [Order(OrderKind.REVOKE, (event.object_id,), "", until)]
    state, ends_at = state_after(event), end_after(event)
    reason = CLOSE_REASONS.get(state) if state is not None else None
    if reason is None or ends_at is None or event.before.get("state") == state:
        return []
    until = max(ends_at, event.at) + CLOSED_FOR
    return [Order(OrderKind.CLOSE, (event.object_id,), reason, until)]


async def write_orders(
    session: AsyncSession, events: Sequence[Event], node_ids: Collection[str]
) -> None:
    """Write what follows from these events for every node."""
    for event in events:
        for order in orders_of(event):
            await put_orders(session, order, node_ids, event.number)


async def put_orders(
    session: AsyncSession, order: Order, node_ids: Iterable[str], event_number: int
) -> None:
    """Write one order for each of the nodes; it replaces one of the same kind and names."""
    names = list(order.names)
    for node_id in node_ids:
        mine = select(RelayOrder).where(
            col(RelayOrder.node_id) == node_id, col(RelayOrder.kind) == order.kind
        )
        for row in await session.scalars(mine):
            if row.names == names:
                await session.delete(row)
        session.add(
            RelayOrder(
                node_id=node_id,
                kind=order.kind,
                names=names,
                reason=order.reason,
                until=order.until,
                event_number=event_number,
            )
        )


async def waiting_orders(session: AsyncSession) -> list[WaitingOrder]:
    """Return every order that waits, the oldest first."""
    rows = await session.scalars(select(RelayOrder).order_by(col(RelayOrder.id)))
    return [
        WaitingOrder(
            row.id or 0,
            row.node_id,
            Order(OrderKind(row.kind), tuple(row.names), row.reason, row.until),
        )
        for row in rows
    ]


async def forget_orders(db: Database, order_ids: Collection[int]) -> None:
    """Drop orders that were acknowledged, or whose time is over."""
    if not order_ids:
        return
    async with db.write() as session:
        await session.execute(delete(RelayOrder).where(col(RelayOrder.id).in_(order_ids)))
