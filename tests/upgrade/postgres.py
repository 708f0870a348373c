"""The copy's rows in a PostgreSQL database of that version, as an installation there has them."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, MetaData, Table, create_engine, func, insert, select, text
from sqlalchemy.ext.asyncio import create_async_engine

from scheduler.migrations.run import upgrade

REVISION_TABLE = "alembic_version"


async def move_rows(file: Path, revision: str, url: str) -> None:
    """Migrate the empty database at `url` to `revision` and fill it from the SQLite file."""
    await upgrade(url, revision)
    rows = _rows_of(file)
    engine = create_async_engine(url)
    async with engine.begin() as connection:
        await connection.run_sync(_fill, rows)
    await engine.dispose()


def _rows_of(file: Path) -> dict[str, list[dict[str, Any]]]:
    engine, found = create_engine(f"sqlite:///{file}"), MetaData()
    found.reflect(engine)
    with engine.connect() as connection:
        rows = {
            table.name: [dict(row) for row in connection.execute(select(table)).mappings()]
            for table in found.tables.values()
        }
    engine.dispose()
    return rows


def _fill(connection: Connection, rows: dict[str, list[dict[str, Any]]]) -> None:
    there = MetaData()
    there.reflect(connection)
    assert {table.name for table in there.sorted_tables} == set(rows)
    for table in there.sorted_tables:
        if rows[table.name] and table.name != REVISION_TABLE:
            values = [_fitting(table, row) for row in rows[table.name]]
            connection.execute(insert(table), values)
    for table in there.sorted_tables:
        _go_on_counting(connection, table)


def _fitting(table: Table, row: dict[str, Any]) -> dict[str, Any]:
    """Moments are UTC without a zone in SQLite, and with one in PostgreSQL."""
    return {
        name: value.replace(tzinfo=UTC)
        if isinstance(value, datetime) and table.c[name].type.timezone  # type: ignore[attr-defined]
        else value
        for name, value in row.items()
    }


def _go_on_counting(connection: Connection, table: Table) -> None:
    """Numbers that the database gives begin behind those that are there."""
    for column in table.primary_key:
        named = text("SELECT pg_get_serial_sequence(:table, :column)")
        where = {"table": f'"{table.name}"', "column": column.name}
        if sequence := connection.scalar(named, where):
            newest = select(func.setval(sequence, func.max(column)))
            connection.execute(newest)
