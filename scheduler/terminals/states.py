"""What a classroom terminal can be in, as a table.

A device is UNENROLLED until a school admin approves it for a room, and again once it is revoked.
Then it is OFFLINE until its live connection says what it is doing: STANDBY between lessons,
CHECKING before one, READY when camera, sound and network were found good, IN_LESSON, or FAULT,
which it tells itself. Silence takes it OFFLINE from anywhere, and coming back starts at STANDBY.
No row exists before the approval; a revoked row stays, UNENROLLED.
"""

from enum import StrEnum

from scheduler.kernel.transitions import IllegalTransition, step


class TerminalState(StrEnum):
    UNENROLLED = "UNENROLLED"
    OFFLINE = "OFFLINE"
    STANDBY = "STANDBY"
    CHECKING = "CHECKING"
    READY = "READY"
    IN_LESSON = "IN_LESSON"
    FAULT = "FAULT"


ENROLLED_STATES = tuple(state for state in TerminalState if state is not TerminalState.UNENROLLED)


class TerminalEvent(StrEnum):
    APPROVE = "APPROVE"
    REVOKE = "REVOKE"
    APPEAR = "APPEAR"  # the live connection is up
    VANISH = "VANISH"  # it is down, or silent too long
    CHECK = "CHECK"  # the lobby opens
    PASS = "PASS"  # noqa: S105 - the check was passed
    JOIN = "JOIN"
    FINISH = "FINISH"  # the lesson is over, or the check is no longer needed
    FAIL = "FAIL"


_S, _E = TerminalState, TerminalEvent
_ALWAYS = {_E.REVOKE: _S.UNENROLLED, _E.VANISH: _S.OFFLINE, _E.APPEAR: _S.STANDBY}

TERMINAL_TABLE: dict[TerminalState, dict[TerminalEvent, TerminalState]] = {
    _S.UNENROLLED: {_E.APPROVE: _S.OFFLINE},
    _S.OFFLINE: {_E.REVOKE: _S.UNENROLLED, _E.APPEAR: _S.STANDBY, _E.VANISH: _S.OFFLINE},
    _S.STANDBY: {**_ALWAYS, _E.CHECK: _S.CHECKING, _E.JOIN: _S.IN_LESSON, _E.FAIL: _S.FAULT},
    _S.CHECKING: {
        **_ALWAYS,
        _E.PASS: _S.READY,
        _E.JOIN: _S.IN_LESSON,
        _E.FINISH: _S.STANDBY,
        _E.FAIL: _S.FAULT,
    },
    _S.READY: {
        **_ALWAYS,
        _E.CHECK: _S.CHECKING,
        _E.JOIN: _S.IN_LESSON,
        _E.FINISH: _S.STANDBY,
        _E.FAIL: _S.FAULT,
    },
    _S.IN_LESSON: {**_ALWAYS, _E.FINISH: _S.STANDBY, _E.FAIL: _S.FAULT},
    _S.FAULT: {
        **_ALWAYS,
        _E.CHECK: _S.CHECKING,
        _E.JOIN: _S.IN_LESSON,
        _E.FINISH: _S.STANDBY,
    },
}


_WAYS: dict[TerminalState, tuple[TerminalEvent, ...]] = {
    _S.STANDBY: (_E.APPEAR,),
    _S.CHECKING: (_E.APPEAR, _E.CHECK),
    _S.READY: (_E.APPEAR, _E.CHECK, _E.PASS),
    _S.IN_LESSON: (_E.APPEAR, _E.JOIN),
    _S.FAULT: (_E.APPEAR, _E.FAIL),
}
"""How a terminal that is heard again comes to where it says it is."""


def next_terminal_state(state: TerminalState, event: TerminalEvent) -> TerminalState:
    """Return the terminal's next state; raise IllegalTransition where the table has none."""
    return step(TERMINAL_TABLE, state, event)


def reported_state(before: TerminalState, reported: TerminalState) -> TerminalState:
    """Return the state after a terminal reported that it is in `reported`.

    It tells where it is, not each step on its way there. Raise IllegalTransition for what no
    terminal can tell of itself (silent, not enrolled), and for whatever a revoked one tells.
    """
    if reported not in _WAYS:
        raise IllegalTransition(before, reported)
    state = before
    for event in _WAYS[reported]:
        state = next_terminal_state(state, event)
    return state
