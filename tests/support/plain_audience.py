"""An audience without sockets and keys, for tests of what comes before them."""

from collections.abc import Sequence

from media.stage.packet import StagePacket
from media.stage.subscriptions.subscriber import Subscriber


class PlainAudience:
    """Sends packet by packet through each subscriber's outlet."""

    def __init__(self) -> None:
        self._subscribers: list[Subscriber] = []

    def __len__(self) -> int:
        return len(self._subscribers)

    def add(self, subscriber: Subscriber) -> None:
        self._subscribers.append(subscriber)

    def remove(self, subscriber: Subscriber) -> None:
        """Let a subscriber go; harmless when it is unknown."""
        if subscriber in self._subscribers:
            self._subscribers.remove(subscriber)

    def refresh(self, subscriber: Subscriber) -> None:
        """Nothing of a subscriber is remembered here."""

    def send(self, frame: Sequence[StagePacket]) -> None:
        """Send a frame to everybody."""
        for subscriber in tuple(self._subscribers):
            for packet in frame:
                subscriber.send(packet)

    def send_late(self, packet: StagePacket, newest: int) -> None:
        """Send a packet that lies far behind `newest`."""
        for subscriber in tuple(self._subscribers):
            subscriber.send_retransmission(packet, newest)

    def retransmit(
        self, subscriber: Subscriber, packets: Sequence[StagePacket], newest: int
    ) -> None:
        """Send packets again to one subscriber."""
        for packet in packets:
            subscriber.send_retransmission(packet, newest)
