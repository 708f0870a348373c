"""Tables of the running system."""

from datetime import datetime

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
