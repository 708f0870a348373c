"""Whoever acts: an account with its roles, expanded to schools. Pure."""

from dataclasses import dataclass

from scheduler.access.permissions import Action, allows
from scheduler.access.roles import Role


@dataclass(frozen=True, slots=True)
class RoleInScope:
    """A role within a scope.

    `school_ids` holds every school the scope covers on the day the actor was loaded (a community
    with its nested member groups flattened); it is empty when `county` is true.
    """

    role: Role
    county: bool
    community_id: str | None
    school_ids: frozenset[str]

    def carries(self, action: Action, school_id: str | None) -> bool:
        """Return whether it allows `action` (at `school_id`, or anywhere for None)."""
        if not allows(self.role, action, self.county):
            return False
        return self.county or school_id is None or school_id in self.school_ids


@dataclass(frozen=True, slots=True)
class Actor:
    """A signed-in person. `language` is "zh_CN" or "en"."""

    account_id: str
    person_id: str
    login: str
    name: str
    language: str
    roles: tuple[RoleInScope, ...]

    def has(self, *roles: Role) -> bool:
        """Return whether the actor holds one of `roles`, in whatever scope."""
        return any(held.role in roles for held in self.roles)

    def may(self, action: Action, school_id: str | None = None) -> bool:
        """Return whether some role allows `action` at `school_id` (None: at any school)."""
        return any(role.carries(action, school_id) for role in self.roles)

    def schools(self, action: Action) -> frozenset[str] | None:
        """Return the schools where `action` is allowed; None means all of the county."""
        able = [role for role in self.roles if role.carries(action, None)]
        if any(role.county for role in able):
            return None
        return frozenset().union(*(role.school_ids for role in able))
