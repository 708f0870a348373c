"""The two kinds of peers on a node: who publishes into a slot, and who views the slots.

A peer owns its link and tells its stage what it learns; the stage decides what follows.
"""

import asyncio
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from media.contract.tickets import Slot, TicketClaims
from media.node import clock
from media.node.negotiation import OfferedTrack
from media.packets import rtcp
from media.packets.rtp import RtpError, parse_rtp
from media.stage.peer_states import PeerEvent, PeerState, next_peer_state
from media.stage.subscriber import Subscriber
from media.stage.track import Track
from media.transport.link import Link

MAX_PAYLOAD = 1440
"""Octets of a payload at most: what leaves must fit a path of 1,500 (header, tag, UDP, IP)."""

HEARD_GRAIN = 0.05
"""Seconds to which "last heard" is known."""

GATHER = 0.002
"""Seconds that a frame's packets wait for their marker before they are sent."""


class StageOfPeer(Protocol):
    """What a peer needs of its stage."""

    def peer_secured(self, peer: "Peer") -> None: ...
    def peer_closed(self, peer: "Peer", reason: str) -> None: ...
    def peer_moved(self, peer: "Peer") -> None: ...
    def ask_keyframe(self, track: Track) -> None: ...


@dataclass(slots=True)
class PeerTimes:
    """Unix seconds, save `heard_mono` and `created_mono`, which are monotonic."""

    created_mono: float = field(default_factory=clock.mono)
    heard_mono: float = field(default_factory=clock.mono)
    heard: float = field(default_factory=clock.wall)
    connected: float = 0.0


def new_etag() -> str:
    return f'"{secrets.token_hex(8)}"'


class Peer:
    """What publishers and viewers share: identity, state, last heard. Owner of a Link."""

    def __init__(self, claims: TicketClaims, stage: StageOfPeer) -> None:
        self.id = secrets.token_hex(16)
        self.claims = claims
        self.stage = stage
        self.state = PeerState.NEW
        self.times = PeerTimes()
        self.etag, self.restarts = new_etag(), 0
        self.link: Link
        self.bundle_head: OfferedTrack  # whose section carries the transport of all
        self.ssrc = secrets.randbits(31) | 1  # of our own reports to this peer
        self.packets = self.octets = 0
        self.first_media = False
        self._sampled = (0.0, 0)

    def move(self, event: PeerEvent) -> None:
        self.state = next_peer_state(self.state, event)

    def restarted(self) -> None:
        """Another ICE session carries us from now on."""
        self.etag, self.restarts = new_etag(), self.restarts + 1

    def on_checked(self) -> None:
        if self.state is PeerState.CLOSED:
            return  # its link is closing
        self.move(PeerEvent.CHECKED)
        self._heard_now()

    def on_heard(self) -> None:
        """Note a genuine packet; within a moment of the last one there is nothing new to note."""
        if self.state is PeerState.CONNECTED and clock.mono() - self.times.heard_mono < HEARD_GRAIN:
            return
        if self.state in (PeerState.CONNECTED, PeerState.SILENT):
            self.move(PeerEvent.HEARD)
        self._heard_now()

    def _heard_now(self) -> None:
        self.times.heard_mono, self.times.heard = clock.mono(), clock.wall()

    def on_secured(self) -> None:
        if self.state is PeerState.CLOSED:
            return
        self.move(PeerEvent.SECURED)
        self.times.connected = clock.wall()
        self.stage.peer_secured(self)

    def on_link_closed(self, reason: str) -> None:
        self.stage.peer_closed(self, reason)

    def on_moved(self) -> None:
        self.stage.peer_moved(self)

    def on_rtp(self, packet: bytes) -> None:
        """Only publishers send media; a viewer's is dropped."""

    def on_rtcp(self, packet: bytes) -> None:
        """Read a compound packet; a malformed one is dropped."""
        try:
            items = rtcp.parse_rtcp(packet)
        except rtcp.RtcpError:
            self.link.counters.forged += 1
            return
        for item in items:
            self.handle(item)

    def handle(self, item: rtcp.RtcpItem) -> None:
        raise NotImplementedError

    def report(self, now: float) -> None:
        """Send this second's reports."""
        raise NotImplementedError

    def bitrate(self, now: float) -> int:
        """Return bit/s of media since the last call; `now` is monotonic."""
        since, octets = self._sampled
        self._sampled = (now, self.octets)
        return int(8 * (self.octets - octets) / (now - since)) if since and now > since else 0


class Publisher(Peer):
    """Sends one slot's media. `tracks` by the payload type that we answered."""

    def __init__(
        self,
        claims: TicketClaims,
        stage: StageOfPeer,
        tracks: Mapping[int, Track],
        codecs: Mapping[int, str],
        max_bitrate: int,
    ) -> None:
        super().__init__(claims, stage)
        self.slot: Slot = claims.slot
        self.tracks = tracks
        self.codecs = codecs
        self._max_bitrate = max_bitrate
        self._flushes: dict[int, asyncio.TimerHandle] = {}
        self.active = False

    def on_rtp(self, packet: bytes) -> None:
        """Hand a media packet to its track; what is not media that we answered is dropped."""
        if not self.active:
            return
        try:
            media = parse_rtp(packet)
            track = self.tracks[media.payload_type]
        except (RtpError, KeyError):
            self.link.counters.forged += 1
            return
        if len(media.payload) > MAX_PAYLOAD:
            self.link.counters.forged += 1
            return
        self.packets += 1
        self.octets += len(packet)
        now = clock.mono()
        if track.receive(media, now):
            self._flush_soon(media.payload_type, track)
        elif media.marker:
            self._flushed(media.payload_type)
        if track.gate.due(now):
            self.ask_keyframe(track)

    def _flush_soon(self, payload_type: int, track: Track) -> None:
        """See to it that a frame whose marker does not come is sent all the same."""
        if payload_type not in self._flushes:
            later = asyncio.get_running_loop().call_later
            self._flushes[payload_type] = later(GATHER, self._flush, payload_type, track)

    def _flush(self, payload_type: int, track: Track) -> None:
        del self._flushes[payload_type]
        track.flush()

    def _flushed(self, payload_type: int) -> None:
        timer = self._flushes.pop(payload_type, None)
        if timer is not None:
            timer.cancel()

    def handle(self, item: rtcp.RtcpItem) -> None:
        if isinstance(item, rtcp.SenderReport):
            for track in self.tracks.values():
                if track.reception is not None and track.reception.ssrc == item.ssrc:
                    track.reception.reported(item, clock.mono())

    def ask_keyframe(self, track: Track) -> None:
        """Send a PLI for the track's source."""
        if track.reception is not None:
            self._send(rtcp.pack_pli(self.ssrc, track.reception.ssrc))

    def report(self, now: float) -> None:
        """Send receiver reports and the bandwidth that we grant (REMB), which also starts it."""
        receptions = [t.reception for t in self.tracks.values() if t.reception is not None]
        blocks = [reception.block(now) for reception in receptions]
        if blocks:
            ssrcs = [reception.ssrc for reception in receptions]
            self._send(
                rtcp.pack_receiver_report(self.ssrc, blocks)
                + rtcp.pack_cname(self.ssrc, "tongke")
                + rtcp.pack_remb(self.ssrc, self._max_bitrate, ssrcs)
            )

    def _send(self, packet: bytes) -> None:
        if packet[1] not in (rtcp.SR, rtcp.RR):  # a compound packet begins with a report
            packet = rtcp.pack_receiver_report(self.ssrc, []) + packet
        self.link.send_rtcp(packet)


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
        self.loss = 0.0
        self.nacked = 0

    def send_rtp(self, packet: bytes) -> None:
        """Outlet of our subscribers, for single packets (replay, retransmission)."""
        self.link.send_rtp(packet)

    def batch_keys(self) -> tuple[Any, int, bytes] | None:
        """Return what a batched send needs: SRTP handle, tag length, packed address."""
        return self.link.batch_keys()

    def protect_failed(self) -> None:
        """A packet could not be protected: this viewer must begin anew, under new keys."""
        asyncio.get_running_loop().call_soon(self.stage.peer_closed, self, "protect failed")

    def count(self) -> None:
        """Add up what our subscribers were sent."""
        self.packets = sum(subscriber.packets for _track, subscriber in self.subscriptions)
        self.octets = sum(subscriber.octets for _track, subscriber in self.subscriptions)

    def handle(self, item: rtcp.RtcpItem) -> None:
        if isinstance(item, rtcp.Nack) and item.ssrc in self._by_ssrc:
            track, subscriber = self._by_ssrc[item.ssrc]
            self.nacked += track.retransmit(subscriber, item.sequences)
        elif isinstance(item, rtcp.KeyframeRequest) and item.ssrc in self._by_ssrc:
            self.stage.ask_keyframe(self._by_ssrc[item.ssrc][0])
        elif isinstance(item, rtcp.ReportBlock) and item.ssrc in self._by_ssrc:
            self.loss = item.fraction_lost / 256

    def report(self, now: float) -> None:
        """Send sender reports, so that sound and picture stay together."""
        self.count()
        for track, subscriber in self.subscriptions:
            mapped = track.sender_report(subscriber)
            if mapped is not None:
                cname = rtcp.pack_cname(subscriber.ssrc, "main")
                self.link.send_rtcp(rtcp.pack_sender_report(mapped) + cname)
