"""What a classroom terminal can be in, as a table.

A device is UNENROLLED until a school admin approves it for a room, and again once it is revoked.
Then it is OFFLINE until its live connection says what it is doing: STANDBY between lessons,
CHECKING before one, READY when camera, sound and network were found good, IN_LESSON, or FAULT,
which it tells itself. Silence takes it OFFLINE from anywhere, and coming back starts at STANDBY.
`OFFLINE` to `FAULT` are `scheduler.organisation.enums.TerminalState`; no row exists before.
"""

from enum import StrEnum

from scheduler.lessons.states import IllegalTransition


class DeviceState(StrEnum):
    UNENROLLED = "UNENROLLED"
    OFFLINE = "OFFLINE"
    STANDBY = "STANDBY"
    CHECKING = "CHECKING"
    READY = "READY"
    IN_LESSON = "IN_LESSON"
    FAULT = "FAULT"


class DeviceEvent(StrEnum):
    APPROVE = "APPROVE"
    REVOKE = "REVOKE"
    APPEAR = "APPEAR"  # the live connection is up
    VANISH = "VANISH"  # it is down, or silent too long
    CHECK = "CHECK"  # the lobby opens
    PASS = "PASS"  # noqa: S105 - the check was passed
    JOIN = "JOIN"
    FINISH = "FINISH"  # the lesson is over, or the check is no longer needed
    FAIL = "FAIL"


_D, _E = DeviceState, DeviceEvent
_ALWAYS = {_E.REVOKE: _D.UNENROLLED, _E.VANISH: _D.OFFLINE, _E.APPEAR: _D.STANDBY}

DEVICE_TABLE: dict[DeviceState, dict[DeviceEvent, DeviceState]] = {
    _D.UNENROLLED: {_E.APPROVE: _D.OFFLINE},
    _D.OFFLINE: {_E.REVOKE: _D.UNENROLLED, _E.APPEAR: _D.STANDBY, _E.VANISH: _D.OFFLINE},
    _D.STANDBY: {**_ALWAYS, _E.CHECK: _D.CHECKING, _E.JOIN: _D.IN_LESSON, _E.FAIL: _D.FAULT},
    _D.CHECKING: {
        **_ALWAYS,
        _E.PASS: _D.READY,
        _E.JOIN: _D.IN_LESSON,
        _E.FINISH: _D.STANDBY,
        _E.FAIL: _D.FAULT,
    },
    _D.READY: {
        **_ALWAYS,
        _E.CHECK: _D.CHECKING,
        _E.JOIN: _D.IN_LESSON,
        _E.FINISH: _D.STANDBY,
        _E.FAIL: _D.FAULT,
    },
    _D.IN_LESSON: {**_ALWAYS, _E.FINISH: _D.STANDBY, _E.FAIL: _D.FAULT},
    _D.FAULT: {
        **_ALWAYS,
        _E.CHECK: _D.CHECKING,
        _E.JOIN: _D.IN_LESSON,
        _E.FINISH: _D.STANDBY,
    },
}


def next_device_state(state: DeviceState, event: DeviceEvent) -> DeviceState:
    """Return the terminal's next state; raise IllegalTransition where the table has none."""
    try:
        return DEVICE_TABLE[state][event]
    except KeyError:
        raise IllegalTransition(state, event) from None
