"""What people ask of the relay nodes: close a lesson's stage, turn somebody away, how are you.

An order that a node could not hear waits in `<data>/orders.json` until the node answers again or
the order's own time is over, so that a node cut off for an hour still learns that a lesson ended.
"""

import asyncio
import contextlib
import json
import logging
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from media.contract.stats import NodeStats
from scheduler.kernel.clock import Clock
from server.config.settings import NodeSettings
from server.process.files import write_whole
from server.process.log import bound
from server.relays.control import ControlClient, NodeRefused, NodeUnreachable
from web.kit.ports import NodeStatus

LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Order:
    """Something one node has to be told; of no use after `until` (Unix seconds)."""

    node: str
    kind: Literal["close", "revoke"]
    names: tuple[str, ...]  # the stage, or the terminals
    reason: str
    until: float

    def concerns_the_same(self, other: "Order") -> bool:
        """Whether the later of the two replaces the earlier."""
        mine, theirs = (self.node, self.kind, self.names), (other.node, other.kind, other.names)
        return mine == theirs


class OrderBook:
    """The orders that still have to be heard, kept in a small file."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self.waiting: list[Order] = _read(file)

    def add(self, order: Order) -> None:
        self.waiting.append(order)
        self._write()

    def replace_by(self, order: Order) -> None:
        """Forget what this newer order makes void."""
        kept = [earlier for earlier in self.waiting if not order.concerns_the_same(earlier)]
        if kept != self.waiting:
            self.waiting = kept
            self._write()

    def settle(self, done: Sequence[Order], now: float) -> None:
        """Drop what was heard and what is over."""
        kept = [order for order in self.waiting if order not in done and order.until > now]
        if kept != self.waiting:
            self.waiting = kept
            self._write()

    def _write(self) -> None:
        write_whole(self._file, json.dumps([asdict(order) for order in self.waiting]))


def _read(file: Path) -> list[Order]:
    if not file.exists():
        return []
    try:
        entries = json.loads(file.read_text("utf-8"))
        return [Order(**{**entry, "names": tuple(entry["names"])}) for entry in entries]
    except (ValueError, TypeError, KeyError) as error:
        LOG.warning("orders for relay nodes could not be read and are dropped: %s", error)
        return []


class NodeDesk:
    """web.kit.ports.RelayNodes over every configured node. Never raises because of a node."""

    def __init__(
        self,
        nodes: Sequence[NodeSettings],
        clients: Mapping[str, ControlClient],
        orders: OrderBook,
        clock: Clock,
    ) -> None:
        self._nodes, self._clients = tuple(nodes), clients
        self._orders, self._clock = orders, clock

    async def close_stage(self, lesson_id: str, reason: str, until: datetime) -> bool:
        return await self._tell_all("close", (lesson_id,), reason, until)

    async def revoke(self, devices: Sequence[str], until: datetime) -> bool:
        return await self._tell_all("revoke", tuple(devices), "", until)

    async def status(self) -> Sequence[NodeStatus]:
        return await asyncio.gather(*(self._status_of(node) for node in self._nodes))

    async def stats(self) -> Mapping[str, NodeStats]:
        asked = await asyncio.gather(*(self._stats_of(node.id) for node in self._nodes))
        return {node.id: found for node, found in zip(self._nodes, asked, strict=True) if found}

    async def _stats_of(self, node_id: str) -> NodeStats | None:
        try:
            return await self._clients[node_id].stats()
        except NodeUnreachable:
            return None  # its status says so
        except NodeRefused as error:
            with bound(node=node_id):
                LOG.warning("the relay node's figures cannot be read: %s", error)
            return None

    async def deliver(self, node_id: str) -> None:
        """Tell a node that answers again what it missed. Called by its supervisor."""
        mine = [order for order in self._orders.waiting if order.node == node_id]
        done = [order for order in mine if await self._tell(order)]
        self._orders.settle(done, self._now())

    async def _tell_all(
        self, kind: Literal["close", "revoke"], names: tuple[str, ...], reason: str, until: datetime
    ) -> bool:
        end = until.timestamp()
        orders = [Order(node.id, kind, names, reason, end) for node in self._nodes]
        for order in orders:
            self._orders.replace_by(order)
        heard = await asyncio.gather(*(self._tell(order) for order in orders))
        for order, ok in zip(orders, heard, strict=True):
            if not ok:
                self._orders.add(order)
        return all(heard)

    async def _tell(self, order: Order) -> bool:
        client = self._clients[order.node]
        until = datetime.fromtimestamp(order.until, UTC)
        if order.kind == "close":
            return await self._heard(
                order.node, client.close_stage(order.names[0], order.reason, until)
            )
        return await self._heard(order.node, client.revoke(order.names, until))

    async def _heard(self, node_id: str, call: Awaitable[None]) -> bool:
        try:
            await call
        except (NodeUnreachable, NodeRefused) as error:
            with bound(node=node_id):
                LOG.warning("an order did not reach the relay node: %s", error)
            return False
        return True

    async def _status_of(self, node: NodeSettings) -> NodeStatus:
        client = self._clients[node.id]
        try:
            hello = await client.hello()
        except (NodeUnreachable, NodeRefused):
            return NodeStatus(node.id, node.public)
        peers, stages = 0, hello.stages or 0
        with contextlib.suppress(NodeUnreachable, NodeRefused):  # an outdated node's may be unlike
            rosters = await client.stages()
            peers, stages = sum(map(len, rosters.values())), len(rosters)
        return NodeStatus(
            node.id, node.public, True, hello.boot, peers, stages, outdated=hello.common is None
        )

    def _now(self) -> float:
        return self._clock().timestamp()
