"""Attendance facts are append-only: the database refuses to change one.

Deleting stays possible, for the retention rule; the hash chain shows it.
"""

from collections.abc import Sequence

from alembic import op

revision: str = "0002"
down_revision: str | None = "0001"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

SQLITE_TRIGGER = """
CREATE TRIGGER attendancefact_append_only BEFORE UPDATE ON attendancefact
BEGIN SELECT RAISE(ABORT, 'attendance facts are append-only'); END
"""

POSTGRESQL_FUNCTION = """
CREATE FUNCTION refuse_update_of_fact() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'attendance facts are append-only'; END $$
"""

POSTGRESQL_TRIGGER = """
CREATE TRIGGER attendancefact_append_only BEFORE UPDATE ON attendancefact
FOR EACH ROW EXECUTE FUNCTION refuse_update_of_fact()
"""


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute(SQLITE_TRIGGER)
    else:
        op.execute(POSTGRESQL_FUNCTION)
        op.execute(POSTGRESQL_TRIGGER)


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER attendancefact_append_only")
    else:
        op.execute("DROP TRIGGER attendancefact_append_only ON attendancefact")
        op.execute("DROP FUNCTION refuse_update_of_fact()")
