"""Tables of the relay nodes: what is on them, and what they still have to be told."""

from datetime import datetime

from sqlalchemy import JSON, BigInteger, Column, Integer
from sqlmodel import Field, SQLModel

from scheduler.kernel.columns import UtcDateTime


class Node(SQLModel, table=True):
    """A relay node as last seen. `id` is the configured node name."""

    id: str = Field(primary_key=True, max_length=32)
    boot: str = Field(default="", max_length=32)
    public_url: str = ""
    last_seen_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    draining: bool = False  # takes no new lessons


class Placement(SQLModel, table=True):
    """The node that carries a lesson, so that a restart of the coordinator does not move it."""

    lesson_id: str = Field(primary_key=True, foreign_key="lesson.id", max_length=16)
    node_id: str = Field(max_length=32)
    placed_at: datetime = Field(sa_type=UtcDateTime)


class RelayOrder(SQLModel, table=True):
    """Something that one node has to be told; gone once the node acknowledged it."""

    __table_args__ = {"sqlite_autoincrement": True}
    id: int | None = Field(
        default=None,
        sa_column=Column(
            BigInteger().with_variant(Integer(), "sqlite"), primary_key=True, autoincrement=True
        ),
    )
    node_id: str = Field(max_length=32, index=True)
    kind: str = Field(max_length=16)  # scheduler.placement.orders.OrderKind
    names: list[str] = Field(sa_type=JSON)  # the stage, or the terminals
    reason: str = ""
    until: datetime = Field(sa_type=UtcDateTime)
    event_number: int = Field(sa_type=BigInteger)  # what it follows from; 0 before there were any
