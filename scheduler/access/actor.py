"""Whoever acts: an account with its grants, expanded to schools. Pure."""

from dataclasses import dataclass

from scheduler.access.permissions import Action, allows
from scheduler.access.roles import Role


@dataclass(frozen=True, slots=True)
class Grant:
    """A role within a scope.

    `school_ids` holds every school the scope covers on the day the actor was loaded (a community
    with its nested member groups flattened); it is empty when `county` is true.
    """

    role: Role
    county: bool
    community_id: str | None
    school_ids: frozenset[str]

    def carries(self, action: Action, school_id: str | None) -> bool:
        """Return whether this grant allows `action` (at `school_id`, or anywhere for None)."""
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
    grants: tuple[Grant, ...]

    def has(self, *roles: Role) -> bool:
        """Return whether the actor holds one of `roles`, in whatever scope."""
        return any(grant.role in roles for grant in self.grants)

    def may(self, action: Action, school_id: str | None = None) -> bool:
        """Return whether some grant allows `action` at `school_id` (None: at any school)."""
        return any(grant.carries(action, school_id) for grant in self.grants)

    def schools(self, action: Action) -> frozenset[str] | None:
        """Return the schools where `action` is allowed; None means all of the county."""
        able = [grant for grant in self.grants if grant.carries(action, None)]
        if any(grant.county for grant in able):
            return None
        return frozenset().union(*(grant.school_ids for grant in able))
