"""Up to ROWS viewers of one track, with what their headers have in common worked out ahead."""

from dataclasses import dataclass, field
from typing import Any, NamedTuple

from media.stage.subscriber import Subscriber
from media.transport import lanes
from media.transport.segments import ROWS


class Row(NamedTuple):
    """What one viewer brings: libsrtp handle, packed address, payload type."""

    subscriber: Subscriber
    handle: Any
    name: bytes
    payload_type: int


@dataclass(slots=True)
class Chunk:
    """Viewers whose protected packets are equally long (`tag` octets). Joins touch one chunk."""

    tag: int
    rows: list[Row] = field(default_factory=list)
    subscribers: list[Subscriber] = field(default_factory=list)
    handles: list[Any] = field(default_factory=list)
    names: bytes = b""
    every: int = 0
    types: int = 0
    shifts: int = 0
    times: int = 0
    ssrcs: memoryview = field(default_factory=lambda: memoryview(b""))

    @property
    def full(self) -> bool:
        return len(self.rows) >= ROWS

    def add(self, row: Row) -> None:
        self.rows.append(row)
        self._work_out()

    def remove(self, subscriber: Subscriber) -> bool:
        """Take a viewer out; return whether it was here."""
        kept = [row for row in self.rows if row.subscriber is not subscriber]
        if len(kept) == len(self.rows):
            return False
        self.rows = kept
        self._work_out()
        return True

    def _work_out(self) -> None:
        self.subscribers = [row.subscriber for row in self.rows]
        self.handles = [row.handle for row in self.rows]
        self.names = b"".join(row.name for row in self.rows)
        self.every = lanes.ones(len(self.rows))
        self.types = lanes.pack([row.payload_type << 16 for row in self.rows])
        self.shifts = lanes.pack([end.shift & 0xFFFF for end in self.subscribers])
        self.times = lanes.pack([end.timestamp_offset & 0xFFFFFFFF for end in self.subscribers])
        ssrcs = lanes.pack([end.ssrc for end in self.subscribers])
        self.ssrcs = lanes.to_words(ssrcs, len(self.rows))
