"""A peer that views a stage's slots: its subscriptions, and what it says of them."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

from media import clock
from media.contract.tickets import TicketClaims
from media.node.session.peer import Peer, StageOfPeer
from media.packets import rtcp
from media.stage.subscriptions.subscriber import Progress, Subscriber
from media.stage.track import Track

EARLY_REPORTS = 2
"""Two points make the line by which a browser reads our clock."""


class Viewer(Peer):
    """Watches slots. `subscriptions` pairs each negotiated track with our sending end."""

    def __init__(
        self,
        claims: TicketClaims,
        stage: StageOfPeer,
        subscribe: Callable[["Viewer"], list[tuple[Track, Subscriber]]],
    ) -> None:
        super().__init__(claims, stage)
        self.subscriptions = subscribe(self)
        self._by_ssrc = {subscriber.ssrc: (t, subscriber) for t, subscriber in self.subscriptions}

    def send_rtp(self, packet: bytes) -> None:
        """Outlet of our subscribers, for single packets (replay)."""
        self.link.send_rtp(packet)

    def send_retransmission(self, packet: bytes, newest: int) -> None:
        """Outlet of our subscribers, for retransmissions and what came late."""
        self.link.send_retransmission(packet, newest)

    def batch_keys(self) -> tuple[Any, int, bytes] | None:
        """Return what a batched send needs: SRTP handle, tag length, packed address."""
        return self.link.batch_keys()

    def protect_failed(self) -> None:
        """A packet could not be protected: this viewer must begin anew, under new keys."""
        asyncio.get_running_loop().call_soon(self.stage.peer_closed, self, "protect failed")

    def release(self) -> None:
        """Let go of the subscribers, too: we are their outlet."""
        super().release()
        self.subscriptions.clear()
        self._by_ssrc.clear()

    def on_rtp(self, packets: Sequence[memoryview]) -> None:
        """A viewer sends no media: what comes all the same is dropped and counted."""
        self.on_heard()
        self.link.counters.refused += len(packets)

    def count(self) -> None:
        """Add up what our subscribers were sent."""
        self.packets = sum(subscriber.packets for _track, subscriber in self.subscriptions)
        self.octets = sum(subscriber.octets for _track, subscriber in self.subscriptions)

    def own_ssrcs(self) -> list[int]:
        return [self.ssrc, *self._by_ssrc]

    def handle(self, item: rtcp.RtcpItem) -> None:
        if isinstance(item, rtcp.Bye) and item.ssrcs:
            self.stage.peer_closed(self, "bye")
        elif isinstance(item, rtcp.Nack) and item.ssrc in self._by_ssrc:
            track, subscriber = self._by_ssrc[item.ssrc]
            again = track.retransmit(subscriber, item.sequences)
            subscriber.remote.nack_count += 1
            subscriber.remote.retransmitted_packets_sent += again
        elif isinstance(item, rtcp.KeyframeRequest) and item.ssrc in self._by_ssrc:
            track, subscriber = self._by_ssrc[item.ssrc]
            subscriber.remote.pli_count += 1
            if subscriber.progress is not Progress.REPLAYING:  # a keyframe is on its way to it
                self.stage.ask_keyframe(track)
        elif isinstance(item, rtcp.ReportBlock) and item.ssrc in self._by_ssrc:
            self._by_ssrc[item.ssrc][1].remote.heard(item, clock.mono())

    def report(self, now: float) -> None:
        """Send sender reports, so that sound and picture stay together. A terminal knows by them,
        too, that its path is alive while its host is mute: it waits three seconds for one.
        """
        self.count()
        for track, subscriber in self.subscriptions:
            self._report(track, subscriber, now)

    def source_began(self, track: Track) -> None:
        """Reports of this track are due at once."""
        for mine, subscriber in self.subscriptions:
            if mine is track:
                subscriber.early_reports = EARLY_REPORTS

    def codec_changed(self, track: Track) -> None:
        """The track's next source speaks another codec, which we may not know."""
        for mine, subscriber in self.subscriptions:
            if mine is track:
                subscriber.codec_changed(track.codec, track.next_sequence)

    def report_early(self) -> None:
        """Send the reports that are due at once, of streams that have begun."""
        for track, subscriber in self.subscriptions:
            if subscriber.early_reports and self._report(track, subscriber, clock.mono()):
                subscriber.early_reports -= 1

    def _report(self, track: Track, subscriber: Subscriber, now: float) -> bool:
        """Send a sender report if there is anything to say; return whether there was."""
        mapped = track.sender_report(subscriber, clock.ntp(now), now)
        if mapped is None:
            return False
        subscriber.remote.sent(mapped.ntp, now)
        cname = rtcp.pack_cname(subscriber.ssrc, subscriber.cname)
        self.link.send_rtcp(rtcp.pack_sender_report(mapped) + cname)
        return True
