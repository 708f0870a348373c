"""What a receiver must remember of a source to write reception reports (RFC 3550 A.3, A.8)."""

from media.packets.rtcp import ReportBlock, SenderReport
from media.packets.rtp import RtpPacket
from media.packets.sequence import SEQUENCE_RANGE, extend, timestamp_distance
from media.stage.reception.nack import MissingPackets

MAX_LATE, MAX_DROPOUT = 1000, 3000
"""A number further back or ahead is a restart of the numbering (RFC 3550 A.1), not loss."""


class Reception:
    """Statistics of one SSRC. Arrival times are monotonic seconds."""

    def __init__(self, ssrc: int, clock_rate: int) -> None:
        self.ssrc = ssrc
        self.clock_rate = clock_rate
        self.packets = 0
        self._base = self._highest = -1
        self._jitter = 0.0
        self._last_transit: int | None = None
        self._prior_expected = self._prior_packets = 0
        self.gaps = MissingPackets()
        self.cut_off = False  # so much was missing that only a keyframe helps
        self.report: SenderReport | None = None
        self._report_at = 0.0

    def receive(self, packet: RtpPacket, now: float, count: int = 1) -> None:
        """Count a packet and those of its frame that directly follow it, `count` in all."""
        self.packets += count
        if self._highest >= 0 and packet.sequence == (self._highest + 1) % SEQUENCE_RANGE:
            self._highest += count
        else:
            self._place(packet.sequence, count, now)
        transit = int(now * self.clock_rate) - packet.timestamp
        if self._last_transit is not None:
            difference = abs(timestamp_distance(transit, self._last_transit))
            self._jitter += (difference - self._jitter) / 16
        if count > 1:  # the others came with it and bear its timestamp: no difference at all
            self._jitter *= (15 / 16) ** (count - 1)
        self._last_transit = transit

    def _place(self, number: int, count: int, now: float) -> None:
        """Note packets that are not the next ones: the first of all, late ones, those behind a
        loss, or a jump.
        """
        if self._highest < 0:
            self._base, self._highest = number, number + count - 1
            return
        sequence = extend(number, self._highest)
        if not -MAX_LATE <= sequence - self._highest <= MAX_DROPOUT:
            sequence = self._restart(number)
        elif sequence <= self._highest:
            self.gaps.found(range(sequence, sequence + count))
        elif self.gaps.lost(range(self._highest + 1, sequence), now):
            self.cut_off = True
        self._highest = max(self._highest, sequence + count - 1)

    def _restart(self, sequence: int) -> int:
        """The source jumped: what lies between was never sent, so it is neither lost nor missing.

        The count of what was expected goes on by one packet.
        """
        expected = self._highest - self._base + 1
        self._base, self._highest = sequence - expected, sequence
        self.gaps.restart()
        return sequence

    def reported(self, report: SenderReport, now: float) -> None:
        """Note the publisher's newest sender report."""
        self.report, self._report_at = report, now

    @property
    def jitter(self) -> float:
        """Seconds by which packets come unevenly (RFC 3550 section 6.4.1)."""
        return self._jitter / self.clock_rate

    @property
    def lost(self) -> int:
        """Packets lost so far (never below zero: duplicates do not repay)."""
        return max(0, self._highest - self._base + 1 - self.packets)

    def block(self, now: float) -> ReportBlock:
        """Return the reception report since the last call."""
        expected = self._highest - self._base + 1
        in_interval = expected - self._prior_expected
        missed = in_interval - (self.packets - self._prior_packets)
        self._prior_expected, self._prior_packets = expected, self.packets
        fraction = (missed << 8) // in_interval if in_interval > 0 and missed > 0 else 0
        last_sr = (self.report.ntp >> 16) & 0xFFFFFFFF if self.report else 0
        since = int((now - self._report_at) * 65536) & 0xFFFFFFFF if self.report else 0
        return ReportBlock(
            self.ssrc,
            min(fraction, 255),
            self.lost,
            self._highest & 0xFFFFFFFF,
            min(int(max(self._jitter, 0)), 0xFFFFFFFF),
            last_sr,
            since,
        )
