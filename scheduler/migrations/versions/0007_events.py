"""Events take the place of the audit trail, and readers remember how far they are.

What stands in the audit trail becomes events that every reader is done with: the version before
did by hand what follows from them. Orders for relay nodes get a table; those that wait in
`orders.json` are taken over by the coordinator's next start, which knows the data folder.
A revoked terminal is UNENROLLED from now on.
"""

import json
from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

revision: str = "0007"
down_revision: str | None = "0006"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

SQLITE_TRIGGER = """
CREATE TRIGGER event_append_only BEFORE UPDATE ON event
BEGIN SELECT RAISE(ABORT, 'events are append-only'); END
"""

POSTGRESQL_FUNCTION = """
CREATE FUNCTION refuse_update_of_event() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'events are append-only'; END $$
"""

POSTGRESQL_TRIGGER = """
CREATE TRIGGER event_append_only BEFORE UPDATE ON event
FOR EACH ROW EXECUTE FUNCTION refuse_update_of_event()
"""

EVENT = sa.table(
    "event",
    sa.column("number", NUMBER),
    sa.column("at", sa.DateTime(timezone=True)),
    sa.column("kind", sa.String),
    sa.column("version", sa.Integer),
    sa.column("account_id", sa.String),
    sa.column("address", sa.String),
    sa.column("object_id", sa.String),
    sa.column("summary", sa.String),
    sa.column("topics", sa.JSON),
    sa.column("before", sa.JSON),
    sa.column("after", sa.JSON),
)

TRAIL = sa.table(
    "auditevent",
    sa.column("id", sa.String),
    sa.column("at", sa.DateTime(timezone=True)),
    sa.column("account_id", sa.String),
    sa.column("action", sa.String),
    sa.column("object_id", sa.String),
    sa.column("summary", sa.String),
    sa.column("address", sa.String),
    sa.column("data", sa.JSON),
)


def upgrade() -> None:
    _create_event()
    op.create_table(
        "readerposition",
        sa.Column("reader", sa.String(32), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("reader"),
    )
    op.create_table(
        "relayorder",
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        sa.Column("node_id", sa.String(32), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("names", sa.JSON(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("event_number", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_relayorder_node_id", "relayorder", ["node_id"])
    count = _copy_trail()
    position = sa.table(
        "readerposition", sa.column("reader", sa.String), sa.column("number", sa.BigInteger)
    )
    op.execute(sa.insert(position).values(reader="relay orders", number=count))
    op.drop_table("auditevent")
    op.execute("UPDATE terminal SET state = 'UNENROLLED' WHERE revoked_at IS NOT NULL")


def _create_event() -> None:
    op.create_table(
        "event",
        sa.Column("number", NUMBER, autoincrement=True, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(48), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.String(), nullable=True),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("object_id", sa.String(64), nullable=False),
        sa.Column("summary", sa.String(), nullable=False),
        sa.Column("topics", sa.JSON(), nullable=False),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("after", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("number"),
        sqlite_autoincrement=True,
    )
    for column in ("at", "account_id", "object_id"):
        op.create_index(f"ix_event_{column}", "event", [column])
    if op.get_bind().dialect.name == "sqlite":
        op.execute(SQLITE_TRIGGER)
    else:
        op.execute(POSTGRESQL_FUNCTION)
        op.execute(POSTGRESQL_TRIGGER)


def _copy_trail() -> int:
    """Copy the audit trail in the order in which it was written; return the last number."""
    connection = op.get_bind()
    rows = connection.execute(sa.select(TRAIL).order_by(TRAIL.c.at, TRAIL.c.id)).mappings().all()
    events = list(_events(rows))
    for start in range(0, len(events), 500):
        connection.execute(sa.insert(EVENT), events[start : start + 500])
    return connection.execute(sa.select(sa.func.max(EVENT.c.number))).scalar() or 0


def _events(rows: Sequence[Any]) -> Iterator[dict[str, Any]]:
    for row in rows:
        after = dict(row["data"] if isinstance(row["data"], dict) else json.loads(row["data"]))
        moved_from = after.pop("moved_from", None)
        yield {
            "at": row["at"],
            "kind": row["action"],
            "version": 1,
            "account_id": row["account_id"],
            "address": row["address"],
            "object_id": row["object_id"],
            "summary": row["summary"],
            "topics": [],
            "before": {} if moved_from is None else {"starts_at": moved_from},
            "after": after,
        }


def downgrade() -> None:
    op.execute("UPDATE terminal SET state = 'OFFLINE' WHERE state = 'UNENROLLED'")
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
    _copy_back()
    op.drop_table("relayorder")
    op.drop_table("readerposition")
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER event_append_only")
    else:
        op.execute("DROP TRIGGER event_append_only ON event")
        op.execute("DROP FUNCTION refuse_update_of_event()")
    op.drop_table("event")


def _copy_back() -> None:
    connection = op.get_bind()
    for row in connection.execute(sa.select(EVENT).order_by(EVENT.c.number)).mappings().all():
        moved = {"moved_from": row["before"]["starts_at"]} if row["kind"] == "lesson.move" else {}
        values = {
            "id": f"{row['number']:016x}",
            "at": row["at"],
            "account_id": row["account_id"],
            "action": row["kind"],
            "object_id": row["object_id"],
            "summary": row["summary"],
            "address": row["address"],
            "data": {**row["after"], **moved},
        }
        connection.execute(sa.insert(TRAIL).values(**values))
