"""What the process costs: CPU over forwarded packets of the last seconds, sampled once a second."""

import asyncio
from collections import deque
from collections.abc import Mapping

from aiohttp import web as http

from media import clock
from media.node.node import RelayNode
from media.node.session.viewer import Viewer

WINDOW = 10
"""Seconds looked back. One alone is as much as its garbage collection or its report."""

EVERY = 1.0


class Load:
    """`packets_sent` counts RTP to everybody who was ever here."""

    def __init__(self) -> None:
        self.packets_sent = 0
        self._counted: Mapping[str, int] = {}
        self._samples: deque[tuple[float, float, int]] = deque(maxlen=WINDOW + 1)

    def sample(self, now: float, cpu: float, packets: Mapping[str, int]) -> None:
        """Take monotonic time, the process's CPU seconds, and each viewer's packets so far.

        What a viewer was sent between the last sample and its leaving stays uncounted.
        """
        before, self._counted = self._counted, packets
        self.packets_sent += sum(count - before.get(id_, 0) for id_, count in packets.items())
        self._samples.append((now, cpu, self.packets_sent))

    @property
    def utilization(self) -> float:
        """Return how many cores the process kept busy; 0 before the second sample."""
        seconds, cpu, _packets = self._passed()
        return cpu / seconds if seconds > 0 else 0.0

    @property
    def per_packet(self) -> float | None:
        """Return seconds of CPU a forwarded packet; None when none was forwarded."""
        _seconds, cpu, packets = self._passed()
        return cpu / packets if packets > 0 else None

    def _passed(self) -> tuple[float, float, int]:
        if not self._samples:
            return 0.0, 0.0, 0
        (start, cpu, packets), (now, cpu_now, packets_now) = self._samples[0], self._samples[-1]
        return now - start, cpu_now - cpu, packets_now - packets


LOAD = http.AppKey("load", Load)


async def measure(node: RelayNode, load: Load) -> None:
    """Sample the node once a second, until cancelled."""
    while True:
        viewers = [peer for _stage, peer in node.sessions.values() if isinstance(peer, Viewer)]
        load.sample(clock.mono(), clock.cpu(), {peer.id: peer.packets for peer in viewers})
        await asyncio.sleep(EVERY)
