"""Periods on the wall clock become aware UTC times."""

from datetime import UTC, date, datetime, time, timedelta

from scheduler.calendar.bells import (
    PeriodSlot,
    PeriodTimes,
    day_bounds,
    local_day,
    shared_seconds,
    slot_at,
    slots_on,
)

DAY = date(2026, 11, 23)
PERIODS = (
    PeriodTimes(2, "第2节", time(8, 50), time(9, 30)),
    PeriodTimes(1, "第1节", time(8, 0), time(8, 40)),
)


def utc(hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, 23, hour, minute, tzinfo=UTC)


def test_slots_come_in_order_of_time_and_in_utc() -> None:
    assert slots_on(DAY, PERIODS, "Asia/Shanghai") == (
        PeriodSlot(1, "第1节", utc(0), utc(0, 40)),
        PeriodSlot(2, "第2节", utc(0, 50), utc(1, 30)),
    )


def test_a_zone_with_summer_time_is_followed() -> None:
    (summer,) = slots_on(date(2026, 7, 1), PERIODS[1:], "Europe/Berlin")
    (winter,) = slots_on(date(2026, 12, 1), PERIODS[1:], "Europe/Berlin")
    assert (summer.starts_at.hour, winter.starts_at.hour) == (6, 7)


def test_a_lesson_belongs_to_the_slot_it_fills_most() -> None:
    slots = slots_on(DAY, PERIODS, "Asia/Shanghai")
    assert slot_at(slots, utc(0), utc(0, 40)) == 1
    assert slot_at(slots, utc(0, 30), utc(1, 30)) == 2
    assert slot_at(slots, utc(0, 40), utc(0, 50)) is None  # the break between them
    assert slot_at((), utc(0), utc(1)) is None


def test_shared_seconds_are_never_negative() -> None:
    slot = PeriodSlot(1, "", utc(0), utc(0, 40))
    assert shared_seconds(slot, utc(0, 30), utc(2)) == 600
    assert shared_seconds(slot, utc(1), utc(2)) == 0


def test_a_day_runs_from_midnight_to_midnight_of_its_zone() -> None:
    assert day_bounds(DAY, "Asia/Shanghai") == (
        datetime(2026, 11, 22, 16, tzinfo=UTC),
        datetime(2026, 11, 23, 16, tzinfo=UTC),
    )
    short = day_bounds(date(2026, 3, 29), "Europe/Berlin")
    assert short[1] - short[0] == timedelta(hours=23)


def test_the_local_day_is_not_the_utc_day() -> None:
    assert local_day(datetime(2026, 11, 22, 16, tzinfo=UTC), "Asia/Shanghai") == DAY
