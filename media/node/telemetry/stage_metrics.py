"""Metrics of each open stage and of each viewer on it.

A viewer's label is the beginning of its session's id, as in `tongke relay status`: nobody is named,
the rest of the id stays a secret, and there are as many series as there are viewers now.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from prometheus_client.core import GaugeMetricFamily, Metric

from media.contract.stats import StageStats, TrackStats, ViewerStats
from media.node.stage.live_stage import LiveStage
from media.node.telemetry.stats import stage_stats

ID_SHOWN = 12
"""Characters of a session's id, of 32."""

TRACKS = (
    ("tongke_stage_viewers", "Viewers of live tracks", "viewers"),
    ("tongke_stage_waiting", "Viewers that wait for a keyframe", "waiting"),
    ("tongke_stage_missing_packets", "Packets asked of publishers now", "missing"),
    ("tongke_stage_received_packets", "Packets from present sources", "packets_received"),
    ("tongke_stage_lost_packets", "Packets of present sources that never came", "packets_lost"),
    ("tongke_stage_keyframes_asked", "Keyframes that viewers asked for", "keyframes_asked"),
    ("tongke_stage_pli_sent", "Keyframes asked of publishers", "pli_count"),
)
"""Metric, its help, and the field of TrackStats; tracks of one kind are added up over the slots.

Gauges, for a source or viewer that leaves takes its figures along.
"""


@dataclass(frozen=True, slots=True)
class Figure:
    """tongke_viewer_<name> of each viewer, and tongke_stage_<name>: what `of_stage` makes of them.

    What was not measured (None) is left out.
    """

    name: str
    help: str
    read: Callable[[ViewerStats], float | None]
    of_stage: Callable[[list[float]], float]


def _of_streams(field: str) -> Callable[[ViewerStats], float]:
    return lambda viewer: sum(getattr(stream, field) for stream in viewer.streams)


VIEWERS = (
    Figure("sent_bits_per_second", "RTP sent in the last second", lambda v: v.bitrate, sum),
    Figure(
        "fraction_lost", "Share of packets reported lost, 0 to 1", lambda v: v.fraction_lost, max
    ),
    Figure("round_trip_seconds", "Round trip (RTCP)", lambda v: v.round_trip_time, max),
    Figure("keyframe_requests", "PLI and FIR received", _of_streams("pli_count"), sum),
    Figure(
        "retransmitted_packets",
        "Packets sent again",
        _of_streams("retransmitted_packets_sent"),
        sum,
    ),
    Figure(
        "dropped_packets", "Datagrams that a queue did not take", lambda v: v.packets_dropped, sum
    ),
    Figure("refused_packets", "Packets received and not taken", lambda v: v.packets_refused, sum),
)


def stage_metrics(stages: Mapping[str, LiveStage]) -> Iterable[Metric]:
    """Yield the metrics of every open stage."""
    found = {name: stage_stats(stage) for name, stage in stages.items()}
    for metric, text, field in TRACKS:
        yield _of_tracks(metric, text, field, found)
    yield from _of_publishers(found)
    for figure in VIEWERS:
        yield from _of_viewers(figure, found)


def _of_tracks(metric: str, text: str, field: str, found: Mapping[str, StageStats]) -> Metric:
    family = GaugeMetricFamily(metric, text, labels=["stage", "kind"])
    for name, stage in found.items():
        for kind in ("audio", "video"):
            mine: list[TrackStats] = [track for track in stage.tracks if track.kind == kind]
            if mine:
                family.add_metric([name, kind], sum(getattr(track, field) for track in mine))
    return family


def _of_publishers(found: Mapping[str, StageStats]) -> Iterable[Metric]:
    received = GaugeMetricFamily(
        "tongke_stage_received_bits_per_second",
        "RTP from publishers in the last second",
        labels=["stage"],
    )
    granted = GaugeMetricFamily(
        "tongke_stage_granted_bits_per_second", "Granted to publishers", labels=["stage"]
    )
    lost = GaugeMetricFamily(
        "tongke_stage_upstream_fraction_lost",
        "Share of packets lost on the way here, of the worst publisher, 0 to 1",
        labels=["stage"],
    )
    refused = GaugeMetricFamily(
        "tongke_stage_upstream_refused_packets",
        "Packets of publishers that failed authentication, came twice or were not negotiated",
        labels=["stage"],
    )
    for name, stage in found.items():
        received.add_metric([name], sum(peer.bitrate for peer in stage.publishers))
        granted.add_metric([name], sum(peer.available_bitrate for peer in stage.publishers))
        worst = max((peer.fraction_lost for peer in stage.publishers), default=0.0)
        lost.add_metric([name], worst)
        refused.add_metric([name], sum(peer.packets_refused for peer in stage.publishers))
    return received, granted, lost, refused


def _of_viewers(figure: Figure, found: Mapping[str, StageStats]) -> Iterable[Metric]:
    of_stages = GaugeMetricFamily(
        f"tongke_stage_{figure.name}",
        f"{figure.help}: {'the worst' if figure.of_stage is max else 'all'} of its viewers",
        labels=["stage"],
    )
    of_each = GaugeMetricFamily(
        f"tongke_viewer_{figure.name}", figure.help, labels=["stage", "viewer"]
    )
    for name, stage in found.items():
        read = {viewer.peer[:ID_SHOWN]: figure.read(viewer) for viewer in stage.viewers}
        known = {viewer: value for viewer, value in read.items() if value is not None}
        for viewer, value in known.items():
            of_each.add_metric([name, viewer], value)
        if known:
            of_stages.add_metric([name], figure.of_stage(list(known.values())))
    return of_stages, of_each
