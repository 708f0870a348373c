"""An uplink in user space: so many bits a second, so long a queue, so far away, so lossy.

Stands between one client and a node on 127.0.0.1, as a village's line does. Every datagram passes
through the same queue; what finds it full is dropped (a router's tail drop).
"""

import asyncio
import random
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType

from tests.support.lossy import Address, LossyPath

OVERHEAD = 28
"""Octets of IPv4 and UDP around a datagram, which a line carries too."""


@dataclass
class Line:
    """One direction: `rate` in bit/s (None: as fast as it comes), `delay` and `queue` in seconds.

    What would wait longer than `queue` is dropped; so is the share `loss` of all that comes.
    """

    rate: int | None = None
    queue: float = 0.3
    delay: float = 0.0
    loss: float = 0.0
    chance: random.Random = field(default_factory=lambda: random.Random(1))
    passed: int = 0
    dropped: int = 0
    _free_at: float = 0.0

    def take(self, size: int, now: float) -> float | None:
        """Take a datagram of `size` octets; return when it arrives, None when it never does."""
        starts = max(self._free_at, now)
        if starts - now > self.queue or self.chance.random() < self.loss:
            self.dropped += 1
            return None
        self.passed += 1
        takes = 8 * (size + OVERHEAD) / self.rate if self.rate else 0.0
        self._free_at = starts + takes
        return self._free_at + self.delay


class Bottleneck(LossyPath):
    """`up` is the way to the node, `down` the way back. Both may be changed while packets flow."""

    def __init__(self, node_port: int, up: Line, down: Line) -> None:
        super().__init__(node_port, share=0.0, seed=0)
        self.up, self.down = up, down
        self._to_node = _Conveyor(lambda data: self._back.sendto(data, self._node))
        self._to_client = _Conveyor(self._deliver)

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for conveyor in (self._to_node, self._to_client):
            conveyor.stop()
        await super().__aexit__(kind, error, trace)

    def _from_client(self, data: bytes, address: Address) -> None:
        self._client = address
        self._to_node.carry(data, self.up)

    def _from_node(self, data: bytes, _address: Address) -> None:
        self._to_client.carry(data, self.down)

    def _deliver(self, data: bytes) -> None:
        if self._client is not None:
            self._front.sendto(data, self._client)


class _Conveyor:
    """Hands datagrams over when their time has come, in their order."""

    def __init__(self, deliver: Callable[[bytes], None]) -> None:
        self._deliver = deliver
        self._waiting: deque[tuple[float, bytes]] = deque()
        self._running = True

    def stop(self) -> None:
        """Let go of what waits, and take no more."""
        self._running = False
        self._waiting.clear()

    def carry(self, data: bytes, line: Line) -> None:
        loop = asyncio.get_running_loop()
        arrives = line.take(len(data), loop.time())
        if arrives is None or not self._running:
            return
        self._waiting.append((arrives, data))
        if len(self._waiting) == 1:
            loop.call_at(arrives, self._hand_over)

    def _hand_over(self) -> None:
        loop = asyncio.get_running_loop()
        while self._waiting and self._waiting[0][0] <= loop.time():
            self._deliver(self._waiting.popleft()[1])
        if self._waiting:
            loop.call_at(self._waiting[0][0], self._hand_over)
