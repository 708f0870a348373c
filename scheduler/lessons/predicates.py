"""What is true of a lesson in a state, one place each. Pure.

The sets are for queries (`col(Lesson.state).in_(OPEN)`), the functions for everything else.
"""

from scheduler.lessons.states import LessonState as S

TO_COME = frozenset({S.DRAFT, S.PENDING, S.BOOKED, S.LOBBY})
"""It has not begun."""

OPEN = frozenset({S.BOOKED, S.LOBBY})
"""It can be moved and cancelled, and its legs answer; afterwards the evidence speaks."""

MEETING = frozenset({S.LOBBY, S.LIVE})
"""Its rooms meet on a relay node: sources are pulled, pages and terminals join."""

HOLDING = frozenset({S.BOOKED, S.LOBBY, S.LIVE})
"""It can still take place: it holds claims, it is placed on a relay node, tickets open it."""

OVER = frozenset({S.ENDED, S.ARCHIVED, S.CANCELLED, S.MISSED})
"""Its stage is closed, and there are no tickets any more."""

HELD = frozenset({S.ENDED, S.ARCHIVED})
"""It took place, and is over."""

TAUGHT = HELD | {S.LIVE}
"""It takes place or took place."""

WITH_USAGE = TAUGHT | {S.MISSED}
"""The usage log has rows of it."""

COUNTABLE = MEETING | HELD
"""Pupils can be counted once they come: from the lobby on."""

REMARKABLE = HELD | {S.MISSED}
"""A remark stands beside a result: there is none before the end."""

WATCHED = HOLDING | {S.PENDING, S.ENDED}
"""The clock alone can bring it further."""

OFF_TIMETABLE = frozenset({S.DRAFT, S.CANCELLED, S.MISSED})
"""The booking grid does not show it."""


def is_to_come(state: S) -> bool:
    return state in TO_COME


def is_open(state: S) -> bool:
    return state in OPEN


def is_meeting(state: S) -> bool:
    return state in MEETING


def holds_claims(state: S) -> bool:
    return state in HOLDING


def is_over(state: S) -> bool:
    return state in OVER


def was_held(state: S) -> bool:
    return state in HELD


def is_countable(state: S) -> bool:
    return state in COUNTABLE


def is_remarkable(state: S) -> bool:
    return state in REMARKABLE
