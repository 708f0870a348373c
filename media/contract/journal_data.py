"""What the `data` of a journal record says, by its kind. Pure.

Kinds that are not here have none. Fields that an older node does not write have a default.
"""

from collections.abc import Mapping
from typing import Annotated, NamedTuple

from pydantic import Field

from media.contract.model import Count, Measure, TolerantModel


class PeerSample(NamedTuple):
    """A live peer in one sample: totals since it connected; `last_heard` in Unix seconds."""

    last_heard: float
    packets: int
    octets: int

    def to_list(self) -> list[float]:
        """Return the sample as it is written."""
        return [round(self.last_heard, 3), self.packets, self.octets]


class StageClosedData(TolerantModel):
    """STAGE_CLOSED"""

    reason: str = ""


class PeerConnectedData(TolerantModel):
    """PEER_CONNECTED: `grant` and `slot` as in the ticket."""

    grant: str = ""
    slot: str = ""


SampledPeer = Annotated[tuple[Measure, Count, Count], Field(strict=False)]
"""PeerSample, as JSON has it: a list of three."""


class SampleData(TolerantModel):
    """SAMPLE: every connected peer of the stage."""

    peers: Mapping[str, SampledPeer]


class ReportData(TolerantModel):
    """REPORT: the fields of media.contract.messages.Report that become evidence."""

    frames: Count
    audio_level: Measure
    muted: bool
    playing: bool


class PeerSilentData(TolerantModel):
    """PEER_SILENT: `last_heard` in Unix seconds."""

    last_heard: Measure


class PeerLeftData(TolerantModel):
    """PEER_LEFT: `last_heard` in Unix seconds."""

    last_heard: Measure
    reason: str = ""


class TakenOverData(TolerantModel):
    """TAKEN_OVER: `by` is the newer peer."""

    by: str


class RefusedData(TolerantModel):
    """REFUSED: a ticket that opened nothing; `count` where refusals were only counted."""

    reason: str
    grant: str = ""
    count: Count = 1
