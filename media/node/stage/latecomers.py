"""Viewers who come in mid-lesson: their numbering, and the newest keyframe shown from the cache."""

import asyncio
import secrets
from collections.abc import Collection

from media import clock
from media.node.session.negotiation import OfferedTrack
from media.stage.subscriptions.catchup import PAUSE
from media.stage.subscriptions.subscriber import Outlet, Subscriber
from media.stage.timeline.timeline import MAX_LATE
from media.stage.track import Track


def new_subscriber(outlet: Outlet, place: OfferedTrack, cname: str) -> Subscriber:
    """Return a subscriber with random numbers of its own for a section of a viewer's offer."""
    return Subscriber(
        outlet=outlet,
        ssrc=secrets.randbits(31) | 1,
        payload_types={name: codec.payload_type for name, codec in place.codecs.items()},
        first_sequence=MAX_LATE + secrets.randbits(14),
        timestamp_offset=secrets.randbits(30),
        cname=cname,
    )


class Latecomers:
    """Sends the cache to every viewer that is catching up, a chunk at a time."""

    def __init__(self, tracks: Collection[Track]) -> None:
        self._tracks = tracks
        self._showing: asyncio.Task[None] | None = None

    def start(self) -> None:
        """A viewer has subscribed: send chunks until none is catching up."""
        if self._showing is None or self._showing.done():
            self._showing = asyncio.create_task(self._show())

    async def _show(self) -> None:
        while self._show_chunk():  # noqa: ASYNC110 - a pace, not a wait for something
            await asyncio.sleep(PAUSE)

    def _show_chunk(self) -> bool:
        remaining = [track.replay(clock.mono()) for track in self._tracks]
        return any(remaining)
