"""The first schema: every table, and the database's own refusal of overlapping claims."""

from collections.abc import Sequence

from alembic import op

from scheduler.migrations.initial import lessons, organisation, people

revision: str = "0001"
down_revision: str | None = None
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


# A claim lasts at most a day, so that a search for overlaps needs to look back only one day
# along the index (resource, starts_at) instead of over the whole past.
POSTGRESQL_CAP = """
ALTER TABLE claim ADD CONSTRAINT claim_lasts_a_day_at_most
CHECK (ends_at <= starts_at + interval '24 hours')
"""

POSTGRESQL_EXCLUSION = """
ALTER TABLE claim ADD CONSTRAINT claim_no_overlap
EXCLUDE USING gist (resource WITH =, tstzrange(starts_at, ends_at) WITH &&)
"""

# SQLite keeps times as text of fixed width ("2026-09-01 08:00:00.000000"), which sorts as time
# does. strftime rounds to milliseconds, hence 5 ms of slack in the lower bound.
_OVERLAP = """
EXISTS (
    SELECT 1 FROM claim AS held
    WHERE held.resource = NEW.resource
      AND held.starts_at < NEW.ends_at
      AND held.starts_at >= strftime('%Y-%m-%d %H:%M:%f', NEW.starts_at, '-1 day', '-0.005 seconds')
      AND held.ends_at > NEW.starts_at
      AND held.id <> NEW.id
)
"""

SQLITE_TRIGGER_INSERT = f"""
CREATE TRIGGER claim_no_overlap_insert BEFORE INSERT ON claim
WHEN {_OVERLAP}
BEGIN SELECT RAISE(ABORT, 'claim_no_overlap'); END
"""

SQLITE_TRIGGER_UPDATE = f"""
CREATE TRIGGER claim_no_overlap_update BEFORE UPDATE ON claim
WHEN {_OVERLAP}
BEGIN SELECT RAISE(ABORT, 'claim_no_overlap'); END
"""

_TOO_LONG = """
NEW.ends_at > strftime('%Y-%m-%d %H:%M:%f', NEW.starts_at, '+1 day') || '999'
OR strftime('%Y', NEW.starts_at) IS NULL OR strftime('%Y', NEW.ends_at) IS NULL
"""

SQLITE_CAP_INSERT = f"""
CREATE TRIGGER claim_lasts_a_day_insert BEFORE INSERT ON claim
WHEN {_TOO_LONG}
BEGIN SELECT RAISE(ABORT, 'claim_lasts_a_day_at_most'); END
"""

SQLITE_CAP_UPDATE = f"""
CREATE TRIGGER claim_lasts_a_day_update BEFORE UPDATE ON claim
WHEN {_TOO_LONG}
BEGIN SELECT RAISE(ABORT, 'claim_lasts_a_day_at_most'); END
"""

TABLES = (*organisation.TABLES, *people.TABLES, *lessons.TABLES)


def upgrade() -> None:
    for create in TABLES:
        create()
    if op.get_bind().dialect.name == "sqlite":
        _refuse_overlaps_on_sqlite()
    else:
        _refuse_overlaps_on_postgresql()


def downgrade() -> None:
    for create in reversed(TABLES):
        op.drop_table(create.__name__.removeprefix("_create_"))


def _refuse_overlaps_on_postgresql() -> None:
    op.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")
    op.execute(POSTGRESQL_CAP)
    op.execute(POSTGRESQL_EXCLUSION)


def _refuse_overlaps_on_sqlite() -> None:
    op.execute(SQLITE_TRIGGER_INSERT)
    op.execute(SQLITE_TRIGGER_UPDATE)
    op.execute(SQLITE_CAP_INSERT)
    op.execute(SQLITE_CAP_UPDATE)
