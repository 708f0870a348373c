"""Tables of the running system."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from scheduler.columns import UtcDateTime


class Node(SQLModel, table=True):
    """A relay node as last seen. `id` is the configured node name."""

    id: str = Field(primary_key=True, max_length=32)
    boot: str = Field(default="", max_length=32)
    public_url: str = ""
    last_seen_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
