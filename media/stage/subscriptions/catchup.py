"""How a latecomer catches up: the cache from its newest keyframe on, as fast as its line may take.

The packets keep their timestamps. Shrinking the distances between them was tried, for players that
keep time: Chromium 156 is in the present either way, it shows at once what is late.
"""

from collections.abc import Iterator, Sequence

from media.stage.outcome import NEVER
from media.stage.packet import StagePacket
from media.stage.subscriptions.audience import Audience
from media.stage.subscriptions.cache import PacketCache
from media.stage.subscriptions.subscriber import Progress, Subscriber

CHUNK, PAUSE = 12, 0.004
"""Packets sent to a latecomer at once, and seconds until the next: 3,000 packets (30 Mbit/s) a
second, so that the burst is not lost on the way."""

LIMIT = 3600
"""Packets back from which a replay may begin: twelve seconds of a lesson. The cache holds more, so
that nothing is overwritten before it was shown."""

FRESH = 1.5
"""Seconds since a keyframe for which it is shown at once. After that the source is asked for a new
one: cheaper for the latecomer's line than many seconds of packets."""

ANSWER_WITHIN = 0.15
"""Seconds that a latecomer waits for the source's new keyframe. Some sources have none to give when
they are asked (ffmpeg, RTSP): then the one in the cache is shown, however old."""


class CatchUp:
    """The viewers of one track who are not live yet.

    `deadline` is when `replay` should be called (monotonic seconds), NEVER while nothing is to be
    shown.
    """

    def __init__(self, cache: PacketCache, live: Audience) -> None:
        self.deadline = NEVER
        self._cache, self._live = cache, live
        self._viewers: list[Subscriber] = []

    def __len__(self) -> int:
        return len(self._viewers)

    def __iter__(self) -> Iterator[Subscriber]:
        return iter(self._viewers)

    def add(
        self, subscriber: Subscriber, now: float, fresh: bool, patience: float = ANSWER_WITHIN
    ) -> bool:
        """Take a viewer in; return False when a new keyframe should be asked for it.

        `fresh` says whether the newest keyframe may be shown at once; else it is shown after
        `patience` seconds without a new one.
        """
        self._viewers.append(subscriber)
        shown = fresh and self.show_cache(subscriber)
        if not shown:
            subscriber.waits_until = now + patience
        self.deadline = min(self.deadline, now if shown else subscriber.waits_until)
        return shown

    def remove(self, subscriber: Subscriber) -> None:
        """Forget a viewer; harmless when it is unknown."""
        if subscriber in self._viewers:
            self._viewers.remove(subscriber)
            if not self._viewers:
                self.deadline = NEVER

    def show_cache(self, subscriber: Subscriber) -> bool:
        """Let a viewer begin with the newest keyframe there is; return False if there is none."""
        start = self._cache.replayable(LIMIT)
        if start is None:
            return False
        subscriber.begin_at(start)
        subscriber.progress, subscriber.cursor = Progress.REPLAYING, start
        return True

    def admit(self, frame: Sequence[StagePacket]) -> None:
        """Let waiting viewers begin with the first packet of a keyframe, if this is one."""
        start = self._cache.keyframe_at
        if not any(packet.sequence == start for packet in frame):
            return
        for subscriber in [s for s in self._viewers if s.progress is Progress.WAITING]:
            subscriber.begin_at(min(packet.sequence for packet in frame))
            self._go_live(subscriber)

    def replay(self, now: float) -> bool:
        """Send the next chunk to each of them; return True while some remain.

        A viewer whose source did not answer in time is shown the cache as well.
        """
        self.deadline = NEVER
        for subscriber in tuple(self._viewers):
            if subscriber.progress is Progress.REPLAYING:
                self._send_chunk(subscriber, now)
            elif now < subscriber.waits_until:
                self.deadline = min(self.deadline, subscriber.waits_until)
            elif self.show_cache(subscriber):
                self.deadline = min(self.deadline, now + PAUSE)
        return self.deadline < NEVER

    def _send_chunk(self, subscriber: Subscriber, now: float) -> None:
        for packet in self._cache.since(subscriber.cursor, CHUNK):
            subscriber.send(packet)
        subscriber.cursor += CHUNK
        if subscriber.cursor > self._cache.newest:
            self._go_live(subscriber)
        else:
            self.deadline = min(self.deadline, now + PAUSE)

    def _go_live(self, subscriber: Subscriber) -> None:
        subscriber.progress = Progress.LIVE
        self.remove(subscriber)
        self._live.add(subscriber)
