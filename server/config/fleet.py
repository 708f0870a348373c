"""The nodes that the blocks of config.toml stand for: a block may count for several. Pure."""

import os
import re
from collections.abc import Callable, Iterator, Sequence

from server.config.settings import ConfiguredNode, RelaySettings

NUMBERED = re.compile(r"(.*?)(\d+)")
LAST_PORT = 65535


def cores() -> int:
    """Return how many cores this process may use (in a container fewer than there are)."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def all_nodes(blocks: Sequence[ConfiguredNode], cores: int) -> tuple[ConfiguredNode, ...]:
    """Return every node in the order of the blocks, each with a count of 1."""
    return tuple(node for block in blocks for node in every_node(block, cores))


def every_node(block: ConfiguredNode, cores: int) -> list[ConfiguredNode]:
    """Return the nodes of one block: ids and ports count up, {id} in addresses is each one's."""
    found = NUMBERED.fullmatch(block.id)
    if block.count == 1 or found is None:
        return [_node(block, block.id, 0)]
    name, first = found[1], int(found[2])
    return [_node(block, f"{name}{first + n}", n) for n in range(block.count or cores)]


def _node(block: ConfiguredNode, node_id: str, step: int) -> ConfiguredNode:
    return block.model_copy(
        update={
            "id": node_id,
            "count": 1,
            "http_port": block.http_port + step,
            "udp_port": block.udp_port + step,
            "control_url": block.control_url.replace("{id}", node_id),
            "public_url": block.public_url.replace("{id}", node_id),
        }
    )


def mistakes(relay: RelaySettings, cores: int) -> Iterator[tuple[str, str]]:
    """Yield the dotted path and the sentence of what no single value is wrong about."""
    for number, block in enumerate(relay.nodes, 1):
        for key, sentence in _of_count(block, relay.spawn and block.spawn):
            yield f"relay.nodes.{number}.{key}", sentence
    nodes = [(n, one) for n, block in enumerate(relay.nodes, 1) for one in every_node(block, cores)]
    ours = [(number, node) for number, node in nodes if relay.spawn and node.spawn]
    for key in ("http_port", "udp_port"):
        for number in sorted({n for n, node in nodes if getattr(node, key) > LAST_PORT}):
            yield f"relay.nodes.{number}.{key}", f"must not count up beyond port {LAST_PORT}"
    yield from _shared(nodes, "id", lambda node: node.id)
    yield from _shared(nodes, "http_port", lambda node: node.control)
    yield from _shared(ours, "udp_port", lambda node: (node.udp_host, node.udp_port))


def _of_count(block: ConfiguredNode, spawned: bool) -> Iterator[tuple[str, str]]:
    if block.count == 0 and not spawned:
        yield "count", "must be at least 1 where spawn is false: whose cores would be counted?"
    if block.count == 1:
        return
    if not NUMBERED.fullmatch(block.id):
        yield "id", "must end in a number, from which the nodes of this block are counted"
    for name in ("control_url", "public_url"):
        if getattr(block, name) and "{id}" not in getattr(block, name):
            yield name, "must hold {id} where count is not 1"


def _shared(
    nodes: Sequence[tuple[int, ConfiguredNode]], key: str, of: Callable[[ConfiguredNode], object]
) -> Iterator[tuple[str, str]]:
    """`nodes` are pairs of a block's number and one of its nodes."""
    seen: set[object] = set()
    for number, node in nodes:
        if of(node) in seen:
            yield f"relay.nodes.{number}.{key}", "is used by another node"
        seen.add(of(node))
