"""Where a recording room's host is pulled from."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0004"
down_revision: str | None = "0003"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("room", sa.Column("source_url", sa.String(), nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_column("room", "source_url")
