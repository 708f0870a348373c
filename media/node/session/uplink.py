"""How a publisher learns what its uplink carries, one way or the other, never both.

A sender that numbers its packets transport-wide is told when each one came and estimates by itself;
any other is sent the bit rate that we estimate (REMB) (docs/decisions/0011).
"""

from collections.abc import Sequence
from typing import Protocol

from media.node.session.negotiation import OfferedTrack
from media.packets import rtcp
from media.packets.rtp import extension
from media.stage.reception.arrivals import ArrivalLog
from media.stage.reception.bitrate import BitrateEstimate
from media.stage.reception.delay_detector import DelayDetector

SEND_TIME_OCTETS, NUMBER_OCTETS = 3, 2


class Uplink(Protocol):
    """Times are monotonic seconds."""

    @property
    def available_bitrate(self) -> int:
        """Bit/s that the publisher may send as far as we say."""

    def arrived(self, packets: Sequence[bytes | memoryview], now: float) -> None:
        """Note packets that came together, header extensions and all."""

    def due(self, now: float) -> bool:
        """Return whether feedback should be sent at once."""

    def lost(self, fraction: float, now: float) -> None:
        """Note the share of packets lost in the last second."""

    def feedback(self, sender: int, ssrcs: Sequence[int], now: float) -> bytes:
        """Return an RTCP packet from `sender` about the sources `ssrcs`; it may be empty."""


class TransportWideUplink:
    """Transport-wide feedback; `number` is the extension id that we answered."""

    def __init__(self, limit: int, number: int) -> None:
        self.available_bitrate = limit  # the answer said so once; what it makes of it is its own
        self._number = number
        self._log = ArrivalLog()

    def arrived(self, packets: Sequence[bytes | memoryview], now: float) -> None:
        for packet in packets:
            number = extension(packet, self._number)
            if number is not None and len(number) == NUMBER_OCTETS:
                self._log.arrived(int.from_bytes(number, "big"), now)

    def due(self, now: float) -> bool:
        return self._log.due(now)

    def lost(self, fraction: float, now: float) -> None:
        """Nothing follows: what did not come stands in the feedback."""

    def feedback(self, sender: int, ssrcs: Sequence[int], now: float) -> bytes:
        return self._log.report(sender, ssrcs[0] if ssrcs else 0, now)


class RembUplink:
    """REMB from delay and loss; `send_time` is the extension id, None where none was offered."""

    def __init__(self, limit: int, send_time: int | None) -> None:
        self.available_bitrate = limit  # as sent last
        self._send_time = send_time
        self._estimate = BitrateEstimate(limit)
        self._detector = DelayDetector()
        self._fell = False

    def arrived(self, packets: Sequence[bytes | memoryview], now: float) -> None:
        if self._send_time is None:
            return
        for packet in packets:
            sent = extension(packet, self._send_time)
            if sent is not None and len(sent) == SEND_TIME_OCTETS:
                self._note_delay(sent, len(packet), now)

    def _note_delay(self, sent: bytes, octets: int, now: float) -> None:
        """Note when a packet was sent and when it came."""
        if self._detector.arrived(int.from_bytes(sent, "big"), octets, now):
            throughput = self._detector.throughput(now)
            if throughput is not None and self._estimate.queued(throughput, now):
                self._fell = True

    def due(self, now: float) -> bool:
        return self._fell

    def lost(self, fraction: float, now: float) -> None:
        self._estimate.lost(fraction, now)

    def feedback(self, sender: int, ssrcs: Sequence[int], now: float) -> bytes:
        """Without a first REMB Chromium stays at 300 kbit/s."""
        self._fell = False
        self.available_bitrate = self._estimate.value(now)
        return rtcp.pack_remb(sender, self.available_bitrate, ssrcs)


def uplink_for(tracks: Sequence[OfferedTrack], limit: int) -> Uplink:
    """Return the way that an offer's tracks were given; `limit` in bit/s."""
    for track in tracks:
        if track.transport_wide is not None:
            return TransportWideUplink(limit, track.transport_wide)
    return RembUplink(limit, next((t.send_time for t in tracks if t.kind == "video"), None))
