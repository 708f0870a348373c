"""One track's frames handed to its subscribers: live, from the cache, and once more on request."""

from collections.abc import Iterable, Sequence

from media.stage.outcome import NEVER
from media.stage.packet import StagePacket
from media.stage.subscriptions.audience import LATE, Audience
from media.stage.subscriptions.cache import PacketCache
from media.stage.subscriptions.catchup import FRESH, CatchUp
from media.stage.subscriptions.subscriber import Progress, Subscriber

CACHE_PACKETS = {"video": 4096, "audio": 512}


class Distribution:
    """Who gets a track (`kind` "audio" or "video") and how. Sequences are the track's."""

    def __init__(self, kind: str, live: Audience) -> None:
        self.kind = kind
        self.live = live
        self.cache = PacketCache(CACHE_PACKETS[kind])
        self.catching_up = CatchUp(self.cache, live)
        self._keyframe_timestamp = -1
        self._keyframe_at = float("-inf")

    def __len__(self) -> int:
        return len(self.live) + len(self.catching_up)

    def note_keyframe(self, timestamp: int, now: float) -> None:
        """Note when the first packet of a keyframe came."""
        if timestamp != self._keyframe_timestamp:
            self._keyframe_timestamp, self._keyframe_at = timestamp, now

    def send(self, frame: Sequence[StagePacket], newest: int, late: bool) -> None:
        """Send a frame, or as much of it as one message takes; `late` if some lies far back."""
        self.cache.put(frame)
        if self.catching_up:
            self.catching_up.admit(frame)
        if late:
            frame = self._send_late(frame, newest)
        if frame:
            self.live.send(frame)

    def _send_late(self, frame: Sequence[StagePacket], newest: int) -> Sequence[StagePacket]:
        """Send apart what lies too far back for the others; return these."""
        for packet in frame:
            if newest - packet.sequence > LATE:
                self.live.send_late(packet, newest)
        return [packet for packet in frame if newest - packet.sequence <= LATE]

    def subscribe(
        self, subscriber: Subscriber, next_sequence: int, now: float, from_cache: bool
    ) -> bool:
        """Add a subscriber: live at once for sound, behind a keyframe for pictures.

        Return False when a keyframe should be asked for it. One that was shown another layer until
        now has seen what is in the cache: it waits for the keyframe, however long.
        """
        if self.kind == "audio":
            subscriber.begin_at(next_sequence)
            subscriber.progress = Progress.LIVE
            self.live.add(subscriber)
            return True
        if not from_cache:
            return self.catching_up.add(subscriber, now, fresh=False, patience=NEVER)
        return self.catching_up.add(subscriber, now, fresh=now - self._keyframe_at <= FRESH)

    def unsubscribe(self, subscriber: Subscriber) -> None:
        """Forget a subscriber; harmless when it is unknown."""
        self.live.remove(subscriber)
        self.catching_up.remove(subscriber)

    def retransmit(self, subscriber: Subscriber, sequences: Iterable[int], newest: int) -> int:
        """Send packets again from the cache; return how many there were."""
        found = [
            packet
            for packet in map(self.cache.get, sequences)
            if packet is not None and packet.sequence >= subscriber.resendable_from
        ]
        packets = found[: subscriber.take_resends(len(found))]
        if packets:
            self.live.retransmit(subscriber, packets, newest)
        return len(packets)
