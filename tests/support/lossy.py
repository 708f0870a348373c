"""A UDP path in user space that drops packets by a seeded chance (netem is not everywhere)."""

import asyncio
import random
import re
from collections.abc import Callable
from types import TracebackType
from typing import Self

Address = tuple[str, int]


class LossyPath:
    """Stands between one client and a node on 127.0.0.1. Only media is dropped, both ways."""

    def __init__(self, node_port: int, share: float, seed: int) -> None:
        self.share, self.dropped, self.passed = share, 0, 0
        self._node, self._chance = ("127.0.0.1", node_port), random.Random(seed)
        self._client: Address | None = None
        self._front: asyncio.DatagramTransport
        self._back: asyncio.DatagramTransport

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        self._front, _ = await loop.create_datagram_endpoint(
            lambda: _End(self._from_client), local_addr=("127.0.0.1", 0)
        )
        self._back, _ = await loop.create_datagram_endpoint(
            lambda: _End(self._from_node), local_addr=("127.0.0.1", 0)
        )
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._front.close()
        self._back.close()

    async def forget(self, address: str = "127.0.0.1") -> None:
        """Go on from another port towards the node, as a router does that lost its table.

        From another address, too, as one does that takes its second uplink.
        """
        older = self._back
        self._back, _ = await asyncio.get_running_loop().create_datagram_endpoint(
            lambda: _End(self._from_node), local_addr=(address, 0)
        )
        older.close()

    @property
    def port(self) -> int:
        """Where the client sends to."""
        return int(self._front.get_extra_info("sockname")[1])

    def lead_over(self, answer: str) -> str:
        """Return the answer with this path's port in its candidates."""
        old = rf"(a=candidate:.* ){self._node[1]}( typ host)"
        return re.sub(old, rf"\g<1>{self.port}\g<2>", answer)

    def _from_client(self, data: bytes, address: Address) -> None:
        self._client = address
        if self._passes(data):
            self._back.sendto(data, self._node)

    def _from_node(self, data: bytes, _address: Address) -> None:
        if self._client is not None and self._passes(data):
            self._front.sendto(data, self._client)

    def _passes(self, data: bytes) -> bool:
        """Drop RTP and RTCP (RFC 7983: first byte 128 to 191) by chance; handshakes pass."""
        if 128 <= data[0] <= 191 and self._chance.random() < self.share:
            self.dropped += 1
            return False
        self.passed += 1
        return True


class _End(asyncio.DatagramProtocol):
    def __init__(self, receive: Callable[[bytes, Address], None]) -> None:
        self._receive = receive

    def datagram_received(self, data: bytes, addr: Address) -> None:
        self._receive(data, addr)
