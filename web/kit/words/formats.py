"""How times, days and counts are written. Pure; the zone and language are passed or current."""

from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel.dates import format_date

from web.kit.words.i18n import language

SHORT_DAYS = {"zh_CN": "M月d日", "en": "d MMM"}
LONG_DAYS = {"zh_CN": "M月d日 EEE", "en": "EEE d MMM"}
"""Babel's patterns (Unicode TR 35), by language."""

EARLIEST, LATEST = date(2000, 1, 1), date(2199, 12, 31)
"""The weeks around these days can still be counted."""


def clock_time(moment: datetime, zone: ZoneInfo) -> str:
    """Return "09:50"."""
    return moment.astimezone(zone).strftime("%H:%M")


def span(start: datetime, end: datetime, zone: ZoneInfo) -> str:
    """Return "09:50–10:30"."""
    return f"{clock_time(start, zone)}–{clock_time(end, zone)}"


def short_day(day: date) -> str:
    """Return "9月16日" or "16 Sep"."""
    return _written(day, SHORT_DAYS[language()], language())


def long_day(day: date) -> str:
    """Return "9月16日 周三" or "Wed 16 Sep"."""
    return _written(day, LONG_DAYS[language()], language())


@lru_cache(2048)
def _written(day: date, pattern: str, locale: str) -> str:
    """Return the day by Babel's pattern. Cached: it takes 0.1 ms, and pages repeat their days."""
    return format_date(day, pattern, locale=locale)


def local_day(moment: datetime, zone: ZoneInfo) -> date:
    """Return the calendar day of `moment` in `zone`."""
    return moment.astimezone(zone).date()


def week_of(day: date) -> list[date]:
    """Return Monday to Sunday of the week that holds `day`."""
    monday = day - timedelta(days=day.weekday())
    return [monday + timedelta(days=offset) for offset in range(7)]


def parse_day(text: str | None, fallback: date) -> date:
    """Return the ISO day in `text`; `fallback` when it is absent or no day.

    Days that no calendar of ours reaches become the nearest that one does.
    """
    try:
        day = date.fromisoformat(text or "")
    except ValueError:
        return fallback
    return min(max(day, EARLIEST), LATEST)
