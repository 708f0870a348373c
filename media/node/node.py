"""The relay node: stages, peers, one socket, one journal, one tick a second."""

import asyncio
import logging
import os
import secrets
from dataclasses import dataclass

from media import clock
from media.contract.journal import RecordKind
from media.contract.tickets import Grant, Slot, TicketClaims
from media.fanout.batch_audience import BatchAudience
from media.fanout.outbox import Outbox
from media.fanout.segments import Scratch
from media.node.admission.admission import Admission
from media.node.admission.keyring import Keyring
from media.node.admission.refusals import NodeFull, NoSource, SlotHeld
from media.node.admission.revocations import FILE, RevocationList, name_of
from media.node.journal import Journal
from media.node.session.answers import AnswerTrack, AnswerTransport, write_answer
from media.node.session.negotiation import Offer, read_publish_offer, read_view_offer
from media.node.session.peer import Peer
from media.node.session.peer_states import PeerState
from media.node.session.publisher import Publisher, offered_source
from media.node.session.uplink import uplink_for
from media.node.session.viewer import Viewer
from media.node.settings import NodeSettings
from media.node.stage.live_stage import LiveStage
from media.node.stage.roster import dismiss_revoked
from media.node.stage.subscribing import new_subscriptions
from media.stage.subscription import Subscription
from media.transport.dtls import SharedCertificate
from media.transport.link import Link
from media.transport.port import UdpPort

logger = logging.getLogger(__name__)

DESERTED_AFTER = 60
"""Ticks (seconds) after which a stage without peers and listeners is dropped."""
PENDING = 4
"""Sessions of one ticket that have not connected yet; a fifth replaces the oldest."""


@dataclass(frozen=True, slots=True)
class Admitted:
    """A peer that was admitted and the answer to its offer."""

    peer: Peer
    answer: str


class RelayNode:
    """Everything of one node process but HTTP."""

    def __init__(self, settings: NodeSettings) -> None:
        self.settings = settings
        self.boot = secrets.token_hex(8)
        self.started = clock.mono()
        self.journal = Journal(
            settings.data / "journal", settings.node, self.boot, clock.wall, clock.mono
        )
        self.keyring = Keyring(settings.keys)
        self.revocations = RevocationList(settings.data / FILE)
        self.admission = Admission(self.keyring, self.revocations, self.journal.append)
        self.outbox = Outbox(lambda work: asyncio.get_running_loop().call_soon(work))
        self.port = UdpPort(settings.udp_host, settings.udp_port, self.outbox)
        self.scratch = Scratch(self.port.socket.fileno(), self.port.socket.family)
        self.certificate = SharedCertificate.generateCertificate()
        self.stages: dict[str, LiveStage] = {}
        self.sessions: dict[str, tuple[LiveStage, Peer]] = {}
        self._deserted: dict[str, int] = {}
        self.closing: set[asyncio.Task[None]] = set()
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Open the socket and begin to tick."""
        self.port.open()
        self.journal.append(RecordKind.NODE_STARTED, data={"pid": os.getpid()})
        self._tasks = [
            asyncio.create_task(self.journal.keep_synchronised()),
            asyncio.create_task(self._tick_for_ever()),
        ]

    async def stop(self) -> None:
        """End every stage's peers cleanly; the stages themselves stay open for another start."""
        for task in self._tasks:
            task.cancel()
        for stage in list(self.stages.values()):
            for peer in list(stage.peers.values()):
                stage.peer_closed(peer, "node stopped")
        if self.closing:
            await asyncio.wait(self.closing, timeout=2)
        self.journal.append(RecordKind.NODE_STOPPED)
        self.journal.close()
        self.port.close()

    # -- admission

    def verify_any(self, token: str, stage: str) -> TicketClaims:
        """Return the claims of a ticket that opens `stage` now; raise TicketError, StageClosed."""
        return self.admission.admit(token, stage, (Grant.VIEW, Grant.PUBLISH), clock.wall())

    def _audience(self, kind: str) -> BatchAudience:
        return BatchAudience(self.scratch, self.outbox if kind == "video" else None)

    def open_stage(self, name: str) -> LiveStage:
        """Return the stage, opened by its first valid ticket."""
        stage = self.stages.get(name)
        if stage is None:
            stage = LiveStage(name, self.journal.append, self._audience, self._forget)
            self.stages[name] = stage
        self._deserted.pop(name, None)
        return stage

    def publish(self, claims: TicketClaims, sdp: str) -> Admitted:
        """Answer a WHIP offer; raise OfferRefused, SlotHeld or NodeFull, with nothing opened."""
        offer = read_publish_offer(sdp, claims.slot)
        self._check_room(claims)
        self._check_slot(claims)
        stage = self.open_stage(claims.stage)
        uplink = uplink_for(offer.tracks, self.settings.max_bitrate)
        peer = Publisher(claims, stage, offered_source(claims, offer), uplink)
        return self._admit(stage, peer, offer, [AnswerTrack(track) for track in offer.tracks])

    def view(self, claims: TicketClaims, sdp: str, multi_slot: bool) -> Admitted:
        """Answer a WHEP offer; raise OfferRefused, NoSource or NodeFull, with nothing opened."""
        offer = read_view_offer(sdp, multi_slot)
        self._check_room(claims)
        known = self.stages.get(claims.stage)
        if not multi_slot and not (known and known.has_source(Slot.MAIN)):
            raise NoSource
        stage = self.open_stage(claims.stage)

        def subscribe(viewer: Viewer) -> list[Subscription]:
            return new_subscriptions(viewer, offer.tracks, stage.slots)

        viewer = Viewer(claims, stage, subscribe)
        ends = {s.slot.name: s.ends for s in viewer.subscriptions}
        answered = [
            AnswerTrack(section, end.ssrc, end.cname)
            for section in offer.tracks
            for end in (ends[section.slot][section.kind],)
        ]
        return self._admit(stage, viewer, offer, answered)

    def _check_room(self, claims: TicketClaims) -> None:
        """Is there room, and is the ticket still good? Its offer may have been long in coming."""
        self.admission.recheck(claims, clock.wall())
        mine = [found for found in self.sessions.values() if found[1].claims.jti == claims.jti]
        pending = [(stage, peer) for stage, peer in mine if not peer.times.connected]
        for stage, peer in pending[: 1 - PENDING]:
            stage.peer_closed(peer, "never used")
        if len(self.sessions) >= self.settings.max_peers:
            raise NodeFull

    def _check_slot(self, claims: TicketClaims) -> None:
        """A newer publisher replaces an older one, a terminal never a person."""
        stage = self.stages.get(claims.stage)
        holder = stage.publishers.get(claims.slot) if stage else None
        if holder is None or holder.state is not PeerState.CONNECTED:
            return
        if holder.claims.subject.is_person and claims.subject.is_room:
            raise SlotHeld

    def _admit(
        self, stage: LiveStage, peer: Peer, offer: Offer, tracks: list[AnswerTrack]
    ) -> Admitted:
        peer.bundle_head = offer.tracks[0]
        peer.link = Link(peer, self.certificate, offer.ufrag, offer.fingerprints, self.port.send)
        self.port.add(peer.link)
        stage.add(peer)
        self.sessions[peer.id] = (stage, peer)
        answer = write_answer(tracks, self.transport_of(peer), self.settings.max_bitrate)
        return Admitted(peer, answer)

    def transport_of(self, peer: Peer) -> AnswerTransport:
        """Return what an answer says of our side of the peer's transport."""
        local = peer.link.ice.local
        return AnswerTransport(
            local.ufrag,
            local.pwd,
            self.certificate.fingerprint,
            tuple((address, self.port.port) for address in self.settings.announce),
        )

    def restart_ice(self, peer: Peer, remote_ufrag: str) -> AnswerTransport:
        """Begin a new ICE generation of a session (RFC 9725 section 4.3.3)."""
        peer.link.ice.restart(remote_ufrag)
        self.port.add(peer.link)
        peer.restarted()
        return self.transport_of(peer)

    # -- the end of peers and stages

    def _forget(self, peer: Peer) -> None:
        self.sessions.pop(peer.id, None)
        closing = asyncio.create_task(peer.link.close())
        self.closing.add(closing)
        closing.add_done_callback(lambda task: self._gone(task, peer))

    def _gone(self, task: "asyncio.Task[None]", peer: Peer) -> None:
        self.closing.discard(task)
        self.port.remove(peer.link)
        peer.release()
        if not task.cancelled() and task.exception():
            logger.error("closing a link failed: internal error", exc_info=task.exception())

    def close_stage(self, name: str, reason: str, until: float) -> None:
        """End a lesson: its peers go, and its tickets are refused until `until` (Unix s)."""
        self.admission.revoke("stages", [name], until, clock.wall())
        stage = self.stages.pop(name, None)
        if stage is not None:
            stage.close(reason)

    def revoke(self, kind: str, names: list[str], until: float) -> None:
        """Refuse "devices", "tickets" or holders ("subjects"), and end those who are in."""
        self.admission.revoke(kind, names, until, clock.wall())
        for stage, peer in list(self.sessions.values()):
            if name_of(kind, peer.claims) in names:
                stage.peer_closed(peer, "revoked")
        for stage in self.stages.values():
            dismiss_revoked(stage.listeners.values(), kind, names)

    # -- once a second

    async def _tick_for_ever(self) -> None:
        loop = asyncio.get_running_loop()
        due = loop.time()
        while True:
            due = max(due + 1, loop.time() - 1)
            await asyncio.sleep(max(0, due - loop.time()))
            try:
                await self.tick()
            except Exception:
                logger.exception("tick failed: internal error; the next one follows in a second")

    async def tick(self) -> None:
        """Let each stage do its second's work; a stage long deserted is dropped."""
        self.admission.tick(clock.wall())
        for name, stage in list(self.stages.items()):
            for _turn in stage.tick(clock.mono()):
                await asyncio.sleep(0)
            if not stage.deserted or name not in self.stages:  # closed meanwhile
                self._deserted.pop(name, None)
                continue
            self._deserted[name] = self._deserted.get(name, 0) + 1
            if self._deserted[name] > DESERTED_AFTER:
                del self.stages[name], self._deserted[name]
