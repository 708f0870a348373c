"""Tables of the organisation. `code` is the stable key that import files use."""

from datetime import date, datetime

from sqlalchemy import JSON, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from scheduler.kernel.columns import EnumText, UtcDateTime
from scheduler.kernel.ids import new_id
from scheduler.organisation.enums import (
    CommunityKind,
    MemberRole,
    RoomKind,
    Stage,
    TerminalState,
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
    stage: Stage = Field(sa_type=EnumText(Stage))
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


class Terminal(SQLModel, table=True):
    """教室终端: the enrolled device of a room. The device token is kept only as its SHA-256."""

    __table_args__ = (
        Index(
            "ix_terminal_one_live_a_room",
            "room_id",
            unique=True,
            sqlite_where=text("revoked_at IS NULL"),
            postgresql_where=text("revoked_at IS NULL"),
        ),
    )
    id: str = Field(default_factory=new_id, primary_key=True, max_length=16)
    room_id: str = Field(foreign_key="room.id", index=True)
    name: str = ""
    token_hash: str = Field(unique=True, max_length=64)
    approved_by: str | None = None
    approved_at: datetime = Field(sa_type=UtcDateTime)
    revoked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    last_seen_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    state: TerminalState = Field(
        default=TerminalState.OFFLINE,
        sa_type=EnumText(TerminalState),
    )
    detail: dict[str, object] = Field(default_factory=dict, sa_type=JSON)


class PairingCode(SQLModel, table=True):
    """A terminal that waits for approval. It proves itself by a secret kept only as a hash."""

    id: str = Field(default_factory=new_id, primary_key=True, max_length=16)
    code: str = Field(unique=True, max_length=12)
    secret_hash: str = Field(max_length=64)
    user_agent: str = ""
    address: str = ""
    created_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)
    terminal_id: str | None = Field(default=None, foreign_key="terminal.id")
