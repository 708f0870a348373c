"""What an end-to-end test waits for on a classroom's screens."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime

from tests.support.kiosk import Kiosk
from tests.support.waiting import soon

ARRIVED = """
(() => {
  const video = document.querySelector("video#picture");
  return [video.getVideoPlaybackQuality().totalVideoFrames, performance.now() / 1000];
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


async def frames_arrived(kiosk: Kiosk) -> tuple[int, float]:
    """Return how many frames reached the picture, shown or not, and the page's clock in seconds."""
    count, seconds = await kiosk.look(ARRIVED)
    return int(count), float(seconds)


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
