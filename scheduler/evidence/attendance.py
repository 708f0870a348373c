"""One leg's attendance from its facts: a pure function that can be run again at any time."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from scheduler.evidence.intervals import EVIDENCE_KINDS, Fact, Interval
from scheduler.evidence.policy import AttendancePolicy
from scheduler.evidence.spans import NO_TIME, clip, gaps, total, union
from scheduler.evidence.tables import FactKind

PRESENT_WITHIN = timedelta(seconds=5)
"""A leg is in while its last evidence is this young: the relay calls it silent after 5 s too."""


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
class Figures:
    """What lists and exports say of one leg.

    Minutes are union lengths within the actual lesson; `late_seconds` counts from the actual
    start (0 within grace), `early_seconds` up to the end (0 within the policy's margin and while
    the lesson runs). `interruptions` are the holes between `joined_at` and `left_at` that are
    longer than the policy's tolerance, together `lost_seconds`.
    """

    status: AttendanceStatus
    joined_at: datetime | None
    left_at: datetime | None
    minutes_received: float
    minutes_shown: float
    minutes_heard: float
    late_seconds: int
    early_seconds: int
    interruptions: int
    lost_seconds: float


@dataclass(frozen=True, slots=True)
class LegAttendance(Figures):
    """The figures with the intervals that they come from.

    `evidence` is what counts: `shown` where the terminal reported at all, else `received`.
    """

    connected: tuple[Interval, ...]
    received: tuple[Interval, ...]
    shown: tuple[Interval, ...]
    heard: tuple[Interval, ...]
    evidence: tuple[Interval, ...]
    gaps: tuple[Gap, ...]
    present_now: bool = False


def attend(
    schedule: Interval,
    actual: Interval | None,
    facts: Iterable[Fact],
    policy: AttendancePolicy,
    *,
    running: bool = False,
) -> LegAttendance:
    """Return the attendance of one leg (or of the host) from that subject's facts alone.

    `schedule` is the booked time. `actual` is the time taught, for a running lesson up to now;
    None when it was never taught, and then nothing counts. Facts may be shuffled, doubled or
    overlapping: only unions matter. With `running`, nobody has left early yet, nobody is PARTIAL,
    and a leg without evidence is EXPECTED until it would be late.
    """
    if actual is None:
        return replace(_NOTHING, status=_never_taught(running))
    seen = _by_kind(facts, actual, policy)
    evidence = _what_counts(seen)
    if not evidence:
        waiting = running and actual.ends_at < _late_from(actual, policy)
        return replace(
            _NOTHING,
            status=AttendanceStatus.EXPECTED if waiting else AttendanceStatus.ABSENT,
            connected=seen[FactKind.CONNECTED],
            received=seen[FactKind.RECEIVED],
            heard=seen[FactKind.HEARD],
            minutes_received=_minutes(seen[FactKind.RECEIVED]),
            minutes_heard=_minutes(seen[FactKind.HEARD]),
        )
    joined, left = evidence[0].starts_at, evidence[-1].ends_at
    late = _late_seconds(joined, actual, policy)
    early = 0 if running else _early_seconds(left, actual, policy)
    share = total(evidence) / actual.length if actual.length else 1.0
    holes = tuple(Gap(g.starts_at, g.ends_at, round(g.seconds, 3)) for g in _holes(evidence))
    return LegAttendance(
        status=_status(late, early, not running and share < policy.minimum_share),
        joined_at=joined,
        left_at=left,
        connected=seen[FactKind.CONNECTED],
        received=seen[FactKind.RECEIVED],
        shown=seen[FactKind.SHOWN],
        heard=seen[FactKind.HEARD],
        evidence=evidence,
        minutes_received=_minutes(seen[FactKind.RECEIVED]),
        minutes_shown=_minutes(seen[FactKind.SHOWN]),
        minutes_heard=_minutes(seen[FactKind.HEARD]),
        late_seconds=late,
        early_seconds=early,
        gaps=holes,
        interruptions=len(holes),
        lost_seconds=round(sum(hole.seconds for hole in holes), 3),
        present_now=running and actual.ends_at - left <= PRESENT_WITHIN,
    )


def _by_kind(
    facts: Iterable[Fact], actual: Interval, policy: AttendancePolicy
) -> Mapping[FactKind, tuple[Interval, ...]]:
    """Return, for each kind of evidence, its joined intervals within the actual lesson."""
    raw: dict[FactKind, list[Interval]] = {kind: [] for kind in EVIDENCE_KINDS}
    for fact in facts:
        if fact.kind in raw:
            raw[fact.kind].append(fact.interval)
    return {kind: clip(union(pieces, policy.gap_tolerance), actual) for kind, pieces in raw.items()}


def _what_counts(seen: Mapping[FactKind, tuple[Interval, ...]]) -> tuple[Interval, ...]:
    """SHOWN where the terminal reports; media received where nobody reports (a plain player)."""
    if seen[FactKind.REPORTED] or seen[FactKind.SHOWN]:
        return seen[FactKind.SHOWN]
    return seen[FactKind.RECEIVED]


def _never_taught(to_come: bool) -> AttendanceStatus:
    return AttendanceStatus.EXPECTED if to_come else AttendanceStatus.ABSENT


def _late_from(actual: Interval, policy: AttendancePolicy) -> datetime:
    return actual.starts_at + policy.grace + policy.late_after


def _late_seconds(joined: datetime, actual: Interval, policy: AttendancePolicy) -> int:
    """Seconds after the actual start; grace decides whether they count, not how many they are."""
    if joined <= _late_from(actual, policy):
        return 0
    return round((joined - actual.starts_at).total_seconds())


def _early_seconds(left: datetime, actual: Interval, policy: AttendancePolicy) -> int:
    if actual.ends_at - left <= policy.early_before:
        return 0
    return round((actual.ends_at - left).total_seconds())


def _holes(evidence: tuple[Interval, ...]) -> tuple[Interval, ...]:
    """The evidence is joined within the tolerance already: every hole that is left counts."""
    return gaps(evidence, NO_TIME)


def _status(late: int, early: int, partial: bool) -> AttendanceStatus:
    """The one word that weighs most; the figures beside it tell the rest."""
    if partial:
        return AttendanceStatus.PARTIAL
    if late:
        return AttendanceStatus.LATE
    return AttendanceStatus.EARLY_LEAVE if early else AttendanceStatus.PRESENT


def _minutes(intervals: tuple[Interval, ...]) -> float:
    return round(total(intervals).total_seconds() / 60, 2)


_NOTHING = LegAttendance(
    status=AttendanceStatus.ABSENT,
    joined_at=None,
    left_at=None,
    connected=(),
    received=(),
    shown=(),
    heard=(),
    evidence=(),
    minutes_received=0.0,
    minutes_shown=0.0,
    minutes_heard=0.0,
    late_seconds=0,
    early_seconds=0,
    gaps=(),
    interruptions=0,
    lost_seconds=0.0,
)
