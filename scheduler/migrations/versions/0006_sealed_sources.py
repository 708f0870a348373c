"""What may be shown of a recording host's address, beside the address, which is sealed.

Addresses that lie here in plain text are sealed by the coordinator's next start: it has the key.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0006"
down_revision: str | None = "0005"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("room", sa.Column("source_shown", sa.String(), nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_column("room", "source_shown")
