"""What the usage pages and exports show: rows with names. Types only."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime

from scheduler.evidence.attendance import AttendanceStatus, Figures, LegAttendance
from scheduler.evidence.tables import FactKind
from scheduler.lessons.predicates import WITH_USAGE
from scheduler.lessons.states import LegState, LessonState


@dataclass(frozen=True, slots=True)
class UsageFilters:
    """Days are calendar days in the county's zone, both included; None means no limit.

    `school_id` keeps a leg of that school and every leg of a lesson hosted there;
    `community_id` keeps lessons booked for that community; `teacher_id` the host teacher;
    `text` is looked for in title, subject, teacher, school, room, class and assistant.
    `states` are the lesson's, of those that have usage at all.
    """

    from_day: date | None = None
    to_day: date | None = None
    school_id: str | None = None
    community_id: str | None = None
    teacher_id: str | None = None
    text: str = ""
    states: Collection[LessonState] = WITH_USAGE


@dataclass(frozen=True, slots=True)
class Moment:
    """Something that happened at one point in time: joined, taken over, relay started again."""

    kind: FactKind
    at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Counted:
    """A head count that a person typed; `by` is a name."""

    pupils: int
    at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class Remark:
    """A signed remark beside the evidence: what the writer says the status was, and why."""

    status: AttendanceStatus
    reason: str
    at: datetime
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedLeg:
    """One leg (or the host, `role` HOST, without `leg_id`) of one lesson. Times are UTC.

    `counts` and `remarks` are in the order in which they were written: the newest counts.
    """

    lesson_id: str
    lesson_title: str
    subject: str
    lesson_state: LessonState
    community_id: str | None
    teacher_id: str
    teacher_name: str
    host_school_id: str
    host_school_name: str
    host_room_name: str
    starts_at: datetime
    ends_at: datetime
    actual_started_at: datetime | None
    actual_ended_at: datetime | None
    role: str
    leg_id: str | None
    leg_state: LegState | None
    school_id: str
    school_name: str
    room_id: str
    room_name: str
    class_name: str | None
    assistant_name: str | None
    pupils_expected: int | None
    counts: tuple[Counted, ...] = ()
    remarks: tuple[Remark, ...] = ()

    @property
    def head_count(self) -> int | None:
        """The newest count."""
        return self.counts[-1].pupils if self.counts else None


@dataclass(frozen=True, slots=True, kw_only=True)
class LegFiguresRow(NamedLeg):
    """A leg as exports show it."""

    attendance: Figures


@dataclass(frozen=True, slots=True, kw_only=True)
class LegUsageRow(NamedLeg):
    """A leg with the intervals and moments behind its figures."""

    attendance: LegAttendance
    moments: tuple[Moment, ...] = ()


@dataclass(frozen=True, slots=True)
class LessonUsage:
    """One lesson with its host and every leg. `moments`: stage opened, closed, relay restarted."""

    lesson_id: str
    lesson_title: str
    lesson_state: LessonState
    starts_at: datetime
    ends_at: datetime
    actual_started_at: datetime | None
    actual_ended_at: datetime | None
    host: LegUsageRow
    legs: tuple[LegUsageRow, ...]
    moments: tuple[Moment, ...] = ()

    @property
    def attended(self) -> int:
        """Legs with evidence at all."""
        return sum(1 for leg in self.legs if leg.attendance.joined_at is not None)


@dataclass(frozen=True, slots=True)
class UsageTotals:
    """Counts over usage rows; a lesson counts once however many legs or communities it has."""

    lessons: int
    legs: int
    attended: int
    late: int
    absent: int
    interruptions: int
    minutes_received: float
    minutes_shown: float

    def __add__(self, other: "UsageTotals") -> "UsageTotals":
        """Add the totals of other lessons."""
        return UsageTotals(
            lessons=self.lessons + other.lessons,
            legs=self.legs + other.legs,
            attended=self.attended + other.attended,
            late=self.late + other.late,
            absent=self.absent + other.absent,
            interruptions=self.interruptions + other.interruptions,
            minutes_received=round(self.minutes_received + other.minutes_received, 1),
            minutes_shown=round(self.minutes_shown + other.minutes_shown, 1),
        )


@dataclass(frozen=True, slots=True)
class UsagePage:
    """The legs of one page of lessons, newest first, and the totals of all pages."""

    rows: tuple[LegUsageRow, ...]
    totals: UsageTotals
    page: int
    pages: int


def totals(rows: Iterable[LegUsageRow | LegFiguresRow]) -> UsageTotals:
    """Add up the leg rows; rows given twice count once (a school may be in two communities)."""
    legs = {row.leg_id: row for row in rows if row.leg_id is not None}
    found: list[Figures] = [row.attendance for row in legs.values()]
    return UsageTotals(
        lessons=len({row.lesson_id for row in legs.values()}),
        legs=len(legs),
        attended=sum(1 for one in found if one.joined_at is not None),
        late=sum(1 for one in found if one.late_seconds > 0),
        absent=sum(1 for one in found if one.status is AttendanceStatus.ABSENT),
        interruptions=sum(one.interruptions for one in found),
        minutes_received=round(sum(one.minutes_received for one in found), 1),
        minutes_shown=round(sum(one.minutes_shown for one in found), 1),
    )
