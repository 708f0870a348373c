"""What the booking use cases hand back. Effects (alarms, pages) are the caller's, after commit."""

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
    """What `book` made. `repeated`: the same key came before and nothing was written now.

    `room_ids` are the host room and every booked leg's room, for whoever has to be told.
    """

    lesson_id: str
    version: int
    room_ids: tuple[str, ...]
    skipped: tuple[SkippedLeg, ...] = ()
    repeated: bool = False
    warnings: tuple[BookingProblem, ...] = ()


@dataclass(frozen=True, slots=True)
class Changed:
    """What `move` and `cancel` did: the lesson, its new version, and every room concerned."""

    lesson_id: str
    version: int
    room_ids: tuple[str, ...]
    warnings: tuple[BookingProblem, ...] = ()


@dataclass(frozen=True, slots=True)
class Preview:
    """What would happen: `problems` refuse, `conflicts` are in the way, `warnings` only warn."""

    problems: tuple[BookingProblem, ...]
    warnings: tuple[BookingProblem, ...]
    conflicts: tuple[Conflict, ...]
    alternatives: tuple[Alternative, ...]
