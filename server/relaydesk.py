"""What people ask of the relay nodes: close a lesson's stage, turn somebody away, how are you.

An order that a node could not hear waits in `<data>/orders.json` until the node answers again or
the order's own time is over, so that a node cut off for an hour still learns that a lesson ended.
"""

import asyncio
import json
import logging
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from scheduler.clock import Clock
from server.control import ControlClient, NodeRefused, NodeUnreachable
from server.files import write_whole
from server.log import bound
from server.settings import NodeSettings

LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Order:
    """Something one node has to be told. `until` is Unix seconds."""

    node: str
    kind: Literal["close", "revoke"]
    names: tuple[str, ...]  # the stage, or the subjects
    reason: str
    until: float


class OrderBook:
    """The orders that still have to be heard, kept in a small file."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self.waiting: list[Order] = _read(file)

    def add(self, order: Order) -> None:
        self.waiting.append(order)
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
    """web.ports.RelayDesk over every configured node. Never raises because of a node."""

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

    async def revoke(self, subjects: Sequence[str], until: datetime) -> bool:
        return await self._tell_all("revoke", tuple(subjects), "", until)

    async def reopen_stage(self, lesson_id: str) -> None:
        """Let a stage be opened again (a lesson that was moved); what waits to close it is void."""
        void = [o for o in self._orders.waiting if o.kind == "close" and o.names == (lesson_id,)]
        self._orders.settle(void, self._now())
        for node in self._nodes:
            await self._heard(node.id, self._clients[node.id].reopen_stage(lesson_id))

    async def status(self) -> Sequence[Mapping[str, Any]]:
        return await asyncio.gather(*(self._status_of(node) for node in self._nodes))

    async def deliver(self, node_id: str) -> None:
        """Tell a node that answers again what it missed. Called by its supervisor."""
        mine = [order for order in self._orders.waiting if order.node == node_id]
        done = [order for order in mine if await self._tell(order)]
        self._orders.settle(done, self._now())

    async def _tell_all(
        self, kind: Literal["close", "revoke"], names: tuple[str, ...], reason: str, until: datetime
    ) -> bool:
        orders = [Order(n.id, kind, names, reason, until.timestamp()) for n in self._nodes]
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

    async def _status_of(self, node: NodeSettings) -> Mapping[str, Any]:
        client = self._clients[node.id]
        entry: dict[str, Any] = {"id": node.id, "url": node.public, "reachable": False}
        entry |= {"boot": "", "peers": 0, "stages": 0}
        try:
            hello, stages = await asyncio.gather(client.hello(), client.stages())
        except (NodeUnreachable, NodeRefused):
            return entry
        peers = sum(len(roster) for roster in stages.values())
        return entry | {
            "reachable": True,
            "boot": hello.boot,
            "peers": peers,
            "stages": len(stages),
        }

    def _now(self) -> float:
        return self._clock().timestamp()
