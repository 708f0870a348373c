"""What attendance is computed from: intervals of evidence and moments. Pure.

Times are aware UTC. An interval is half-open, [starts_at, ends_at); a moment has both alike.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from scheduler.evidence.subjects import room_of
from scheduler.evidence.tables import FactKind


@dataclass(frozen=True, slots=True, order=True)
class Interval:
    """[starts_at, ends_at) of one piece of evidence."""

    starts_at: datetime
    ends_at: datetime

    @property
    def length(self) -> timedelta:
        return self.ends_at - self.starts_at

    @property
    def seconds(self) -> float:
        return self.length.total_seconds()


EVIDENCE_KINDS: frozenset[FactKind] = frozenset(
    {
        FactKind.CONNECTED,
        FactKind.RECEIVED,
        FactKind.REPORTED,
        FactKind.SHOWN,
        FactKind.HEARD,
    }
)
"""The kinds that are intervals; every other kind is a moment."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact of the ledger, as far as the arithmetic needs it."""

    kind: FactKind
    starts_at: datetime
    ends_at: datetime
    subject: str = ""
    role: str = ""
    data: Mapping[str, object] = field(default_factory=dict, hash=False)

    @property
    def interval(self) -> Interval:
        return Interval(self.starts_at, self.ends_at)


@dataclass(frozen=True, slots=True)
class NewFact:
    """A fact on its way into the ledger. `lesson_id` is the stage; `subject` as in a ticket."""

    lesson_id: str
    subject: str
    role: str
    boot: str
    seq: int
    peer: str
    kind: FactKind
    starts_at: datetime
    ends_at: datetime
    data: Mapping[str, object] = field(default_factory=dict, hash=False)

    @property
    def room_id(self) -> str:
        """The room whose fact this is, else empty."""
        return room_of(self.subject)
