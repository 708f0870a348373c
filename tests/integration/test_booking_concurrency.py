"""Moves, bookings and cancellations that meet in one process: never two lessons in one room."""

import asyncio
from collections import Counter
from collections.abc import Coroutine
from datetime import timedelta
from typing import Any

from scheduler.access.roles import Role
from scheduler.booking.book import book
from scheduler.booking.cancel import cancel
from scheduler.booking.errors import BookingRefused
from scheduler.booking.move import move
from scheduler.kernel.errors import Stale
from scheduler.lessons.states import LessonState
from scheduler.lessons.views import lesson_view, lessons_of_room
from tests.support.county import MONDAY, NOW, Town

MINUTE = timedelta(minutes=1)
ROUNDS = 8


async def meet(*works: Coroutine[Any, Any, object]) -> Counter[str]:
    """Run all at once; return how often each kind of result came."""
    results = await asyncio.gather(*works, return_exceptions=True)
    return Counter(type(one).__name__ for one in results)


async def test_two_lessons_moved_to_one_time_leave_one_there(town: Town) -> None:
    rival = town.actor(Role.TEACHER, "west", "west-t")
    for number in range(ROUNDS):
        day = MONDAY + timedelta(days=7 * number)
        command = town.command(f"a{number}", starts_at=day, legs=("east-1",), people=False)
        first = await book(town.db, NOW, town.teacher, command)
        command = town.command(
            f"b{number}", host="west-1", teacher="west-t", starts_at=day + 60 * MINUTE,
            legs=("east-1",), people=False,
        )  # fmt: skip
        second = await book(town.db, NOW, rival, command)
        goal = day + 180 * MINUTE
        found = await meet(
            move(town.db, NOW, town.teacher, first.lesson_id, goal, goal + 40 * MINUTE, 1),
            move(town.db, NOW, rival, second.lesson_id, goal + MINUTE, goal + 90 * MINUTE, 1),
        )
        assert found == {"Changed": 1, "BookingConflict": 1}
        async with town.db.read() as session:
            there = await lessons_of_room(
                session, town.rooms["east-1"].id, goal, goal + 90 * MINUTE
            )
        assert len(there) == 1


async def test_lessons_that_swap_places_at_once_never_overlap(town: Town) -> None:
    """Each wants the other's time: both are refused, for neither can go first."""
    one = await book(town.db, NOW, town.teacher, town.command("a", legs=("east-1",)))
    start = MONDAY + 60 * MINUTE
    two = await book(town.db, NOW, town.teacher, town.command("b", starts_at=start))
    found = await meet(
        move(town.db, NOW, town.teacher, one.lesson_id, start, start + 40 * MINUTE, 1),
        move(town.db, NOW, town.teacher, two.lesson_id, MONDAY, MONDAY + 40 * MINUTE, 1),
    )
    assert found == {"BookingConflict": 2}


async def test_a_lesson_moved_and_cancelled_at_once_is_one_or_the_other(town: Town) -> None:
    for number in range(ROUNDS):
        day = MONDAY + timedelta(days=7 * number)
        booked = await book(town.db, NOW, town.teacher, town.command(f"k{number}", starts_at=day))
        goal = day + 60 * MINUTE
        results = await asyncio.gather(
            move(town.db, NOW, town.teacher, booked.lesson_id, goal, goal + 40 * MINUTE, 1),
            cancel(town.db, NOW, town.teacher, booked.lesson_id, "停电"),
            return_exceptions=True,
        )
        refused = [one for one in results if isinstance(one, Exception)]
        assert all(isinstance(one, Stale | BookingRefused) for one in refused), refused
        async with town.db.read() as session:
            view = await lesson_view(session, booked.lesson_id)
        moved, cancelled = (not isinstance(one, Exception) for one in results)
        assert (view.starts_at == goal) == moved
        assert (view.state is LessonState.CANCELLED) == cancelled
        assert view.version == 1 + moved + cancelled


async def test_many_at_once_want_one_room(town: Town) -> None:
    """Twelve overlapping bookings of one room in one process: one lesson, eleven conflicts."""
    admin = town.actor(Role.COUNTY_ADMIN)
    works = [
        book(
            town.db, NOW, admin,
            town.command(
                f"k{n}", host=("core-1", "far-1")[n % 2], teacher=("core-t", "far-t")[n % 2],
                starts_at=MONDAY + n * MINUTE, legs=("east-1",), people=False,
            ),
        )
        for n in range(12)
    ]  # fmt: skip
    assert await meet(*works) == {"Booked": 1, "BookingConflict": 11}
