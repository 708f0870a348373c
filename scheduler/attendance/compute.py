"""One leg's attendance from its facts: a pure function that can be run again at any time."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from scheduler.attendance.evidence import Interval


class AttendanceStatus(StrEnum):
    """What the evidence shows of a leg (a room, never a person)."""

    EXPECTED = "EXPECTED"  # the lesson is still to come, or goes on and the leg may yet come
    PRESENT = "PRESENT"
    LATE = "LATE"
    EARLY_LEAVE = "EARLY_LEAVE"
    PARTIAL = "PARTIAL"  # less than the policy's minimum share of the lesson
    ABSENT = "ABSENT"  # no evidence at all


@dataclass(frozen=True, slots=True)
class Gap:
    """A hole in the evidence between joining and leaving."""

    starts_at: datetime
    ends_at: datetime
    seconds: float


@dataclass(frozen=True, slots=True)
class LegAttendance:
    """What the evidence says of one leg.

    `evidence` is what counts: `shown` where the terminal reported at all, else `received`.
    Minutes are union lengths within the actual lesson; `late_seconds` counts from the actual
    start (0 within grace), `early_seconds` up to the end (0 within the policy's margin and while
    the lesson runs). `gaps` lie between `joined_at` and `left_at` and are longer than the
    policy's tolerance; `interruptions` is their number.
    """

    status: AttendanceStatus
    joined_at: datetime | None
    left_at: datetime | None
    connected: tuple[Interval, ...]
    received: tuple[Interval, ...]
    shown: tuple[Interval, ...]
    heard: tuple[Interval, ...]
    evidence: tuple[Interval, ...]
    minutes_received: float
    minutes_shown: float
    minutes_heard: float
    late_seconds: int
    early_seconds: int
    gaps: tuple[Gap, ...]
    interruptions: int
    present_now: bool = False
