"""Tables of bookings. A claim row exists exactly while the resource is held."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, String, UniqueConstraint
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator
from sqlmodel import Field, SQLModel

from scheduler.booking.resources import Resource, parse_resource
from scheduler.kernel.columns import UtcDateTime
from scheduler.kernel.ids import new_id


class ResourceText(TypeDecorator[Resource]):
    """A resource, stored as its text."""

    impl = String(40)
    cache_ok = True

    def process_bind_param(self, value: Resource | None, dialect: Dialect) -> str | None:
        return None if value is None else str(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Resource | None:
        return None if value is None else parse_resource(value)


class Claim(SQLModel, table=True):
    """The right to one resource in [starts_at, ends_at). The database refuses overlaps.

    The exclusion itself is in the migrations: no model can say it for both databases.
    """

    __table_args__ = (
        CheckConstraint("ends_at > starts_at", name="claim_is_not_empty"),
        Index("ix_claim_resource_starts_at", "resource", "starts_at"),
    )
    id: str = Field(default_factory=new_id, primary_key=True, max_length=16)
    resource: Resource = Field(sa_type=ResourceText)
    lesson_id: str = Field(foreign_key="lesson.id", index=True)
    leg_id: str | None = Field(default=None, foreign_key="leg.id")
    starts_at: datetime = Field(sa_type=UtcDateTime)
    ends_at: datetime = Field(sa_type=UtcDateTime)


class IdempotencyKey(SQLModel, table=True):
    """A double click carries the same key and gets the same lesson."""

    __table_args__ = (UniqueConstraint("account_id", "key"),)
    id: str = Field(default_factory=new_id, primary_key=True, max_length=16)
    account_id: str = Field(max_length=16)
    key: str = Field(max_length=64)
    digest: str = Field(max_length=64)
    lesson_id: str = Field(foreign_key="lesson.id")
    created_at: datetime = Field(sa_type=UtcDateTime)
