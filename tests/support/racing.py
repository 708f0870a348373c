"""Two processes that book at once: a barrier before each round, persistent workers."""

import asyncio
import multiprocessing
import random
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from multiprocessing.synchronize import Barrier

from scheduler.access.roles import Role
from scheduler.booking.book import book
from scheduler.booking.commands import BookLesson
from scheduler.booking.errors import BookingConflict
from scheduler.kernel.database import Database
from tests.support.county import MONDAY, Town, find_town

BARRIER_SECONDS = 60

Maker = Callable[[Town, int, int], BookLesson]
"""(town, worker 0 or 1, round) -> the command of this worker in this round."""


@dataclass(frozen=True)
class Outcome:
    """What one worker got in one round. `resources` and `rivals` tell of the conflict."""

    lesson_id: str | None
    repeated: bool = False
    resources: tuple[str, ...] = ()
    rivals: tuple[str, ...] = ()


_barrier: Barrier | None = None


def overlapping_rivals(town: Town, worker: int, number: int) -> BookLesson:
    """Want one room on a day of its own: unequal overlapping times, other hosts and keys."""
    dice = random.Random(number)
    first = dice.randint(0, 300), dice.randint(20, 90)
    second = first[0] + dice.randint(1 - 30, first[1] - 1), dice.randint(30, 120)
    start, minutes = (first, second)[worker]
    teacher, host = (("core-t", "core-rec"), ("west-t", "west-1"))[worker]
    return town.command(
        f"round-{number}-{worker}",
        host=host,
        teacher=teacher,
        starts_at=MONDAY + timedelta(days=number, minutes=start),
        minutes=minutes,
        legs=("east-1",),
        people=False,
    )


def same_key(town: Town, worker: int, number: int) -> BookLesson:
    """Click twice: one command, one key."""
    return town.command(f"round-{number}", starts_at=MONDAY + timedelta(days=number))


def race(url: str, make: Maker, rounds: int) -> list[tuple[Outcome, Outcome]]:
    """Let two processes book `rounds` times at once; return both outcomes of every round."""
    context = multiprocessing.get_context("spawn")
    barrier = context.Barrier(2)
    with ProcessPoolExecutor(2, context, _keep_barrier, (barrier,)) as pool:
        workers = [pool.submit(_work, url, make, worker, rounds) for worker in (0, 1)]
        first, second = (worker.result() for worker in workers)
    return list(zip(first, second, strict=True))


def _keep_barrier(barrier: Barrier) -> None:
    global _barrier
    _barrier = barrier


def _work(url: str, make: Maker, worker: int, rounds: int) -> list[Outcome]:
    return asyncio.run(_book_all(url, make, worker, rounds))


async def _book_all(url: str, make: Maker, worker: int, rounds: int) -> list[Outcome]:
    assert _barrier is not None, "the pool's initializer did not run"
    db = Database(url)
    town = await find_town(db)
    found = []
    for number in range(rounds):
        command = make(town, worker, number)
        _barrier.wait(BARRIER_SECONDS)  # nothing else runs in this process
        found.append(await _attempt(town, command))
    await db.close()
    return found


async def _attempt(town: Town, command: BookLesson) -> Outcome:
    teacher = next(p for p in town.people.values() if p.id == command.host_teacher_id)
    school = teacher.code.partition("-")[0]
    actor = town.actor(Role.TEACHER, school, teacher.code)
    try:
        booked = await book(town.db, command.starts_at - timedelta(days=1), actor, command)
    except BookingConflict as conflict:
        return Outcome(
            None,
            resources=tuple(one.resource_name for one in conflict.conflicts),
            rivals=tuple(one.lesson_id for one in conflict.conflicts),
        )
    return Outcome(booked.lesson_id, booked.repeated)
