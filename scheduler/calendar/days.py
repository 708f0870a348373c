"""Which day is taught and which week it is. Pure: dates in, dates out (docs/booking.md)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from scheduler.calendar.tables import DayKind


@dataclass(frozen=True, slots=True)
class DayRule:
    """An exception to "Monday to Friday is taught". `follows_weekday` (1..7) only for MAKE_UP."""

    kind: DayKind
    follows_weekday: int | None = None
    name: str = ""


@dataclass(frozen=True, slots=True)
class TermDates:
    """A term, both ends included."""

    id: str
    name: str
    starts_on: date
    ends_on: date

    def __contains__(self, day: date) -> bool:
        return self.starts_on <= day <= self.ends_on


Rules = Mapping[date, DayRule]


def kind_of(day: date, rules: Rules) -> DayKind:
    """Return what sort of day this is: its own rule, else weekday or weekend."""
    rule = rules.get(day)
    if rule is not None:
        return rule.kind
    return DayKind.TEACHING if day.isoweekday() <= 5 else DayKind.HOLIDAY


def is_taught(day: date, rules: Rules) -> bool:
    """Tell whether lessons of the timetable take place on this day."""
    return kind_of(day, rules) is not DayKind.HOLIDAY


def weekday_followed(day: date, rules: Rules) -> int | None:
    """Return the ISO weekday whose timetable is played, None when the day is not taught."""
    if not is_taught(day, rules):
        return None
    rule = rules.get(day)
    if rule is not None and rule.kind is DayKind.MAKE_UP and rule.follows_weekday is not None:
        return rule.follows_weekday
    return day.isoweekday()


def teaching_week(day: date, term: TermDates, rules: Rules) -> int | None:
    """Return the teaching week (1, 2, ...), None outside the term.

    Weeks run Monday to Sunday. A week without any taught day takes no number, so that odd and
    even weeks keep their order over a holiday; its days carry the number of the week before
    (at least 1).
    """
    if day not in term:
        return None
    count = 0
    monday = _monday(term.starts_on)
    while monday <= day:
        count += any(
            is_taught(monday + timedelta(days=n), rules) and monday + timedelta(days=n) in term
            for n in range(7)
        )
        monday += timedelta(days=7)
    return max(count, 1)


def _monday(day: date) -> date:
    return day - timedelta(days=day.isoweekday() - 1)
