"""Figures of lessons that are over, and indices for a county's worth of lessons."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0003"
down_revision: str | None = "0002"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "lessonfigures",
        sa.Column("lesson_id", sa.String(16), nullable=False),
        sa.Column("policy", sa.String(64), nullable=False),
        sa.ForeignKeyConstraint(["lesson_id"], ["lesson.id"]),
        sa.PrimaryKeyConstraint("lesson_id"),
    )
    _create_legfigures()
    op.create_index("ix_leg_assistant_id", "leg", ["assistant_id"])
    op.create_index("ix_lesson_county_id_starts_at", "lesson", ["county_id", "starts_at"])
    op.drop_index("ix_lesson_county_id", "lesson")


def _create_legfigures() -> None:
    op.create_table(
        "legfigures",
        sa.Column("leg_id", sa.String(16), nullable=False),
        sa.Column("lesson_id", sa.String(16), nullable=False),
        sa.Column("status", sa.String(24), nullable=False),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("minutes_received", sa.Float(), nullable=False),
        sa.Column("minutes_shown", sa.Float(), nullable=False),
        sa.Column("minutes_heard", sa.Float(), nullable=False),
        sa.Column("late_seconds", sa.Integer(), nullable=False),
        sa.Column("early_seconds", sa.Integer(), nullable=False),
        sa.Column("interruptions", sa.Integer(), nullable=False),
        sa.Column("lost_seconds", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(["leg_id"], ["leg.id"]),
        sa.ForeignKeyConstraint(["lesson_id"], ["lesson.id"]),
        sa.PrimaryKeyConstraint("leg_id"),
    )
    op.create_index("ix_legfigures_lesson_id", "legfigures", ["lesson_id"])


def downgrade() -> None:
    op.create_index("ix_lesson_county_id", "lesson", ["county_id"])
    op.drop_index("ix_lesson_county_id_starts_at", "lesson")
    op.drop_index("ix_leg_assistant_id", "leg")
    op.drop_table("legfigures")
    op.drop_table("lessonfigures")
