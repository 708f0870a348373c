"""The control API of a relay node, spoken by the coordinator alone (Bearer: node secret). Pure.

    GET  /control/hello                      -> NodeHello
    POST /control/stages/{stage}/close       CloseStage -> 204 (kept on disk until then)
    POST /control/revoke                     Revoke -> 204
    GET  /control/stages                     -> Stages
    GET  /control/stats                      -> media.contract.stats.NodeStats
    GET  /control/journal?after=SEQ&limit=N  -> JournalPage
    POST /control/journal/ack                Acknowledge -> 204; segments wholly below are deleted
    POST /control/shutdown                   -> 202

docs/protocols/control-api.md is the rule for others. Moments are Unix seconds.
"""

from collections.abc import Mapping

from media.contract.journal import JournalRecord
from media.contract.messages import RosterEntry
from media.contract.model import Count, Measure, StrictModel, Text, TolerantModel

PROTOCOL = 3
"""What both sides of this version speak best."""

OLDEST_NODE = 2
"""The oldest node that a coordinator of this version works with."""

OLDEST_COORDINATOR = 3
"""The oldest coordinator that a node of this version works with: one of version 2 cannot read
journal records that carry a version, and replaces the node by itself."""

HEADER = "Tongke-Protocol"
"""A coordinator sends the version that it speaks with this node; without it, it speaks OLDEST."""


class NodeHello(TolerantModel):
    """Who answers at a control address. This one shape never changes but for new fields.

    The node speaks every version from `oldest` to `protocol`; one of version 2 has no `oldest`.
    `seq` is the newest journal record, `cpu_utilization` the cores of the last ten seconds,
    `stages` how many are open (None: the node is too old to say).
    """

    node: Text
    boot: Text
    protocol: Count
    oldest: Count | None = None
    pid: Count
    seq: Count
    udp_port: Count = 0
    uptime: Measure = 0.0
    cpu_utilization: Measure = 0.0
    stages: Count | None = None

    @property
    def common(self) -> int | None:
        """The newest version that both sides speak; None where there is none."""
        oldest = self.protocol if self.oldest is None else self.oldest
        best = min(self.protocol, PROTOCOL)
        return best if best >= max(oldest, OLDEST_NODE) else None


class CloseStage(StrictModel):
    """End a stage and refuse its tickets until then."""

    reason: Text
    until: Measure


class Revoke(StrictModel):
    """End live peers and WebSockets of these devices, tickets or subjects, refuse them until then.

    Every list may be left out. An empty name stands for nobody.
    """

    devices: tuple[Text, ...] = ()
    jti: tuple[Text, ...] = ()
    subjects: tuple[Text, ...] = ()
    until: Measure


class Acknowledge(StrictModel):
    """The reader holds every record up to `seq`."""

    seq: Count


class Stages(TolerantModel):
    """Everybody on every stage."""

    stages: Mapping[str, tuple[RosterEntry, ...]]


class JournalPage(TolerantModel):
    """A piece of a journal. `last` is the newest sequence number that the node has."""

    node: Text = ""
    boot: Text = ""
    records: tuple[JournalRecord, ...]
    last: Count
