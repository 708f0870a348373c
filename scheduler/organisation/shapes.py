"""Read models of the organisation: flat, frozen, with names in place."""

from dataclasses import dataclass
from datetime import date

from scheduler.organisation.enums import (
    CommunityKind,
    MemberRole,
    RoomKind,
    SchoolStage,
    Tier,
)


@dataclass(frozen=True, slots=True)
class CountyView:
    id: str
    code: str
    name: str
    time_zone: str  # IANA name


@dataclass(frozen=True, slots=True)
class SchoolView:
    """A school. `community_ids` are all it belongs to today, directly or through a group."""

    id: str
    code: str
    name: str
    tier: Tier
    stage: SchoolStage
    synthetic: bool
    community_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MemberView:
    """One line of a community: a school, or a community as a whole (`school_ids` expanded)."""

    role: MemberRole
    name: str
    school_id: str | None
    community_id: str | None
    school_ids: tuple[str, ...]
    from_on: date | None
    until_on: date | None


@dataclass(frozen=True, slots=True)
class CommunityView:
    """A community with nested members flattened to schools; the core schools come first."""

    id: str
    code: str
    name: str
    kind: CommunityKind
    starts_on: date | None
    ends_on: date | None
    note: str
    members: tuple[MemberView, ...]
    school_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RoomView:
    """A room and where it stands. `source` is what may be shown of its recording host."""

    id: str
    code: str
    name: str
    kind: RoomKind
    seats: int | None
    active: bool
    campus_id: str
    campus_name: str
    school_id: str
    school_name: str
    community_ids: tuple[str, ...]
    source: str = ""

    @property
    def full_name(self) -> str:
        """The school and the room, for names of rooms repeat from school to school."""
        return f"{self.school_name} {self.name}"


@dataclass(frozen=True, slots=True)
class ClassView:
    id: str
    code: str
    name: str
    grade: int | None
    pupils: int | None
    school_id: str
    school_name: str


@dataclass(frozen=True, slots=True)
class PersonView:
    """A teacher or other staff; `school_name` is empty for people of the county itself."""

    id: str
    code: str
    name: str
    subject: str
    school_id: str | None
    school_name: str
