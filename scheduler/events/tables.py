"""Tables of events: append-only, and the audit trail at the same time."""

from datetime import datetime

from sqlalchemy import JSON, BigInteger, Column, Integer
from sqlmodel import Field, SQLModel

from scheduler.kernel.columns import UtcDateTime


class EventRow(SQLModel, table=True):
    """`number` grows in the order of the commits (docs/decisions/0016)."""

    __tablename__ = "event"
    __table_args__ = {"sqlite_autoincrement": True}
    number: int | None = Field(
        default=None,
        sa_column=Column(
            BigInteger().with_variant(Integer(), "sqlite"), primary_key=True, autoincrement=True
        ),
    )
    at: datetime = Field(sa_type=UtcDateTime, index=True)
    kind: str = Field(max_length=48)  # EventKind, or a newer version's
    version: int = 1  # of `before` and `after`
    account_id: str | None = Field(default=None, index=True)
    address: str = ""  # masked
    object_id: str = Field(default="", max_length=64, index=True)
    summary: str = ""
    topics: list[str] = Field(default_factory=list, sa_type=JSON)
    before: dict[str, object] = Field(default_factory=dict, sa_type=JSON)
    after: dict[str, object] = Field(default_factory=dict, sa_type=JSON)


class ReaderPosition(SQLModel, table=True):
    """Up to which event a reader is done. It moves in the transaction of what the reader wrote."""

    reader: str = Field(primary_key=True, max_length=32)
    number: int = Field(sa_type=BigInteger)
