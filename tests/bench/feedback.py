"""A light viewer that says what a browser says, so that a node's work on it is in the measurement.

Each second a receiver report for each stream with REMB (RFC 3550; draft-alvestrand-rmcat-remb), a
NACK at once for what is missing, and, since nothing is lost over loopback, one NACK a second for a
packet that it has. Checks of consent come from LightPeer.
"""

import asyncio
from typing import Any

from media.packets.rtcp import (
    RtcpItem,
    SenderReport,
    pack_cname,
    pack_nack,
    pack_receiver_report,
    pack_remb,
)
from media.packets.rtp import FIXED, RtpPacket
from media.stage.reception.reception import Reception
from tests.support.lightpeer import LightViewer
from tests.support.offer import VIDEO, Answer

ESTIMATE = 4_000_000
"""REMB in bit/s: room for the lesson."""
REPORT_EVERY, NACK_EVERY = 1.0, 0.1
STOPPED = 0.25
"""Seconds without a packet after which the next ones are counted anew: we were stopped, and what
was missed is not to be asked for."""
CLOCK_RATES = {VIDEO: 90_000}

FEEDBACK = "each second RR and REMB and a NACK of one packet, a check every 2 s"
"""What a viewer says, for the load of a result."""


class FeedbackViewer(LightViewer):
    """Reads everything and reports on it."""

    def __init__(self, *peer: Any, **options: Any) -> None:
        super().__init__(*peer, **options)
        self._receptions: dict[int, Reception] = {}
        self._newest: dict[int, int] = {}
        self._reporting: asyncio.Task[None] | None = None

    def _on_secured(self, answer: Answer) -> None:
        super()._on_secured(answer)
        self._reporting = asyncio.create_task(self._keep_reporting())

    def _take_media(self, data: bytes) -> None:
        before = self.last_media
        super()._take_media(data)
        now = self.last_media
        if now is None:
            return
        if before is not None and now - before > STOPPED:
            self._receptions.clear()
        _, second, sequence, timestamp, ssrc = FIXED.unpack_from(data)
        payload_type = second & 0x7F
        reception = self._receptions.get(ssrc)
        if reception is None:
            clock_rate = CLOCK_RATES.get(payload_type, 48_000)
            reception = self._receptions[ssrc] = Reception(ssrc, clock_rate)
        reception.receive(RtpPacket(False, payload_type, sequence, timestamp, ssrc, b""), now)
        if payload_type == VIDEO:
            self._newest[ssrc] = sequence

    def on_item(self, item: RtcpItem) -> None:
        """Note a sender report: the next receiver report answers it."""
        if isinstance(item, SenderReport) and item.ssrc in self._receptions:
            self._receptions[item.ssrc].reported(item, asyncio.get_running_loop().time())

    async def _keep_reporting(self) -> None:
        clock = asyncio.get_running_loop().time
        due = clock() + REPORT_EVERY
        while not self.lost.is_set():
            await asyncio.sleep(NACK_EVERY)
            now = clock()
            for ssrc, reception in self._receptions.items():
                if missing := reception.missing.due(now).sequences:
                    self._say(pack_nack(self._ssrc, ssrc, missing))
            if now >= due:
                due += REPORT_EVERY
                self._report(now)

    def _report(self, now: float) -> None:
        blocks = [reception.block(now) for reception in self._receptions.values()]
        if not blocks:
            return
        reports = pack_receiver_report(self._ssrc, blocks) + pack_cname(self._ssrc, "viewer")
        self.send_rtcp(reports + pack_remb(self._ssrc, ESTIMATE, list(self._receptions)))
        if self.last_media is not None and now - self.last_media < STOPPED:
            for ssrc, sequence in self._newest.items():
                self._say(pack_nack(self._ssrc, ssrc, [sequence]))

    def _say(self, feedback: bytes) -> None:
        """Send feedback as a compound packet, which begins with a report."""
        self.send_rtcp(pack_receiver_report(self._ssrc, []) + feedback)

    async def close(self) -> None:
        """End the session on the node and here."""
        if self._reporting is not None:
            self._reporting.cancel()
            await asyncio.gather(self._reporting, return_exceptions=True)
        await super().close()
