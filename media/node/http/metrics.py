"""`/metrics` in the Prometheus text format."""

import asyncio
import os
import resource
import sys
from collections.abc import Iterable
from pathlib import Path

from aiohttp import web as http
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.registry import Collector

from media import clock
from media.node.http.endpoints import NODE
from media.node.node import RelayNode
from media.node.session.viewer import Viewer
from media.node.telemetry.load import LOAD, Load
from media.node.telemetry.stage_metrics import stage_metrics
from media.node.telemetry.stats import packets_dropped

REGISTRY = http.AppKey("registry", CollectorRegistry)


class NodeCollector(Collector):
    """Reads the node's own counters when asked; nothing is counted twice on the packet path."""

    def __init__(self, node: RelayNode, load: Load) -> None:
        self._node, self._load = node, load

    def collect(self) -> Iterable[Metric]:
        node = self._node
        peers = [peer for _stage, peer in node.sessions.values()]
        viewers = sum(isinstance(peer, Viewer) for peer in peers)
        port = node.port
        yield GaugeMetricFamily("tongke_stages", "Open stages", len(node.stages))
        yield GaugeMetricFamily("tongke_viewers", "Viewers, connected or about to be", viewers)
        yield GaugeMetricFamily(
            "tongke_publishers", "Publishers, connected or about to be", len(peers) - viewers
        )
        yield GaugeMetricFamily(
            "tongke_journal_seq", "Position of the last journal record", node.journal.seq
        )
        yield CounterMetricFamily(
            "tongke_journal_dropped",
            "Samples that the journal could not take",
            node.journal.dropped,
        )
        admission = node.admission
        yield CounterMetricFamily("tongke_refused_tickets", "Tickets refused", admission.refused)
        yield CounterMetricFamily(
            "tongke_refused_unnoted",
            "Refused tickets that the journal only counts",
            admission.unrecorded,
        )
        yield CounterMetricFamily(
            "tongke_faults", "Datagrams that met a fault of this program", port.faults
        )
        yield from _growth(node)
        yield CounterMetricFamily(
            "tongke_strangers", "Datagrams from unproven addresses", port.strangers
        )
        yield CounterMetricFamily(
            "tongke_refused_checks", "Connectivity checks that prove nothing", port.refused
        )
        yield CounterMetricFamily(
            "tongke_send_dropped",
            "Datagrams that the socket or the network did not take",
            packets_dropped(node),
        )
        yield CounterMetricFamily(
            "tongke_refused_packets",
            "Packets of peers that failed authentication, came twice or were not negotiated",
            port.packets_refused,
        )
        yield from _costs(self._load)
        sent = sum(peer.packets for peer in peers if isinstance(peer, Viewer))
        yield GaugeMetricFamily("tongke_sent_packets", "RTP packets sent to present viewers", sent)
        yield from stage_metrics(node.stages)


def _costs(load: Load) -> Iterable[Metric]:
    yield CounterMetricFamily(
        "tongke_cpu_seconds", "CPU time of this process, user and system", clock.cpu()
    )
    yield CounterMetricFamily(
        "tongke_forwarded_packets", "RTP packets forwarded to viewers", load.packets_sent
    )
    yield GaugeMetricFamily(
        "tongke_cpu_utilization",
        "Cores kept busy in the last ten seconds, 1 is one whole core",
        load.utilization,
    )
    if load.per_packet is not None:
        yield GaugeMetricFamily(
            "tongke_cpu_seconds_per_packet",
            "CPU time a forwarded packet, of the last ten seconds",
            load.per_packet,
        )


def _growth(node: RelayNode) -> Iterable[Metric]:
    """What must be as before once everybody who joined has left again."""
    tables = GaugeMetricFamily("tongke_table_size", "Entries of a table", labels=["table"])
    for name, size in table_sizes(node).items():
        tables.add_metric([name], size)
    yield tables
    yield GaugeMetricFamily("tongke_tasks", "Tasks of the event loop", len(asyncio.all_tasks()))
    yield GaugeMetricFamily(
        "tongke_open_files", "Open files and sockets", len(os.listdir("/proc/self/fd"))
    )
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    yield GaugeMetricFamily(
        "tongke_resident_bytes", "Resident memory", pages * resource.getpagesize()
    )
    blocks = sys.getallocatedblocks()
    yield GaugeMetricFamily("tongke_memory_blocks", "Memory blocks that Python holds", blocks)


def table_sizes(node: RelayNode) -> dict[str, int]:
    """Return how many entries each table of the node holds."""
    stages = node.stages.values()
    slots = [slot for stage in stages for slot in stage.slots.values()]
    return {
        "stages": len(node.stages),
        "sessions": len(node.sessions),
        "peers": sum(len(stage.peers) for stage in stages),
        "listeners": sum(len(stage.listeners) for stage in stages),
        "subscribers": sum(len(track.viewers) for slot in slots for track in slot.tracks),
        "closing": len(node.closing),
        "journal": node.journal.in_memory,
        **node.port.sizes(),
    }


async def metrics(request: http.Request) -> http.Response:
    """Serve the metrics."""
    text = generate_latest(request.app[REGISTRY])
    return http.Response(body=text, headers={"Content-Type": CONTENT_TYPE_PLAIN_0_0_4})


def add_metrics(app: http.Application) -> None:
    """Put `/metrics` into the application."""
    registry = CollectorRegistry()
    registry.register(NodeCollector(app[NODE], app[LOAD]))
    app[REGISTRY] = registry
    app.router.add_get("/metrics", metrics)
