"""Usage: lessons and legs with names, computed from the ledger at the moment of asking."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from scheduler.evidence.attendance import LegAttendance, attend
from scheduler.evidence.intervals import EVIDENCE_KINDS, Fact, Interval
from scheduler.evidence.policy import AttendancePolicy
from scheduler.evidence.subjects import room_subject
from scheduler.evidence.tables import FactKind
from scheduler.kernel.database import Database
from scheduler.kernel.errors import NotFound
from scheduler.lessons.predicates import is_to_come
from scheduler.lessons.states import LegState, LessonState
from scheduler.usage.query import HostPart, LegPart, facts_of, head_counts, hosts, legs_of, remarks
from scheduler.usage.rows import (
    Counted,
    LegUsageRow,
    LessonUsage,
    Moment,
    Remark,
    UsageFilters,
    UsageTotals,
    totals,
)

__all__ = [
    "LegUsageRow",
    "LessonUsage",
    "UsageFilters",
    "UsageTotals",
    "lesson_attendance",
    "totals",
    "usages_of",
]


HOST = "HOST"
LEG = ("LEG", "")
"""A report that came before its terminal's first transport has no role yet."""

OF_VIEWERS = frozenset({FactKind.REPORTED, FactKind.SHOWN, FactKind.HEARD})


async def lesson_attendance(
    db: Database, lesson_id: str, now: datetime, policy: AttendancePolicy
) -> LessonUsage:
    """Return the host and every leg of a lesson; up to `now` while it runs. Raise NotFound."""
    async with db.read() as session:
        found = await hosts(session, [lesson_id])
        if not found:
            raise NotFound
        (usage,) = await usages_of(session, found, now, policy)
    return usage


def time_taught(host: HostPart, now: datetime) -> tuple[Interval | None, bool]:
    """Return the actual lesson, and whether it is still to come or runs. Pure.

    A running lesson ends at `now` for the time being; one that was missed or cancelled was
    never taught.
    """
    if is_to_come(host.state):
        return None, True
    started = host.actual_started_at
    if started is None:
        return None, False
    if host.state is LessonState.LIVE:
        return Interval(started, max(started, min(now, host.ends_at))), now < host.ends_at
    return Interval(started, host.actual_ended_at or host.ends_at), False


@dataclass(frozen=True, slots=True)
class Names:
    """What stands beside the evidence of some lessons' legs, by leg; legs by lesson."""

    legs: Mapping[str, Sequence[LegPart]]
    counts: Mapping[str, tuple[Counted, ...]]
    remarks: Mapping[str, tuple[Remark, ...]]


async def names_of(session: AsyncSession, lesson_ids: Sequence[str]) -> Names:
    """Read the legs of these lessons and what people wrote about them."""
    return Names(
        await legs_of(session, lesson_ids),
        await head_counts(session, lesson_ids),
        await remarks(session, lesson_ids),
    )


async def usages_of(
    session: AsyncSession, found: Sequence[HostPart], now: datetime, policy: AttendancePolicy
) -> list[LessonUsage]:
    """Compute these lessons from their facts."""
    ids = [host.lesson_id for host in found]
    facts, names = await facts_of(session, ids), await names_of(session, ids)
    return [
        _usage(_Reading(host, now, policy, facts.get(host.lesson_id, [])), names) for host in found
    ]


class _Reading:
    """One lesson's facts under one policy at one moment."""

    def __init__(
        self, host: HostPart, now: datetime, policy: AttendancePolicy, facts: Sequence[Fact]
    ) -> None:
        self.host, self._policy, self._facts = host, policy, facts
        self._schedule = Interval(host.starts_at, host.ends_at)
        self._actual, self._running = time_taught(host, now)

    def of_host(self) -> tuple[LegAttendance, tuple[Moment, ...]]:
        """The host attends by what the relay received, whichever device published it."""
        own = [f for f in self._facts if f.role == HOST and f.subject and f.kind not in OF_VIEWERS]
        return self._attend(own)

    def of_room(self, room_id: str) -> tuple[LegAttendance, tuple[Moment, ...]]:
        subject = room_subject(room_id)
        return self._attend([f for f in self._facts if f.subject == subject and f.role in LEG])

    def of_stage(self) -> tuple[Moment, ...]:
        """What happened to the stage itself, whoever was on it."""
        return _moments(fact for fact in self._facts if not fact.subject)

    def _attend(self, own: Sequence[Fact]) -> tuple[LegAttendance, tuple[Moment, ...]]:
        found = attend(self._schedule, self._actual, own, self._policy, running=self._running)
        return found, _moments(own)


def _usage(reading: _Reading, names: Names) -> LessonUsage:
    host = reading.host
    return LessonUsage(
        lesson_id=host.lesson_id,
        lesson_title=host.title,
        lesson_state=host.state,
        starts_at=host.starts_at,
        ends_at=host.ends_at,
        actual_started_at=host.actual_started_at,
        actual_ended_at=host.actual_ended_at,
        host=_host_row(reading),
        legs=tuple(_leg_row(reading, leg, names) for leg in names.legs.get(host.lesson_id, ())),
        moments=reading.of_stage(),
    )


def _host_row(reading: _Reading) -> LegUsageRow:
    host = reading.host
    own = LegPart(
        host.lesson_id,
        "",
        LegState.CONFIRMED,
        host.school_id,
        host.school_name,
        host.room_id,
        host.room_name,
        host.class_name,
        None,
        None,
    )
    attendance, moments = reading.of_host()
    named = named_leg(host, own) | {"role": HOST, "leg_id": None, "leg_state": None}
    return LegUsageRow(**named, attendance=attendance, moments=moments)


def _leg_row(reading: _Reading, leg: LegPart, names: Names) -> LegUsageRow:
    attendance, moments = reading.of_room(leg.room_id)
    named = named_leg(reading.host, leg, names)
    return LegUsageRow(**named, attendance=attendance, moments=moments)


def named_leg(host: HostPart, leg: LegPart, names: Names | None = None) -> dict[str, Any]:
    """Return the fields of `usage_rows.NamedLeg` for a leg of this host's lesson."""
    return {
        "lesson_id": host.lesson_id,
        "lesson_title": host.title,
        "subject": host.subject,
        "lesson_state": host.state,
        "community_id": host.community_id,
        "teacher_id": host.teacher_id,
        "teacher_name": host.teacher_name,
        "host_school_id": host.school_id,
        "host_school_name": host.school_name,
        "host_room_name": host.room_name,
        "starts_at": host.starts_at,
        "ends_at": host.ends_at,
        "actual_started_at": host.actual_started_at,
        "actual_ended_at": host.actual_ended_at,
        "role": "LEG",
        "leg_id": leg.leg_id,
        "leg_state": leg.state,
        "school_id": leg.school_id,
        "school_name": leg.school_name,
        "room_id": leg.room_id,
        "room_name": leg.room_name,
        "class_name": leg.class_name,
        "assistant_name": leg.assistant_name,
        "pupils_expected": leg.pupils,
        "counts": names.counts.get(leg.leg_id, ()) if names else (),
        "remarks": names.remarks.get(leg.leg_id, ()) if names else (),
    }


def _moments(facts: Iterable[Fact]) -> tuple[Moment, ...]:
    found = [
        Moment(fact.kind, fact.starts_at, str(fact.data.get("reason", "")))
        for fact in facts
        if fact.kind not in EVIDENCE_KINDS
    ]
    return tuple(sorted(found, key=lambda moment: (moment.at, moment.kind)))
