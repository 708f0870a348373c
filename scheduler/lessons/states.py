"""Lessons, legs and what may happen to them, as tables.

A lesson is DRAFT until it is sent, PENDING while schools decide, BOOKED once every claim is held.
At T-5 minutes it is in the LOBBY, at T it is LIVE; it ENDS by hand or by the clock and is
ARCHIVED with its attendance. A lesson whose end passed before it could go live is MISSED, unless
a journal read later shows that the rooms met without us: then it is RECOVERED. A leg follows on
its own: invited, answering, ready, attending, perhaps lost, and at the end LEFT or ABSENT.
`next_lesson_state` and `next_leg_state` are the only way from state to state.
"""

from enum import StrEnum

from scheduler.kernel.transitions import step


class LessonState(StrEnum):
    DRAFT = "DRAFT"
    PENDING = "PENDING"
    BOOKED = "BOOKED"
    LOBBY = "LOBBY"
    LIVE = "LIVE"
    ENDED = "ENDED"
    ARCHIVED = "ARCHIVED"
    CANCELLED = "CANCELLED"
    MISSED = "MISSED"


class LessonEvent(StrEnum):
    SUBMIT = "SUBMIT"
    APPROVE = "APPROVE"
    BOOK = "BOOK"
    OPEN_LOBBY = "OPEN_LOBBY"
    START = "START"
    END = "END"
    ARCHIVE = "ARCHIVE"
    CANCEL = "CANCEL"
    MISS = "MISS"
    MOVE = "MOVE"
    RECOVER = "RECOVER"


class LegState(StrEnum):
    INVITED = "INVITED"
    CONFIRMED = "CONFIRMED"
    DECLINED = "DECLINED"
    READY = "READY"
    ATTENDING = "ATTENDING"
    LOST = "LOST"
    LEFT = "LEFT"
    ABSENT = "ABSENT"


class LegEvent(StrEnum):
    CONFIRM = "CONFIRM"
    DECLINE = "DECLINE"
    PREPARE = "PREPARE"
    JOIN = "JOIN"
    LOSE = "LOSE"
    CLOSE = "CLOSE"


_L, _E = LessonState, LessonEvent
LESSON_TABLE: dict[LessonState, dict[LessonEvent, LessonState]] = {
    _L.DRAFT: {_E.SUBMIT: _L.PENDING, _E.BOOK: _L.BOOKED, _E.CANCEL: _L.CANCELLED},
    _L.PENDING: {_E.APPROVE: _L.BOOKED, _E.CANCEL: _L.CANCELLED, _E.MISS: _L.MISSED},
    _L.BOOKED: {
        _E.OPEN_LOBBY: _L.LOBBY,
        _E.START: _L.LIVE,
        _E.CANCEL: _L.CANCELLED,
        _E.MISS: _L.MISSED,
        _E.MOVE: _L.BOOKED,
    },
    _L.LOBBY: {
        _E.START: _L.LIVE,
        _E.CANCEL: _L.CANCELLED,
        _E.MISS: _L.MISSED,
        _E.MOVE: _L.BOOKED,
    },
    _L.LIVE: {_E.END: _L.ENDED},
    _L.ENDED: {_E.ARCHIVE: _L.ARCHIVED},
    _L.ARCHIVED: {},
    _L.CANCELLED: {},
    _L.MISSED: {_E.RECOVER: _L.ENDED},
}

_S, _V = LegState, LegEvent
LEG_TABLE: dict[LegState, dict[LegEvent, LegState]] = {
    _S.INVITED: {
        _V.CONFIRM: _S.CONFIRMED,
        _V.DECLINE: _S.DECLINED,
        _V.PREPARE: _S.READY,
        _V.JOIN: _S.ATTENDING,
        _V.CLOSE: _S.ABSENT,
    },
    _S.CONFIRMED: {
        _V.DECLINE: _S.DECLINED,
        _V.PREPARE: _S.READY,
        _V.JOIN: _S.ATTENDING,
        _V.CLOSE: _S.ABSENT,
    },
    _S.DECLINED: {_V.CONFIRM: _S.CONFIRMED},
    _S.READY: {_V.JOIN: _S.ATTENDING, _V.CLOSE: _S.ABSENT},
    _S.ATTENDING: {_V.LOSE: _S.LOST, _V.CLOSE: _S.LEFT},
    _S.LOST: {_V.JOIN: _S.ATTENDING, _V.CLOSE: _S.LEFT},
    _S.LEFT: {},
    _S.ABSENT: {},
}


def next_lesson_state(state: LessonState, event: LessonEvent) -> LessonState:
    """Return the lesson's next state; raise IllegalTransition where the table has none."""
    return step(LESSON_TABLE, state, event)


def next_leg_state(state: LegState, event: LegEvent) -> LegState:
    """Return the leg's next state; raise IllegalTransition where the table has none."""
    return step(LEG_TABLE, state, event)
