"""Every state x event of every table, against the whole of what is allowed, written out again."""

from itertools import product

import pytest

from scheduler.lessons.states import (
    LegEvent,
    LegState,
    LessonEvent,
    LessonState,
    next_leg_state,
    next_lesson_state,
)
from tests.support.state_tables import check, table

LESSON = """
DRAFT SUBMIT PENDING | DRAFT BOOK BOOKED | DRAFT CANCEL CANCELLED
PENDING APPROVE BOOKED | PENDING CANCEL CANCELLED | PENDING MISS MISSED
BOOKED OPEN_LOBBY LOBBY | BOOKED START LIVE | BOOKED CANCEL CANCELLED | BOOKED MISS MISSED
BOOKED MOVE BOOKED
LOBBY START LIVE | LOBBY CANCEL CANCELLED | LOBBY MISS MISSED | LOBBY MOVE BOOKED
LIVE END ENDED | ENDED ARCHIVE ARCHIVED | MISSED RECOVER ENDED
"""

LEG = """
INVITED CONFIRM CONFIRMED | INVITED DECLINE DECLINED | INVITED PREPARE READY
INVITED JOIN ATTENDING | INVITED CLOSE ABSENT
CONFIRMED DECLINE DECLINED | CONFIRMED PREPARE READY | CONFIRMED JOIN ATTENDING
CONFIRMED CLOSE ABSENT | DECLINED CONFIRM CONFIRMED
READY JOIN ATTENDING | READY CLOSE ABSENT
ATTENDING LOSE LOST | ATTENDING CLOSE LEFT | LOST JOIN ATTENDING | LOST CLOSE LEFT
"""


@pytest.mark.parametrize(("state", "event"), list(product(LessonState, LessonEvent)))
def test_lessons(state: LessonState, event: LessonEvent) -> None:
    check(next_lesson_state, table(LESSON), state, event)


@pytest.mark.parametrize(("state", "event"), list(product(LegState, LegEvent)))
def test_legs(state: LegState, event: LegEvent) -> None:
    check(next_leg_state, table(LEG), state, event)
