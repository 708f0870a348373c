"""Some viewers of one track, with what their headers have in common worked out ahead."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from media.fanout import lanes
from media.fanout.segments import CELLS
from media.stage.subscriptions.subscriber import SharedCount, Subscriber

ROWS = 64
"""Viewers a chunk: a join or a leave touches one chunk, and nothing of the others."""
SHAPES = 32
"""Numbers of packets a frame for which a chunk keeps its batches; a lesson has two dozen."""


class ChunkMember(NamedTuple):
    """What one viewer brings: libsrtp handle, packed address, payload type."""

    subscriber: Subscriber
    handle: Any
    name: bytes
    payload_type: int


class Batch(NamedTuple):
    """Viewers whose copies of a frame fill the scratch area once, packet behind packet.

    `handles` and the lanes have an element a cell: all packets of the first viewer, then all of
    the next. Lanes: `types`, `shifts` (of sequence numbers), `times` (offsets). `first` marks the
    first of a chunk's batches.
    """

    subscribers: Sequence[Subscriber]
    handles: Sequence[Any]
    names: bytes
    masks: lanes.Masks
    types: int
    shifts: int
    times: int
    ssrcs: memoryview
    first: bool


class Chunk:
    """At most ROWS viewers whose protected packets are equally long (`tag` octets more)."""

    def __init__(self, tag: int) -> None:
        self.tag = tag
        self.rows: list[ChunkMember] = []
        self.count = SharedCount()
        self._batches: dict[int, list[Batch]] = {}

    @property
    def full(self) -> bool:
        return len(self.rows) >= ROWS

    def __contains__(self, subscriber: Subscriber) -> bool:
        return any(row.subscriber is subscriber for row in self.rows)

    def add(self, row: ChunkMember) -> None:
        self.rows.append(row)
        row.subscriber.join(self.count)
        self._batches.clear()

    def remove(self, subscriber: Subscriber) -> None:
        """Take a viewer out; harmless when it is not here."""
        if subscriber in self:
            subscriber.leave()
        self.rows = [row for row in self.rows if row.subscriber is not subscriber]
        self._batches.clear()

    def batches(self, columns: int) -> list[Batch]:
        """Return the viewers in batches for frames of so many packets (at most CELLS)."""
        found = self._batches.get(columns)
        if found is None:
            if len(self._batches) >= SHAPES:
                del self._batches[next(iter(self._batches))]
            parts = -(-len(self.rows) // (CELLS // columns))
            size = -(-len(self.rows) // parts)
            starts = range(0, len(self.rows), size)
            found = [
                make_batch(self.rows[start : start + size], columns, first=not start)
                for start in starts
            ]
            self._batches[columns] = found
        return found


def make_batch(rows: Sequence[ChunkMember], columns: int, first: bool = True) -> Batch:
    """Work out what a frame of `columns` packets needs to be written for these viewers."""
    subscribers = [row.subscriber for row in rows]
    cells = len(rows) * columns
    return Batch(
        subscribers=subscribers,
        handles=[row.handle for row in rows for _ in range(columns)],
        names=b"".join(row.name for row in rows),
        masks=lanes.masks(cells),
        types=lanes.pack([row.payload_type << 16 for row in rows], columns),
        shifts=lanes.pack([end.shift & 0xFFFF for end in subscribers], columns),
        times=lanes.pack([end.timestamp_offset & 0xFFFFFFFF for end in subscribers], columns),
        ssrcs=lanes.to_words(lanes.pack([end.ssrc for end in subscribers], columns), cells),
        first=first,
    )
