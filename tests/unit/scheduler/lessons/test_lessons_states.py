"""Every state x event of every table, against the whole of what is allowed, written out again."""

from enum import StrEnum
from itertools import product

import pytest

from scheduler.lessons.states import (
    IllegalTransition,
    LegEvent,
    LegState,
    LessonEvent,
    LessonState,
    next_leg_state,
    next_lesson_state,
)
from scheduler.organisation.enums import TerminalState
from scheduler.terminals.states import DeviceEvent, DeviceState, next_device_state

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

DEVICE = """
UNENROLLED APPROVE OFFLINE
OFFLINE REVOKE UNENROLLED | OFFLINE APPEAR STANDBY | OFFLINE VANISH OFFLINE
STANDBY REVOKE UNENROLLED | STANDBY APPEAR STANDBY | STANDBY VANISH OFFLINE
STANDBY CHECK CHECKING | STANDBY JOIN IN_LESSON | STANDBY FAIL FAULT
CHECKING REVOKE UNENROLLED | CHECKING APPEAR STANDBY | CHECKING VANISH OFFLINE
CHECKING PASS READY | CHECKING JOIN IN_LESSON | CHECKING FINISH STANDBY | CHECKING FAIL FAULT
READY REVOKE UNENROLLED | READY APPEAR STANDBY | READY VANISH OFFLINE
READY CHECK CHECKING | READY JOIN IN_LESSON | READY FINISH STANDBY | READY FAIL FAULT
IN_LESSON REVOKE UNENROLLED | IN_LESSON APPEAR STANDBY | IN_LESSON VANISH OFFLINE
IN_LESSON FINISH STANDBY | IN_LESSON FAIL FAULT
FAULT REVOKE UNENROLLED | FAULT APPEAR STANDBY | FAULT VANISH OFFLINE
FAULT CHECK CHECKING | FAULT JOIN IN_LESSON | FAULT FINISH STANDBY
"""


def table(text: str) -> dict[tuple[str, str], str]:
    rows = [row.split() for line in text.strip().splitlines() for row in line.split("|")]
    return {(state, event): after for state, event, after in rows}


@pytest.mark.parametrize(("state", "event"), list(product(LessonState, LessonEvent)))
def test_lessons(state: LessonState, event: LessonEvent) -> None:
    check(next_lesson_state, table(LESSON), state, event)


@pytest.mark.parametrize(("state", "event"), list(product(LegState, LegEvent)))
def test_legs(state: LegState, event: LegEvent) -> None:
    check(next_leg_state, table(LEG), state, event)


@pytest.mark.parametrize(("state", "event"), list(product(DeviceState, DeviceEvent)))
def test_devices(state: DeviceState, event: DeviceEvent) -> None:
    check(next_device_state, table(DEVICE), state, event)


def check(
    step: object, expected: dict[tuple[str, str], str], state: StrEnum, event: StrEnum
) -> None:
    after = expected.get((state.value, event.value))
    if after is not None:
        assert step(state, event).value == after  # type: ignore[operator]
        return
    with pytest.raises(IllegalTransition) as refused:
        step(state, event)  # type: ignore[operator]
    assert (refused.value.state, refused.value.event) == (state, event)
    assert str(refused.value) == f"{event.value} cannot happen to what is {state.value}"


def test_a_device_is_a_terminal_once_it_is_enrolled() -> None:
    enrolled = {state.value for state in DeviceState} - {DeviceState.UNENROLLED.value}
    assert enrolled == {state.value for state in TerminalState}
