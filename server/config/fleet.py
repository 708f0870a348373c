"""The nodes that the blocks of config.toml stand for: a block may count for several. Pure."""

import os
import re
from collections.abc import Sequence
from dataclasses import replace

from server.config.settings import NodeSettings

NUMBERED = re.compile(r"(.*?)(\d+)")


def cores() -> int:
    """Return how many cores this process may use (in a container fewer than there are)."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def all_nodes(blocks: Sequence[NodeSettings], cores: int) -> tuple[NodeSettings, ...]:
    """Return every node in the order of the blocks, each with a count of 1."""
    return tuple(node for block in blocks for node in every_node(block, cores))


def every_node(block: NodeSettings, cores: int) -> list[NodeSettings]:
    """Return the nodes of one block: ids and ports count up, {id} in addresses is each one's."""
    if block.count == 1:
        return [_named(block, block.id)]
    found = NUMBERED.fullmatch(block.id)
    if found is None:
        raise ValueError(f"{block.id} does not end in a number")
    name, first = found[1], int(found[2])
    return [
        _named(
            replace(
                block, http_port=block.http_port + step, udp_port=block.udp_port + step, count=1
            ),
            f"{name}{first + step}",
        )
        for step in range(block.count or cores)
    ]


def may_be_numbered(node_id: str) -> bool:
    """Whether a block of this id can stand for several nodes."""
    return NUMBERED.fullmatch(node_id) is not None


def _named(node: NodeSettings, node_id: str) -> NodeSettings:
    return replace(
        node,
        id=node_id,
        control_url=node.control_url.replace("{id}", node_id),
        public_url=node.public_url.replace("{id}", node_id),
    )
