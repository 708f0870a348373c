"""A stage of a node with its journal: peers on links without keys, listeners that keep words."""

import json
from dataclasses import dataclass, field
from typing import Any

from media import clock
from media.contract.messages import Report
from media.contract.subjects import Subject
from media.contract.tickets import Grant, Slot, TicketClaims
from media.node.session.peer import Peer
from media.node.session.publisher import Publisher
from media.node.session.uplink import RembUplink
from media.node.session.viewer import Viewer
from media.node.stage.live_stage import LiveStage
from media.stage.demux import ExtensionIds, SectionStreams
from media.stage.source import source_of
from media.stage.subscription import Subscription
from media.stage.subscriptions.subscriber import Subscriber
from media.transport.link import Link
from tests.support.link_ends import CERTIFICATE
from tests.support.plain_audience import PlainAudience
from tests.support.tickets import TicketMint

MINT = TicketMint()


@dataclass
class Listener:
    """A stage WebSocket that keeps what it is sent."""

    claims: TicketClaims
    sees_roster: bool = False
    report: Report | None = None
    frames_per_second: float = 0.0
    heard: list[dict[str, Any]] = field(default_factory=list)
    dismissed: list[tuple[int, str]] = field(default_factory=list)

    @property
    def subject(self) -> Subject:
        return self.claims.subject

    def send(self, message: str) -> None:
        self.heard.append(json.loads(message))

    def dismiss(self, code: int, reason: str) -> None:
        self.dismissed.append((code, reason))


class Lesson:
    """A stage, its journal, and who was forgotten."""

    def __init__(self) -> None:
        self.records: list[tuple[str, str, dict[str, Any]]] = []
        self.forgotten: list[Peer] = []
        self.stage = LiveStage(
            "l1", self._log, lambda _kind: PlainAudience(), self.forgotten.append
        )

    def _log(self, kind: str, **fields: Any) -> int:
        assert fields.pop("stage") == "l1"
        self.records.append((kind, fields.get("peer", ""), fields.get("data", {})))
        return len(self.records)

    def publisher(self, subject: str = "room:host", slot: Slot = Slot.MAIN) -> Publisher:
        claims = MINT.claims("l1", subject, Grant.PUBLISH, slot=slot)
        sections = [("video", "H264", SectionStreams("0", frozenset({102})))]
        source = source_of(slot, Subject(subject), sections, ExtensionIds())
        made = Publisher(claims, self.stage, source, RembUplink(1_000_000, None))
        return self._wired(made)

    def viewer(self, subject: str = "room:leg") -> Viewer:
        def subscribe(viewer: Viewer) -> list[Subscription]:
            end = Subscriber(viewer, 42, {"H264": 102}, 2000)
            return [Subscription(self.stage.slots[Slot.MAIN], {"video": end})]

        return self._wired(Viewer(MINT.claims("l1", subject, Grant.VIEW), self.stage, subscribe))

    def _wired(self, peer: Any) -> Any:
        peer.link = Link(peer, CERTIFICATE, "theirs", [], lambda _datagram, _address: True)
        self.stage.add(peer)
        return peer

    def listen(self, subject: str, **options: Any) -> Listener:
        listener = Listener(MINT.claims("l1", subject, Grant.VIEW), **options)
        self.stage.listeners[listener.subject] = listener
        return listener

    def tick(self, after: float = 0.0) -> None:
        for _turn in self.stage.tick(clock.mono() + after):
            pass

    def noted(self) -> list[tuple[str, str, dict[str, Any]]]:
        """Return the records since the last call, samples left out."""
        found, self.records = self.records, []
        return [record for record in found if record[0] != "sample"]


def connect(*peers: Peer) -> None:
    for peer in peers:
        peer.on_checked()
        peer.on_secured()
