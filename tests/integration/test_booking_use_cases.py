"""Book and check on both databases: what is written, and what is refused."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from scheduler.access.roles import Role
from scheduler.booking.book import book
from scheduler.booking.cancel import cancel
from scheduler.booking.commands import LegRequest
from scheduler.booking.errors import AlternativeKind, BookingConflict, BookingRefused
from scheduler.booking.move import move
from scheduler.booking.preview import preview
from scheduler.kernel.errors import Forbidden
from scheduler.lessons.states import LegState, LessonState
from scheduler.lessons.tables import Leg, Lesson
from scheduler.lessons.views import lesson_view
from tests.support.booked import MINUTE, actions, claims
from tests.support.county import MONDAY, NOW, Town

LATER = MONDAY + 50 * MINUTE


async def test_a_booking_writes_lesson_legs_and_claims(town: Town) -> None:
    booked = await book(town.db, NOW, town.teacher, town.command())
    async with town.db.read() as session:
        view = await lesson_view(session, booked.lesson_id)
    assert (view.state, view.version, view.title) == (LessonState.BOOKED, 1, "草船借箭")
    assert (view.starts_at, view.ends_at) == (MONDAY, MONDAY + 40 * MINUTE)
    legs = [(leg.room.code, leg.state, leg.assistant and leg.assistant.code) for leg in view.legs]
    assert legs == [("east-1", LegState.INVITED, "east-a"), ("west-1", LegState.INVITED, "west-a")]
    assert await claims(town, booked.lesson_id) == dict.fromkeys(
        [
            f"room:{town.rooms['core-rec'].id}",
            f"room:{town.rooms['east-1'].id}",
            f"room:{town.rooms['west-1'].id}",
            f"person:{town.people['core-t'].id}",
            f"person:{town.people['east-a'].id}",
            f"person:{town.people['west-a'].id}",
            f"class:{town.classes['east-5'].id}",
            f"class:{town.classes['west-5'].id}",
        ],
        (0, 40),
    )
    assert await actions(town) == [("lesson.book", town.teacher.account_id, booked.lesson_id)]


async def test_warnings_come_with_the_booking(town: Town) -> None:
    sunday = await book(
        town.db, NOW, town.teacher, town.command(starts_at=MONDAY - timedelta(days=1))
    )
    assert [(one.code, one.field) for one in sunday.warnings] == [
        ("WEEKEND", "starts_at"),
        ("CROSSES_BREAK", "legs.1.room_id"),
    ]


async def test_a_conflict_names_what_who_and_when_and_writes_nothing(town: Town) -> None:
    first = await book(town.db, NOW, town.teacher, town.command())
    with pytest.raises(BookingConflict) as refused:
        await book(
            town.db,
            NOW,
            town.actor(Role.TEACHER, "west", "west-t"),
            town.command(
                "other", host="west-1", teacher="west-t", legs=("core-1", "east-1"), minutes=20,
                starts_at=MONDAY + 20 * MINUTE, people=False,
            ),
        )  # fmt: skip
    found = [(c.resource_name, c.lesson_id, c.teacher_name) for c in refused.value.conflicts]
    assert sorted(found) == [
        ("东村小学 east-1", first.lesson_id, "中心校教师"),
        ("西村小学 west-1", first.lesson_id, "中心校教师"),
    ]
    times = {(c.starts_at, c.ends_at) for c in refused.value.conflicts}
    assert times == {(MONDAY, MONDAY + 40 * MINUTE)}
    async with town.db.read() as session:
        assert len((await session.execute(select(Lesson))).all()) == 1
        assert len((await session.execute(select(Leg))).all()) == 2


async def test_every_alternative_can_be_booked_as_it_is(town: Town) -> None:
    await book(town.db, NOW, town.teacher, town.command(legs=("east-1",), people=False))
    rival = town.actor(Role.TEACHER, "west", "west-t")
    wanted = town.command(
        "rival", host="west-1", teacher="west-t", legs=("east-1", "core-1"), people=False
    )
    with pytest.raises(BookingConflict) as refused:
        await book(town.db, NOW, rival, wanted)
    kinds = [one.kind for one in refused.value.alternatives]
    assert (kinds[0], kinds[-1]) == (AlternativeKind.ROOM, AlternativeKind.FEWER_LEGS)
    for number, offer in enumerate(refused.value.alternatives):
        seen = await preview(town.db, NOW, rival, offer.command)
        assert (seen.problems, seen.conflicts) == ((), ())
        booked = await book(
            town.db, NOW, rival, replace(offer.command, idempotency_key=f"offer-{number}")
        )
        await cancel(town.db, NOW, rival, booked.lesson_id, "下一个")


async def test_adjacent_lessons_never_clash(town: Town) -> None:
    for number in range(3):
        start = MONDAY + number * 40 * MINUTE
        await book(town.db, NOW, town.teacher, town.command(f"k{number}", starts_at=start))


async def test_only_free_books_the_free_legs_and_tells_of_the_others(town: Town) -> None:
    other = town.command("a", host="core-1", teacher="core-a", legs=("east-1",), people=False)
    first = await book(town.db, NOW, town.actor(Role.SCHOOL_ADMIN, "core"), other)
    wanted = town.command("b", only_free=True)
    booked = await book(town.db, NOW, town.teacher, wanted)
    async with town.db.read() as session:
        view = await lesson_view(session, booked.lesson_id)
    assert view.room_ids == (town.rooms["core-rec"].id, town.rooms["west-1"].id)
    (skipped,) = booked.skipped
    assert skipped.leg == wanted.legs[0]
    assert [(c.resource_name, c.lesson_id) for c in skipped.conflicts] == [
        ("东村小学 east-1", first.lesson_id)
    ]
    again = await book(town.db, NOW, town.teacher, wanted)
    assert (again.repeated, again.lesson_id) == (True, booked.lesson_id)
    assert [one.leg for one in again.skipped] == [wanted.legs[0]]


async def test_only_free_is_refused_when_the_host_or_everybody_is_taken(town: Town) -> None:
    await book(town.db, NOW, town.teacher, town.command("a"))
    admin = town.actor(Role.SCHOOL_ADMIN, "core")
    with pytest.raises(BookingConflict):  # the teacher is taken
        await book(
            town.db, NOW, town.teacher,
            town.command("b", host="core-1", legs=("east-2",), people=False, only_free=True),
        )  # fmt: skip
    with pytest.raises(BookingConflict):  # every leg is taken
        await book(
            town.db, NOW, admin,
            town.command("c", host="core-1", teacher="core-a", only_free=True),
        )  # fmt: skip


async def test_the_same_key_is_the_same_lesson_and_never_another(town: Town) -> None:
    first = await book(town.db, NOW, town.teacher, town.command("k"))
    second = await book(town.db, NOW, town.teacher, town.command("k"))
    assert (second.lesson_id, second.version, second.repeated) == (first.lesson_id, 1, True)
    assert second.skipped == first.skipped == ()
    with pytest.raises(BookingRefused) as refused:
        await book(town.db, NOW, town.teacher, town.command("k", starts_at=LATER))
    assert [one.code for one in refused.value.problems] == ["KEY_REUSED"]
    admin = town.actor(Role.SCHOOL_ADMIN, "core", "core-a")
    theirs = await book(town.db, NOW, admin, town.command("k", starts_at=LATER))
    assert theirs.repeated is False  # keys belong to accounts


async def test_a_refused_booking_uses_up_no_key(town: Town) -> None:
    with pytest.raises(BookingRefused):
        await book(town.db, NOW, town.teacher, replace(town.command("k"), title=" "))
    assert (await book(town.db, NOW, town.teacher, town.command("k"))).repeated is False


@pytest.mark.parametrize(
    ("change", "codes"),
    [
        ({"title": "a\0b"}, ["BAD_TEXT"]),
        ({"title": "\ud800"}, ["BAD_TEXT"]),
        ({"idempotency_key": "\0"}, ["BAD_KEY"]),
        ({"host_room_id": "\0"}, ["UNKNOWN_ROOM"]),
        ({"host_teacher_id": "教师"}, ["UNKNOWN_PERSON"]),
        ({"host_class_id": "'; --"}, ["UNKNOWN_CLASS"]),
        ({"community_id": "\0"}, ["UNKNOWN_COMMUNITY"]),
        ({"legs": (LegRequest("\0", "\0", "\0"),)},
         ["UNKNOWN_ROOM", "UNKNOWN_CLASS", "UNKNOWN_PERSON"]),
        ({"ends_at": datetime.max.replace(tzinfo=UTC)}, ["TOO_LONG"]),
        ({"starts_at": datetime.max.replace(tzinfo=UTC)}, ["EMPTY_TIME", "TOO_FAR"]),
        ({"starts_at": datetime.min.replace(tzinfo=UTC)}, ["TOO_LONG", "PAST"]),
        ({"starts_at": datetime(2026, 11, 23, 8)}, ["NAIVE_TIME"]),  # noqa: DTZ001
    ],
    ids=ascii,
)  # fmt: skip
async def test_nonsense_is_refused_by_name(
    town: Town, change: dict[str, object], codes: list[str]
) -> None:
    nonsense = replace(town.command(), **change)  # type: ignore[arg-type]
    with pytest.raises(BookingRefused) as refused:
        await book(town.db, NOW, town.teacher, nonsense)
    assert [one.code for one in refused.value.problems] == codes


async def test_a_key_used_before_is_refused_for_nonsense_too(town: Town) -> None:
    await book(town.db, NOW, town.teacher, town.command())
    nonsense = replace(town.command(), starts_at=datetime.min.replace(tzinfo=UTC), title="\ud800")
    with pytest.raises(BookingRefused, match="重新打开页面"):
        await book(town.db, NOW, town.teacher, nonsense)


async def test_preview_tells_everything_and_writes_nothing(town: Town) -> None:
    clear = await preview(town.db, NOW, town.teacher, town.command())
    assert (clear.problems, clear.conflicts, clear.alternatives) == ((), (), ())
    assert [one.code for one in clear.warnings] == ["CROSSES_BREAK"]
    wrong = await preview(town.db, NOW, town.teacher, town.command(legs=()))
    assert [one.code for one in wrong.problems] == ["NO_LEGS"]
    await book(town.db, NOW, town.teacher, town.command())
    taken = await preview(town.db, NOW, town.teacher, town.command("other"))
    assert len(taken.conflicts) == 8
    assert taken.alternatives[0].kind is AlternativeKind.PERIOD


async def test_strangers_are_refused(town: Town) -> None:
    stranger = town.actor(Role.TEACHER, "far", "far-t")
    with pytest.raises(Forbidden):
        await book(town.db, NOW, stranger, town.command())
    with pytest.raises(Forbidden):
        await preview(town.db, NOW, stranger, town.command())
    booked = await book(town.db, NOW, town.teacher, town.command())
    with pytest.raises(Forbidden):
        await move(town.db, NOW, stranger, booked.lesson_id, LATER, LATER + 40 * MINUTE, 1)
    with pytest.raises(Forbidden):
        await cancel(town.db, NOW, stranger, booked.lesson_id, "x")
