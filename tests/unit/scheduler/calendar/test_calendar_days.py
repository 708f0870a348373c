"""Taught days, make-up days, and weeks that keep their order over a holiday."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.calendar.days import (
    DayRule,
    TermDates,
    is_taught,
    kind_of,
    teaching_week,
    weekday_followed,
)
from scheduler.calendar.tables import DayKind

TERM = TermDates("t", "第一学期", date(2026, 9, 1), date(2027, 1, 31))  # a Tuesday
GOLDEN_WEEK = {date(2026, 10, n): DayRule(DayKind.HOLIDAY, name="国庆节") for n in range(1, 8)}
MAKE_UP = {date(2026, 10, 10): DayRule(DayKind.MAKE_UP, 3)}
RULES = GOLDEN_WEEK | MAKE_UP


@pytest.mark.parametrize(
    ("day", "kind", "taught", "follows"),
    [
        (date(2026, 9, 1), DayKind.TEACHING, True, 2),
        (date(2026, 9, 5), DayKind.HOLIDAY, False, None),  # Saturday
        (date(2026, 10, 1), DayKind.HOLIDAY, False, None),  # Thursday, holiday
        (date(2026, 10, 10), DayKind.MAKE_UP, True, 3),  # Saturday that plays Wednesday
    ],
    ids=str,
)
def test_a_day_is_what_its_rule_says(
    day: date, kind: DayKind, taught: bool, follows: int | None
) -> None:
    found = kind_of(day, RULES), is_taught(day, RULES), weekday_followed(day, RULES)
    assert found == (kind, taught, follows)


def test_a_rule_can_make_a_weekend_taught() -> None:
    saturday = date(2026, 9, 5)
    rules = {saturday: DayRule(DayKind.TEACHING)}
    assert weekday_followed(saturday, rules) == 6


@pytest.mark.parametrize(
    ("day", "week"),
    [
        (date(2026, 8, 31), None),
        (date(2026, 9, 1), 1),
        (date(2026, 9, 6), 1),
        (date(2026, 9, 7), 2),
        (date(2026, 9, 30), 5),
        (date(2026, 10, 8), 6),
        (date(2027, 1, 31), 22),
        (date(2027, 2, 1), None),
    ],
    ids=str,
)
def test_weeks_count_from_the_first_of_the_term(day: date, week: int | None) -> None:
    assert teaching_week(day, TERM, RULES) == week


def test_a_week_without_lessons_takes_no_number() -> None:
    week_off = {date(2026, 10, 5) + timedelta(n): DayRule(DayKind.HOLIDAY) for n in range(5)}
    before, off, after = date(2026, 10, 2), date(2026, 10, 7), date(2026, 10, 12)
    assert teaching_week(before, TERM, week_off) == 5
    assert teaching_week(off, TERM, week_off) == 5
    assert teaching_week(after, TERM, week_off) == 6


def test_a_term_that_begins_with_a_holiday_begins_with_week_one() -> None:
    term = TermDates("t", "", date(2026, 10, 1), date(2026, 12, 1))
    assert teaching_week(date(2026, 10, 1), term, GOLDEN_WEEK) == 1
    assert teaching_week(date(2026, 10, 8), term, GOLDEN_WEEK) == 1
    assert teaching_week(date(2026, 10, 12), term, GOLDEN_WEEK) == 2


@given(
    st.integers(min_value=0, max_value=140),
    st.sets(st.integers(min_value=0, max_value=150), max_size=40),
)
def test_from_one_monday_to_the_next_the_week_grows_by_one_or_stays(
    offset: int, holidays: set[int]
) -> None:
    rules = {TERM.starts_on + timedelta(n): DayRule(DayKind.HOLIDAY) for n in holidays}
    day = TERM.starts_on + timedelta(offset)
    now, later = teaching_week(day, TERM, rules), teaching_week(day + timedelta(7), TERM, rules)
    assert now is not None
    assert later is not None
    assert later - now in (0, 1)
