"""Metrics of each open stage. Labels are its name and the kind of media; viewers are added up."""

from collections.abc import Iterable, Mapping

from prometheus_client.core import GaugeMetricFamily, Metric

from media.contract.stats import StageStats, TrackStats
from media.node.live_stage import LiveStage
from media.node.stats import stage_stats

TRACKS = (
    ("tongke_stage_viewers", "viewers of live tracks", "viewers"),
    ("tongke_stage_waiting", "viewers that wait for a keyframe", "waiting"),
    ("tongke_stage_missing_packets", "asked of the publisher now", "missing"),
    ("tongke_stage_received_packets", "from present sources", "packets_received"),
    ("tongke_stage_lost_packets", "of present sources", "packets_lost"),
    ("tongke_stage_keyframes_asked", "keyframes that viewers asked for", "keyframes_asked"),
    ("tongke_stage_pli_sent", "keyframes asked of publishers", "pli_count"),
)
"""Metric, its help, and the field of TrackStats; tracks of one kind are added up over the slots.

Gauges, for a source or viewer that leaves takes its figures along.
"""


def stage_metrics(stages: Mapping[str, LiveStage]) -> Iterable[Metric]:
    """Yield the metrics of every open stage."""
    found = {name: stage_stats(stage) for name, stage in stages.items()}
    for metric, text, field in TRACKS:
        yield _of_tracks(metric, text, field, found)
    yield from _of_publishers(found)
    yield from _of_viewers(found)


def _of_tracks(metric: str, text: str, field: str, found: Mapping[str, StageStats]) -> Metric:
    family = GaugeMetricFamily(metric, text, labels=["stage", "kind"])
    for name, stage in found.items():
        for kind in ("audio", "video"):
            mine: list[TrackStats] = [track for track in stage.tracks if track.kind == kind]
            if mine:
                family.add_metric([name, kind], sum(getattr(track, field) for track in mine))
    return family


def _of_publishers(found: Mapping[str, StageStats]) -> Iterable[Metric]:
    received = GaugeMetricFamily("tongke_stage_received_bitrate", "bit/s", labels=["stage"])
    granted = GaugeMetricFamily("tongke_stage_granted_bitrate", "REMB, bit/s", labels=["stage"])
    for name, stage in found.items():
        received.add_metric([name], sum(peer.bitrate for peer in stage.publishers))
        granted.add_metric([name], sum(peer.available_bitrate for peer in stage.publishers))
    return received, granted


def _of_viewers(found: Mapping[str, StageStats]) -> Iterable[Metric]:
    sent = GaugeMetricFamily("tongke_stage_sent_bitrate", "bit/s", labels=["stage"])
    lost = GaugeMetricFamily("tongke_stage_fraction_lost", "of the worst viewer", labels=["stage"])
    trip = GaugeMetricFamily("tongke_stage_round_trip_seconds", "the longest", labels=["stage"])
    again = GaugeMetricFamily("tongke_stage_retransmitted_packets", "to viewers", labels=["stage"])
    for name, stage in found.items():
        viewers = stage.viewers
        sent.add_metric([name], sum(viewer.bitrate for viewer in viewers))
        lost.add_metric([name], max((viewer.fraction_lost for viewer in viewers), default=0.0))
        trips = [v.round_trip_time for v in viewers if v.round_trip_time is not None]
        if trips:
            trip.add_metric([name], max(trips))
        streams = [stream for viewer in viewers for stream in viewer.streams]
        again.add_metric([name], sum(stream.retransmitted_packets_sent for stream in streams))
    return sent, lost, trip, again
