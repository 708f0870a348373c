"""Schools, rooms, people and terminals, as the first revision made them."""

import sqlalchemy as sa
from alembic import op


def _create_county() -> None:
    op.create_table(
        "county",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("code", sa.String(64), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("time_zone", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("code"),
    )


def _create_community() -> None:
    op.create_table(
        "community",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("county_id", sa.String(), nullable=False),
        sa.Column("code", sa.String(64), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("kind", sa.String(24), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("note", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["county_id"], ["county.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("code"),
    )
    op.create_index("ix_community_county_id", "community", ["county_id"])


def _create_school() -> None:
    op.create_table(
        "school",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("county_id", sa.String(), nullable=False),
        sa.Column("code", sa.String(64), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("tier", sa.String(24), nullable=False),
        sa.Column("stage", sa.String(24), nullable=False),
        sa.Column("synthetic", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["county_id"], ["county.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("code"),
    )
    op.create_index("ix_school_county_id", "school", ["county_id"])


def _create_agreement() -> None:
    op.create_table(
        "agreement",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("community_id", sa.String(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["community_id"], ["community.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_agreement_community_id", "agreement", ["community_id"])


def _create_campus() -> None:
    op.create_table(
        "campus",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("school_id", sa.String(), nullable=False),
        sa.Column("code", sa.String(64), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("code"),
    )
    op.create_index("ix_campus_school_id", "campus", ["school_id"])


def _create_classgroup() -> None:
    op.create_table(
        "classgroup",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("school_id", sa.String(), nullable=False),
        sa.Column("code", sa.String(64), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("grade", sa.Integer(), nullable=True),
        sa.Column("pupils", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("code"),
    )
    op.create_index("ix_classgroup_school_id", "classgroup", ["school_id"])


def _create_membership() -> None:
    op.create_table(
        "membership",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("community_id", sa.String(), nullable=False),
        sa.Column("school_id", sa.String(), nullable=True),
        sa.Column("member_community_id", sa.String(), nullable=True),
        sa.Column("role", sa.String(24), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=True),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["community_id"], ["community.id"]),
        sa.ForeignKeyConstraint(["member_community_id"], ["community.id"]),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("community_id", "member_community_id"),
        sa.UniqueConstraint("community_id", "school_id"),
    )
    op.create_index("ix_membership_community_id", "membership", ["community_id"])
    op.create_index("ix_membership_school_id", "membership", ["school_id"])


def _create_person() -> None:
    op.create_table(
        "person",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("county_id", sa.String(), nullable=False),
        sa.Column("school_id", sa.String(), nullable=True),
        sa.Column("code", sa.String(64), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["county_id"], ["county.id"]),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("code"),
    )
    op.create_index("ix_person_county_id", "person", ["county_id"])
    op.create_index("ix_person_school_id", "person", ["school_id"])


def _create_room() -> None:
    op.create_table(
        "room",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("campus_id", sa.String(), nullable=False),
        sa.Column("code", sa.String(64), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("kind", sa.String(24), nullable=False),
        sa.Column("seats", sa.Integer(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["campus_id"], ["campus.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("code"),
    )
    op.create_index("ix_room_campus_id", "room", ["campus_id"])


def _create_terminal() -> None:
    op.create_table(
        "terminal",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("room_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("approved_by", sa.String(), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("state", sa.String(24), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["room_id"], ["room.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("token_hash"),
    )
    op.create_index(
        "ix_terminal_one_live_a_room",
        "terminal",
        ["room_id"],
        unique=True,
        sqlite_where=sa.text("revoked_at IS NULL"),
        postgresql_where=sa.text("revoked_at IS NULL"),
    )
    op.create_index("ix_terminal_room_id", "terminal", ["room_id"])


def _create_pairingcode() -> None:
    op.create_table(
        "pairingcode",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("code", sa.String(12), nullable=False),
        sa.Column("secret_hash", sa.String(64), nullable=False),
        sa.Column("user_agent", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("terminal_id", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["terminal_id"], ["terminal.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("code"),
    )


TABLES = (
    _create_county,
    _create_community,
    _create_school,
    _create_agreement,
    _create_campus,
    _create_classgroup,
    _create_membership,
    _create_person,
    _create_room,
    _create_terminal,
    _create_pairingcode,
)
