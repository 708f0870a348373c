"""The shape of an import file. Strict: an unknown key or a value of another type is refused."""

from datetime import date, time
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from scheduler.access.roles import Role
from scheduler.calendar.tables import DayKind
from scheduler.organisation.enums import CommunityKind, MemberRole, RoomKind, SchoolStage, Tier

Code = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
_PLAIN = r"[^\x00-\x1f\x7f]"
_VISIBLE = r"[^\s\x00-\x1f\x7f]"
Name = Annotated[
    str, Field(min_length=1, max_length=120, pattern=f"^{_VISIBLE}({_PLAIN}*{_VISIBLE})?$")
]
Short = Annotated[str, Field(max_length=120, pattern=f"^{_PLAIN}*$")]
Text = Annotated[str, Field(max_length=500, pattern=f"^{_PLAIN}*$")]
SourceUrl = Annotated[str, Field(max_length=500, pattern=r"^(rtsps?://[!-~]+)?$")]
"""Where a recording host (录播主机) is pulled from; it may hold a user and a password."""

Weekday = Annotated[int, Field(ge=1, le=7)]


class FileEntry(BaseModel):
    """Anything in the file."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class CountyEntry(FileEntry):
    code: Code
    name: Name
    time_zone: str = "Asia/Shanghai"


class TermEntry(FileEntry):
    code: Code
    name: Name
    starts_on: date
    ends_on: date


class DayEntry(FileEntry):
    """An exception to "Monday to Friday is taught"."""

    day: date
    kind: Annotated[DayKind, Field(strict=False)]
    follows_weekday: Weekday | None = None
    name: Short = ""


class PeriodEntry(FileEntry):
    number: Annotated[int, Field(ge=1, le=40)]
    name: Name
    starts: time
    ends: time


class BellEntry(FileEntry):
    """作息时间表; campuses name it by its code."""

    code: Code
    name: Name
    periods: Annotated[list[PeriodEntry], Field(min_length=1)]


class SchoolEntry(FileEntry):
    code: Code
    name: Name
    tier: Annotated[Tier, Field(strict=False)]
    stage: Annotated[SchoolStage, Field(strict=False)]
    synthetic: bool = False


class CampusEntry(FileEntry):
    code: Code
    school: Code
    name: Name
    bell: Code | None = None


class RoomEntry(FileEntry):
    code: Code
    campus: Code
    name: Name
    kind: Annotated[RoomKind, Field(strict=False)]
    seats: Annotated[int, Field(ge=0, le=5000)] | None = None
    active: bool = True
    source_url: SourceUrl = Field(default="", repr=False)


class ClassEntry(FileEntry):
    code: Code
    school: Code
    name: Name
    grade: Annotated[int, Field(ge=0, le=12)] | None = None
    pupils: Annotated[int, Field(ge=0, le=200)] | None = None


class PersonEntry(FileEntry):
    code: Code
    name: Name
    school: Code | None = None  # none: of the county itself
    subject: Short = ""


class CommunityEntry(FileEntry):
    code: Code
    name: Name
    kind: Annotated[CommunityKind, Field(strict=False)]
    starts_on: date | None = None
    ends_on: date | None = None
    note: Text = ""


class MemberEntry(FileEntry):
    """A school or a whole community (`group`) in a community."""

    community: Code
    school: Code | None = None
    group: Code | None = None
    role: Annotated[MemberRole, Field(strict=False)]
    from_on: date | None = None
    until_on: date | None = None


class AgreementEntry(FileEntry):
    community: Code
    starts_on: date
    ends_on: date
    note: Text = ""


class GrantEntry(FileEntry):
    """A role within a community or a school; within the county when neither is named."""

    role: Annotated[Role, Field(strict=False)]
    community: Code | None = None
    school: Code | None = None


class AccountEntry(FileEntry):
    """For demonstrations only: a real county's accounts are made by people."""

    login: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,63}$")]
    person: Code
    password: Annotated[str, Field(min_length=8, max_length=128)]
    grants: Annotated[list[GrantEntry], Field(min_length=1)]


class CountyFile(FileEntry):
    """The whole file; every table but the county's may be missing."""

    county: CountyEntry
    term: list[TermEntry] = []
    day: list[DayEntry] = []
    bell: list[BellEntry] = []
    school: list[SchoolEntry] = []
    campus: list[CampusEntry] = []
    room: list[RoomEntry] = []
    class_: Annotated[list[ClassEntry], Field(alias="class")] = []
    person: list[PersonEntry] = []
    community: list[CommunityEntry] = []
    member: list[MemberEntry] = []
    agreement: list[AgreementEntry] = []
    account: list[AccountEntry] = []
