"""Every state x event of a terminal's table, and what a report makes of a state."""

from itertools import product

import pytest

from scheduler.kernel.transitions import IllegalTransition
from scheduler.terminals.states import (
    TerminalEvent,
    TerminalState,
    next_terminal_state,
    reported_state,
)
from tests.support.state_tables import check, table

TERMINAL = """
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

TOLD = ("STANDBY", "CHECKING", "READY", "IN_LESSON", "FAULT")
"""What a terminal can be in and tell of."""


@pytest.mark.parametrize(("state", "event"), list(product(TerminalState, TerminalEvent)))
def test_the_table(state: TerminalState, event: TerminalEvent) -> None:
    check(next_terminal_state, table(TERMINAL), state, event)


@pytest.mark.parametrize(("before", "reported"), list(product(TerminalState, TerminalState)))
def test_a_report_tells_where_an_enrolled_terminal_is(
    before: TerminalState, reported: TerminalState
) -> None:
    if before is not TerminalState.UNENROLLED and reported.value in TOLD:
        assert reported_state(before, reported) is reported
    else:
        with pytest.raises(IllegalTransition):
            reported_state(before, reported)
