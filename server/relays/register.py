"""Keeps the table of nodes as last seen, and hands a node that is back what it missed."""

import logging
from collections.abc import Mapping

from sqlalchemy.ext.asyncio import AsyncSession

from media.contract.control import NodeHello
from scheduler.kernel.availability import DatabaseUnavailable
from scheduler.kernel.clock import Clock
from scheduler.kernel.database import Database
from scheduler.placement.tables import Node
from server.config.settings import ConfiguredNode
from server.relays.delivery import OrderDelivery

LOG = logging.getLogger(__name__)


class NodeRegister:
    """Called by a supervisor whenever its node answers anew."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        nodes: Mapping[str, ConfiguredNode],
        delivery: OrderDelivery,
    ) -> None:
        self._db, self._clock, self._nodes, self._delivery = db, clock, nodes, delivery

    async def node_ready(self, node_id: str, hello: NodeHello) -> None:
        """Write the node's row and have waiting orders delivered."""

        async def work(session: AsyncSession) -> None:
            row = await session.get(Node, node_id) or Node(id=node_id)
            row.boot, row.public_url = hello.boot, self._nodes[node_id].public
            row.last_seen_at = self._clock()
            session.add(row)

        try:
            await self._db.transact(work)
        except DatabaseUnavailable as error:  # the node works without its row
            LOG.warning("when the node was seen is not noted: %s", error)
        self._delivery.wake()
