"""Every role x action x scope, against the table written out by hand."""

from itertools import product

import pytest

from scheduler.access.actor import Actor, RoleInScope
from scheduler.access.permissions import PERMISSIONS, Action, allows
from scheduler.access.roles import Role

A = Action
OWN, FOREIGN = "school-own", "school-foreign"

EXPECTED: dict[Role, set[Action]] = {
    Role.COUNTY_ADMIN: set(Action),
    Role.COMMUNITY_ADMIN: {
        A.LESSON_BOOK, A.LESSON_EDIT, A.LESSON_VIEW, A.LESSON_TEACH, A.TERMINAL_APPROVE,
        A.TERMINAL_REVOKE, A.ORGANISATION_VIEW, A.USAGE_VIEW, A.USAGE_EXPORT, A.PATROL,
        A.HEADCOUNT_ENTER, A.LEG_ANSWER, A.REMARK_WRITE,
    },
    Role.SCHOOL_ADMIN: {
        A.LESSON_BOOK, A.LESSON_EDIT, A.LESSON_VIEW, A.LESSON_TEACH, A.TERMINAL_APPROVE,
        A.TERMINAL_REVOKE, A.ORGANISATION_VIEW, A.USAGE_VIEW, A.USAGE_EXPORT, A.HEADCOUNT_ENTER,
        A.LEG_ANSWER, A.REMARK_WRITE,
    },
    Role.TEACHER: {
        A.LESSON_BOOK, A.LESSON_VIEW, A.LESSON_TEACH, A.ORGANISATION_VIEW, A.HEADCOUNT_ENTER,
        A.LEG_ANSWER,
    },
    Role.ASSISTANT: {A.LESSON_VIEW, A.HEADCOUNT_ENTER, A.LEG_ANSWER},
    Role.SUPERVISOR: {A.LESSON_VIEW, A.ORGANISATION_VIEW, A.USAGE_VIEW, A.PATROL},
}  # fmt: skip

WITHOUT_A_SCHOOL = {A.ORGANISATION_IMPORT, A.AUDIT_VIEW, A.SYSTEM_VIEW}
"""What a role below the county never allows, whatever its role."""


def actor(*roles: RoleInScope) -> Actor:
    return Actor("account", "person", "login", "name", "zh_CN", roles)


def over_county(role: Role) -> RoleInScope:
    return RoleInScope(role, True, None, frozenset())


def over_school(role: Role, *schools: str) -> RoleInScope:
    return RoleInScope(role, False, None, frozenset(schools or (OWN,)))


def test_the_table_names_every_role() -> None:
    assert set(PERMISSIONS) == set(Role)
    assert {role: set(actions) for role, actions in PERMISSIONS.items()} == EXPECTED


@pytest.mark.parametrize(("role", "action"), list(product(Role, Action)))
def test_every_role_action_and_scope(role: Role, action: Action) -> None:
    in_table = action in EXPECTED[role]
    wide, narrow = actor(over_county(role)), actor(over_school(role))
    assert [wide.may(action), wide.may(action, OWN), wide.may(action, FOREIGN)] == [in_table] * 3
    below_county = in_table and action not in WITHOUT_A_SCHOOL
    assert narrow.may(action) is below_county
    assert narrow.may(action, OWN) is below_county
    assert narrow.may(action, FOREIGN) is False
    assert wide.schools(action) == (None if in_table else frozenset())
    assert narrow.schools(action) == (frozenset({OWN}) if below_county else frozenset())


def test_an_actor_without_roles_may_nothing() -> None:
    assert not any(actor().may(action) for action in Action)
    assert not any(actor().may(action, OWN) for action in Action)


def test_roles_add_up_without_mixing_their_scopes() -> None:
    both = actor(
        over_school(Role.SCHOOL_ADMIN, "a", "b"),
        over_school(Role.SUPERVISOR, "c"),
        RoleInScope(Role.COMMUNITY_ADMIN, False, "group", frozenset({"d"})),
    )
    assert both.schools(Action.USAGE_VIEW) == {"a", "b", "c", "d"}
    assert both.schools(Action.TERMINAL_APPROVE) == {"a", "b", "d"}
    assert both.may(Action.PATROL, "c")
    assert not both.may(Action.PATROL, "a")
    assert both.has(Role.TEACHER, Role.SUPERVISOR)
    assert not both.has(Role.TEACHER)


@pytest.mark.parametrize("action", Action)
def test_what_belongs_to_no_school_needs_the_county(action: Action) -> None:
    assert allows(Role.COUNTY_ADMIN, action, county=True)
    assert allows(Role.COUNTY_ADMIN, action, county=False) is (action not in WITHOUT_A_SCHOOL)
