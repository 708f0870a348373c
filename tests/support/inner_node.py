"""A relay node in the test's own process, where its tables and its peers can be looked into."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from media.node.node import RelayNode
from media.node.settings import parse_settings
from tests.support.offer import Credentials, write_offer
from tests.support.tickets import TicketMint

FINGERPRINT = ":".join(["AB"] * 32)
"""Of no certificate: who offers it is never secured."""


@asynccontextmanager
async def inner_node(folder: Path, mint: TicketMint) -> AsyncIterator[RelayNode]:
    """Run a node that takes the mint's tickets, on a UDP port that the kernel chose."""
    (folder / "keys.json").write_text(json.dumps(mint.jwks()))
    (folder / "secret").write_text("x" * 32)
    words = ["--id", "n1", "--udp-port", "0", "--data", str(folder / "data")]
    words += ["--keys", str(folder / "keys.json"), "--secret-file", str(folder / "secret")]
    node = RelayNode(parse_settings(words))
    await node.start()
    try:
        yield node
    finally:
        await node.stop()


def offer(kinds: tuple[str, ...], direction: str) -> str:
    """Return the SDP of a peer that will never be heard of again."""
    return write_offer(kinds, direction, Credentials(), FINGERPRINT)
