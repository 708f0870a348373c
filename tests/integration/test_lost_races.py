"""A transaction that lost a race is run again; one that the database refuses otherwise is not."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from scheduler.booking import claims
from scheduler.booking.book import book
from scheduler.booking.resources import room_resource
from scheduler.booking.tables import Claim, IdempotencyKey
from scheduler.kernel.database import TRIES, Database
from scheduler.kernel.races import LostRace, losing_a_race
from scheduler.terminals.tables import PairingCode
from tests.support.county import MONDAY, NOW, Town


def code(secret: str) -> PairingCode:
    """Return a code that is always the same."""
    return PairingCode(
        code="ABC234", secret_hash=secret, user_agent="", address="", created_at=NOW, expires_at=NOW
    )


async def test_the_transaction_runs_again_as_a_whole(any_db: Database) -> None:
    async with any_db.write() as session:
        session.add(code("first"))
    runs: list[int] = []

    async def work(session: AsyncSession) -> int:
        runs.append(await session.scalar(select(func.count()).select_from(PairingCode)) or 0)
        if len(runs) == 1:
            session.add(code("second"))
            with losing_a_race():
                await session.flush()
        return len(runs)

    assert await any_db.transact(work) == 2
    assert runs == [1, 1]


async def test_it_gives_up_after_some_tries(any_db: Database) -> None:
    async with any_db.write() as session:
        session.add(code("first"))
    runs = 0

    async def work(session: AsyncSession) -> None:
        nonlocal runs
        runs += 1
        session.add(code("second"))
        with losing_a_race():
            await session.flush()

    with pytest.raises(LostRace):
        await any_db.transact(work)
    assert runs == TRIES


async def test_a_row_without_its_parent_is_no_lost_race(any_db: Database) -> None:
    runs = 0

    async def work(session: AsyncSession) -> None:
        nonlocal runs
        runs += 1
        session.add(
            IdempotencyKey(account_id="a", key="k", digest="", lesson_id="0" * 16, created_at=NOW)
        )
        with losing_a_race():
            await session.flush()

    with pytest.raises(IntegrityError):
        await any_db.transact(work)
    assert runs == 1


async def test_a_claim_over_another_one_is_a_lost_race(town: Town) -> None:
    booked = await book(town.db, NOW, town.teacher, town.command())
    room = room_resource(town.rooms["east-1"].id)
    starts_at = MONDAY + timedelta(minutes=39)

    async def take() -> None:
        async with town.db.write() as session:
            ends_at = starts_at + timedelta(minutes=40)
            await claims.take(session, booked.lesson_id, [(room, None)], starts_at, ends_at)

    with pytest.raises(LostRace, match="claim_no_overlap"):
        await take()
    async with town.db.read() as session:
        held = await session.scalars(select(Claim).where(col(Claim.resource) == room))
        assert [claim.starts_at for claim in held] == [MONDAY]
