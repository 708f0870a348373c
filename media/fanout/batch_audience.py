"""The live subscribers of one track, and a frame sent to all of them, batch by batch.

Header words are lanes of big integers, worked out for a whole batch at once and written as one
strided copy each; libsrtp's protect is mapped over prepared cells, and one system call sends the
batch. Nothing is allocated for each viewer and packet.
"""

from collections.abc import Sequence
from typing import Any, Protocol, runtime_checkable

from media.fanout import lanes
from media.fanout.chunk import Batch, Chunk, ChunkMember
from media.fanout.outbox import Job, Outbox
from media.fanout.segments import Scratch
from media.fanout.template import HEADER
from media.stage.packet import StagePacket
from media.stage.subscriptions.subscriber import Subscriber
from media.transport.srtp import protect_in_place


@runtime_checkable
class BatchedOutlet(Protocol):
    """What the batch needs of a viewer's outlet beside media.stage.subscriptions.subscriber. One
    without it (a recorder, another node) is handed plain packets.
    """

    def batch_keys(self) -> tuple[Any, int, bytes] | None:
        """Return (libsrtp handle, tag octets, packed address); None while it has none."""
        ...

    def protect_failed(self) -> None:
        """Called when a packet of this viewer could not be protected; nothing of it was sent."""
        ...


class BatchAudience:
    """The live subscribers of one track; its frames wait in `outbox`, or for nothing (sound).

    What waits was meant for who was here when it came: it is sent before any of them goes.
    """

    def __init__(self, scratch: Scratch, outbox: Outbox | None) -> None:
        self._scratch = scratch
        self._outbox = outbox
        self._chunks: list[Chunk] = []
        self._unable: list[Subscriber] = []
        self._plain: list[Subscriber] = []
        self._codec = ""

    def __len__(self) -> int:
        batched = sum(len(chunk.rows) for chunk in self._chunks)
        return batched + len(self._unable) + len(self._plain)

    # -- who is here

    def add(self, subscriber: Subscriber) -> None:
        """Let a subscriber in; one without an address or the codec waits aside."""
        outlet = subscriber.outlet
        if not isinstance(outlet, BatchedOutlet):
            self._plain.append(subscriber)
            return
        keys = outlet.batch_keys()
        payload_type = subscriber.payload_types.get(self._codec)
        subscriber.unplayable = self._codec if payload_type is None else ""
        if keys is None or payload_type is None:
            self._unable.append(subscriber)
            return
        handle, tag, name = keys
        chunk = next((c for c in self._chunks if c.tag == tag and not c.full), None)
        if chunk is None:
            chunk = Chunk(tag)
            self._chunks.append(chunk)
        chunk.add(ChunkMember(subscriber, handle, name, payload_type))

    def remove(self, subscriber: Subscriber) -> None:
        """Let a subscriber go; harmless when it is unknown."""
        for aside in (self._unable, self._plain):
            if subscriber in aside:
                aside.remove(subscriber)
        self._take_out(subscriber)

    def _take_out(self, subscriber: Subscriber) -> bool:
        chunk = next((chunk for chunk in self._chunks if subscriber in chunk), None)
        if chunk is None:
            return False
        chunk.remove(subscriber)
        self._chunks = [chunk for chunk in self._chunks if chunk.rows]
        self._send_waiting(chunk)  # still to this one as well; afterwards its key may be void
        return True

    def refresh(self, subscriber: Subscriber) -> None:
        """Read a subscriber's address again (it moved)."""
        if self._take_out(subscriber):
            self.add(subscriber)

    def _change_codec(self, codec: str) -> None:
        """Look every payload type up again: the source changed its codec."""
        for chunk in self._chunks:
            self._send_waiting(chunk)
        all_here = [row.subscriber for chunk in self._chunks for row in chunk.rows] + self._unable
        self._chunks, self._unable, self._codec = [], [], codec
        for subscriber in all_here:
            self.add(subscriber)

    # -- a frame

    def send(self, frame: Sequence[StagePacket]) -> None:
        """Send a frame (at most COLUMNS packets) to all of them."""
        if frame[0].codec != self._codec:
            self._change_codec(frame[0].codec)
        for subscriber in self._plain:
            for packet in frame:
                subscriber.send(packet)
        pairs = [(chunk, batch) for chunk in self._chunks for batch in chunk.batches(len(frame))]
        if self._outbox is not None:
            self._outbox.put(Job(self._send_batch, frame, chunk, batch) for chunk, batch in pairs)
            return
        for chunk, batch in pairs:
            self._send_batch(frame, chunk, batch)

    def send_late(self, packet: StagePacket, newest: int) -> None:
        """Send a packet that lies too far behind `newest` for the batch."""
        batched = (row.subscriber for chunk in self._chunks for row in chunk.rows)
        for subscriber in (*batched, *self._plain):
            if packet.sequence >= subscriber.resendable_from:
                subscriber.send_retransmission(packet, newest)

    def _send_waiting(self, chunk: Chunk) -> None:
        if self._outbox is not None:
            self._outbox.send_waiting(chunk)

    def _send_batch(self, frame: Sequence[StagePacket], chunk: Chunk, batch: Batch) -> None:
        """Write, protect and send a frame for one batch of viewers."""
        scratch, template = self._scratch, self._scratch.template
        template.load(frame)
        scratch.lay(len(batch.subscribers))
        self._write_headers(batch)
        cells = scratch.cells
        results = list(map(protect_in_place, batch.handles, cells.pointers, cells.length_pointers))
        if any(results):  # never send a packet that is not protected
            self._fail(batch, results)
            return
        scratch.names[: len(batch.names)] = batch.names
        scratch.send(len(batch.subscribers), chunk.tag)
        packets, octets = len(frame), sum(template.lengths) - len(frame) * HEADER
        for subscriber in batch.subscribers:
            subscriber.packets += packets
            subscriber.octets += octets
        if scratch.missed:
            self._note_missed(batch)

    def _write_headers(self, batch: Batch) -> None:
        """Write the three header words of every packet (RFC 3550 section 5.1)."""
        words, apart, count = self._scratch.words, self._scratch.cells.words, len(batch.handles)
        end = count * apart
        heads, sequences, times = self._scratch.template.headers(len(batch.subscribers))
        heads |= lanes.add16(batch.shifts, sequences, batch.masks) | batch.types
        times = lanes.add32(batch.times, times, batch.masks)
        words[0:end:apart] = lanes.to_words(heads, count)
        words[1:end:apart] = lanes.to_words(times, count)
        words[2:end:apart] = batch.ssrcs

    def _note_missed(self, batch: Batch) -> None:
        """Note whose packets the socket or the network did not take."""
        for row, packets in self._scratch.missed.items():
            batch.subscribers[row].dropped += packets
        self._scratch.missed.clear()

    def _fail(self, batch: Batch, results: Sequence[int]) -> None:
        """Drop the batch and let those go whose keys failed, so that the rest goes on."""
        self._scratch.dropped += len(results)
        columns = len(results) // len(batch.subscribers)
        for row in {cell // columns for cell, status in enumerate(results) if status}:
            subscriber = batch.subscribers[row]
            self.remove(subscriber)
            outlet = subscriber.outlet
            if isinstance(outlet, BatchedOutlet):
                outlet.protect_failed()
