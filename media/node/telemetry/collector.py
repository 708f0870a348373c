"""When garbage is collected: never during a lesson, always once nobody publishes."""

import asyncio
import ctypes
import gc

from media import clock
from media.httpd.ratelimit import RequestLimits
from media.node.node import RelayNode

PAUSE = 60.0
"""Seconds between two checks whether nobody publishes. Between lessons there are ten minutes."""


def set_collector_thresholds() -> None:
    """Keep the cyclic collector away from what lives for ever, and from the packet path.

    Packets are tuples of numbers and bytes: they make no cycles, but each of them counts towards
    the next collection, and a full one stops every lesson for tens of milliseconds.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


def nobody_publishes(node: RelayNode) -> bool:
    """Return whether no stage has a publisher: a pause of the process harms no lesson then."""
    return not any(stage.publishers for stage in node.stages.values())


async def collect_between_lessons(
    node: RelayNode, limits: RequestLimits, pause: float = PAUSE
) -> None:
    """Collect what is left over, mostly of WebSockets that were open for a lesson, until cancelled.

    Peers are freed without us (`Peer.release`); aiohttp's requests know each other in circles.
    """
    while True:
        await asyncio.sleep(pause)
        if nobody_publishes(node):
            limits.forget_full(clock.mono())
            gc.collect()
            return_freed_pages()


def return_freed_pages() -> None:
    """Give freed memory back to the kernel, 2 ms for 30 MB (malloc_trim(3); other C libraries
    than glibc have none).

    By itself glibc keeps whatever lies below something that lives: after a full lesson that is
    every page its peers had, and the node would look as if it leaked.
    """
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
