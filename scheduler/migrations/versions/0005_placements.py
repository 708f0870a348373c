"""Which relay node carries a lesson, and which take no new ones."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0005"
down_revision: str | None = "0004"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column(
        "node", sa.Column("draining", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.create_table(
        "placement",
        sa.Column("lesson_id", sa.String(16), nullable=False),
        sa.Column("node_id", sa.String(32), nullable=False),
        sa.Column("placed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["lesson_id"], ["lesson.id"]),
        sa.PrimaryKeyConstraint("lesson_id"),
    )


def downgrade() -> None:
    op.drop_table("placement")
    op.drop_column("node", "draining")
