"""What the two kinds of peers on a node share (media.node.session).

A peer owns its link and reports events to its stage; the stage decides what follows.
"""

import secrets
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from media import clock
from media.contract.tickets import Grant, Slot, TicketClaims
from media.node.session.negotiation import OfferedTrack
from media.node.session.peer_states import PeerEvent, PeerState, next_peer_state
from media.packets import rtcp
from media.stage.outcome import Outcome
from media.stage.track import Track
from media.transport.link import Link

HEARD_GRAIN = 0.2
"""Seconds to which "last heard" is known."""


class StageOfPeer(Protocol):
    """What a peer needs of its stage."""

    def peer_secured(self, peer: "Peer") -> None: ...
    def peer_closed(self, peer: "Peer", reason: str) -> None: ...
    def peer_moved(self, peer: "Peer") -> None: ...
    def follow(self, slot: Slot, track: Track, outcome: Outcome) -> None: ...


@dataclass(slots=True)
class PeerTimes:
    """Unix seconds, save `heard_mono` and `created_mono`, which are monotonic."""

    created_mono: float = field(default_factory=clock.mono)
    heard_mono: float = field(default_factory=clock.mono)
    heard: float = field(default_factory=clock.wall)
    connected: float = 0.0


def new_etag() -> str:
    return f'"{secrets.token_hex(8)}"'


def new_cname() -> str:
    """Return a name of 96 random bits that tells nobody who we are (RFC 7022 section 4.2)."""
    return secrets.token_urlsafe(12)


class Peer(ABC):
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
        self.cname = new_cname()  # of those reports
        self.packets = self.octets = 0
        self.first_media = False
        self.bitrate = 0  # bit/s of media in the last second
        self._sampled = (0.0, 0)

    @property
    def connected(self) -> bool:
        return self.state in (PeerState.CONNECTED, PeerState.SILENT)

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

    def release(self) -> None:
        """Drop the reference to the link, which refers to us: without a cycle it is freed at once.

        The cyclic collector hardly ever looks at what was here for a lesson (see __main__).
        """
        del self.link

    def on_heard(self) -> None:
        """Note a genuine packet that came this moment."""
        self.heard(clock.mono())

    def heard(self, now: float) -> None:
        """Note a genuine packet; within a moment of the last one there is nothing new to note."""
        if now - self.times.heard_mono < HEARD_GRAIN:
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

    @abstractmethod
    def on_rtp(self, packets: Sequence[memoryview]) -> None:
        """Take media packets that came together, headers and all; they lie here for this call."""

    def on_rtcp(self, packet: bytes) -> None:
        """Read a compound packet; a malformed one is dropped."""
        try:
            items = rtcp.parse_rtcp(packet)
        except rtcp.RtcpError:
            self.link.counters.refused += 1
            return
        for item in items:
            self.handle(item)

    @abstractmethod
    def handle(self, item: rtcp.RtcpItem) -> None:
        """Act on one item of a compound RTCP packet."""

    def own_ssrcs(self) -> list[int]:
        """Return every SSRC under which we send to this peer."""
        return [self.ssrc]

    def say_goodbye(self) -> None:
        """Tell the peer that our streams end (RFC 3550 section 6.6); nothing where no keys are."""
        report = rtcp.pack_receiver_report(self.ssrc, []) + rtcp.pack_cname(self.ssrc, self.cname)
        self.link.send_rtcp(report + rtcp.pack_bye(self.own_ssrcs()))

    @abstractmethod
    def report(self, now: float) -> None:
        """Send this second's reports."""

    def sample(self, now: float) -> None:
        """Measure the bit rate since the last call; `now` is monotonic. For the tick alone."""
        since, octets = self._sampled
        self._sampled = (now, self.octets)
        if since and now > since:
            self.bitrate = int(8 * (self.octets - octets) / (now - since))


def replaced_by(older: Peer, newer: Peer) -> bool:
    """Return whether a newer peer replaces an older one: a subject views once, and a slot has one
    publisher. What one subject publishes into several slots lives side by side.
    """
    had, has = older.claims, newer.claims
    if older is newer or had.grant is not has.grant or not older.connected:
        return False
    if has.grant is Grant.PUBLISH:
        return had.slot is has.slot
    return had.subject == has.subject
