"""A peer that views slots of a stage: its subscriptions, and what it reports of them."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from media import clock
from media.contract.tickets import TicketClaims
from media.node.session.peer import Peer, StageOfPeer
from media.packets import rtcp
from media.stage.subscription import Subscription
from media.stage.subscriptions.subscriber import Progress, Subscriber
from media.stage.track import Track

EARLY_REPORTS = 2
"""Two points make the line by which a browser reads our clock."""


class _Sent(NamedTuple):
    """One of our streams to a viewer."""

    subscription: Subscription
    kind: str
    end: Subscriber
    description: bytes  # SDES: its CNAME

    @property
    def track(self) -> Track:
        return self.subscription.track(self.kind)

    def report(self, now: float) -> bytes:
        """Return a sender report and its CNAME; empty when there is nothing to say."""
        mapped = self.track.sender_report(self.end, clock.ntp(now), now)
        if mapped is None:
            return b""
        self.end.remote.sent(mapped.ntp, now)
        return rtcp.pack_sender_report(mapped) + self.description


class Viewer(Peer):
    """Watches slots. `subscriptions` has one for each slot that was negotiated."""

    def __init__(
        self,
        claims: TicketClaims,
        stage: StageOfPeer,
        subscribe: Callable[["Viewer"], list[Subscription]],
    ) -> None:
        super().__init__(claims, stage)
        self.subscriptions = subscribe(self)
        self._sent = {
            end.ssrc: _Sent(subscription, kind, end, rtcp.pack_cname(end.ssrc, end.cname))
            for subscription in self.subscriptions
            for kind, end in subscription.ends.items()
        }
        self._capacity: int | None = None  # bit/s by its newest REMB

    def send_rtp(self, packet: bytes) -> None:
        """Outlet of our subscribers, for single packets (replay)."""
        self.link.send_rtp(packet)

    def send_retransmission(self, packet: bytes, newest: int) -> None:
        """Outlet of our subscribers, for retransmissions and what came late."""
        self.link.send_retransmission(packet, newest)

    def batch_keys(self) -> tuple[Any, int, bytes] | None:
        """Return what a batched send needs: SRTP handle, tag length, packed address."""
        return self.link.batch_keys()

    def retransmission_keys(self, ssrc: int, newest: int) -> tuple[Any, int, bytes] | None:
        """Return the same for packets that are sent again."""
        return self.link.retransmission_keys(ssrc, newest)

    def protect_failed(self) -> None:
        """A packet could not be protected: this viewer must begin anew, under new keys."""
        asyncio.get_running_loop().call_soon(self.stage.peer_closed, self, "protect failed")

    def release(self) -> None:
        """Drop the references to the subscribers, too: we are their outlet."""
        super().release()
        self.subscriptions.clear()
        self._sent.clear()

    def on_rtp(self, packets: Sequence[memoryview]) -> None:
        """A viewer sends no media: what comes all the same is dropped and counted."""
        self.on_heard()
        self.link.counters.refused += len(packets)

    def streams(self) -> Iterator[tuple[Track, Subscriber]]:
        """Yield each of our streams to it: the track, and our end of it."""
        for subscription in self.subscriptions:
            yield from subscription.pairs()

    def count(self) -> None:
        """Add up what our subscribers were sent."""
        self.packets = sum(sent.end.packets_sent for sent in self._sent.values())
        self.octets = sum(sent.end.octets_sent for sent in self._sent.values())

    def own_ssrcs(self) -> list[int]:
        return [self.ssrc, *self._sent]

    def handle(self, item: rtcp.RtcpItem) -> None:
        if isinstance(item, rtcp.Remb):
            self._capacity = item.bitrate
        elif isinstance(item, rtcp.Bye):
            if item.ssrcs:
                self.stage.peer_closed(self, "bye")
        elif isinstance(item, rtcp.ReportBlock | rtcp.Nack | rtcp.KeyframeRequest):
            sent = self._sent.get(item.ssrc)
            if sent is not None:
                self._handle_feedback(item, sent)

    def _handle_feedback(
        self, item: rtcp.ReportBlock | rtcp.Nack | rtcp.KeyframeRequest, sent: _Sent
    ) -> None:
        """Act on what it says of one of our streams."""
        end = sent.end
        if isinstance(item, rtcp.ReportBlock):
            end.remote.heard(item, clock.mono())
        elif isinstance(item, rtcp.Nack):
            end.remote.nack_count += 1
            resent = sent.track.retransmit(end, item.sequences)
            end.remote.retransmitted_packets_sent += resent
        else:
            end.remote.pli_count += 1
            if end.progress is not Progress.REPLAYING:  # a keyframe is on its way to it
                track = sent.track
                outcome = track.ask_keyframe(clock.mono())
                self.stage.follow(sent.subscription.slot.name, track, outcome)

    def report(self, now: float) -> None:
        """Send sender reports in one datagram, so that sound and picture stay together. A terminal
        knows by them, too, that its path is alive while its host is mute: it waits three seconds.
        """
        self.count()
        reports = b"".join([sent.report(now) for sent in self._sent.values()])
        if reports:
            self.link.send_rtcp(reports)

    def choose_layers(self, now: float) -> None:
        """Let each subscription go over to the layer that the viewer's path carries."""
        for subscription in self.subscriptions:
            for track, outcome in subscription.carries(self._capacity, now):
                self.stage.follow(subscription.slot.name, track, outcome)

    def source_began(self, track: Track) -> None:
        """Reports of this track are due at once."""
        for mine, end in self.streams():
            if mine is track:
                end.early_reports = EARLY_REPORTS

    def report_early(self) -> None:
        """Send the reports that are due at once, of streams that have begun."""
        now = clock.mono()
        for sent in self._sent.values():
            if sent.end.early_reports and (report := sent.report(now)):
                sent.end.early_reports -= 1
                self.link.send_rtcp(report)
