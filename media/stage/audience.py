"""Who is live on a track, and how a frame reaches them."""

from collections.abc import Sequence
from typing import Protocol

from media.stage.packet import StagePacket
from media.stage.subscriber import Subscriber


class Audience(Protocol):
    """The live subscribers of one track. `media.transport.audience` sends in batches."""

    def add(self, subscriber: Subscriber) -> None: ...
    def remove(self, subscriber: Subscriber) -> None: ...
    def refresh(self, subscriber: Subscriber) -> None: ...
    def send(self, frame: Sequence[StagePacket]) -> None: ...
    def __len__(self) -> int: ...
