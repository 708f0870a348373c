"""What the booking use cases hand back. Whatever must follow is the business of events."""

from dataclasses import dataclass

from scheduler.booking.commands import LegRequest
from scheduler.booking.errors import Alternative, BookingProblem, Conflict


@dataclass(frozen=True, slots=True)
class SkippedLeg:
    """A leg left out by `only_free`, and what stands in its way."""

    leg: LegRequest
    conflicts: tuple[Conflict, ...]


@dataclass(frozen=True, slots=True)
class Booked:
    """What `book` made. `repeated`: the same key came before and nothing was written now."""

    lesson_id: str
    version: int
    skipped: tuple[SkippedLeg, ...] = ()
    repeated: bool = False
    warnings: tuple[BookingProblem, ...] = ()


@dataclass(frozen=True, slots=True)
class Changed:
    """A lesson that was changed, and its new version."""

    lesson_id: str
    version: int


@dataclass(frozen=True, slots=True)
class Preview:
    """What would happen: `problems` refuse, `conflicts` are in the way, `warnings` only warn."""

    problems: tuple[BookingProblem, ...] = ()
    warnings: tuple[BookingProblem, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    alternatives: tuple[Alternative, ...] = ()
