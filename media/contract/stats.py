"""How a relay node and everybody on it fare: the answer to GET /control/stats.

The names are those of W3C webrtc-stats and RFC 3550 where these have one. Bit rates are bit/s of
the last second, `fraction_lost` lies between 0 and 1, times are seconds, counters count from the
beginning of the peer (of the process for the node).

`packets_refused` came from the peer's own addresses and were not taken: they failed authentication,
came twice, could not be read or were nothing that was negotiated. Older nodes do not count it.
"""

from collections.abc import Mapping

from media.contract.model import TolerantModel
from media.contract.subjects import Subject


class SentStats(TolerantModel):
    """One stream to one viewer. `round_trip_time` is None until a report of it could be matched.

    Of `packets_sent`, `packets_dropped` were not taken by the socket or the network.
    """

    slot: str
    kind: str
    progress: str
    packets_sent: int
    bytes_sent: int
    packets_dropped: int
    fraction_lost: float
    packets_lost: int
    jitter: float
    round_trip_time: float | None
    pli_count: int
    nack_count: int
    retransmitted_packets_sent: int


class ViewerStats(TolerantModel):
    """`fraction_lost` is the worst of its streams', `round_trip_time` the shortest.

    `packets_dropped` are datagrams that the socket or the network did not take: its streams' and
    single ones (replay, retransmission, reports, handshake).
    """

    peer: str
    subject: Subject
    role: str
    state: str
    since: float
    bitrate: int
    fraction_lost: float
    round_trip_time: float | None
    packets_dropped: int
    streams: tuple[SentStats, ...]
    packets_refused: int = 0


class PublisherStats(TolerantModel):
    """`available_bitrate` is what we grant: the last REMB, or our limit to a publisher
    that estimates by itself. `fraction_lost` is of the last second.
    """

    peer: str
    subject: Subject
    role: str
    slot: str
    state: str
    since: float
    bitrate: int
    available_bitrate: int
    fraction_lost: float
    packets_dropped: int
    packets_refused: int = 0


class TrackStats(TolerantModel):
    """One medium of one slot, as its source sends it.

    `missing` packets are being asked for now, `packets_asked` were so far (one asked for twice
    counts twice), `packets_lost` never came. `keyframes_asked` are the wishes of viewers,
    `pli_count` what of them went to the publisher. `waiting` viewers have no keyframe yet.
    """

    slot: str
    kind: str
    codec: str
    viewers: int
    waiting: int
    packets_received: int
    packets_lost: int
    jitter: float
    missing: int
    packets_asked: int
    keyframes_asked: int
    pli_count: int


class StageStats(TolerantModel):
    """One lesson; tracks that nothing ever came on are left out."""

    tracks: tuple[TrackStats, ...] = ()
    publishers: tuple[PublisherStats, ...] = ()
    viewers: tuple[ViewerStats, ...] = ()


class NodeStats(TolerantModel):
    """`cpu_per_packet` (seconds of CPU a forwarded packet, all the process does included) and
    `cpu_utilization` (cores) are of the last ten seconds; None while nothing was forwarded.

    `packets_dropped` are datagrams that the socket or the network did not take.
    """

    node: str
    boot: str
    uptime: float
    cpu_seconds: float
    cpu_utilization: float
    cpu_per_packet: float | None
    packets_sent: int
    packets_dropped: int
    stages: Mapping[str, StageStats] = {}
    packets_refused: int = 0
