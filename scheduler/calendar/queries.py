"""The term calendar and the bells as the pure rules want them."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from scheduler.calendar import bells, days
from scheduler.calendar.bells import PeriodSlot, PeriodTimes
from scheduler.calendar.days import DayRule, TermDates
from scheduler.calendar.tables import BellSchedule, CalendarDay, Period, Term

DEFAULT_ZONE = "Asia/Shanghai"


@dataclass(frozen=True, slots=True)
class CountyCalendar:
    """Zone, terms by start, and the exceptions to "Monday to Friday is taught"."""

    zone: str
    terms: tuple[TermDates, ...]
    rules: dict[date, DayRule]

    def day_of(self, moment: datetime) -> date:
        """Return the county's calendar day of an aware time."""
        return bells.local_day(moment, self.zone)

    def term_of(self, day: date) -> TermDates | None:
        """Return the term that holds the day, None in the holidays between terms."""
        return next((term for term in self.terms if day in term), None)

    def is_taught(self, day: date) -> bool:
        """Tell whether the timetable is played on this day."""
        return days.is_taught(day, self.rules)

    def week_of(self, day: date) -> int | None:
        """Return the teaching week of the day, None outside every term."""
        term = self.term_of(day)
        return None if term is None else days.teaching_week(day, term, self.rules)

    def slots(self, day: date, periods: tuple[PeriodTimes, ...]) -> tuple[PeriodSlot, ...]:
        """Return the day's slots of a bell in aware UTC."""
        return bells.slots_on(day, periods, self.zone)


async def load_calendar(session: AsyncSession, county_id: str, zone: str) -> CountyCalendar:
    """Return the county's calendar; without rows, every Monday to Friday is taught."""
    terms = await session.execute(
        select(Term).where(col(Term.county_id) == county_id).order_by(col(Term.starts_on))
    )
    exceptions = await session.execute(
        select(CalendarDay).where(col(CalendarDay.county_id) == county_id)
    )
    return CountyCalendar(
        zone,
        tuple(TermDates(t.id, t.name, t.starts_on, t.ends_on) for t in terms.scalars()),
        {e.day: DayRule(e.kind, e.follows_weekday, e.name) for e in exceptions.scalars()},
    )


async def periods_on(
    session: AsyncSession, campus_id: str, day: date, zone: str
) -> tuple[PeriodSlot, ...]:
    """Return the day's periods of a campus; none when it has no bell."""
    periods = (await bells_of(session, [campus_id])).get(campus_id, ())
    return bells.slots_on(day, periods, zone)


async def bells_of(
    session: AsyncSession, campus_ids: Collection[str]
) -> dict[str, tuple[PeriodTimes, ...]]:
    """Return campus id -> its periods in order; a campus without a bell is missing."""
    rows = await session.execute(
        select(col(BellSchedule.campus_id), Period)
        .join(Period, col(Period.bell_schedule_id) == col(BellSchedule.id))
        .where(col(BellSchedule.campus_id).in_(campus_ids))
        .order_by(col(Period.number))
    )
    found: dict[str, list[PeriodTimes]] = defaultdict(list)
    for campus_id, period in rows:
        found[campus_id].append(PeriodTimes(period.number, period.name, period.starts, period.ends))
    return {campus_id: tuple(periods) for campus_id, periods in found.items()}
