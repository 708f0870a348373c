"""Everybody who is live on one track, laid out in chunks, and a frame sent to all of them.

Each header word is a column over a chunk: computed for all its viewers at once, written as one
strided copy; libsrtp's protect is mapped over prepared buffers, and one system call sends the
chunk. Joins and leaves touch one chunk. Nothing is allocated per viewer per packet.
"""

from array import array
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from media.packets.rtp import MARKER_BIT, PADDING_BIT, VERSION
from media.stage.packet import StagePacket
from media.stage.subscriber import Subscriber
from media.transport import lanes
from media.transport.chunk import Chunk, Row
from media.transport.dtls import lib
from media.transport.segments import ROWS, WORDS, Scratch

HEADER = 12
_protect: Callable[..., int] = lib.srtp_protect


class BatchedOutlet(Protocol):
    """What the batch needs of a viewer beside `send_rtp`."""

    def batch_keys(self) -> tuple[Any, int, bytes] | None:
        """Return (libsrtp handle, tag octets, packed address); None while it has none."""
        ...

    def protect_failed(self) -> None:
        """Called when a packet of this viewer could not be protected; nothing of it was sent."""
        ...


class BatchAudience:
    """The live subscribers of one track."""

    def __init__(self, scratch: Scratch) -> None:
        self._scratch = scratch
        self._chunks: list[Chunk] = []
        self._unable: list[Subscriber] = []
        self._codec = ""

    def __len__(self) -> int:
        return sum(len(chunk.rows) for chunk in self._chunks) + len(self._unable)

    def add(self, subscriber: Subscriber) -> None:
        """Let a subscriber in; one without an address or the codec waits aside."""
        outlet: BatchedOutlet = subscriber.outlet  # type: ignore[assignment]
        keys = outlet.batch_keys()
        payload_type = subscriber.payload_types.get(self._codec)
        if keys is None or payload_type is None:
            self._unable.append(subscriber)
            return
        handle, tag, name = keys
        chunk = next((c for c in self._chunks if c.tag == tag and not c.full), None)
        if chunk is None:
            chunk = Chunk(tag)
            self._chunks.append(chunk)
        chunk.add(Row(subscriber, handle, name, payload_type))

    def remove(self, subscriber: Subscriber) -> None:
        """Let a subscriber go; harmless when it is unknown."""
        if subscriber in self._unable:
            self._unable.remove(subscriber)
        self._take_out(subscriber)

    def _take_out(self, subscriber: Subscriber) -> bool:
        found = any(chunk.remove(subscriber) for chunk in self._chunks)
        self._chunks = [chunk for chunk in self._chunks if chunk.rows]
        return found

    def refresh(self, subscriber: Subscriber) -> None:
        """Read a subscriber's address again (it moved)."""
        if self._take_out(subscriber):
            self.add(subscriber)

    def _speak(self, codec: str) -> None:
        """Look everybody's payload type up again: the source changed its codec."""
        everybody = [s for chunk in self._chunks for s in chunk.subscribers] + self._unable
        self._chunks, self._unable, self._codec = [], [], codec
        for subscriber in everybody:
            self.add(subscriber)
            subscriber.unplayable = "" if codec in subscriber.payload_types else codec

    def send(self, frame: Sequence[StagePacket]) -> None:
        """Send a frame (at most COLUMNS packets) to everybody."""
        if frame[0].codec != self._codec:
            self._speak(frame[0].codec)
        for chunk in tuple(self._chunks):
            self._send_chunk(frame, chunk)

    def _send_chunk(self, frame: Sequence[StagePacket], chunk: Chunk) -> None:
        """Write, protect and send the frame for one chunk."""
        scratch, count = self._scratch, len(chunk.rows)
        lengths = self._write(frame, chunk)
        pointers, length_pointers = scratch.cells(count, len(frame))
        results = list(map(_protect, chunk.handles * len(frame), pointers, length_pointers))
        if any(results):  # never send a packet that is not protected
            self._fail(chunk, results)
            return
        scratch.names[: len(chunk.names)] = chunk.names
        scratch.send(count, [length + chunk.tag for length in lengths])
        packets, octets = len(frame), sum(lengths) - len(frame) * HEADER
        for subscriber in chunk.subscribers:
            subscriber.packets += packets
            subscriber.octets += octets
        if scratch.missed:
            self._note_missed(chunk)

    def _note_missed(self, chunk: Chunk) -> None:
        """Note whose packets the socket or the network did not take."""
        members = chunk.subscribers
        for row, packets in self._scratch.missed.items():
            members[row].dropped += packets
        self._scratch.missed.clear()

    def _write(self, frame: Sequence[StagePacket], chunk: Chunk) -> list[int]:
        """Write payloads and headers; return the unprotected lengths of the packets."""
        scratch, count, every = self._scratch, len(chunk.rows), chunk.every
        words, lengths = scratch.words, []
        time, times = -1, memoryview(b"")
        for column, packet in enumerate(frame):
            lengths.append(scratch.fill(column, count, _body(packet)))
            head = VERSION << 24 | (PADDING_BIT << 24 if packet.pad else 0)
            head |= MARKER_BIT << 16 if packet.marker else 0
            sequences = lanes.add16(chunk.shifts, packet.sequence, every)
            if packet.timestamp != time:  # one a frame
                time = packet.timestamp
                times = lanes.to_words(lanes.add32(chunk.times, time, every), count)
            start, end = column * ROWS * WORDS, (column * ROWS + count) * WORDS
            words[start:end:WORDS] = lanes.to_words(head * every | chunk.types | sequences, count)
            words[start + 1 : end : WORDS] = times
            words[start + 2 : end : WORDS] = chunk.ssrcs
        cells = array("i")
        for length in lengths:
            cells.extend([length] * ROWS)
        scratch.lengths[: len(cells)] = cells
        return lengths

    def _fail(self, chunk: Chunk, results: list[int]) -> None:
        """Drop the chunk's frame and tell those whose keys failed, so that the rest goes on."""
        self._scratch.dropped += len(results)
        members = chunk.subscribers
        for at in {at % len(members) for at, status in enumerate(results) if status}:
            self.remove(members[at])
            outlet: BatchedOutlet = members[at].outlet  # type: ignore[assignment]
            outlet.protect_failed()


def _body(packet: StagePacket) -> bytes:
    """Return room for the header, the payload and its padding."""
    if packet.pad:
        return bytes(HEADER) + packet.payload + bytes(packet.pad - 1) + bytes((packet.pad,))
    return bytes(HEADER) + packet.payload
