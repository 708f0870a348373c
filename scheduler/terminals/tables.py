"""Tables of classroom terminals."""

from datetime import datetime

from sqlalchemy import JSON, Index, text
from sqlmodel import Field, SQLModel

from scheduler.kernel.columns import EnumText, UtcDateTime
from scheduler.kernel.ids import new_id
from scheduler.terminals.states import TerminalState


class Terminal(SQLModel, table=True):
    """教室终端: the enrolled device of a room. The device token is kept only as its SHA-256."""

    __table_args__ = (
        Index(
            "ix_terminal_one_live_a_room",
            "room_id",
            unique=True,
            sqlite_where=text("revoked_at IS NULL"),
            postgresql_where=text("revoked_at IS NULL"),
        ),
    )
    id: str = Field(default_factory=new_id, primary_key=True, max_length=16)
    room_id: str = Field(foreign_key="room.id", index=True)
    name: str = ""
    token_hash: str = Field(unique=True, max_length=64)
    approved_by: str | None = None
    approved_at: datetime = Field(sa_type=UtcDateTime)
    revoked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    last_seen_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    state: TerminalState = Field(
        default=TerminalState.OFFLINE,
        sa_type=EnumText(TerminalState),
    )
    detail: dict[str, object] = Field(default_factory=dict, sa_type=JSON)


class PairingCode(SQLModel, table=True):
    """A terminal that waits for approval. It proves itself by a secret kept only as a hash."""

    id: str = Field(default_factory=new_id, primary_key=True, max_length=16)
    code: str = Field(unique=True, max_length=12)
    secret_hash: str = Field(max_length=64)
    user_agent: str = ""
    address: str = ""
    created_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)
    terminal_id: str | None = Field(default=None, foreign_key="terminal.id")
