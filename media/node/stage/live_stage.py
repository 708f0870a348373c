"""One lesson on this node: its slots, who publishes, who views, who listens on a WebSocket."""

from collections.abc import Callable, Iterator
from typing import Any

from media import clock
from media.contract import messages
from media.contract.journal import RecordKind
from media.contract.journal_data import PeerSample
from media.contract.messages import RosterEntry
from media.contract.subjects import Subject
from media.contract.tickets import LEEWAY, Slot
from media.node.session.negotiation import MULTI_SLOT
from media.node.session.peer import Peer, new_cname, replaced_by
from media.node.session.peer_states import PeerEvent
from media.node.session.publisher import Publisher
from media.node.session.timeouts import end_reason, is_silent
from media.node.session.viewer import Viewer
from media.node.stage.driver import StageDriver
from media.node.stage.early_reports import EarlyReports
from media.node.stage.roster import Listener, peer_of, roster_entry
from media.stage.outcome import Outcome
from media.stage.slot import StageSlot
from media.stage.subscription import Subscription
from media.stage.subscriptions.audience import Audience
from media.stage.track import Track

PEERS_A_TURN = 8  # looked after between two yields of a tick: 500 would hold packets up for 17 ms

Log = Callable[..., int]
"""Journal.append: kind, then fields."""


class LiveStage:
    """`audience` makes one for a kind of track; `forget` is called with each peer that is gone, so
    that its link leaves the socket."""

    def __init__(
        self,
        name: str,
        log: Log,
        audience: Callable[[str], Audience],
        forget: Callable[[Peer], None],
    ) -> None:
        self.name = name
        self.write = log
        self._forget = forget
        self.slots = {
            slot: StageSlot(slot, [k for s, k in MULTI_SLOT if s is slot], new_cname(), audience)
            for slot in Slot
        }
        self.peers: dict[str, Peer] = {}
        self.publishers: dict[Slot, Publisher] = {}
        self.listeners: dict[Subject, Listener] = {}
        self._early_reports = EarlyReports(self._viewers)
        self._driver = StageDriver(self.slots, self.publishers, self._source_began)
        log(RecordKind.STAGE_OPENED, stage=name)

    # -- peers come and go

    def has_source(self, slot: Slot) -> bool:
        return slot in self.publishers

    def add(self, peer: Peer) -> None:
        self.peers[peer.id] = peer

    def peer_secured(self, peer: Peer) -> None:
        """Let a peer in whose handshake is done; an older one in its place is closed."""
        self._log_peer(
            RecordKind.PEER_CONNECTED, peer, grant=peer.claims.grant, slot=peer.claims.slot.value
        )
        for older in [other for other in self.peers.values() if replaced_by(other, peer)]:
            self._log_peer(RecordKind.TAKEN_OVER, older, by=peer.id)
            self.peer_closed(older, "taken over")
        if isinstance(peer, Publisher):
            self._show(peer)
        elif isinstance(peer, Viewer):
            for subscription in peer.subscriptions:
                self.subscribe(subscription)
            for track, _end in peer.streams():
                peer.source_began(track)
            self._early_reports.start()

    def _show(self, peer: Publisher) -> None:
        """Let a publisher's source take its slot."""
        self.publishers[peer.slot] = peer
        followed = self.slots[peer.slot].show(peer.source, clock.mono())
        self._driver.follow_all(peer.slot, followed)
        peer.active = True
        self.broadcast(messages.source(peer.slot.value, up=True))

    def subscribe(self, subscription: Subscription) -> None:
        """Begin a subscription to one of the slots, whoever receives it."""
        slot = self.slots[subscription.slot.name]
        self._driver.follow_all(slot.name, slot.subscribe(subscription, clock.mono()))

    def unsubscribe(self, subscription: Subscription) -> None:
        """End a subscription; harmless when it is unknown."""
        self.slots[subscription.slot.name].unsubscribe(subscription)

    def follow(self, slot: Slot, track: Track, outcome: Outcome) -> None:
        """Do what a track of a slot said must follow."""
        self._driver.follow(slot, track, outcome)

    def peer_moved(self, peer: Peer) -> None:
        """A viewer's address changed: its packets go there from now on."""
        if isinstance(peer, Viewer):
            for track, end in peer.streams():
                track.viewers.live.refresh(end)

    def peer_closed(self, peer: Peer, reason: str) -> None:
        """Take a peer out, whatever the reason; a second call changes nothing."""
        if self.peers.pop(peer.id, None) is None:
            return
        was_in = peer.times.connected > 0
        peer.move(PeerEvent.CLOSE)
        if isinstance(peer, Viewer):
            for subscription in peer.subscriptions:
                self.unsubscribe(subscription)
        elif isinstance(peer, Publisher):
            peer.active = False
            if self.publishers.get(peer.slot) is peer:
                del self.publishers[peer.slot]
                self.slots[peer.slot].clear()
                self.broadcast(messages.source(peer.slot.value, up=False))
        if was_in:
            peer.say_goodbye()
            heard = round(peer.times.heard, 3)
            self._log_peer(RecordKind.PEER_LEFT, peer, last_heard=heard, reason=reason[:80])
        self._forget(peer)

    def _source_began(self, track: Track) -> None:
        """A source's first packet went out: every viewer gets sender reports at once."""
        for viewer in self._viewers():
            viewer.source_began(track)
        self._early_reports.start()

    def _viewers(self) -> list[Viewer]:
        return [p for p in self.peers.values() if isinstance(p, Viewer) and p.connected]

    # -- once a second

    def tick(self, now: float) -> Iterator[None]:
        """Send reports, notice silence, write the sample; yield often. `now` is monotonic."""
        wall = clock.wall()
        layered = any(slot.layered for slot in self.slots.values())
        for number, peer in enumerate(list(self.peers.values()), 1):
            if peer.connected:
                peer.report(now)
                peer.sample(now)
                if layered and isinstance(peer, Viewer):
                    peer.choose_layers(now)
                self._note_first_media(peer)
            self._check_timeouts(peer, now, wall)
            if number % PEERS_A_TURN == 0:
                yield
                now = clock.mono()  # round trips are counted from when a report leaves
        for slot in self.slots.values():
            slot.tick(now)
        self._sample()
        self._send_roster()

    def _note_first_media(self, peer: Peer) -> None:
        if peer.packets and not peer.first_media:
            peer.first_media = True
            self._log_peer(RecordKind.FIRST_MEDIA, peer)

    def _check_timeouts(self, peer: Peer, now: float, wall: float) -> None:
        unheard, age = now - peer.times.heard_mono, now - peer.times.created_mono
        expired = wall >= peer.claims.exp + LEEWAY
        over = "expired" if expired else end_reason(peer.state, unheard, age)
        if over is not None:
            self.peer_closed(peer, over)
        elif is_silent(peer.state, unheard):
            peer.move(PeerEvent.TIMEOUT)
            heard = round(peer.times.heard, 3)
            self._log_peer(RecordKind.PEER_SILENT, peer, last_heard=heard)

    def _sample(self) -> None:
        live = {
            peer.id: PeerSample(peer.times.heard, peer.packets, peer.octets).to_list()
            for peer in self.peers.values()
            if peer.times.connected
        }
        if live:
            self.write(RecordKind.SAMPLE, stage=self.name, data={"peers": live})

    # -- the WebSocket side

    def broadcast(self, message: str) -> None:
        for listener in list(self.listeners.values()):
            listener.send(message)

    def sources(self) -> dict[str, bool]:
        return {slot.value: slot in self.publishers for slot in Slot}

    def peer_of(self, subject: Subject) -> Peer | None:
        """Return the connected peer of a subject, viewers first."""
        return peer_of(self.peers.values(), subject)

    def _send_roster(self) -> None:
        watchers = [w for w in self.listeners.values() if w.sees_roster]
        if watchers:
            message = messages.roster(self.roster())
            for watcher in watchers:
                watcher.send(message)

    def roster(self) -> list[RosterEntry]:
        """Return everybody on this stage."""
        return [
            roster_entry(peer, self.listeners.get(peer.claims.subject))
            for peer in self.peers.values()
        ]

    # -- the end

    def close(self, reason: str) -> None:
        """End the lesson on this node: everybody is notified and disconnected."""
        self.write(RecordKind.STAGE_CLOSED, stage=self.name, data={"reason": reason[:80]})
        self.broadcast(messages.closed(reason))
        for listener in list(self.listeners.values()):
            listener.dismiss(messages.CLOSE_STAGE_CLOSED, reason)
        for peer in list(self.peers.values()):
            self.peer_closed(peer, "stage closed")
        self._driver.stop()

    def _log_peer(self, kind: RecordKind, peer: Peer, **data: Any) -> None:
        claims = peer.claims
        self.write(
            kind,
            stage=self.name,
            peer=peer.id,
            subject=claims.subject,
            role=claims.role.value,
            data=data,
        )

    @property
    def deserted(self) -> bool:
        return not self.peers and not self.listeners
