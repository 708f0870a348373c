"""Everybody who is live on one track, laid out in columns, and a frame sent to all of them.

Each header word is one strided column: computed for a whole chunk of subscribers at once, written
at once; libsrtp's protect is mapped over prepared buffers, and one system call sends the chunk.
Joins and leaves touch one row. Nothing is allocated per subscriber per packet.
"""

from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from media.packets.rtp import MARKER_BIT, PADDING_BIT, VERSION
from media.packets.sequence import TIMESTAMP_MASK
from media.stage.packet import StagePacket
from media.stage.subscriber import Subscriber
from media.transport.dtls import lib
from media.transport.segments import COLUMNS, ROWS, STRIDE, WORDS, Scratch

HEADER = 12
MAX_TAG = 16
_ZEROES = bytes(STRIDE)
_protect: Callable[..., int] = lib.srtp_protect


class BatchedOutlet(Protocol):
    """What the batch needs of a viewer beside `send_rtp`."""

    def batch_keys(self) -> tuple[Any, int, bytes] | None:
        """Return (libsrtp handle, tag octets, packed address); None while it has none."""
        ...

    def protect_failed(self) -> None:
        """Called when a packet of this viewer could not be protected; nothing of it was sent."""
        ...


@dataclass(slots=True)
class Rows:
    """Subscribers with the same tag length, in columns of equal index."""

    tag: int
    subscribers: list[Subscriber] = field(default_factory=list)
    handles: list[Any] = field(default_factory=list)
    names: list[bytes] = field(default_factory=list)
    types: list[int] = field(default_factory=list)  # payload type, shifted into its word
    shifts: list[int] = field(default_factory=list)
    times: list[int] = field(default_factory=list)
    ssrcs: list[int] = field(default_factory=list)

    def columns(self) -> tuple[list[Any], ...]:
        return (
            self.subscribers,
            self.handles,
            self.names,
            self.types,
            self.shifts,
            self.times,
            self.ssrcs,
        )

    def remove(self, subscriber: Subscriber) -> bool:
        """Take one row out by moving the last into its place."""
        if subscriber not in self.subscribers:
            return False
        at = self.subscribers.index(subscriber)
        for column in self.columns():
            column[at] = column[-1]
            column.pop()
        return True


class BatchAudience:
    """The live subscribers of one track."""

    def __init__(self, scratch: Scratch) -> None:
        self._scratch = scratch
        self._rows: dict[int, Rows] = {}
        self._unable: list[Subscriber] = []
        self._codec = ""

    def __len__(self) -> int:
        return sum(len(rows.subscribers) for rows in self._rows.values()) + len(self._unable)

    def add(self, subscriber: Subscriber) -> None:
        """Let a subscriber in; one without an address or the codec waits aside."""
        outlet: BatchedOutlet = subscriber.outlet  # type: ignore[assignment]
        keys = outlet.batch_keys()
        payload_type = subscriber.payload_types.get(self._codec)
        if keys is None or payload_type is None:
            self._unable.append(subscriber)
            return
        handle, tag, name = keys
        rows = self._rows.setdefault(tag, Rows(tag))
        values = (
            subscriber,
            handle,
            name,
            payload_type << 16,
            subscriber.shift,
            subscriber.timestamp_offset,
            subscriber.ssrc,
        )
        for column, value in zip(rows.columns(), values, strict=True):
            column.append(value)

    def remove(self, subscriber: Subscriber) -> None:
        """Let a subscriber go; harmless when it is unknown."""
        if subscriber in self._unable:
            self._unable.remove(subscriber)
        for rows in self._rows.values():
            rows.remove(subscriber)

    def refresh(self, subscriber: Subscriber) -> None:
        """Read a subscriber's address again (it moved)."""
        if any(subscriber in rows.subscribers for rows in self._rows.values()):
            self.remove(subscriber)
            self.add(subscriber)

    def __contains__(self, subscriber: Subscriber) -> bool:
        return subscriber in self._unable or any(
            subscriber in rows.subscribers for rows in self._rows.values()
        )

    def _speak(self, codec: str) -> None:
        """Look everybody's payload type up again: the source changed its codec."""
        everybody = [s for rows in self._rows.values() for s in rows.subscribers] + self._unable
        self._rows, self._unable, self._codec = {}, [], codec
        for subscriber in everybody:
            self.add(subscriber)
            subscriber.unplayable = "" if codec in subscriber.payload_types else codec

    def send(self, frame: Sequence[StagePacket]) -> None:
        """Send a frame (at most COLUMNS packets) to everybody."""
        if frame[0].codec != self._codec:
            self._speak(frame[0].codec)
        for rows in self._rows.values():
            for start in range(0, len(rows.subscribers), ROWS):
                self._send_chunk(frame, rows, start, min(start + ROWS, len(rows.subscribers)))

    def _send_chunk(self, frame: Sequence[StagePacket], rows: Rows, a: int, b: int) -> None:
        """Write, protect and send the frame for the subscribers a to b of one tag length."""
        scratch, count = self._scratch, b - a
        lengths = self._write(frame, rows, a, b)
        pointers: list[Any] = []
        length_pointers: list[Any] = []
        for column in range(len(frame)):
            row = column * ROWS
            pointers += scratch.pointers[row : row + count]
            length_pointers += scratch.length_pointers[row : row + count]
        results = list(map(_protect, rows.handles[a:b] * len(frame), pointers, length_pointers))
        members = rows.subscribers[a:b]
        if any(results):  # never send a packet that is not protected
            self._fail(members, results, scratch, len(frame))
            return
        scratch.names[: count * len(rows.names[a])] = b"".join(rows.names[a:b])
        scratch.send(count, lengths)
        octets = sum(lengths) - len(frame) * (HEADER + rows.tag)
        for subscriber in members:
            subscriber.packets += len(frame)
            subscriber.octets += octets

    def _write(self, frame: Sequence[StagePacket], rows: Rows, a: int, b: int) -> list[int]:
        """Write payloads and headers of a chunk; return the protected lengths of its packets."""
        scratch, count = self._scratch, b - a
        types, shifts, times = rows.types[a:b], rows.shifts[a:b], rows.times[a:b]
        ssrcs = _column(rows.ssrcs[a:b])
        lengths = []
        for column, packet in enumerate(frame[:COLUMNS]):
            body = packet.payload
            if packet.pad:
                body += bytes(packet.pad - 1) + bytes((packet.pad,))
            length = HEADER + len(body)
            cell = bytes(HEADER) + body + _ZEROES[: STRIDE - length]
            first = column * ROWS * STRIDE
            scratch.octets[first : first + count * STRIDE] = cell * count
            word = (VERSION | (PADDING_BIT if packet.pad else 0)) << 24
            word |= (MARKER_BIT << 16) if packet.marker else 0
            sequence, time = packet.sequence, packet.timestamp
            start, end = column * ROWS * WORDS, (column * ROWS + count) * WORDS
            scratch.words[start:end:WORDS] = _column(
                [
                    word | t | (sequence + shift & 0xFFFF)
                    for t, shift in zip(types, shifts, strict=True)
                ]
            )
            scratch.words[start + 1 : end : WORDS] = _column(
                [time + offset & TIMESTAMP_MASK for offset in times]
            )
            scratch.words[start + 2 : end : WORDS] = ssrcs
            row = column * ROWS
            scratch.lengths[row : row + count] = array("i", [length]) * count
            lengths.append(length + rows.tag)
        return lengths

    def _fail(
        self, members: list[Subscriber], results: list[int], scratch: Scratch, packets: int
    ) -> None:
        """Drop the chunk's frame and tell those whose keys failed, so that the rest goes on."""
        scratch.dropped += len(results)
        broken = {at % len(members) for at, status in enumerate(results) if status}
        for at in broken:
            self.remove(members[at])
            outlet: BatchedOutlet = members[at].outlet  # type: ignore[assignment]
            outlet.protect_failed()


def _column(values: list[int]) -> "array[int]":
    """Return 32-bit words in network order."""
    words = array("I", values)
    words.byteswap()
    return words
