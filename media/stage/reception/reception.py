"""What a receiver must remember of a source to write reception reports (RFC 3550 A.3, A.8)."""

from typing import NamedTuple

from media.packets.rtcp import ReportBlock, SenderReport
from media.packets.rtp import RtpPacket
from media.packets.sequence import timestamp_distance
from media.stage.reception.nack import MissingPackets
from media.stage.reception.numbering import Numbering, Step


class Arrival(NamedTuple):
    """`number` is the packet's, unwrapped; `cut_off`: so much is missing that only a keyframe
    helps."""

    number: int
    cut_off: bool


class Reception:
    """Statistics of one SSRC. Arrival times are monotonic seconds.

    `near` is where its numbering lies, unwrapped, if that is known (it was heard before).
    """

    def __init__(self, ssrc: int, clock_rate: int, near: int | None = None) -> None:
        self.ssrc = ssrc
        self.clock_rate = clock_rate
        self.packets = 0
        self._numbering = Numbering(near)
        self._base = 0  # what the newest number counts from: the first one, until a restart
        self._jitter = 0.0
        self._last_transit: int | None = None
        self._prior_expected = self._prior_packets = 0
        self.missing = MissingPackets()
        self.report: SenderReport | None = None
        self._report_at = 0.0

    def receive(self, packet: RtpPacket, now: float, count: int = 1) -> Arrival:
        """Count a packet and those of its frame that directly follow it, `count` in all."""
        before = self._numbering.newest
        number, step = self._numbering.take(packet.sequence, count)
        self.packets += count
        cut_off = step is not Step.NEXT and self._note_step(number, step, count, before, now)
        transit = int(now * self.clock_rate) - packet.timestamp
        if self._last_transit is not None:
            difference = abs(timestamp_distance(transit, self._last_transit))
            self._jitter += (difference - self._jitter) / 16
        if count > 1:  # the others came with it and bear its timestamp: no difference at all
            self._jitter *= (15 / 16) ** (count - 1)
        self._last_transit = transit
        return Arrival(number, cut_off)

    def _note_step(
        self, number: int, step: Step, count: int, before: int | None, now: float
    ) -> bool:
        """Note packets that are not the next ones; `before` was the newest until they came.

        Return whether so much is missing that only a keyframe helps.
        """
        if before is None:
            self._base = number
        elif step is Step.LATE:
            self.missing.arrived(range(number, number + count))
        elif step is Step.RESTART:  # what lies between was never sent: neither lost nor missing
            self._base += number - before - 1
            self.missing.clear()
        elif step is Step.CUT:
            self.missing.clear()
            return True
        else:
            return self.missing.lost(range(before + 1, number), now)
        return False

    @property
    def _expected(self) -> int:
        """Packets that should have come so far."""
        newest = self._numbering.newest
        return 0 if newest is None else newest - self._base + 1

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
        return max(0, self._expected - self.packets)

    def block(self, now: float) -> ReportBlock:
        """Return the reception report since the last call."""
        expected = self._expected
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
            (self._numbering.newest or 0) & 0xFFFFFFFF,
            min(int(max(self._jitter, 0)), 0xFFFFFFFF),
            last_sr,
            since,
        )
