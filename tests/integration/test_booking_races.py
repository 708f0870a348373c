"""Two processes, one room: exactly one lesson, on SQLite and on PostgreSQL."""

import asyncio
import time

import pytest
from sqlalchemy import func, select

from scheduler.booking.tables import Claim
from scheduler.kernel.database import Database
from scheduler.lessons.tables import Lesson
from tests.support.county import settle
from tests.support.racing import Outcome, overlapping_rivals, race, same_key

ROUNDS = 1000
CLICKS = 150


async def _settle(url: str) -> None:
    db = Database(url)
    await settle(db)
    await db.close()


async def _count(url: str) -> tuple[int, int]:
    db = Database(url)
    async with db.read() as session:
        lessons = (await session.execute(select(func.count()).select_from(Lesson))).scalar_one()
        claims = (await session.execute(select(func.count()).select_from(Claim))).scalar_one()
    await db.close()
    return lessons, claims


@pytest.mark.timeout(420)
def test_exactly_one_of_two_overlapping_bookings_wins_every_round(database_url: str) -> None:
    asyncio.run(_settle(database_url))
    began = time.perf_counter()
    rounds = race(database_url, overlapping_rivals, ROUNDS)
    print(f"{ROUNDS} rounds in {time.perf_counter() - began:.1f} s")
    assert [number for number, pair in enumerate(rounds) if not _one_won(*pair)] == []
    assert asyncio.run(_count(database_url)) == (ROUNDS, 3 * ROUNDS)
    assert {True, False} == {first.lesson_id is not None for first, _ in rounds}


def _one_won(first: Outcome, second: Outcome) -> bool:
    """Tell whether one has the lesson and the other was told of it, by room and lesson."""
    winner, loser = (first, second) if first.lesson_id else (second, first)
    told = (loser.lesson_id, loser.resources, loser.rivals)
    return told == (None, ("东村小学 east-1",), (winner.lesson_id,))


@pytest.mark.timeout(240)
def test_a_double_click_makes_one_lesson(database_url: str) -> None:
    asyncio.run(_settle(database_url))
    rounds = race(database_url, same_key, CLICKS)
    same = [a.lesson_id == b.lesson_id and a.repeated != b.repeated for a, b in rounds]
    assert [number for number, right in enumerate(same) if not right] == []
    lessons, _ = asyncio.run(_count(database_url))
    assert lessons == CLICKS
