"""The migrated schema is the models' schema, and the database itself refuses overlaps."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, insert, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import create_async_engine

from scheduler.booking.book import book
from scheduler.booking.tables import Claim
from scheduler.kernel.database import Database
from scheduler.kernel.ids import new_id
from scheduler.migrations.run import alembic_config, current, newest, upgrade
from scheduler.tables import metadata
from tests.support.county import NOW, settle
from tests.support.databases import PostgresServer

T0 = datetime(2026, 11, 23, 0, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


async def test_a_migrated_schema_and_the_models_do_not_differ(database_url: str) -> None:
    def differences(connection: Connection) -> list[Any]:
        return compare_metadata(MigrationContext.configure(connection), metadata)

    engine = create_async_engine(database_url)
    async with engine.connect() as connection:
        found = await connection.run_sync(differences)
    await engine.dispose()
    assert found == []


async def test_a_second_upgrade_finds_everything_in_place(database_url: str) -> None:
    assert await current(database_url) == newest()
    assert await upgrade(database_url) == newest()


async def test_two_processes_that_start_at_once_migrate_once(
    tmp_path: Path, postgres: PostgresServer
) -> None:
    for url in (f"sqlite+aiosqlite:///{tmp_path}/new.db", postgres.url(await postgres.create())):
        before = await asyncio.gather(upgrade(url), upgrade(url), upgrade(url))
        assert sorted(before, key=str) == [newest(), newest(), None]


async def test_every_revision_can_be_taken_back(database_url: str) -> None:
    engine = create_async_engine(database_url)
    async with engine.begin() as connection:
        await connection.run_sync(lambda c: command.downgrade(alembic_config(c), "base"))
    await engine.dispose()
    assert await upgrade(database_url) is None


async def test_a_failing_migration_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path}/new.db"
    with monkeypatch.context() as patch:
        patch.setattr("alembic.operations.Operations.execute", _fail)
        with pytest.raises(RuntimeError, match="the disk is full"):
            await upgrade(url)
    assert await upgrade(url) is None  # from nothing, to the end


def _fail(*_: object, **__: object) -> None:
    raise RuntimeError("the disk is full")


async def test_the_guards_exist_after_upgrade_head_on_sqlite(db: Database) -> None:
    async with db.read() as session:
        names = await session.execute(text("SELECT name FROM sqlite_master WHERE type='trigger'"))
        found = set(names.scalars())
    assert found == {
        "claim_no_overlap_insert",
        "claim_no_overlap_update",
        "claim_lasts_a_day_insert",
        "claim_lasts_a_day_update",
        "attendancefact_append_only",
        "event_append_only",
    }


async def test_the_guards_exist_after_upgrade_head_on_postgresql(
    postgres: PostgresServer, migrated_postgres: str
) -> None:
    database = Database(postgres.url(await postgres.create(migrated_postgres)))
    async with database.read() as session:
        names = await session.execute(
            text("SELECT conname FROM pg_constraint WHERE conrelid='claim'::regclass")
        )
        found = set(names.scalars())
    await database.close()
    assert {"claim_no_overlap", "claim_lasts_a_day_at_most", "claim_is_not_empty"} <= found


async def test_the_overlap_trigger_searches_by_index(db: Database) -> None:
    query = (
        "EXPLAIN QUERY PLAN SELECT 1 FROM claim AS held WHERE held.resource = 'r'"
        " AND held.starts_at < 'b' AND held.starts_at >= 'a' AND held.ends_at > 'a'"
    )
    async with db.read() as session:
        plan = [str(row) for row in (await session.execute(text(query))).all()]
    assert any("ix_claim_resource_starts_at (resource=? AND starts_at>? AND" in p for p in plan)


Insert = Callable[[datetime, datetime], Awaitable[str]]


@pytest.fixture
async def claim(any_db: Database) -> Insert:
    """Return a function that claims one resource straight in the table, past every rule."""
    town = await settle(any_db)
    booked = await book(any_db, NOW, town.teacher, town.command())

    async def take(starts_at: datetime, ends_at: datetime) -> str:
        row = {
            "id": new_id(),
            "resource": "room:x",
            "lesson_id": booked.lesson_id,
            "starts_at": starts_at,
            "ends_at": ends_at,
        }
        async with any_db.write() as session:
            await session.execute(insert(Claim), [row])
        return str(row["id"])

    return take


@pytest.mark.parametrize(
    ("starts", "ends"), [(-10, 1), (39, 60), (0, 40), (10, 20), (-10, 60)], ids=str
)
async def test_the_database_refuses_an_overlap(claim: Insert, starts: int, ends: int) -> None:
    await claim(T0, T0 + 40 * MINUTE)
    with pytest.raises(IntegrityError, match="claim_no_overlap"):
        await claim(T0 + starts * MINUTE, T0 + ends * MINUTE)


async def test_the_database_lets_adjacent_claims_stand(claim: Insert) -> None:
    await claim(T0, T0 + 40 * MINUTE)
    await claim(T0 - 40 * MINUTE, T0)
    await claim(T0 + 40 * MINUTE, T0 + 80 * MINUTE)


async def test_the_database_refuses_to_stretch_a_claim_over_another(
    any_db: Database, claim: Insert
) -> None:
    first = await claim(T0, T0 + 40 * MINUTE)
    await claim(T0 + 40 * MINUTE, T0 + 80 * MINUTE)
    with pytest.raises(IntegrityError, match="claim_no_overlap"):
        async with any_db.write() as session:
            await session.execute(
                update(Claim).where(Claim.id == first).values(ends_at=T0 + 41 * MINUTE)
            )
    async with any_db.write() as session:
        await session.execute(
            update(Claim).where(Claim.id == first).values(ends_at=T0 + 20 * MINUTE)
        )


async def test_a_claim_of_a_whole_day_is_met_by_its_last_moment(claim: Insert) -> None:
    await claim(T0, T0 + timedelta(hours=24))
    with pytest.raises(IntegrityError, match="claim_no_overlap"):
        await claim(T0 + timedelta(hours=24, microseconds=-1), T0 + timedelta(hours=25))
    await claim(T0 + timedelta(hours=24), T0 + timedelta(hours=25))


async def test_the_database_refuses_claims_over_a_day_or_without_length(claim: Insert) -> None:
    with pytest.raises(IntegrityError, match="claim_lasts_a_day_at_most"):
        await claim(T0, T0 + timedelta(hours=24, minutes=1))
    with pytest.raises(IntegrityError, match="claim_is_not_empty"):
        await claim(T0, T0)
