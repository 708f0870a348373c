"""The live subscribers of one track, and a frame sent to all of them, batch by batch.

Header words are lanes of big integers, worked out for a whole batch at once and written as one
strided copy each; libsrtp's protect is mapped over prepared cells, and one system call sends the
batch. Nothing is allocated for each viewer and packet.
"""

from collections.abc import Sequence
from typing import Any, Protocol, runtime_checkable

from media.fanout import lanes
from media.fanout.chunk import Batch, Chunk, ChunkMember, make_batch
from media.fanout.outbox import Job, Outbox
from media.fanout.segments import COLUMNS, Scratch
from media.stage.packet import StagePacket
from media.stage.subscriptions.subscriber import Subscriber
from media.transport.retransmission import LONG_WINDOW
from media.transport.srtp import protect_in_place

WORTH_A_BATCH = 4
"""Packets of one request from which a batch costs less than to send each of them."""


@runtime_checkable
class BatchedOutlet(Protocol):
    """What the batch needs of a viewer's outlet beside media.stage.subscriptions.subscriber. One
    without it (a recorder, another node) is handed plain packets.
    """

    def batch_keys(self) -> tuple[Any, int, bytes] | None:
        """Return (libsrtp handle, tag octets, packed address); None while it has none."""
        ...

    def retransmission_keys(self, ssrc: int, newest: int) -> tuple[Any, int, bytes] | None:
        """Return the same for packets that are sent again, of which `newest` (unwrapped) is the
        newest number sent under this SSRC.
        """
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
        self._send_waiting(chunk)  # still to this one as well; afterwards its key may be void
        chunk.remove(subscriber)
        self._chunks = [chunk for chunk in self._chunks if chunk.rows]
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
            self._outbox.put(Job(self._send_frame, frame, chunk, batch) for chunk, batch in pairs)
            return
        for chunk, batch in pairs:
            self._send_frame(frame, chunk, batch)

    def send_late(self, packet: StagePacket, newest: int) -> None:
        """Send a packet that lies too far behind `newest` for the batch."""
        batched = (row.subscriber for chunk in self._chunks for row in chunk.rows)
        for subscriber in (*batched, *self._plain):
            if packet.sequence >= subscriber.resendable_from:
                subscriber.send_retransmission(packet, newest)

    def _send_waiting(self, chunk: Chunk) -> None:
        if self._outbox is not None:
            self._outbox.send_waiting(chunk)

    def retransmit(
        self, subscriber: Subscriber, packets: Sequence[StagePacket], newest: int
    ) -> None:
        """Send packets again to one subscriber, live or not: many of them in batches as well."""
        outlet, end = subscriber.outlet, subscriber.reached(newest) - subscriber.shift
        recent = [packet for packet in packets if end - packet.sequence < LONG_WINDOW]
        codecs = {packet.codec for packet in recent}
        keys = None
        if len(recent) >= WORTH_A_BATCH and len(codecs) == 1 and isinstance(outlet, BatchedOutlet):
            keys = outlet.retransmission_keys(subscriber.ssrc, subscriber.reached(newest))
        payload_type = subscriber.payload_types.get(next(iter(codecs), ""))
        if keys is None or payload_type is None:
            for packet in packets:
                subscriber.send_retransmission(packet, newest)
            return
        handle, tag, name = keys
        member = ChunkMember(subscriber, handle, name, payload_type)
        for start in range(0, len(recent), COLUMNS):
            part = recent[start : start + COLUMNS]
            if not any(self._send_batch(part, tag, make_batch([member], len(part)))):
                subscriber.packets += len(part)
                subscriber.octets += octets_of(part)

    def _send_frame(self, frame: Sequence[StagePacket], chunk: Chunk, batch: Batch) -> None:
        """Send a frame to one batch of viewers; those whose keys fail are let go.

        A chunk's frame is counted once, for all of its viewers, with the first of its batches.
        """
        results = self._send_batch(frame, chunk.tag, batch)
        if batch.first:
            chunk.count.packets += len(frame)
            chunk.count.octets += octets_of(frame)
        if any(results):
            self._fail(frame, batch, results)

    def _send_batch(self, frame: Sequence[StagePacket], tag: int, batch: Batch) -> list[int]:
        """Write, protect and send a frame for one batch of viewers.

        Return libsrtp's status of each packet; where one is not 0, nothing was sent.
        """
        scratch, template = self._scratch, self._scratch.template
        template.load(frame)
        scratch.lay(len(batch.subscribers))
        self._write_headers(batch)
        cells = scratch.cells
        results = list(map(protect_in_place, batch.handles, cells.pointers, cells.length_pointers))
        if any(results):  # never send a packet that is not protected
            scratch.dropped += len(results)
            return results
        scratch.names[: len(batch.names)] = batch.names
        scratch.send(len(batch.subscribers), tag)
        if scratch.missed:
            self._note_missed(batch)
        return results

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

    def _fail(self, frame: Sequence[StagePacket], batch: Batch, results: Sequence[int]) -> None:
        """Let those go whose keys failed, so that the rest goes on; the frame is lost to all."""
        columns, octets = len(frame), octets_of(frame)
        for subscriber in batch.subscribers:
            subscriber.packets -= columns
            subscriber.octets -= octets
        for row in {cell // columns for cell, status in enumerate(results) if status}:
            subscriber = batch.subscribers[row]
            self.remove(subscriber)
            outlet = subscriber.outlet
            if isinstance(outlet, BatchedOutlet):
                outlet.protect_failed()


def octets_of(frame: Sequence[StagePacket]) -> int:
    """Return the octets of its payloads, padding included."""
    return sum(len(packet.payload) + packet.pad for packet in frame)
