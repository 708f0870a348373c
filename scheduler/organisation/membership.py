"""Communities expanded to schools. Pure: a member may itself be a group (Leizhou, seed 004)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from scheduler.organisation.enums import MemberRole


@dataclass(frozen=True, slots=True)
class MemberLine:
    """One membership: a school or a community (exactly one is set) in `community_id`."""

    community_id: str
    school_id: str | None
    member_community_id: str | None
    role: MemberRole
    from_on: date | None = None
    until_on: date | None = None

    def holds_on(self, day: date | None) -> bool:
        """Tell whether the membership counts on this day, both ends included; None: always."""
        if day is None:
            return True
        return (self.from_on is None or self.from_on <= day) and (
            self.until_on is None or day <= self.until_on
        )


def expand(lines: Iterable[MemberLine], day: date | None) -> dict[str, tuple[str, ...]]:
    """Return community id -> its schools, each once: core members first, nested ones flattened.

    A community that contains itself, however deep, adds nothing by that.
    """
    below: dict[str, list[MemberLine]] = defaultdict(list)
    for line in lines:
        if line.holds_on(day):
            below[line.community_id].append(line)
    for members in below.values():
        members.sort(key=lambda line: line.role is not MemberRole.CORE)
    return {community: tuple(_schools(community, below, set())) for community in below}


def _schools(
    community: str, below: Mapping[str, list[MemberLine]], seen: set[str]
) -> dict[str, None]:
    """Return the schools as the keys of a dict, which keep their order and come once."""
    found: dict[str, None] = {}
    seen.add(community)
    for line in below.get(community, ()):
        if line.school_id is not None:
            found[line.school_id] = None
        elif line.member_community_id is not None and line.member_community_id not in seen:
            found.update(_schools(line.member_community_id, below, seen))
    return found


def communities_of_schools(expanded: Mapping[str, Iterable[str]]) -> dict[str, tuple[str, ...]]:
    """Turn community -> schools into school -> communities, sorted by id."""
    found: dict[str, set[str]] = defaultdict(set)
    for community, schools in expanded.items():
        for school in schools:
            found[school].add(community)
    return {school: tuple(sorted(ids)) for school, ids in found.items()}
