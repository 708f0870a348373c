"""The calendar, accounts, the audit trail and the nodes, as the first revision made them."""

import sqlalchemy as sa
from alembic import op


def _create_calendarday() -> None:
    op.create_table(
        "calendarday",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("county_id", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(24), nullable=False),
        sa.Column("follows_weekday", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["county_id"], ["county.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("county_id", "day"),
    )
    op.create_index("ix_calendarday_county_id", "calendarday", ["county_id"])


def _create_term() -> None:
    op.create_table(
        "term",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("county_id", sa.String(), nullable=False),
        sa.Column("code", sa.String(64), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["county_id"], ["county.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("code"),
    )
    op.create_index("ix_term_county_id", "term", ["county_id"])


def _create_bellschedule() -> None:
    op.create_table(
        "bellschedule",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("campus_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["campus_id"], ["campus.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("campus_id"),
    )


def _create_period() -> None:
    op.create_table(
        "period",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("bell_schedule_id", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("starts", sa.Time(), nullable=False),
        sa.Column("ends", sa.Time(), nullable=False),
        sa.ForeignKeyConstraint(["bell_schedule_id"], ["bellschedule.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("bell_schedule_id", "number"),
    )
    op.create_index("ix_period_bell_schedule_id", "period", ["bell_schedule_id"])


def _create_attempt() -> None:
    op.create_table(
        "attempt",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("bucket", sa.String(96), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_attempt_at", "attempt", ["at"])
    op.create_index("ix_attempt_bucket", "attempt", ["bucket"])


def _create_account() -> None:
    op.create_table(
        "account",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("login", sa.String(64), nullable=False),
        sa.Column("password_hash", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("disabled", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("login"),
        sa.UniqueConstraint("person_id"),
    )


def _create_rolegrant() -> None:
    op.create_table(
        "rolegrant",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("role", sa.String(24), nullable=False),
        sa.Column("community_id", sa.String(), nullable=True),
        sa.Column("school_id", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"]),
        sa.ForeignKeyConstraint(["community_id"], ["community.id"]),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("account_id", "role", "community_id", "school_id"),
    )
    op.create_index("ix_rolegrant_account_id", "rolegrant", ["account_id"])


def _create_session() -> None:
    op.create_table(
        "session",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("csrf_token", sa.String(64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("token_hash"),
    )
    op.create_index("ix_session_account_id", "session", ["account_id"])


def _create_auditevent() -> None:
    op.create_table(
        "auditevent",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("account_id", sa.String(), nullable=True),
        sa.Column("action", sa.String(48), nullable=False),
        sa.Column("object_id", sa.String(64), nullable=False),
        sa.Column("summary", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_auditevent_account_id", "auditevent", ["account_id"])
    op.create_index("ix_auditevent_at", "auditevent", ["at"])


def _create_node() -> None:
    op.create_table(
        "node",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("boot", sa.String(32), nullable=False),
        sa.Column("public_url", sa.String(), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )


TABLES = (
    _create_calendarday,
    _create_term,
    _create_bellschedule,
    _create_period,
    _create_attempt,
    _create_account,
    _create_rolegrant,
    _create_session,
    _create_auditevent,
    _create_node,
)
