"""A node's figures as GET /control/stats answers them: a lesson of one publisher and viewer."""

from collections.abc import Mapping
from typing import Any

from media.contract.messages import RosterEntry
from media.contract.stats import (
    NodeStats,
    PublisherStats,
    SentStats,
    StageStats,
    TrackStats,
    ViewerStats,
)
from media.contract.subjects import Subject

SENT = SentStats(
    slot="main",
    kind="video",
    progress="LIVE",
    packets_sent=100,
    bytes_sent=99_000,
    packets_dropped=3,
    fraction_lost=0.05,
    packets_lost=7,
    jitter=0.001,
    round_trip_time=0.0123,
    pli_count=2,
    nack_count=4,
    retransmitted_packets_sent=3,
)
TRACK = TrackStats(
    slot="main",
    kind="video",
    codec="H264",
    viewers=1,
    waiting=0,
    packets_received=500,
    packets_lost=9,
    jitter=0.0042,
    missing=1,
    packets_asked=12,
    keyframes_asked=5,
    pli_count=2,
)


def publisher_stats(subject: str, **other: Any) -> PublisherStats:
    """A publisher that does well; `other` replaces any of its figures."""
    base = {
        "peer": "p1",
        "subject": Subject(subject),
        "role": "HOST",
        "slot": "main",
        "state": "CONNECTED",
        "since": 1.0,
        "bitrate": 2_100_000,
        "available_bitrate": 2_500_000,
        "fraction_lost": 0.01,
        "packets_dropped": 0,
    }
    return PublisherStats.model_validate(base | other)


def viewer_stats(subject: str, **other: Any) -> ViewerStats:
    """A viewer of two streams; `other` replaces any of its figures."""
    base = {
        "peer": "v1",
        "subject": Subject(subject),
        "role": "LEG",
        "state": "CONNECTED",
        "since": 1.0,
        "bitrate": 2_000_000,
        "fraction_lost": 0.05,
        "round_trip_time": 0.0123,
        "packets_dropped": 6,
        "streams": (SENT, SENT),
    }
    return ViewerStats.model_validate(base | other)


def node_of(
    stages: Mapping[str, StageStats], cost: float | None = 7.1e-6, node: str = "n1"
) -> NodeStats:
    """A node that carries these stages; `cost` are seconds of CPU a packet."""
    return NodeStats(
        node=node,
        boot="b1",
        uptime=9.0,
        cpu_seconds=3.0,
        cpu_utilization=0.125,
        cpu_per_packet=cost,
        packets_sent=1000,
        packets_dropped=8,
        stages=stages,
    )


def node_figures(
    lesson: str, host: str, viewer: str, cost: float | None = 7.1e-6, state: str = "SILENT"
) -> NodeStats:
    """`host` and `viewer` are subjects, `cost` seconds of CPU a packet."""
    stage = StageStats(
        tracks=(TRACK,),
        publishers=(publisher_stats(host),),
        viewers=(viewer_stats(viewer, state=state),),
    )
    return node_of({lesson: stage}, cost)


def roster_entry(subject: str, last_heard: float) -> RosterEntry:
    """A viewer who is connected; `last_heard` in Unix seconds."""
    return RosterEntry(
        peer="v1",
        subject=Subject(subject),
        role="LEG",
        grant="view",
        slot="main",
        state="CONNECTED",
        since=1.0,
        last_heard=last_heard,
        bitrate=2_000_000,
        frames_per_second=25.0,
        audio_level=0.1,
        muted=False,
        playing=True,
        width=1280,
        height=720,
        fault="",
    )
