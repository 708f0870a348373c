"""`tongke relay status`: nodes, their stages and everybody on them, as lines for a terminal.

The figures are those of media.contract.stats. Subjects stay ids; the page 系统 shows their names. A
viewer's short id is its label in `/metrics`.
"""

from collections.abc import Iterator

from media.contract.stats import NodeStats, PublisherStats, StageStats, TrackStats, ViewerStats
from web.kit.ports import NodeStatus

ID_SHOWN = 12
"""Characters of a session's id: enough to find it by, too few to open it."""


def node_lines(
    status: NodeStatus, stats: NodeStats | None, *, is_draining: bool = False
) -> list[str]:
    """Return a node's line (RelayNodes.status) and its figures, if it has any (`stats`)."""
    state = "ready" if status.reachable else "does not answer"
    if status.outdated:
        state += "  speaks another version, is replaced after its lessons"
    if is_draining or status.outdated:
        state += "  takes no new lessons"
    first = f"{status.id}  {state}  {status.stages} stages  {status.peers} peers"
    if stats is None:
        return [first]
    cost = stats.cpu_per_packet
    words = [
        first,
        f"CPU {stats.cpu_utilization:.1%}",
        "- us/packet" if cost is None else f"{cost * 1e6:.1f} us/packet",
        f"{stats.packets_sent} sent",
        f"{stats.packets_dropped} dropped",
        *_refused(stats),
    ]
    lines = ["  ".join(words)]
    for name, stage in stats.stages.items():
        lines += _stage_lines(name, stage)
    return lines


def _stage_lines(name: str, stage: StageStats) -> Iterator[str]:
    yield _stage_line(name, stage)
    for track in stage.tracks:
        yield _track_line(track)
    for peer in stage.publishers:
        yield _publisher_line(peer)
    for viewer in sorted(stage.viewers, key=_worst_first):
        yield _viewer_line(viewer)


def _worst_first(peer: ViewerStats) -> tuple[bool, float, float]:
    return peer.state == "CONNECTED", -peer.fraction_lost, -(peer.round_trip_time or 0)


def _stage_line(name: str, stage: StageStats) -> str:
    """All viewers in one line: the sum of their rates and drops, the worst loss and round trip."""
    viewers, tracks = stage.viewers, stage.tracks
    trips = [v.round_trip_time for v in viewers if v.round_trip_time is not None]
    words = [
        f"  stage {name}",
        f"{len(viewers)} viewers",
        f"{megabits(sum(viewer.bitrate for viewer in viewers))} sent",
        f"loss {max((viewer.fraction_lost for viewer in viewers), default=0.0):.1%}",
        f"round trip {milliseconds(max(trips, default=None))}",
        f"keyframes: {sum(track.keyframes_asked for track in tracks)} asked, "
        f"{sum(track.pli_count for track in tracks)} sent",
        f"{sum(viewer.packets_dropped for viewer in viewers)} dropped",
    ]
    return "  ".join(words)


def _track_line(track: TrackStats) -> str:
    words = [
        f"    {track.slot} {track.kind}",
        track.codec,
        f"{track.viewers} viewers",
        f"{track.waiting} waiting",
        f"upstream: {track.packets_received} packets, {track.packets_lost} lost, "
        f"{track.missing} missing, {track.packets_asked} asked again, "
        f"jitter {milliseconds(track.jitter)}",
        f"keyframes: {track.keyframes_asked} asked, {track.pli_count} sent",
    ]
    return "  ".join(words)


def _publisher_line(peer: PublisherStats) -> str:
    words = [
        f"    publisher {peer.subject}",
        peer.slot,
        peer.state,
        f"{megabits(peer.bitrate)} of {megabits(peer.available_bitrate)} granted",
        f"loss {peer.fraction_lost:.1%}",
        f"{peer.packets_dropped} dropped",
        *_refused(peer),
    ]
    return "  ".join(words)


def _viewer_line(peer: ViewerStats) -> str:
    streams = peer.streams

    words = [
        f"    viewer {peer.subject}",
        peer.peer[:ID_SHOWN],
        peer.state,
        megabits(peer.bitrate),
        f"loss {peer.fraction_lost:.1%} ({sum(stream.packets_lost for stream in streams)})",
        f"round trip {milliseconds(peer.round_trip_time)}",
        f"PLI {sum(stream.pli_count for stream in streams)}  "
        f"NACK {sum(stream.nack_count for stream in streams)}",
        f"{sum(stream.retransmitted_packets_sent for stream in streams)} sent again",
        f"{peer.packets_dropped} dropped",
        *_refused(peer),
    ]
    return "  ".join(words)


def _refused(entry: NodeStats | PublisherStats | ViewerStats) -> list[str]:
    """Packets that could not be used, if any; older nodes do not count them."""
    count = entry.packets_refused
    return [f"{count} refused"] if count else []


def megabits(rate: int) -> str:
    """Return bit/s in Mbit/s."""
    return f"{rate / 1e6:.2f} Mbit/s"


def milliseconds(seconds: float | None) -> str:
    """Return seconds in milliseconds, a dash for what was not measured."""
    return "-" if seconds is None else f"{seconds * 1000:.1f} ms"
