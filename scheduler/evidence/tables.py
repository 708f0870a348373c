"""Tables of attendance: append-only facts, and what people write beside them.

Spans are derived whenever they are asked for. The figures of lessons that are over are kept as
well, because a month of them is 60,000 facts: they can be thrown away at any time.
"""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import JSON, BigInteger, UniqueConstraint
from sqlmodel import Field, SQLModel

from scheduler.kernel.columns import EnumText, UtcDateTime
from scheduler.kernel.ids import new_id


class FactKind(StrEnum):
    """What a fact says. The first five are intervals of evidence, the rest are moments."""

    CONNECTED = "CONNECTED"  # the peer was heard by the relay
    RECEIVED = "RECEIVED"  # leg: media sent to a peer that was heard; host: media received
    REPORTED = "REPORTED"  # the terminal reported what it sees (so that "not shown" can be known)
    SHOWN = "SHOWN"  # the terminal decoded new frames
    HEARD = "HEARD"  # the terminal played sound that was not silence, and was not muted
    JOINED = "JOINED"
    LEFT = "LEFT"
    TAKEN_OVER = "TAKEN_OVER"
    REFUSED = "REFUSED"
    STAGE_OPENED = "STAGE_OPENED"
    STAGE_CLOSED = "STAGE_CLOSED"
    NODE_STARTED = "NODE_STARTED"
    MUTED = "MUTED"


class JournalPosition(SQLModel, table=True):
    """Up to where the journal of a node is in the ledger.

    `state` is the SpanBuilder at that position: peers that are still connected, so that reading
    goes on where it stopped without reading their beginning again.
    """

    node_id: str = Field(primary_key=True, max_length=32)
    seq: int = 0
    state: dict[str, object] = Field(default_factory=dict, sa_type=JSON)


class SetAside(SQLModel, table=True):
    """A record of a journal, or a fact made of it, that the ledger could not take."""

    id: str = Field(primary_key=True, max_length=64)  # of its node and content
    node_id: str = Field(max_length=32)
    seq: int = Field(sa_type=BigInteger)
    content: str = ""  # JSON in ASCII
    reason: str = ""
    at: datetime = Field(sa_type=UtcDateTime, index=True)


class AttendanceFact(SQLModel, table=True):
    """One fact. `digest` chains the facts of a lesson, so that a changed row is noticed."""

    __table_args__ = (
        UniqueConstraint("node_id", "boot", "peer", "kind", "starts_at"),
        UniqueConstraint("lesson_id", "position"),
    )
    id: str = Field(default_factory=new_id, primary_key=True, max_length=16)
    lesson_id: str = Field(max_length=16)
    room_id: str = Field(default="", max_length=16, index=True)
    subject: str = ""  # "room:<id>" or "person:<id>"
    role: str = ""  # HOST, LEG, PATROL, GUEST
    node_id: str = Field(max_length=32)
    boot: str = Field(max_length=32)
    seq: int
    peer: str = Field(max_length=32)
    kind: FactKind = Field(sa_type=EnumText(FactKind))
    starts_at: datetime = Field(sa_type=UtcDateTime)
    ends_at: datetime = Field(sa_type=UtcDateTime)
    data: dict[str, object] = Field(default_factory=dict, sa_type=JSON)
    position: int = 0  # place in the chain of its lesson, from 1
    digest: str = Field(default="", max_length=64)


class LessonFigures(SQLModel, table=True):
    """The legs' figures of this lesson are those of its facts under this policy.

    The row goes in the transaction that adds a fact to the lesson (`ledger.append`).
    """

    lesson_id: str = Field(foreign_key="lesson.id", primary_key=True, max_length=16)
    policy: str = Field(max_length=64)


class LegFigures(SQLModel, table=True):
    """`compute.Figures` of one leg, valid while its lesson has a row in LessonFigures."""

    leg_id: str = Field(foreign_key="leg.id", primary_key=True, max_length=16)
    lesson_id: str = Field(foreign_key="lesson.id", index=True, max_length=16)
    status: str = Field(max_length=24)
    joined_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    left_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    minutes_received: float
    minutes_shown: float
    minutes_heard: float
    late_seconds: int
    early_seconds: int
    interruptions: int
    lost_seconds: float


class HeadCount(SQLModel, table=True):
    id: str = Field(default_factory=new_id, primary_key=True, max_length=16)
    leg_id: str = Field(foreign_key="leg.id", index=True)
    pupils: int
    counted_by: str
    counted_at: datetime = Field(sa_type=UtcDateTime)


class Correction(SQLModel, table=True):
    """A signed remark beside the evidence; nothing is edited."""

    id: str = Field(default_factory=new_id, primary_key=True, max_length=16)
    leg_id: str = Field(foreign_key="leg.id", index=True)
    status: str = Field(max_length=24)
    reason: str
    made_by: str
    made_at: datetime = Field(sa_type=UtcDateTime)
