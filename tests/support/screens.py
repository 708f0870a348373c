"""What an end-to-end test waits for on a classroom's screens."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import NamedTuple

from tests.support.kiosk import Kiosk
from tests.support.waiting import soon

COUNTED = """
(() => {
  const video = document.querySelector("video#picture");
  const quality = video.getVideoPlaybackQuality();
  return [quality.totalVideoFrames, quality.droppedVideoFrames, performance.now() / 1000];
})()
"""


def in_state(kiosk: Kiosk, *states: str) -> Callable[[], Awaitable[bool]]:
    """Return a question: is the screen in one of these states?"""

    async def holds() -> bool:
        return (await kiosk.state()).get("state") in states

    return holds


async def frames(kiosk: Kiosk) -> int:
    """Return how many frames the screen has decoded since it joined."""
    return int((await kiosk.state()).get("frames", 0))


class FrameCount(NamedTuple):
    """Frames that reached a picture, those of them that were not shown, and the page's clock."""

    arrived: int
    dropped: int
    seconds: float


async def frames_counted(kiosk: Kiosk) -> FrameCount:
    """Return what the page's picture has counted so far."""
    return FrameCount(*await kiosk.look(COUNTED))


def has_frames(kiosk: Kiosk, count: int) -> Callable[[], Awaitable[bool]]:
    async def holds() -> bool:
        return await frames(kiosk) > count

    return holds


async def pictures_again(kiosks: Mapping[str, Kiosk], seconds: float) -> dict[str, datetime]:
    """Wait until each screen has noticed a loss and plays again; return when each one did."""

    async def seen_again(name: str, kiosk: Kiosk) -> datetime:
        await soon(in_state(kiosk, "LOST", "JOINING"), 3, f"{name} notices")
        return await soon(in_state(kiosk, "LIVE"), seconds, f"{name} sees a picture again")

    moments = await asyncio.gather(*(seen_again(*pair) for pair in kiosks.items()))
    return dict(zip(kiosks, moments, strict=True))
