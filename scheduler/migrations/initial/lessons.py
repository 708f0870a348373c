"""Lessons, claims and what happened in them, as the first revision made them."""

import sqlalchemy as sa
from alembic import op


def _create_lesson() -> None:
    op.create_table(
        "lesson",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("county_id", sa.String(), nullable=False),
        sa.Column("community_id", sa.String(), nullable=True),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("mode", sa.String(24), nullable=False),
        sa.Column("kind", sa.String(24), nullable=False),
        sa.Column("state", sa.String(24), nullable=False),
        sa.Column("host_room_id", sa.String(), nullable=False),
        sa.Column("host_teacher_id", sa.String(), nullable=False),
        sa.Column("host_class_id", sa.String(), nullable=True),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actual_started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("actual_ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_by", sa.String(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cancel_reason", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["community_id"], ["community.id"]),
        sa.ForeignKeyConstraint(["county_id"], ["county.id"]),
        sa.ForeignKeyConstraint(["host_class_id"], ["classgroup.id"]),
        sa.ForeignKeyConstraint(["host_room_id"], ["room.id"]),
        sa.ForeignKeyConstraint(["host_teacher_id"], ["person.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_lesson_community_id", "lesson", ["community_id"])
    op.create_index("ix_lesson_county_id", "lesson", ["county_id"])
    op.create_index("ix_lesson_ends_at", "lesson", ["ends_at"])
    op.create_index("ix_lesson_host_room_id", "lesson", ["host_room_id"])
    op.create_index("ix_lesson_host_teacher_id", "lesson", ["host_teacher_id"])
    op.create_index("ix_lesson_starts_at", "lesson", ["starts_at"])
    op.create_index("ix_lesson_state", "lesson", ["state"])


def _create_idempotencykey() -> None:
    op.create_table(
        "idempotencykey",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("account_id", sa.String(16), nullable=False),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("lesson_id", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["lesson_id"], ["lesson.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("account_id", "key"),
    )


def _create_leg() -> None:
    op.create_table(
        "leg",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("lesson_id", sa.String(), nullable=False),
        sa.Column("school_id", sa.String(), nullable=False),
        sa.Column("room_id", sa.String(), nullable=False),
        sa.Column("class_id", sa.String(), nullable=True),
        sa.Column("assistant_id", sa.String(), nullable=True),
        sa.Column("state", sa.String(24), nullable=False),
        sa.ForeignKeyConstraint(["assistant_id"], ["person.id"]),
        sa.ForeignKeyConstraint(["class_id"], ["classgroup.id"]),
        sa.ForeignKeyConstraint(["lesson_id"], ["lesson.id"]),
        sa.ForeignKeyConstraint(["room_id"], ["room.id"]),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("lesson_id", "room_id"),
    )
    op.create_index("ix_leg_lesson_id", "leg", ["lesson_id"])
    op.create_index("ix_leg_room_id", "leg", ["room_id"])
    op.create_index("ix_leg_school_id", "leg", ["school_id"])


def _create_claim() -> None:
    op.create_table(
        "claim",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("resource", sa.String(40), nullable=False),
        sa.Column("lesson_id", sa.String(), nullable=False),
        sa.Column("leg_id", sa.String(), nullable=True),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("ends_at > starts_at", name="claim_is_not_empty"),
        sa.ForeignKeyConstraint(["leg_id"], ["leg.id"]),
        sa.ForeignKeyConstraint(["lesson_id"], ["lesson.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_claim_lesson_id", "claim", ["lesson_id"])
    op.create_index("ix_claim_resource_starts_at", "claim", ["resource", "starts_at"])


def _create_attendancefact() -> None:
    op.create_table(
        "attendancefact",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("lesson_id", sa.String(16), nullable=False),
        sa.Column("room_id", sa.String(16), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("node_id", sa.String(32), nullable=False),
        sa.Column("boot", sa.String(32), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("peer", sa.String(32), nullable=False),
        sa.Column("kind", sa.String(24), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("lesson_id", "position"),
        sa.UniqueConstraint("node_id", "boot", "peer", "kind", "starts_at"),
    )
    op.create_index("ix_attendancefact_room_id", "attendancefact", ["room_id"])


def _create_journalposition() -> None:
    op.create_table(
        "journalposition",
        sa.Column("node_id", sa.String(32), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("state", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("node_id"),
    )


def _create_correction() -> None:
    op.create_table(
        "correction",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("leg_id", sa.String(), nullable=False),
        sa.Column("status", sa.String(24), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["leg_id"], ["leg.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_correction_leg_id", "correction", ["leg_id"])


def _create_headcount() -> None:
    op.create_table(
        "headcount",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("leg_id", sa.String(), nullable=False),
        sa.Column("pupils", sa.Integer(), nullable=False),
        sa.Column("counted_by", sa.String(), nullable=False),
        sa.Column("counted_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["leg_id"], ["leg.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_headcount_leg_id", "headcount", ["leg_id"])


TABLES = (
    _create_lesson,
    _create_idempotencykey,
    _create_leg,
    _create_claim,
    _create_attendancefact,
    _create_journalposition,
    _create_correction,
    _create_headcount,
)
