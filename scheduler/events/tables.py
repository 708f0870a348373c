"""The audit trail: append-only, for people to read."""

from datetime import datetime

from sqlalchemy import JSON
from sqlmodel import Field, SQLModel

from scheduler.kernel.columns import UtcDateTime
from scheduler.kernel.ids import new_id


class AuditEvent(SQLModel, table=True):
    id: str = Field(default_factory=new_id, primary_key=True, max_length=16)
    at: datetime = Field(sa_type=UtcDateTime, index=True)
    account_id: str | None = Field(default=None, index=True)
    action: str = Field(max_length=48)  # e.g. "lesson.book", "terminal.approve"
    object_id: str = Field(default="", max_length=64)
    summary: str = ""
    address: str = ""  # masked
    data: dict[str, object] = Field(default_factory=dict, sa_type=JSON)
