"""The node's counters in the shape of media.contract.stats, read when somebody asks."""

from media import clock
from media.contract.stats import (
    NodeStats,
    PublisherStats,
    SentStats,
    StageStats,
    TrackStats,
    ViewerStats,
)
from media.contract.tickets import Slot
from media.node.node import RelayNode
from media.node.session.publisher import Publisher
from media.node.session.viewer import Viewer
from media.node.stage.live_stage import LiveStage
from media.node.telemetry.load import Load
from media.stage.reception.reception import Reception
from media.stage.subscriptions.subscriber import Progress, Subscriber
from media.stage.track import Track


def node_stats(node: RelayNode, load: Load) -> NodeStats:
    """Return what the node, every stage and everybody on them are doing now."""
    return NodeStats(
        node=node.settings.node,
        boot=node.boot,
        uptime=round(clock.mono() - node.started, 3),
        cpu_seconds=clock.cpu(),
        cpu_utilization=load.utilization,
        cpu_per_packet=load.per_packet,
        packets_sent=load.packets_sent,
        packets_dropped=packets_dropped(node),
        stages={name: stage_stats(stage) for name, stage in node.stages.items()},
        packets_refused=node.port.packets_refused,
    )


def packets_dropped(node: RelayNode) -> int:
    """Return the datagrams that the socket did not take, single and batched."""
    return node.port.dropped + node.scratch.dropped


def stage_stats(stage: LiveStage) -> StageStats:
    """Return a stage's tracks that ever had a source, and its peers."""
    peers = stage.peers.values()
    return StageStats(
        tracks=tuple(
            _track(track, track.reception, slot.name)
            for slot in stage.slots.values()
            for track in slot.tracks
            if track.reception is not None
        ),
        publishers=tuple(_publisher(peer) for peer in peers if isinstance(peer, Publisher)),
        viewers=tuple(_viewer(peer) for peer in peers if isinstance(peer, Viewer)),
    )


def _track(track: Track, source: Reception, slot: Slot) -> TrackStats:
    return TrackStats(
        slot=slot.value,
        kind=track.kind,
        codec=track.codec,
        viewers=len(track.viewers.live),
        waiting=sum(s.progress is Progress.WAITING for s in track.viewers.catching_up),
        packets_received=source.packets,
        packets_lost=source.lost,
        jitter=source.jitter,
        missing=len(source.missing),
        packets_asked=source.missing.asked,
        keyframes_asked=track.gate.asked,
        pli_count=track.gate.sent,
    )


def _publisher(peer: Publisher) -> PublisherStats:
    return PublisherStats(
        peer=peer.id,
        subject=peer.claims.subject,
        role=peer.claims.role.value,
        slot=peer.slot.value,
        state=peer.state.value,
        since=peer.times.connected,
        bitrate=peer.bitrate,
        available_bitrate=peer.uplink.available_bitrate,
        fraction_lost=peer.fraction_lost,
        packets_dropped=peer.link.counters.dropped,
        packets_refused=peer.link.counters.refused,
    )


def _viewer(peer: Viewer) -> ViewerStats:
    streams = tuple(
        _sent(end, track, subscription.slot.name)
        for subscription in peer.subscriptions
        for track, end in subscription.pairs()
    )
    trips = [s.round_trip_time for s in streams if s.round_trip_time is not None]
    return ViewerStats(
        peer=peer.id,
        subject=peer.claims.subject,
        role=peer.claims.role.value,
        state=peer.state.value,
        since=peer.times.connected,
        bitrate=peer.bitrate,
        fraction_lost=max((s.fraction_lost for s in streams), default=0.0),
        round_trip_time=min(trips, default=None),
        packets_dropped=peer.link.counters.dropped + sum(s.packets_dropped for s in streams),
        streams=streams,
        packets_refused=peer.link.counters.refused,
    )


def _sent(end: Subscriber, track: Track, slot: Slot) -> SentStats:
    remote = end.remote
    return SentStats(
        slot=slot.value,
        kind=track.kind,
        progress=end.progress.value,
        packets_sent=end.packets_sent,
        bytes_sent=end.octets_sent,
        packets_dropped=end.dropped,
        fraction_lost=remote.fraction_lost,
        packets_lost=remote.packets_lost,
        jitter=remote.jitter / track.clock_rate,
        round_trip_time=remote.round_trip_time,
        pli_count=remote.pli_count,
        nack_count=remote.nack_count,
        retransmitted_packets_sent=remote.retransmitted_packets_sent,
    )
