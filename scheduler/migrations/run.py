"""Migrations called from code: one transaction, one migrating process at a time."""

from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, event, text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from scheduler.kernel.availability import telling_unavailable

ADVISORY_LOCK = 7_406_935_102
"""An arbitrary number that all processes of this product share on PostgreSQL."""


async def upgrade(url: str, revision: str = "head") -> str | None:
    """Bring the database at `url` to `revision`; return the revision it had before.

    SQLite and PostgreSQL both undo everything when a step fails. A second process waits.
    """
    return await _with_connection(url, lambda connection: _upgrade(connection, revision))


async def current(url: str) -> str | None:
    """Return the revision of the database, None when it is empty."""
    return await _with_connection(url, _revision)


def newest() -> str:
    """Return the revision that the code needs."""
    head = ScriptDirectory.from_config(alembic_config()).get_current_head()
    if head is None:
        raise RuntimeError("there are no migrations beside this file")
    return head


def alembic_config(connection: Connection | None = None) -> Config:
    """Return what alembic's commands take; with a connection they work in its transaction."""
    config = Config()
    config.attributes["connection"] = connection
    # "%" starts an interpolation in alembic's options
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    return config


def _upgrade(connection: Connection, revision: str) -> str | None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:n)"), {"n": ADVISORY_LOCK})
    before = _revision(connection)
    command.upgrade(alembic_config(connection), revision)
    return before


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


async def _with_connection(url: str, work: Any) -> str | None:
    engine = _engine(url)
    try:
        with telling_unavailable(url.startswith("sqlite")):
            async with engine.begin() as connection:
                result: str | None = await connection.run_sync(work)
                return result
    finally:
        await engine.dispose()


def _engine(url: str) -> AsyncEngine:
    if not url.startswith("sqlite"):
        return create_async_engine(url, poolclass=NullPool, hide_parameters=True)
    engine = create_async_engine(
        url, poolclass=NullPool, connect_args={"timeout": 30}, hide_parameters=True
    )
    event.listen(engine.sync_engine, "connect", _leave_transactions_to_us)
    event.listen(engine.sync_engine, "begin", lambda c: c.exec_driver_sql("BEGIN IMMEDIATE"))
    return engine


def _leave_transactions_to_us(connection: Any, _record: object) -> None:
    connection.isolation_level = None
