"""When periods start and end. Pure: wall-clock times of a zone become aware UTC times."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class PeriodTimes:
    """节次 on the wall clock, without a day."""

    number: int
    name: str
    starts: time
    ends: time


@dataclass(frozen=True, slots=True)
class PeriodSlot:
    """节次 on one day, [starts_at, ends_at) in aware UTC."""

    number: int
    name: str
    starts_at: datetime
    ends_at: datetime


def slots_on(day: date, periods: Iterable[PeriodTimes], zone: str) -> tuple[PeriodSlot, ...]:
    """Return the day's slots in order of their start; `zone` is an IANA name."""
    tz = ZoneInfo(zone)
    slots = (
        PeriodSlot(p.number, p.name, _utc(day, p.starts, tz), _utc(day, p.ends, tz))
        for p in periods
    )
    return tuple(sorted(slots, key=lambda slot: slot.starts_at))


def slot_at(slots: Iterable[PeriodSlot], starts_at: datetime, ends_at: datetime) -> int | None:
    """Return the number of the slot that [starts_at, ends_at) overlaps longest, None if none."""
    best, longest = None, 0.0
    for slot in slots:
        seconds = shared_seconds(slot, starts_at, ends_at)
        if seconds > longest:
            best, longest = slot.number, seconds
    return best


def shared_seconds(slot: PeriodSlot, starts_at: datetime, ends_at: datetime) -> float:
    """Return how many seconds of [starts_at, ends_at) lie within the slot."""
    shared = min(slot.ends_at, ends_at) - max(slot.starts_at, starts_at)
    return max(shared.total_seconds(), 0.0)


def day_bounds(day: date, zone: str) -> tuple[datetime, datetime]:
    """Return the aware UTC start of the day and of the next one, in this zone."""
    tz = ZoneInfo(zone)
    return _utc(day, time(0), tz), _utc(date.fromordinal(day.toordinal() + 1), time(0), tz)


def local_day(moment: datetime, zone: str) -> date:
    """Return the calendar day of an aware time in this zone."""
    return moment.astimezone(ZoneInfo(zone)).date()


def _utc(day: date, wall: time, tz: ZoneInfo) -> datetime:
    return datetime.combine(day, wall, tz).astimezone(UTC)
