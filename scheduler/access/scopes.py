"""From a role's scope to the schools it covers. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Member:
    """One membership: a school, or a community as a whole, in a community; dates included."""

    community_id: str
    school_id: str | None
    member_community_id: str | None
    from_on: date | None = None
    until_on: date | None = None

    def holds_on(self, day: date) -> bool:
        """Return whether the membership is in force on `day`."""
        if self.from_on is not None and day < self.from_on:
            return False
        return self.until_on is None or day <= self.until_on


def schools_of_community(
    community_id: str, members: Iterable[Member], today: date
) -> frozenset[str]:
    """Return the schools of a community on `today`, groups that are members flattened.

    A circle of memberships ends by itself: each community is visited once.
    """
    in_force = [member for member in members if member.holds_on(today)]
    schools: set[str] = set()
    seen: set[str] = set()
    waiting = [community_id]
    while waiting:
        current = waiting.pop()
        seen.add(current)
        for member in in_force:
            if member.community_id != current:
                continue
            if member.school_id is not None:
                schools.add(member.school_id)
            elif member.member_community_id is not None and member.member_community_id not in seen:
                waiting.append(member.member_community_id)
    return frozenset(schools)
