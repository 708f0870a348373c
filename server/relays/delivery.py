"""Gives relay nodes the orders that wait for them (scheduler.placement.orders).

An order that a node could not be told waits in the database until the node answers again or the
order's own time is over, so that a node cut off for an hour still learns that a lesson ended.
"""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from itertools import groupby

from sqlalchemy.exc import SQLAlchemyError

from scheduler.kernel.clock import Clock
from scheduler.kernel.database import Database
from scheduler.placement.orders import OrderKind, WaitingOrder, forget_orders, waiting_orders
from server.process.log import bound
from server.process.pauses import Pauses, log_fault
from server.relays.control import ControlClient, NodeRefused, NodeUnreachable

LOG = logging.getLogger(__name__)

EVERY = 2.0
"""Seconds between two looks: a node may answer again, another process may have written."""


class OrderDelivery:
    """Tells every node in the order of the orders, each node by itself."""

    def __init__(self, db: Database, clock: Clock, clients: Mapping[str, ControlClient]) -> None:
        self._db, self._clock, self._clients = db, clock, clients
        self._wanted = asyncio.Event()
        self._failed: set[str] = set()  # nodes that did not take their last order

    def wake(self) -> None:
        """There are new orders, or a node that answers again."""
        self._wanted.set()

    async def run(self) -> None:
        """Deliver for ever."""
        pauses = Pauses()
        while True:
            self._wanted.clear()
            try:
                await self.deliver()
                pauses.after_success()
            except SQLAlchemyError as error:
                log_fault(LOG, "orders for relay nodes could not be read or settled", error)
                await asyncio.sleep(pauses.after_fault())
            try:
                await asyncio.wait_for(self._wanted.wait(), EVERY)
            except TimeoutError:
                continue

    async def deliver(self) -> None:
        """Tell the nodes what waits for them."""
        now = self._clock()
        async with self._db.read() as session:
            orders = await waiting_orders(session)
        useless = [one.id for one in orders if one.order.until <= now]
        waiting = sorted(
            (one for one in orders if one.order.until > now), key=lambda one: one.node_id
        )
        by_node = [list(group) for _, group in groupby(waiting, lambda one: one.node_id)]
        told = await asyncio.gather(*(self._tell_node(mine) for mine in by_node))
        done = [order_id for ids in told for order_id in ids]
        await forget_orders(self._db, [*useless, *done])

    async def _tell_node(self, orders: Sequence[WaitingOrder]) -> list[int]:
        """Tell one node its orders, the oldest first; return those that it acknowledged."""
        node_id = orders[0].node_id
        client = self._clients.get(node_id)
        if client is None:  # no longer configured: the order's time will run out
            return []
        done: list[int] = []
        with bound(node=node_id):
            for one in orders:
                try:
                    await _tell(client, one)
                except (NodeUnreachable, NodeRefused) as error:
                    self._note_failure(node_id, error)
                    break
                self._failed.discard(node_id)
                done.append(one.id)
        return done

    def _note_failure(self, node_id: str, error: Exception) -> None:
        if node_id not in self._failed:  # said once, and again after the node was told something
            LOG.warning("an order did not reach the relay node and is repeated: %s", error)
        self._failed.add(node_id)


async def _tell(client: ControlClient, one: WaitingOrder) -> None:
    """Raises NodeUnreachable, NodeRefused."""
    order = one.order
    if order.kind is OrderKind.CLOSE:
        await client.close_stage(order.names[0], order.reason, order.until)
    else:
        await client.revoke(order.names, order.until)
