"""A live source as tracks: each WHIP session gets its own pair, the source goes on behind them."""

import asyncio
from collections.abc import Callable
from fractions import Fraction
from typing import Any
from weakref import WeakSet

import av
from aiortc import MediaStreamTrack

from media.client.rtsp.pull import Unit

CLOCKS = {"video": 90000, "audio": 48000}
BACKLOG = 400
"""Packets that wait for a sender before they are given up (a node that takes none)."""

FRESH = 2.0
"""Seconds after which a source that gives nothing no longer counts as playing."""


class FeedTrack(MediaStreamTrack):
    """One stream of the source from the next random access point on. `recv` waits for a packet."""

    def __init__(self, kind: str) -> None:
        super().__init__()
        self.kind = kind
        self.sent = 0
        self._queue: asyncio.Queue[Unit] = asyncio.Queue()
        self._asked = self._begun = False
        self._last = -1

    def take(self, unit: Unit) -> None:
        """Take the source's next packet. Nothing is kept before the first `recv`."""
        if self._queue.qsize() >= BACKLOG:
            self._queue, self._begun = asyncio.Queue(), False
        self._begun = self._begun or self.kind == "audio" or unit.keyframe
        if self._asked and self._begun:
            self._queue.put_nowait(unit)

    async def recv(self) -> "av.Packet[Any]":
        """Return the next packet; its `pts` counts the source's timeline and only grows."""
        if not self._asked:
            self._asked, self._begun = True, False
        unit = await self._queue.get()
        packet = av.Packet(unit.data)
        self._last = max(self._last + 1, round(unit.at * CLOCKS[self.kind]))
        packet.pts = packet.dts = self._last
        packet.time_base = Fraction(1, CLOCKS[self.kind])
        self.sent += 1
        return packet


class Feed:
    """Spreads the source's packets; knows when the last picture and the last sound came."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.size = (0, 0)
        self._clock = clock
        self._tracks: WeakSet[FeedTrack] = WeakSet()
        self._picture_at: float | None = None
        self._sound_at: float | None = None
        self._loudness = 0.0

    def take(self, unit: Unit) -> None:
        """Take one packet; to be called in the loop's thread."""
        if unit.kind == "video":
            self._picture_at, self.size = self._clock(), (unit.width, unit.height)
        else:
            self._sound_at, self._loudness = self._clock(), unit.loudness
        for track in tuple(self._tracks):
            if track.kind == unit.kind and track.readyState == "live":
                track.take(unit)

    def program(self) -> "FeedProgram":
        """Return tracks for one more session."""
        program = FeedProgram(self)
        self._tracks |= {program.sound, program.picture}
        return program

    @property
    def playing(self) -> bool:
        """Whether pictures came within the last moments."""
        return self._is_fresh(self._picture_at)

    @property
    def loudness(self) -> float:
        """RMS of the latest sound (0 to 1), 0 where none came lately."""
        return self._loudness if self._is_fresh(self._sound_at) else 0.0

    def _is_fresh(self, at: float | None) -> bool:
        return at is not None and self._clock() - at < FRESH


class FeedProgram:
    """What one session publishes of the source (media.client.session.publisher.Program)."""

    def __init__(self, feed: Feed) -> None:
        self.sound, self.picture = FeedTrack("audio"), FeedTrack("video")
        self._feed = feed

    @property
    def frames(self) -> int:
        return self.picture.sent

    @property
    def size(self) -> tuple[int, int]:
        return self._feed.size if self.frames else (0, 0)

    @property
    def audio_level(self) -> float:
        return self._feed.loudness if self.sound.sent else 0.0

    @property
    def playing(self) -> bool:
        return self.frames > 0 and self._feed.playing
