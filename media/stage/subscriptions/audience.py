"""Who is live on a track, and how a frame reaches them."""

from collections.abc import Sequence
from typing import Protocol

from media.stage.packet import StagePacket
from media.stage.subscriptions.subscriber import Subscriber

LATE = 128
"""Packets by which one of a frame may lie behind the newest: what is new is protected under a short
window (media.transport.retransmission)."""


class Audience(Protocol):
    """The live subscribers of one track. `media.fanout.batch_audience` sends in batches.

    `send` takes frames; `send_late` one packet more than LATE behind the track's `newest`;
    `retransmit` packets that one subscriber, live or not, lacks.
    """

    def add(self, subscriber: Subscriber) -> None: ...
    def remove(self, subscriber: Subscriber) -> None: ...
    def refresh(self, subscriber: Subscriber) -> None: ...
    def send(self, frame: Sequence[StagePacket]) -> None: ...
    def send_late(self, packet: StagePacket, newest: int) -> None: ...
    def retransmit(
        self, subscriber: Subscriber, packets: Sequence[StagePacket], newest: int
    ) -> None: ...
    def __len__(self) -> int: ...
