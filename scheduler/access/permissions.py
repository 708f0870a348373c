"""Who may do what: one table, role -> actions. Pure; tests walk every role x action x scope.

A person holds roles within scopes (the county, a community, a school). An action in `COUNTY_WIDE`
touches what belongs to no single school, so only a role over the county carries it.
"""

from collections.abc import Mapping
from enum import StrEnum

from scheduler.access.roles import Role


class Action(StrEnum):
    LESSON_BOOK = "LESSON_BOOK"
    LESSON_EDIT = "LESSON_EDIT"  # move, cancel, end: own lessons are the booking's own rule
    LESSON_VIEW = "LESSON_VIEW"
    LESSON_TEACH = "LESSON_TEACH"  # publish one's own lesson from a browser
    TERMINAL_APPROVE = "TERMINAL_APPROVE"
    TERMINAL_REVOKE = "TERMINAL_REVOKE"
    ORGANISATION_VIEW = "ORGANISATION_VIEW"
    ORGANISATION_IMPORT = "ORGANISATION_IMPORT"
    USAGE_VIEW = "USAGE_VIEW"
    USAGE_EXPORT = "USAGE_EXPORT"
    AUDIT_VIEW = "AUDIT_VIEW"
    SYSTEM_VIEW = "SYSTEM_VIEW"
    PATROL = "PATROL"
    HEADCOUNT_ENTER = "HEADCOUNT_ENTER"
    LEG_ANSWER = "LEG_ANSWER"  # confirm or decline the leg that one assists
    REMARK_WRITE = "REMARK_WRITE"  # a signed remark beside a leg's computed attendance


COUNTY_WIDE: frozenset[Action] = frozenset(
    {Action.ORGANISATION_IMPORT, Action.AUDIT_VIEW, Action.SYSTEM_VIEW}
)
"""Actions without a school: a role below the county never allows them."""

_SCHOOL_ADMIN = frozenset(
    {
        Action.LESSON_BOOK,
        Action.LESSON_EDIT,
        Action.LESSON_VIEW,
        Action.LESSON_TEACH,
        Action.TERMINAL_APPROVE,
        Action.TERMINAL_REVOKE,
        Action.ORGANISATION_VIEW,
        Action.USAGE_VIEW,
        Action.USAGE_EXPORT,
        Action.HEADCOUNT_ENTER,
        Action.LEG_ANSWER,
        Action.REMARK_WRITE,
    }
)

PERMISSIONS: Mapping[Role, frozenset[Action]] = {
    Role.COUNTY_ADMIN: frozenset(Action),
    Role.COMMUNITY_ADMIN: _SCHOOL_ADMIN | {Action.PATROL},
    Role.SCHOOL_ADMIN: _SCHOOL_ADMIN,
    Role.TEACHER: frozenset(
        {
            Action.LESSON_BOOK,
            Action.LESSON_VIEW,
            Action.LESSON_TEACH,
            Action.ORGANISATION_VIEW,
            Action.HEADCOUNT_ENTER,
            Action.LEG_ANSWER,
        }
    ),
    Role.ASSISTANT: frozenset({Action.LESSON_VIEW, Action.HEADCOUNT_ENTER, Action.LEG_ANSWER}),
    Role.SUPERVISOR: frozenset(
        {Action.LESSON_VIEW, Action.ORGANISATION_VIEW, Action.USAGE_VIEW, Action.PATROL}
    ),
}


def allows(role: Role, action: Action, county: bool) -> bool:
    """Return whether `role` carries `action`; `county`: its scope is the county."""
    return action in PERMISSIONS[role] and (county or action not in COUNTY_WIDE)
