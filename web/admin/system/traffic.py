"""What flows through the relay nodes, with the names of rooms and people instead of ids. Pure.

The figures come through web.kit.ports.RelayNodes.stats; their names are those of W3C webrtc-stats.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field

from media.contract.stats import NodeStats, PublisherStats, StageStats, ViewerStats
from media.contract.subjects import Subject
from web.admin.system.thresholds import TROUBLE, WORST_FIRST, connection_state

EMPTY_STAGE = StageStats()
"""A stage that no node knows."""

SHOWN_AT_ONCE = 12
"""So many viewers are all shown. Of more, those in trouble are shown and the rest is folded."""


@dataclass(frozen=True, slots=True)
class CountyLesson:
    """A lesson of this county; while it is `live`, these rooms (subject to name) watch it."""

    title: str
    live: bool = False
    rooms: Mapping[Subject, str] = field(default_factory=dict)

    def absent(self, here: Collection[Subject]) -> tuple[str, ...]:
        """Return the names of the rooms that should be there and are not among these subjects."""
        missing = self.rooms.keys() - here if self.live else ()
        return tuple(sorted(self.rooms[subject] for subject in missing))


@dataclass(frozen=True, slots=True)
class ViewerRow:
    """A viewer. `state` as `connection_state` says; counters are those of all its streams."""

    name: str
    state: str
    bitrate: int
    fraction_lost: float
    round_trip_time: float | None
    keyframes: int
    resent: int
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


Key = Callable[[ViewerRow], str | float]

SORT_KEYS: Mapping[str, Key] = {
    "state": lambda row: WORST_FIRST.index(row.state),
    "name": lambda row: row.name,
    "bitrate": lambda row: row.bitrate,
    "loss": lambda row: -row.fraction_lost,
    "trip": lambda row: -(row.round_trip_time or 0.0),
    "keyframes": lambda row: -row.keyframes,
    "resent": lambda row: -row.resent,
    "dropped": lambda row: -row.dropped,
}
"""What the table of viewers can be sorted by: always what is worst comes first."""


@dataclass(frozen=True, slots=True)
class StageRow:
    """One lesson on one node ("" where no node knows it, though it is live).

    `shown` viewers stand in the open, `folded` ones under one line; `absent` are the names of rooms
    that watch a live lesson and are on no node.
    """

    lesson_id: str
    title: str
    node: str
    publishers: tuple[PublisherRow, ...]
    shown: tuple[ViewerRow, ...]
    folded: tuple[ViewerRow, ...] = ()
    absent: tuple[str, ...] = ()
    live: bool = False

    @property
    def viewers(self) -> tuple[ViewerRow, ...]:
        return self.shown + self.folded

    @property
    def states(self) -> list[str]:
        """The states of all lines, the worst first."""
        found = [row.state for row in self.publishers] + [row.state for row in self.viewers]
        return sorted(found, key=WORST_FIRST.index)

    @property
    def troubled(self) -> int:
        """How many things are worth a look: lines, rooms that are absent, no source at all."""
        lines = sum(state in TROUBLE for state in self.states)
        return lines + len(self.absent) + (self.live and not self.publishers)

    @property
    def look(self) -> str:
        """Return the look of the whole: that of the worst."""
        if self.states[:1] in (["silent"], ["bad"]) or self.absent:
            return "bad"
        return "warn" if self.troubled else "good"

    @property
    def sent(self) -> int:
        """Bit/s to all viewers."""
        return sum(row.bitrate for row in self.viewers)

    @property
    def fraction_lost(self) -> float:
        """The worst viewer's."""
        return max((row.fraction_lost for row in self.viewers), default=0.0)

    @property
    def longest_round_trip(self) -> float | None:
        trips = [v.round_trip_time for v in self.viewers if v.round_trip_time is not None]
        return max(trips, default=None)

    @property
    def keyframes(self) -> int:
        return sum(row.keyframes for row in self.viewers)

    @property
    def dropped(self) -> int:
        return sum(row.dropped for row in self.viewers)


def subjects(stats: Mapping[str, NodeStats]) -> set[Subject]:
    """Return the rooms and people who are on a stage."""
    stages = (stage for node in stats.values() for stage in node.stages.values())
    return {peer.subject for stage in stages for peer in _all(stage)}


def _all(stage: StageStats) -> Iterable[PublisherStats | ViewerStats]:
    return [*stage.publishers, *stage.viewers]


def stage_rows(
    stats: Mapping[str, NodeStats],
    names: Mapping[Subject, str],
    lessons: Mapping[str, CountyLesson],
    order: str = "",
) -> list[StageRow]:
    """Return a row a stage, by title: rows keep their places while the figures change.

    `names` by subject, `lessons` by id; what lacks one keeps its id. With an `order` of SORT_KEYS
    every viewer is shown; without one the worst come first and the others of many are folded.
    """
    found = [
        (node, stage_id, stage)
        for node, figures in stats.items()
        for stage_id, stage in figures.stages.items()
    ]
    occupied = {stage_id for _node, stage_id, stage in found if _all(stage)}
    # a lesson that moved to another node left an empty stage behind
    found = [one for one in found if one[1] not in occupied or _all(one[2])]
    here: dict[str, set[Subject]] = {}
    for _node, stage_id, stage in found:
        here.setdefault(stage_id, set()).update(peer.subject for peer in stage.viewers)
    found += [("", id_, EMPTY_STAGE) for id_, it in lessons.items() if it.live and id_ not in here]
    rows = []
    for node, stage_id, stage in found:
        lesson = lessons.get(stage_id, CountyLesson(stage_id))
        shown, folded = _viewers(stage, names, order)
        rows.append(
            StageRow(
                lesson_id=stage_id,
                title=lesson.title,
                node=node,
                publishers=tuple(_publisher(peer, stage, names) for peer in stage.publishers),
                shown=shown,
                folded=folded,
                absent=lesson.absent(here.get(stage_id, ())),
                live=lesson.live,
            )
        )
    return sorted(rows, key=lambda row: (row.title, row.node))


def _viewers(
    stage: StageStats, names: Mapping[Subject, str], order: str
) -> tuple[tuple[ViewerRow, ...], tuple[ViewerRow, ...]]:
    """Return the viewers that are shown and those that are folded."""
    live = any(peer.bitrate for peer in stage.publishers)
    rows = [_viewer(peer, names, live) for peer in stage.viewers]
    rows.sort(key=SORT_KEYS["name"])
    rows.sort(key=SORT_KEYS.get(order, SORT_KEYS["state"]))
    shown = len(rows)
    if not order and shown > SHOWN_AT_ONCE:
        shown = sum(row.state in TROUBLE for row in rows)
    return tuple(rows[:shown]), tuple(rows[shown:])


def _viewer(peer: ViewerStats, names: Mapping[Subject, str], live: bool) -> ViewerRow:
    streams = peer.streams
    state = connection_state(peer.state, peer.fraction_lost, peer.round_trip_time)
    return ViewerRow(
        name=names.get(peer.subject, peer.subject),
        state="waiting" if state == "good" and live and not peer.bitrate else state,
        bitrate=peer.bitrate,
        fraction_lost=peer.fraction_lost,
        round_trip_time=peer.round_trip_time,
        keyframes=sum(stream.pli_count for stream in streams),
        resent=sum(stream.retransmitted_packets_sent for stream in streams),
        dropped=peer.packets_dropped,
    )


def _publisher(
    peer: PublisherStats, stage: StageStats, names: Mapping[Subject, str]
) -> PublisherRow:
    tracks = [track for track in stage.tracks if track.slot == peer.slot]
    return PublisherRow(
        name=names.get(peer.subject, peer.subject),
        slot=peer.slot,
        state=connection_state(peer.state, peer.fraction_lost, None),
        bitrate=peer.bitrate,
        granted=peer.available_bitrate,
        fraction_lost=peer.fraction_lost,
        missing=sum(track.missing for track in tracks),
        lost=sum(track.packets_lost for track in tracks),
        keyframes_asked=sum(track.keyframes_asked for track in tracks),
        keyframes_sent=sum(track.pli_count for track in tracks),
    )
