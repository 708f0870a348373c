"""Move and cancel on both databases: what goes along, what is freed, and what is refused."""

from datetime import timedelta

import pytest

from scheduler.booking.book import book
from scheduler.booking.cancel import cancel
from scheduler.booking.errors import AlternativeKind, BookingConflict, BookingRefused
from scheduler.booking.move import move
from scheduler.kernel.errors import NotFound, Stale
from scheduler.lessons.states import LessonState
from scheduler.lessons.tables import Lesson
from scheduler.lessons.views import lesson_view
from tests.support.booked import MINUTE, actions, claims
from tests.support.county import MONDAY, NOW, Town

LATER = MONDAY + 50 * MINUTE


async def test_a_move_takes_every_claim_along(town: Town) -> None:
    booked = await book(town.db, NOW, town.teacher, town.command())
    before = await claims(town, booked.lesson_id)
    start = MONDAY + 10 * MINUTE  # overlaps its own old time
    moved = await move(town.db, NOW, town.teacher, booked.lesson_id, start, start + 60 * MINUTE, 1)
    assert (moved.lesson_id, moved.version) == (booked.lesson_id, 2)
    assert await claims(town, booked.lesson_id) == dict.fromkeys(before, (10, 70))
    async with town.db.read() as session:
        view = await lesson_view(session, booked.lesson_id)
    assert (view.starts_at, view.ends_at, view.version) == (start, start + 60 * MINUTE, 2)
    assert [action for action, _, _ in await actions(town)].count("lesson.move") == 1


async def test_a_move_into_another_lesson_changes_nothing(town: Town) -> None:
    first = await book(town.db, NOW, town.teacher, town.command("a"))
    second = await book(town.db, NOW, town.teacher, town.command("b", starts_at=LATER))
    before = await claims(town, second.lesson_id)
    start = MONDAY + 30 * MINUTE
    with pytest.raises(BookingConflict) as refused:
        await move(town.db, NOW, town.teacher, second.lesson_id, start, start + 40 * MINUTE, 1)
    assert {one.lesson_id for one in refused.value.conflicts} == {first.lesson_id}
    offered = {one.kind for one in refused.value.alternatives}
    assert offered == {AlternativeKind.PERIOD, AlternativeKind.DAY}
    assert await claims(town, second.lesson_id) == before
    async with town.db.read() as session:
        assert (await lesson_view(session, second.lesson_id)).version == 1


async def test_two_editors_of_one_version_do_not_overwrite_each_other(town: Town) -> None:
    booked = await book(town.db, NOW, town.teacher, town.command())
    await move(town.db, NOW, town.teacher, booked.lesson_id, LATER, LATER + 40 * MINUTE, 1)
    with pytest.raises(Stale):
        await move(town.db, NOW, town.teacher, booked.lesson_id, MONDAY, LATER, 1)


async def test_a_cancelled_lesson_frees_its_time_and_keeps_its_reason(town: Town) -> None:
    booked = await book(town.db, NOW, town.teacher, town.command("a"))
    gone = await cancel(town.db, NOW, town.teacher, booked.lesson_id, " 停电 ")
    assert (gone.lesson_id, gone.version) == (booked.lesson_id, 2)
    assert await claims(town, booked.lesson_id) == {}
    async with town.db.read() as session:
        view = await lesson_view(session, booked.lesson_id)
    assert (view.state, view.cancel_reason) == (LessonState.CANCELLED, "停电")
    assert (await book(town.db, NOW, town.teacher, town.command("b"))).repeated is False
    assert [action for action, _, _ in await actions(town)].count("lesson.cancel") == 1


@pytest.mark.parametrize("state", [LessonState.LIVE, LessonState.ENDED, LessonState.CANCELLED])
async def test_what_has_begun_or_ended_is_neither_moved_nor_cancelled(
    town: Town, state: LessonState
) -> None:
    booked = await book(town.db, NOW, town.teacher, town.command())
    async with town.db.write() as session:
        (await session.get_one(Lesson, booked.lesson_id)).state = state
    with pytest.raises(BookingRefused, match="已经开始或结束"):
        await move(town.db, NOW, town.teacher, booked.lesson_id, LATER, LATER + 40 * MINUTE, 1)
    with pytest.raises(BookingRefused, match="已经开始或结束"):
        await cancel(town.db, NOW, town.teacher, booked.lesson_id, "x")


async def test_a_lesson_in_the_lobby_moves_back_to_booked(town: Town) -> None:
    booked = await book(town.db, NOW, town.teacher, town.command())
    async with town.db.write() as session:
        (await session.get_one(Lesson, booked.lesson_id)).state = LessonState.LOBBY
    await move(town.db, NOW, town.teacher, booked.lesson_id, LATER, LATER + 40 * MINUTE, 1)
    async with town.db.read() as session:
        assert (await lesson_view(session, booked.lesson_id)).state is LessonState.BOOKED


async def test_cancelling_needs_a_reason_and_a_lesson(town: Town) -> None:
    booked = await book(town.db, NOW, town.teacher, town.command())
    for reason in ("", "  ", "长" * 501):
        with pytest.raises(BookingRefused, match="请写明取消原因"):
            await cancel(town.db, NOW, town.teacher, booked.lesson_id, reason)
    with pytest.raises(NotFound):
        await cancel(town.db, NOW, town.teacher, "0" * 16, "x")
    with pytest.raises(NotFound):
        await move(town.db, NOW, town.teacher, "0" * 16, LATER, LATER + 40 * MINUTE, 1)


async def test_a_move_into_the_past_is_refused(town: Town) -> None:
    booked = await book(town.db, NOW, town.teacher, town.command())
    start = NOW - timedelta(hours=1)
    with pytest.raises(BookingRefused, match="已经过去"):
        await move(town.db, NOW, town.teacher, booked.lesson_id, start, NOW + MINUTE, 1)
