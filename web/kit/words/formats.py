"""How times, days and counts are written. Pure; the zone and language are passed or current."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from scheduler.kernel.sentences import N_
from web.kit.words.i18n import DEFAULT, gettext, language

WEEKDAYS = (N_("周一"), N_("周二"), N_("周三"), N_("周四"), N_("周五"), N_("周六"), N_("周日"))
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

EARLIEST, LATEST = date(2000, 1, 1), date(2199, 12, 31)
"""The weeks around these days can still be counted."""


def clock_time(moment: datetime, zone: ZoneInfo) -> str:
    """Return "09:50"."""
    return moment.astimezone(zone).strftime("%H:%M")


def span(start: datetime, end: datetime, zone: ZoneInfo) -> str:
    """Return "09:50–10:30"."""
    return f"{clock_time(start, zone)}–{clock_time(end, zone)}"


def weekday(day: date) -> str:
    """Return "周三" or "Wed"."""
    return gettext(WEEKDAYS[day.weekday()])


def short_day(day: date) -> str:
    """Return "9月16日" or "16 Sep"."""
    if language() == DEFAULT:
        return f"{day.month}月{day.day}日"
    return f"{day.day} {MONTHS[day.month - 1]}"


def long_day(day: date) -> str:
    """Return "9月16日 周三" or "Wed 16 Sep"."""
    if language() == DEFAULT:
        return f"{short_day(day)} {weekday(day)}"
    return f"{weekday(day)} {short_day(day)}"


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
