"""What flows through the relay nodes, with the names of rooms and people in place of ids. Pure.

The figures come through web.ports.RelayDesk.stats; their names are those of W3C webrtc-stats.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

LOSS_WARN, LOSS_BAD = 0.02, 0.10
"""Shares lost from which speech suffers, and from which pictures stand still."""
SLOW = 0.3
"""Seconds of round trip from which people interrupt each other (ITU-T G.114: 150 ms one way)."""

Figures = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ViewerRow:
    """A viewer. `state` as `judged` says; counters are those of all its streams."""

    name: str
    state: str
    bitrate: int
    fraction_lost: float
    round_trip_time: float | None
    keyframes: int
    again: int
    dropped: int


@dataclass(frozen=True, slots=True)
class PublisherRow:
    """A publisher. `missing` are packets asked for now, `lost` those that never came."""

    name: str
    slot: str
    state: str
    bitrate: int
    granted: int
    fraction_lost: float
    missing: int
    lost: int
    keyframes_asked: int
    keyframes_sent: int


@dataclass(frozen=True, slots=True)
class StageRow:
    """One lesson on one node."""

    lesson_id: str
    title: str
    node: str
    publishers: tuple[PublisherRow, ...]
    viewers: tuple[ViewerRow, ...]

    @property
    def longest_round_trip(self) -> float | None:
        trips = [v.round_trip_time for v in self.viewers if v.round_trip_time is not None]
        return max(trips, default=None)


def subjects(stats: Mapping[str, Figures], kind: str) -> set[str]:
    """Return the ids of the rooms ("room") or people ("person") who are on a stage."""
    peers = (
        peer for node in stats.values() for stage in node["stages"].values() for peer in _all(stage)
    )
    parts = (str(peer["subject"]).partition(":") for peer in peers)
    return {id_ for found, _, id_ in parts if found == kind}


def _all(stage: Figures) -> Iterable[Figures]:
    return [*stage["publishers"], *stage["viewers"]]


def stage_rows(
    stats: Mapping[str, Figures], names: Mapping[str, str], titles: Mapping[str, str]
) -> list[StageRow]:
    """Return a row a stage. `names` by subject, `titles` by lesson; what lacks one keeps its id."""
    return [
        StageRow(
            lesson_id=stage_id,
            title=titles.get(stage_id, stage_id),
            node=node,
            publishers=tuple(_publisher(p, stage, names) for p in stage["publishers"]),
            viewers=tuple(sorted((_viewer(p, names) for p in stage["viewers"]), key=_worst_first)),
        )
        for node, figures in stats.items()
        for stage_id, stage in figures["stages"].items()
    ]


def _worst_first(row: ViewerRow) -> tuple[int, str]:
    return ("silent", "bad", "warn", "joining", "good").index(row.state), row.name


def _viewer(peer: Figures, names: Mapping[str, str]) -> ViewerRow:
    streams = peer["streams"]
    return ViewerRow(
        name=names.get(peer["subject"], peer["subject"]),
        state=judged(peer["state"], peer["fraction_lost"], peer["round_trip_time"]),
        bitrate=peer["bitrate"],
        fraction_lost=peer["fraction_lost"],
        round_trip_time=peer["round_trip_time"],
        keyframes=sum(stream["pli_count"] for stream in streams),
        again=sum(stream["retransmitted_packets_sent"] for stream in streams),
        dropped=peer["packets_dropped"],
    )


def _publisher(peer: Figures, stage: Figures, names: Mapping[str, str]) -> PublisherRow:
    tracks = [track for track in stage["tracks"] if track["slot"] == peer["slot"]]
    return PublisherRow(
        name=names.get(peer["subject"], peer["subject"]),
        slot=peer["slot"],
        state=judged(peer["state"], peer["fraction_lost"], None),
        bitrate=peer["bitrate"],
        granted=peer["available_bitrate"],
        fraction_lost=peer["fraction_lost"],
        missing=sum(track["missing"] for track in tracks),
        lost=sum(track["packets_lost"] for track in tracks),
        keyframes_asked=sum(track["keyframes_asked"] for track in tracks),
        keyframes_sent=sum(track["pli_count"] for track in tracks),
    )


def judged(state: str, fraction_lost: float, round_trip_time: float | None) -> str:
    """Return what to say of a connection: good, warn, bad, or silent, or joining (not there yet).

    `state` is a peer's on the node: NEW, CONNECTING, CONNECTED, SILENT.
    """
    if state in ("NEW", "CONNECTING"):
        return "joining"
    if state != "CONNECTED":
        return "silent"
    if fraction_lost >= LOSS_BAD:
        return "bad"
    slow = round_trip_time is not None and round_trip_time >= SLOW
    return "warn" if slow or fraction_lost >= LOSS_WARN else "good"
