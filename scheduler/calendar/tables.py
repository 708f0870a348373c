"""Tables of the term calendar."""

from datetime import date, time
from enum import StrEnum

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from scheduler.kernel.columns import EnumText
from scheduler.kernel.ids import new_id


class DayKind(StrEnum):
    TEACHING = "TEACHING"  # 上课
    HOLIDAY = "HOLIDAY"  # 假期
    MAKE_UP = "MAKE_UP"  # 调休: plays the timetable of `follows_weekday`


class Term(SQLModel, table=True):
    id: str = Field(default_factory=new_id, primary_key=True, max_length=16)
    county_id: str = Field(foreign_key="county.id", index=True)
    code: str = Field(unique=True, max_length=64)
    name: str
    starts_on: date
    ends_on: date


class CalendarDay(SQLModel, table=True):
    """An exception to "Monday to Friday is taught"."""

    __table_args__ = (UniqueConstraint("county_id", "day"),)
    id: str = Field(default_factory=new_id, primary_key=True, max_length=16)
    county_id: str = Field(foreign_key="county.id", index=True)
    day: date
    kind: DayKind = Field(sa_type=EnumText(DayKind))
    follows_weekday: int | None = None  # ISO weekday 1..7, only for MAKE_UP
    name: str = ""


class BellSchedule(SQLModel, table=True):
    """作息时间表 of a campus. One a campus suffices today; seasons come later."""

    id: str = Field(default_factory=new_id, primary_key=True, max_length=16)
    campus_id: str = Field(foreign_key="campus.id", unique=True)
    name: str


class Period(SQLModel, table=True):
    """节次: wall-clock times in the county's zone."""

    __table_args__ = (UniqueConstraint("bell_schedule_id", "number"),)
    id: str = Field(default_factory=new_id, primary_key=True, max_length=16)
    bell_schedule_id: str = Field(foreign_key="bellschedule.id", index=True)
    number: int
    name: str
    starts: time
    ends: time
