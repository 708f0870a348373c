"""What the relay nodes tell of themselves: web.kit.ports.RelayNodes."""

import asyncio
import contextlib
import logging
from collections.abc import Mapping, Sequence

from media.contract.stats import NodeStats
from server.config.settings import ConfiguredNode
from server.process.log import bound
from server.relays.control import ControlClient, NodeRefused, NodeUnreachable
from web.kit.ports import NodeStatus

LOG = logging.getLogger(__name__)


class ConfiguredNodes:
    """web.kit.ports.RelayNodes over every configured node. Never raises because of a node."""

    def __init__(
        self, nodes: Sequence[ConfiguredNode], clients: Mapping[str, ControlClient]
    ) -> None:
        self._nodes, self._clients = tuple(nodes), clients

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

    async def _status_of(self, node: ConfiguredNode) -> NodeStatus:
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
