"""The two kinds of evidence while they grow: a peer's transport, and a terminal's reports. Pure.

Times are Unix seconds. Both drop what is not newer than what they have seen, so that reading
a stretch of the journal twice adds nothing.
"""

from dataclasses import astuple, dataclass, field
from typing import Any

from scheduler.evidence.tables import FactKind

HOLE = 3.0
"""Samples and reports come once a second; after a longer pause nobody knows what happened."""

SILENT = 5.0
"""A peer that was silent for this long was gone meanwhile (docs/attendance.md)."""

FORGET = 60.0
"""After a pause this long a terminal's total of frames says nothing about the pause's end."""

SOUND = 0.003
"""Below this RMS the sound is silence (-50 dBFS: the noise of an empty room is lower)."""

Piece = tuple[FactKind, float, float]
Span = tuple[float, float]


def add(spans: list[Span], start: float, end: float) -> None:
    """Append [start, end), growing the last span where they touch; nothing when it is empty."""
    if end <= start:
        return
    if spans and spans[-1][1] == start:
        spans[-1] = (spans[-1][0], end)
    else:
        spans.append((start, end))


@dataclass(slots=True)
class PeerTrack:
    """A live peer. `heard_at` is the last moment it was heard; up to there it is settled.

    `growth` holds the seconds after `heard_at` in which packets flowed: they count only if the
    peer is heard again in time, for packets towards a dead peer are no evidence.
    """

    boot: str
    peer: str
    subject: str
    role: str
    stage: str
    since: float
    sampled_at: float = 0.0
    heard_at: float = 0.0
    packets: int = 0
    octets: int = 0
    growth: list[Span] = field(default_factory=list)
    connected: list[Span] = field(default_factory=list)
    received: list[Span] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.sampled_at = self.sampled_at or self.since
        self.heard_at = self.heard_at or self.since

    def sample(self, at: float, last_heard: float, packets: int) -> None:
        if at <= self.sampled_at:
            return
        if at - self.sampled_at > HOLE:
            self.growth.clear()
            self.heard_at = max(self.heard_at, min(last_heard, at))
        elif packets > self.packets:
            add(self.growth, self.sampled_at, at)
        self.sampled_at, self.packets = at, max(packets, self.packets)
        self.heard(min(last_heard, at))

    def heard(self, at: float) -> None:
        """Settle what lies before `at`, the moment at which the peer was heard last."""
        if at <= self.heard_at:
            return
        if at - self.heard_at <= SILENT:
            add(self.connected, self.heard_at, at)
            for start, end in self.growth:
                add(self.received, max(start, self.heard_at), min(end, at))
        self.growth = [(max(start, at), end) for start, end in self.growth if end > at]
        self.heard_at = at

    def take(self, hold: float = 0.0) -> list[Piece]:
        """Return the settled evidence, but for last spans under `hold` seconds; go on there."""
        pieces: list[Piece] = []
        for kind, spans in (
            (FactKind.CONNECTED, self.connected),
            (FactKind.RECEIVED, self.received),
        ):
            pieces += _taken(kind, spans, hold)
        return pieces

    def to_list(self) -> list[Any]:
        return list(astuple(self))

    @classmethod
    def from_list(cls, values: list[Any]) -> "PeerTrack":
        track = cls(*values[:-3])
        track.growth, track.connected, track.received = (_spans(part) for part in values[-3:])
        return track


@dataclass(slots=True)
class ReportTrack:
    """A terminal's reports on one stage.

    `base_at` is when its latest transport came up. `frames` is the last total, -1 while unknown:
    the first report only tells where the total stands, so that a journal read from its middle
    never claims more than one read whole.
    """

    boot: str
    peer: str
    subject: str
    role: str
    stage: str
    reported_at: float = 0.0
    base_at: float = 0.0
    frames: int = -1
    muted: bool = False
    reported: list[Span] = field(default_factory=list)
    shown: list[Span] = field(default_factory=list)
    heard: list[Span] = field(default_factory=list)

    def forgotten(self, now: float) -> bool:
        """Return whether nothing that comes after `now` can depend on this track."""
        return now - max(self.reported_at, self.base_at) > FORGET

    def connected(self, at: float) -> None:
        """Note a new transport: frames that are new at the next report came after it."""
        self.base_at = max(self.base_at, at)

    def report(
        self, at: float, frames: int, audio_level: float, muted: bool, playing: bool
    ) -> bool:
        """Take one report; return whether the terminal's own muting changed with it."""
        if at <= self.reported_at:
            return False
        if at - self.reported_at > FORGET:
            self.frames, self.muted = -1, False
        start = max(self.reported_at, self.base_at)
        if start and 0 < at - start <= HOLE:
            self._count(start, at, frames, playing and not muted and audio_level > SOUND)
        changed = muted != self.muted
        self.reported_at, self.frames, self.muted = at, frames, muted
        return changed

    def _count(self, start: float, at: float, frames: int, audible: bool) -> None:
        add(self.reported, start, at)
        reloaded = 0 < frames < self.frames
        if reloaded or 0 <= self.frames < frames:
            add(self.shown, start, at)
        if audible:
            add(self.heard, start, at)

    def take(self, hold: float = 0.0) -> list[Piece]:
        """Return the evidence so far, but for last spans under `hold` seconds; go on there."""
        pieces: list[Piece] = []
        for kind, spans in (
            (FactKind.REPORTED, self.reported),
            (FactKind.SHOWN, self.shown),
            (FactKind.HEARD, self.heard),
        ):
            pieces += _taken(kind, spans, hold)
        return pieces

    def to_list(self) -> list[Any]:
        return list(astuple(self))

    @classmethod
    def from_list(cls, values: list[Any]) -> "ReportTrack":
        track = cls(*values[:-3])
        track.reported, track.shown, track.heard = (_spans(part) for part in values[-3:])
        return track


def _taken(kind: FactKind, spans: list[Span], hold: float) -> list[Piece]:
    """Take spans out of the list; the last one stays while it is shorter than `hold`."""
    open_one = spans.pop() if spans and spans[-1][1] - spans[-1][0] < hold else None
    pieces = [(kind, start, end) for start, end in spans]
    spans[:] = [] if open_one is None else [open_one]
    return pieces


def _spans(values: list[Any]) -> list[Span]:
    return [(float(start), float(end)) for start, end in values]
