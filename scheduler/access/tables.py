"""Tables of access. Secrets are stored as hashes only."""

from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from scheduler.access.roles import Role
from scheduler.kernel.columns import EnumText, UtcDateTime
from scheduler.kernel.ids import new_id


class Account(SQLModel, table=True):
    id: str = Field(default_factory=new_id, primary_key=True, max_length=16)
    person_id: str = Field(foreign_key="person.id", unique=True)
    login: str = Field(unique=True, max_length=64)
    password_hash: str  # argon2id
    language: str = "zh_CN"
    disabled: bool = False
    created_at: datetime = Field(sa_type=UtcDateTime)


class RoleGrant(SQLModel, table=True):
    """A role within a scope: the county when both ids are empty."""

    __table_args__ = (UniqueConstraint("account_id", "role", "community_id", "school_id"),)
    id: str = Field(default_factory=new_id, primary_key=True, max_length=16)
    account_id: str = Field(foreign_key="account.id", index=True)
    role: Role = Field(sa_type=EnumText(Role))
    community_id: str | None = Field(default=None, foreign_key="community.id")
    school_id: str | None = Field(default=None, foreign_key="school.id")


class Session(SQLModel, table=True):
    """A signed-in browser. The cookie holds the token, this row its SHA-256."""

    id: str = Field(default_factory=new_id, primary_key=True, max_length=16)
    account_id: str = Field(foreign_key="account.id", index=True)
    token_hash: str = Field(unique=True, max_length=64)
    csrf_token: str = Field(max_length=64)
    created_at: datetime = Field(sa_type=UtcDateTime)
    last_seen_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)
    revoked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Attempt(SQLModel, table=True):
    """A counted try (sign-in, pairing), for rate limits that survive a restart."""

    id: str = Field(default_factory=new_id, primary_key=True, max_length=16)
    bucket: str = Field(index=True, max_length=96)  # e.g. "login:<name>", "pair:<masked address>"
    at: datetime = Field(sa_type=UtcDateTime, index=True)
