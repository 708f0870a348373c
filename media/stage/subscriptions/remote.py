"""What a viewer's receiver reports say of a stream that we send, and how far away it is.

The names are those of W3C webrtc-stats (remote-inbound-rtp). We keep when each sender report left;
which of them a receiver means follows from what it echoes, and where that is not unique from its
own delay.
"""

from collections import deque

from media.packets.rtcp import ReportBlock

KEPT = 8
"""Sender reports remembered: one a second leaves, so round trips of some seconds are measured."""

EARLY = 0.005
"""Seconds by which a report may seem to be answered before it left: receivers round their delay
(some to milliseconds), and their clocks run a little slower or faster than ours."""

UNITS = 65536
"""DLSR counts seconds in 1/65536 (RFC 3550 section 6.4.1)."""


def middle(ntp: int) -> int:
    """Return the middle 32 of the 64 bits of an NTP time: the LSR of whoever received it."""
    return ntp >> 16 & 0xFFFFFFFF


def signed24(value: int) -> int:
    """Return the cumulative number of packets lost: doubled packets make it negative."""
    return value - (1 << 24) if value & 0x800000 else value


class RemoteInbound:
    """The far end of one stream. Times are monotonic seconds; `jitter` is in timestamp units.

    `round_trip_time` (seconds) is None until a report could be matched.
    """

    def __init__(self) -> None:
        self.fraction_lost = 0.0
        self.packets_lost = self.jitter = 0
        self.round_trip_time: float | None = None
        self.pli_count = self.nack_count = self.retransmitted_packets_sent = 0
        self._sent: deque[tuple[int, float]] = deque(maxlen=KEPT)

    def sent(self, ntp: int, now: float) -> None:
        """Note that a sender report with this NTP time (64 bits) has left."""
        self._sent.append((middle(ntp), now))

    def heard(self, block: ReportBlock, now: float) -> None:
        """Take a reception report about this stream."""
        self.fraction_lost = block.fraction_lost / 256
        self.packets_lost, self.jitter = signed24(block.total_lost), block.jitter
        measured = self._round_trip(block.last_sr, block.since_last_sr, now)
        if measured is not None:
            self.round_trip_time = measured

    def _round_trip(self, last_sr: int, since: int, now: float) -> float | None:
        """RFC 3550 section 6.4.1: A - LSR - DLSR, where LSR stands for when we sent it.

        Of several reports with one NTP time the newest fits that is not answered before it left.
        """
        if last_sr == 0:  # it has not received any yet
            return None
        for ntp, at in reversed(self._sent):
            elapsed = now - at - since / UNITS
            if ntp == last_sr and elapsed >= -EARLY:
                return max(0.0, elapsed)
        return None
