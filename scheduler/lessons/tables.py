"""Tables of lessons: one host and its legs."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from scheduler.kernel.columns import EnumText, UtcDateTime
from scheduler.kernel.ids import new_id
from scheduler.lessons.states import LegState, LessonState


class LessonMode(StrEnum):
    INTERACTIVE = "INTERACTIVE"  # 互动课
    BROADCAST = "BROADCAST"  # 直播课


class LessonKind(StrEnum):
    MASTER = "MASTER"  # 名师课堂
    DEDICATED = "DEDICATED"  # 专递课堂
    SCHOOL_NETWORK = "SCHOOL_NETWORK"  # 名校网络课堂
    RESEARCH = "RESEARCH"  # 网络教研
    PREPARATION = "PREPARATION"  # 集体备课
    OBSERVATION = "OBSERVATION"  # 听评课
    TWIN = "TWIN"  # 同课异构
    DEMONSTRATION = "DEMONSTRATION"  # 示范课
    TRAINING = "TRAINING"  # 培训
    HOME_SCHOOL = "HOME_SCHOOL"  # 家校共育
    CULTURE = "CULTURE"  # 校园文化
    MEETING = "MEETING"  # 会议


class Lesson(SQLModel, table=True):
    """One host (主讲端). `version` grows with every change, for optimistic edits."""

    __table_args__ = (Index("ix_lesson_county_id_starts_at", "county_id", "starts_at"),)
    id: str = Field(default_factory=new_id, primary_key=True, max_length=16)
    county_id: str = Field(foreign_key="county.id")
    community_id: str | None = Field(default=None, foreign_key="community.id", index=True)
    title: str
    subject: str
    mode: LessonMode = Field(sa_type=EnumText(LessonMode))
    kind: LessonKind = Field(sa_type=EnumText(LessonKind))
    state: LessonState = Field(sa_type=EnumText(LessonState), index=True)
    host_room_id: str = Field(foreign_key="room.id", index=True)
    host_teacher_id: str = Field(foreign_key="person.id", index=True)
    host_class_id: str | None = Field(default=None, foreign_key="classgroup.id")
    starts_at: datetime = Field(sa_type=UtcDateTime, index=True)
    ends_at: datetime = Field(sa_type=UtcDateTime, index=True)
    actual_started_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    actual_ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    created_by: str | None = None
    created_at: datetime = Field(sa_type=UtcDateTime)
    cancel_reason: str = ""
    version: int = 1


class Leg(SQLModel, table=True):
    """听讲端: one receiving room of a lesson."""

    __table_args__ = (UniqueConstraint("lesson_id", "room_id"),)
    id: str = Field(default_factory=new_id, primary_key=True, max_length=16)
    lesson_id: str = Field(foreign_key="lesson.id", index=True)
    school_id: str = Field(foreign_key="school.id", index=True)
    room_id: str = Field(foreign_key="room.id", index=True)
    class_id: str | None = Field(default=None, foreign_key="classgroup.id")
    assistant_id: str | None = Field(default=None, foreign_key="person.id", index=True)
    state: LegState = Field(sa_type=EnumText(LegState))
