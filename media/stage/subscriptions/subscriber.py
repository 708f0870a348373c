"""One viewer's end of one track: its numbering, its payload types, how far it has come."""

import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from media.packets.rtp import MARKER_BIT, PADDING_BIT, VERSION
from media.packets.sequence import TIMESTAMP_MASK
from media.stage.packet import StagePacket
from media.stage.subscriptions.remote import RemoteInbound

RESENDS = 1024
"""Packets that a viewer may have again before it was sent as many new ones: three seconds of a
lesson. Without a bound one datagram of NACKs would make us send a thousand."""

_HEADER = struct.Struct(">BBHII")


class Outlet(Protocol):
    """Where a subscriber's packets leave: a viewer's link, a recorder's file, another node. Never
    waits; a full socket drops and counts.
    """

    def send_rtp(self, packet: bytes) -> None:
        """Take one RTP packet, behind all that were taken."""
        ...

    def send_retransmission(self, packet: bytes, newest: int) -> None:
        """Take one that lies behind others: `newest` is the newest number taken, unwrapped."""
        ...


class SharedCount:
    """What was sent to all subscribers of a group alike, so that a frame is counted once."""

    __slots__ = ("octets", "packets")

    def __init__(self) -> None:
        self.packets = self.octets = 0


class Progress(StrEnum):
    WAITING = "WAITING"  # for a keyframe
    REPLAYING = "REPLAYING"  # is being shown the cache, paced
    LIVE = "LIVE"


@dataclass(slots=True, eq=False)
class Subscriber:
    """`payload_types` by codec name; what it lacks is not sent, and `unplayable` says so.

    `first_sequence` must lie below 2^15: libsrtp loses the rollover count of a stream whose first
    packets wrap before the receiver saw one. It must lie above MAX_LATE, too, for what comes late
    of before a viewer's beginning would wrap downwards.
    """

    outlet: Outlet
    ssrc: int
    payload_types: Mapping[str, int]
    first_sequence: int
    timestamp_offset: int = 0
    progress: Progress = Progress.WAITING
    cursor: int = 0
    waits_until: float = 0.0  # for the source to answer; monotonic seconds
    packets: int = 0  # sent by itself; see packets_sent
    octets: int = 0
    dropped: int = 0  # of all packets, by a socket that was full
    unplayable: str = ""
    resends_left: int = RESENDS
    resendable_from: int = 0
    remote: RemoteInbound = field(default_factory=RemoteInbound)
    cname: str = ""  # of the slot: sound and picture under one name belong together (RFC 8834)
    early_reports: int = 0  # sender reports that are due at once
    _counted: int = 0
    _shift: int | None = field(default=None)
    _left_out_from: int | None = None
    _group: SharedCount | None = None

    def join(self, group: SharedCount) -> None:
        """Count from now on what is sent to this group as well."""
        self.leave()
        self._group = group
        self.packets -= group.packets
        self.octets -= group.octets

    def leave(self) -> None:
        """Keep what the group was sent, and count for itself again."""
        self.packets, self.octets, self._group = self.packets_sent, self.octets_sent, None

    @property
    def packets_sent(self) -> int:
        """All packets that were sent, by itself and with its group."""
        return self.packets + (self._group.packets if self._group is not None else 0)

    @property
    def octets_sent(self) -> int:
        """Their payloads' octets, padding included."""
        return self.octets + (self._group.octets if self._group is not None else 0)

    def begin_at(self, sequence: int) -> None:
        """Let the viewer's stream begin with the track's `sequence` (once; later calls no-op)."""
        if self._shift is None:
            self._shift = self.first_sequence - sequence
            self.resendable_from = sequence
            if self._left_out_from is not None:
                self._left_out_from = sequence

    def codec_changed(self, codec: str, sequence: int) -> None:
        """The track's `sequence` and what follows are of another codec.

        What this viewer cannot play takes up no numbers of its stream: after half an hour of it
        they would have wrapped unseen, and libsrtp on both sides would count them differently.
        """
        if codec in self.payload_types:
            self.take_in(sequence)
        else:
            self.leave_out(sequence)

    def leave_out(self, sequence: int) -> None:
        """Send nothing from the track's `sequence` on until `take_in`."""
        if self._left_out_from is None:
            self._left_out_from = sequence

    def take_in(self, sequence: int) -> None:
        """Go on with the track's `sequence`, under the number behind the last one sent."""
        if self._left_out_from is None:
            return
        if self._shift is not None:
            self._shift -= max(0, sequence - self._left_out_from)
            # Under the numbers of before went something else.
            self.resendable_from = sequence
            self.cursor = max(self.cursor, sequence)
        self._left_out_from = None

    def change_track(self, next_sequence: int, ticks: int) -> None:
        """Leave a track before its `next_sequence`: another track follows in number and in time.

        `ticks` is by how much this track's timestamps of now are above the other's.
        """
        if self._shift is not None:
            self.first_sequence = self._reached(next_sequence - 1) + 1 + self._shift
        self._shift = self._left_out_from = None
        self.progress = Progress.WAITING
        self.timestamp_offset += ticks

    @property
    def shift(self) -> int:
        """What is added to a track's sequence to get this viewer's; 0 before the beginning."""
        return self._shift or 0

    @property
    def begun(self) -> bool:
        return self._shift is not None

    def to_track(self, sequence: int) -> int:
        """Return the 16-bit track sequence behind a viewer's (from a NACK)."""
        return (sequence - self.shift) & 0xFFFF

    def to_viewer_timestamp(self, timestamp: int) -> int:
        return (timestamp + self.timestamp_offset) & TIMESTAMP_MASK

    def rewrite(self, packet: StagePacket) -> bytes | None:
        """Return the packet under this viewer's numbers; None when it cannot play the codec."""
        payload_type = self.payload_types.get(packet.codec)
        if payload_type is None:
            self.unplayable = packet.codec
            return None
        head = _HEADER.pack(
            VERSION | (PADDING_BIT if packet.pad else 0),
            payload_type | (MARKER_BIT if packet.marker else 0),
            (packet.sequence + self.shift) & 0xFFFF,
            (packet.timestamp + self.timestamp_offset) & TIMESTAMP_MASK,
            self.ssrc,
        )
        if packet.pad:
            return head + packet.payload + bytes(packet.pad - 1) + bytes((packet.pad,))
        return head + packet.payload

    def take_resends(self, wanted: int) -> int:
        """Return how many of `wanted` packets this viewer may have again; new packets pay it back.

        They are to be sent at once: each of them counts as sent.
        """
        fresh = max(0, self.packets_sent - self._counted)
        left = min(RESENDS, self.resends_left + fresh)
        granted = min(left, wanted)
        self.resends_left = left - granted
        self._counted = self.packets_sent + granted
        return granted

    def send(self, packet: StagePacket) -> None:
        """Send one packet behind all that were sent."""
        data = self.rewrite(packet)
        if data is not None:
            self.outlet.send_rtp(data)
            self._count(data)

    def send_retransmission(self, packet: StagePacket, newest: int) -> None:
        """Send one packet that lies behind others; `newest` is the track's newest sequence."""
        data = self.rewrite(packet)
        if data is not None:
            self.outlet.send_retransmission(data, self.reached(newest))
            self._count(data)

    def reached(self, newest: int) -> int:
        """Return the unwrapped number of the newest packet that this viewer was sent, where
        `newest` is the track's.
        """
        return self._reached(newest) + self.shift

    def _reached(self, newest: int) -> int:
        """Return how far this viewer was sent the track: who is shown the cache is behind, and what
        it cannot play it was not sent.
        """
        if self.progress is Progress.REPLAYING:
            newest = min(newest, self.cursor - 1)
        if self._left_out_from is not None:
            newest = min(newest, self._left_out_from - 1)
        return newest

    def _count(self, data: bytes) -> None:
        self.packets += 1
        self.octets += len(data) - _HEADER.size
