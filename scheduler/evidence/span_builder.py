"""From what a relay node noted, second by second, to intervals of evidence. Pure.

The reader of a node's journal feeds one builder a node, in the order of the journal; times are
Unix seconds of the node's clock. What is open is kept in `snapshot()`, which is stored in one
transaction with the facts and the position, so that a restart goes on as if nothing had happened.

CONNECTED grows to each `last_heard`, RECEIVED is the seconds in which the packet total grew, as
far as the peer was heard; so both end where the peer fell silent, not where it was given up.
REPORTED, SHOWN and HEARD are the seconds between two reports of a terminal. Evidence is never
stretched over a hole: what nobody sampled is not claimed.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from scheduler.evidence.intervals import NewFact
from scheduler.evidence.shaping import fact_of, is_lesson, moment_of, short_name
from scheduler.evidence.tables import FactKind
from scheduler.evidence.tracks import PeerTrack, Piece, ReportTrack

BESIDE = "BESIDE"
BESIDE_GRANTS = frozenset({("HOST", "view"), ("LEG", "publish")})

StageSubject = tuple[str, str]
Track = PeerTrack | ReportTrack


class SpanBuilder:
    """Collects the evidence of one node. `boot` is the run of the node that speaks now."""

    def __init__(self, boot: str = "") -> None:
        self.boot = boot
        self._peers: dict[str, PeerTrack] = {}
        self._reports: dict[StageSubject, ReportTrack] = {}
        self._stages: set[str] = set()
        self._latest = 0.0
        self._done: list[tuple[Track, list[Piece]]] = []
        self._moments: list[NewFact] = []

    def node_started(self, boot: str, at: float) -> None:
        """Begin a run of the node. Whatever an older run left open ends at its last evidence.

        Call it for the record, and whenever a record's boot is not `self.boot`.
        """
        if boot == self.boot:
            return
        self._retire_all()
        self.boot = boot
        for stage in sorted(self._stages):
            self._moment(FactKind.NODE_STARTED, stage, at)
        self._stages.clear()

    def stage_opened(self, stage: str, at: float) -> None:
        if is_lesson(stage):
            self._stages.add(stage)
            self._moment(FactKind.STAGE_OPENED, stage, at)

    def stage_closed(self, stage: str, at: float, reason: str = "") -> None:
        if is_lesson(stage):
            self._stages.discard(stage)
            self._moment(FactKind.STAGE_CLOSED, stage, at, data={"reason": reason})

    def peer_connected(
        self, peer: str, subject: str, role: str, stage: str, at: float, grant: str = ""
    ) -> None:
        """A peer's transport is up. Its packet total starts at zero.

        `grant` is the ticket's. A host attends by publishing and a leg by viewing: a transport of
        the other direction is kept apart under the role BESIDE.
        """
        if not is_lesson(stage) or peer in self._peers:
            return
        beside = (role, grant) in BESIDE_GRANTS
        self._peers[peer] = PeerTrack(
            self.boot, peer, subject, BESIDE if beside else role, stage, at
        )
        self._moment(FactKind.JOINED, stage, at, peer, subject, self._peers[peer].role)
        self._latest = max(self._latest, at)
        if not beside:
            report = self._report_track(stage, subject)
            report.role = role
            report.connected(at)

    def sample(self, peer: str, at: float, last_heard: float, packets: int, octets: int) -> None:
        """Once a second: a peer's totals since it connected. An unknown peer is left out."""
        track = self._peers.get(peer)
        if track is not None:
            track.sample(at, last_heard, packets)
            track.octets = max(track.octets, octets)

    def peer_left(self, peer: str, at: float, last_heard: float, reason: str) -> None:
        """A peer is gone; it counts up to when it was last heard."""
        track = self._peers.pop(peer, None)
        if track is None:
            return
        track.heard(min(last_heard, at))
        self._retire(track)
        data = {"reason": reason, "packets": track.packets, "octets": track.octets}
        left = max(min(last_heard, at), track.since)
        self._moment(FactKind.LEFT, track.stage, left, peer, track.subject, track.role, data)

    def taken_over(self, peer: str, by: str, at: float) -> None:
        """A newer peer of the same subject and slot replaced this one."""
        track = self._peers.get(peer)
        if track is not None:
            self._moment(
                FactKind.TAKEN_OVER,
                track.stage,
                at,
                peer,
                track.subject,
                track.role,
                {"by": by},
            )

    def refused(self, stage: str, subject: str, at: float, reason: str) -> None:
        """Somebody was refused. Only a `subject` that a signature proved becomes a fact."""
        if subject and is_lesson(stage):
            name = short_name("no", stage, subject)
            self._moment(FactKind.REFUSED, stage, at, name, subject, "", {"reason": reason})

    def report(
        self,
        subject: str,
        stage: str,
        at: float,
        frames: int,
        audio_level: float,
        muted: bool,
        playing: bool = True,
    ) -> None:
        """Once a second: a terminal's own words. `frames` is a total that a reload resets."""
        if not is_lesson(stage):
            return
        self._latest = max(self._latest, at)
        track = self._report_track(stage, subject)
        if track.report(at, frames, audio_level, muted, playing):
            self._moment(
                FactKind.MUTED, stage, at, track.peer, subject, track.role, {"muted": muted}
            )

    def flush(self, seq: int = 0, hold: float = 0.0) -> list[NewFact]:
        """Return every fact since the last flush, stamped with `seq`, the journal position.

        Open evidence is cut at its last second and goes on from there, so that the union of all
        flushes is the evidence, however often and wherever the journal was cut. With `hold`, what
        is open and shorter than so many seconds stays in the builder: the snapshot carries it,
        the readers of the ledger see it there (`ledger.open_facts`), and a lesson of forty
        minutes is tens of rows instead of thousands.
        """
        facts = self._moments
        for track in self._open():
            self._done.append((track, track.take(hold)))
        self._forget_reports()
        whole = [fact_of(track, piece) for track, pieces in self._done for piece in pieces]
        facts += [fact for fact in whole if fact.ends_at > fact.starts_at]  # under a millisecond
        self._moments, self._done = [], []
        return [replace(fact, seq=seq) for fact in facts]

    def snapshot(self) -> dict[str, object]:
        """Return what is open, as JSON. Take it right after `flush`."""
        return {
            "boot": self.boot,
            "latest": self._latest,
            "stages": sorted(self._stages),
            "peers": [track.to_list() for track in self._peers.values()],
            "reports": [track.to_list() for track in self._reports.values()],
        }

    @classmethod
    def restore(cls, state: Mapping[str, Any]) -> "SpanBuilder":
        """Return the builder of a snapshot; an empty one for an empty mapping."""
        builder = cls(str(state.get("boot", "")))
        builder._latest = float(state.get("latest", 0.0))
        builder._stages = set(state.get("stages", ()))
        for values in state.get("peers", ()):
            peer = PeerTrack.from_list(values)
            builder._peers[peer.peer] = peer
        for values in state.get("reports", ()):
            report = ReportTrack.from_list(values)
            builder._reports[report.stage, report.subject] = report
        return builder

    def _report_track(self, stage: str, subject: str) -> ReportTrack:
        track = self._reports.get((stage, subject))
        if track is None:
            name = short_name("ws", stage, subject)
            track = ReportTrack(self.boot, name, subject, self._role(stage, subject), stage)
            self._reports[stage, subject] = track
        return track

    def _role(self, stage: str, subject: str) -> str:
        for peer in self._peers.values():
            if (peer.stage, peer.subject) == (stage, subject) and peer.role != BESIDE:
                return peer.role
        return ""

    def _open(self) -> list[Track]:
        return [*self._peers.values(), *self._reports.values()]

    def _forget_reports(self) -> None:
        """Drop the reports of terminals that are long gone, so that a snapshot stays small."""
        live = {(peer.stage, peer.subject) for peer in self._peers.values()}
        for key, track in list(self._reports.items()):
            if key not in live and track.forgotten(self._latest):
                self._retire(track)  # with the piece that was too short to be written so far
                del self._reports[key]

    def _retire(self, track: Track) -> None:
        self._done.append((track, track.take()))

    def _retire_all(self) -> None:
        for track in self._open():
            self._retire(track)
        self._peers.clear()
        self._reports.clear()

    def _moment(
        self,
        kind: FactKind,
        stage: str,
        at: float,
        peer: str = "",
        subject: str = "",
        role: str = "",
        data: Mapping[str, object] | None = None,
    ) -> None:
        """`peer` is part of a fact's key, so that a stage's own moments carry its name."""
        moment, name = moment_of(at), peer or f"stage-{stage}"
        self._moments.append(
            NewFact(stage, subject, role, self.boot, 0, name, kind, moment, moment, data or {})
        )
