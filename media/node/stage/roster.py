"""Who is on a stage, in the words of the stage WebSocket."""

from collections.abc import Collection, Iterable
from typing import Protocol

from media.contract.messages import CLOSE_REFUSED, Report, RosterEntry
from media.contract.subjects import Subject
from media.contract.tickets import REVOKED, TicketClaims
from media.node.admission.revocations import name_of
from media.node.session.peer import Peer
from media.node.session.viewer import Viewer


class Listener(Protocol):
    """A stage WebSocket. `report` is the last one that came; `sees_roster` by its role."""

    claims: TicketClaims
    subject: Subject
    report: Report | None
    frames_per_second: float
    sees_roster: bool

    def send(self, message: str) -> None: ...
    def dismiss(self, code: int, reason: str) -> None: ...


def dismiss_revoked(listeners: Iterable[Listener], kind: str, names: Collection[str]) -> None:
    """Close the sockets of those who were revoked: they neither hear nor report more."""
    for listener in tuple(listeners):
        if name_of(kind, listener.claims) in names:
            listener.dismiss(CLOSE_REFUSED, REVOKED)


def peer_of(peers: Iterable[Peer], subject: Subject) -> Peer | None:
    """Return the peer of a subject, connected ones and viewers first."""
    mine = [peer for peer in peers if peer.claims.subject == subject]
    mine.sort(key=lambda peer: (peer.times.connected == 0, not isinstance(peer, Viewer)))
    return mine[0] if mine else None


def roster_entry(peer: Peer, listener: Listener | None) -> RosterEntry:
    """Return a peer as the node sees it and as its own terminal reports."""
    said = (listener.report if listener else None) or Report()
    return RosterEntry(
        peer=peer.id,
        subject=peer.claims.subject,
        role=peer.claims.role.value,
        grant=peer.claims.grant.value,
        slot=peer.claims.slot.value,
        state=peer.state.value,
        since=peer.times.connected,
        last_heard=peer.times.heard,
        bitrate=peer.bitrate,
        frames_per_second=listener.frames_per_second if listener else 0.0,
        audio_level=said.audio_level,
        muted=said.muted,
        playing=said.playing,
        width=said.width,
        height=said.height,
        fault=said.fault or _lacking(peer),
    )


def _lacking(peer: Peer) -> str:
    """Name a codec that this peer is sent and cannot play."""
    ends = [end for _track, end in peer.streams()] if isinstance(peer, Viewer) else []
    found = [end.unplayable for end in ends if end.unplayable]
    return f"cannot play {found[0]}" if found else ""
