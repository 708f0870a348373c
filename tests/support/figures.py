"""A node's figures as GET /control/stats tells them, for a lesson with one publisher and viewer."""

from media.contract.stats import (
    NodeStats,
    PublisherStats,
    SentStats,
    StageStats,
    TrackStats,
    ViewerStats,
)

SENT = SentStats("main", "video", "LIVE", 100, 99_000, 3, 0.05, 7, 0.001, 0.0123, 2, 4, 3)
TRACK = TrackStats("main", "video", "H264", 1, 0, 500, 9, 0.0042, 1, 12, 5, 2)


def node_figures(
    lesson: str, host: str, viewer: str, cost: float | None = 7.1e-6, state: str = "SILENT"
) -> NodeStats:
    """`host` and `viewer` are subjects, `cost` seconds of CPU a packet."""
    publisher = PublisherStats(
        "p1", host, "HOST", "main", "CONNECTED", 1.0, 2_100_000, 2_500_000, 0.01, 0
    )
    watching = ViewerStats(
        "v1", viewer, "LEG", state, 1.0, 2_000_000, 0.05, 0.0123, 6, (SENT, SENT)
    )
    stage = StageStats((TRACK,), (publisher,), (watching,))
    return NodeStats("n1", "b1", 9.0, 3.0, 0.125, cost, 1000, 8, {lesson: stage})
