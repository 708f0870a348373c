"""Tables of the organisation. `code` is the stable key that import files use."""

from datetime import date

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from scheduler.kernel.columns import EnumText
from scheduler.kernel.ids import new_id
from scheduler.organisation.enums import (
    CommunityKind,
    MemberRole,
    RoomKind,
    SchoolStage,
    Tier,
)


class County(SQLModel, table=True):
    id: str = Field(default_factory=new_id, primary_key=True, max_length=16)
    code: str = Field(unique=True, max_length=64)
    name: str
    time_zone: str = "Asia/Shanghai"


class Community(SQLModel, table=True):
    """教育共同体. A GROUP may itself be a member of a COMMUNITY (Leizhou, seed 004)."""

    id: str = Field(default_factory=new_id, primary_key=True, max_length=16)
    county_id: str = Field(foreign_key="county.id", index=True)
    code: str = Field(unique=True, max_length=64)
    name: str
    kind: CommunityKind = Field(sa_type=EnumText(CommunityKind))
    starts_on: date | None = None
    ends_on: date | None = None
    note: str = ""


class School(SQLModel, table=True):
    id: str = Field(default_factory=new_id, primary_key=True, max_length=16)
    county_id: str = Field(foreign_key="county.id", index=True)
    code: str = Field(unique=True, max_length=64)
    name: str
    tier: Tier = Field(sa_type=EnumText(Tier))
    stage: SchoolStage = Field(sa_type=EnumText(SchoolStage))
    synthetic: bool = False


class Membership(SQLModel, table=True):
    """A school, or a community as a whole, in a community. Exactly one of the two is set."""

    __table_args__ = (
        UniqueConstraint("community_id", "school_id"),
        UniqueConstraint("community_id", "member_community_id"),
    )
    id: str = Field(default_factory=new_id, primary_key=True, max_length=16)
    community_id: str = Field(foreign_key="community.id", index=True)
    school_id: str | None = Field(default=None, foreign_key="school.id", index=True)
    member_community_id: str | None = Field(default=None, foreign_key="community.id")
    role: MemberRole = Field(sa_type=EnumText(MemberRole))
    from_on: date | None = None
    until_on: date | None = None


class Agreement(SQLModel, table=True):
    """合作协议 of a community: bookings outside its dates are flagged, never refused."""

    id: str = Field(default_factory=new_id, primary_key=True, max_length=16)
    community_id: str = Field(foreign_key="community.id", index=True)
    starts_on: date
    ends_on: date
    note: str = ""


class Campus(SQLModel, table=True):
    id: str = Field(default_factory=new_id, primary_key=True, max_length=16)
    school_id: str = Field(foreign_key="school.id", index=True)
    code: str = Field(unique=True, max_length=64)
    name: str


class Room(SQLModel, table=True):
    id: str = Field(default_factory=new_id, primary_key=True, max_length=16)
    campus_id: str = Field(foreign_key="campus.id", index=True)
    code: str = Field(unique=True, max_length=64)
    name: str
    kind: RoomKind = Field(sa_type=EnumText(RoomKind))
    seats: int | None = None
    active: bool = True
    source_url: str = Field(default="", repr=False)  # the recording host's address, sealed
    source_shown: str = ""  # of it, what people may read


class ClassGroup(SQLModel, table=True):
    """A class of pupils, e.g. 五年级1班."""

    id: str = Field(default_factory=new_id, primary_key=True, max_length=16)
    school_id: str = Field(foreign_key="school.id", index=True)
    code: str = Field(unique=True, max_length=64)
    name: str
    grade: int | None = None
    pupils: int | None = None


class Person(SQLModel, table=True):
    id: str = Field(default_factory=new_id, primary_key=True, max_length=16)
    county_id: str = Field(foreign_key="county.id", index=True)
    school_id: str | None = Field(default=None, foreign_key="school.id", index=True)
    code: str = Field(unique=True, max_length=64)
    name: str
    subject: str = ""
