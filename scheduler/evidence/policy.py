"""How evidence is read. One policy a county; a re-run under another changes no fact. Pure."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class AttendancePolicy:
    """The thresholds of docs/attendance.md.

    `grace`: a leg that comes this late is on time (a class has to walk to the room).
    `late_after`: what is later than the start by more than grace + this is LATE.
    `early_before`: a leg that ends earlier than the lesson by more than this left early.
    `minimum_share`: below this share of the lesson with evidence the leg is PARTIAL.
    `gap_tolerance`: evidence this close together is one piece (samples come once a second).
    """

    grace: timedelta = timedelta(minutes=2)
    late_after: timedelta = timedelta(0)
    early_before: timedelta = timedelta(minutes=2)
    minimum_share: float = 0.5
    gap_tolerance: timedelta = timedelta(seconds=2.5)

    def __post_init__(self) -> None:
        spans = (self.grace, self.late_after, self.early_before, self.gap_tolerance)
        if any(span < timedelta(0) for span in spans):
            raise ValueError("an attendance policy has no negative times")
        if not 0 <= self.minimum_share <= 1:
            raise ValueError("minimum_share is a share: 0 to 1")


DEFAULT_POLICY = AttendancePolicy()
