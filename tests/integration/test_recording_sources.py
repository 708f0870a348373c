"""A room's recording host in an import: kept, used while its lesson runs, and told to nobody."""

from datetime import timedelta

from sqlalchemy import select, update
from sqlmodel import col

from scheduler.access.roles import Role
from scheduler.audit.tables import AuditEvent
from scheduler.booking.book import book
from scheduler.booking.recording import has_source, recorded_lessons
from scheduler.booking.tables import Lesson
from scheduler.database import Database
from scheduler.lifecycle.states import LessonState
from scheduler.organisation import directory
from scheduler.organisation.importer import load_county, parse_county
from scheduler.organisation.tables import Room
from tests.support.county import MONDAY, NOW, Town, county_text, find_town

SECRET = "rtsp://teacher:only-the-host-knows@10.1.2.3/live"
WITH_SOURCE = county_text().replace(
    'name = "core-rec"', f'name = "core-rec"\nsource_url = "{SECRET}"'
)


async def settled(db: Database) -> Town:
    await load_county(db, NOW, parse_county(WITH_SOURCE), None)
    return await find_town(db)


async def stored(db: Database) -> dict[str, str]:
    async with db.read() as session:
        rows = await session.execute(select(col(Room.code), col(Room.source_url)))
        return {code: source for code, source in rows if source}


async def test_an_import_sets_the_source_and_a_later_one_removes_it(any_db: Database) -> None:
    await settled(any_db)
    assert await stored(any_db) == {"core-rec": SECRET}
    assert (await load_county(any_db, NOW, parse_county(WITH_SOURCE), None)).updated == 0
    summary = await load_county(any_db, NOW, parse_county(county_text()), None)
    assert summary.kinds["room"].updated == 1
    assert await stored(any_db) == {}


async def test_neither_the_audit_trail_nor_a_read_model_holds_it(any_db: Database) -> None:
    town = await settled(any_db)
    async with any_db.read() as session:
        events = (await session.scalars(select(AuditEvent))).all()
        room = await session.get(Room, town.rooms["core-rec"].id)
        views = await directory.rooms(session)
    assert len(events) == 1
    told = [*(event.model_dump_json() for event in events), repr(room), repr(views)]
    told.append(repr(parse_county(WITH_SOURCE).file))
    assert not [text for text in told if "only-the-host-knows" in text]


async def test_a_source_is_wanted_from_the_lobby_to_the_end(any_db: Database) -> None:
    town = await settled(any_db)
    booked = await book(any_db, NOW, town.teacher, town.command())
    other = town.command("other", host="core-1", teacher="core-a", legs=("east-2",), people=False)
    manager = town.actor(Role.COUNTY_ADMIN)
    beside = await book(any_db, NOW, manager, other)
    wanted = {}
    for state in LessonState:
        async with any_db.write() as session:
            both = col(Lesson.id).in_((booked.lesson_id, beside.lesson_id))
            await session.execute(update(Lesson).where(both).values(state=state))
        async with any_db.read() as session:
            wanted[state] = await recorded_lessons(session)
    assert {state for state, found in wanted.items() if found} == {
        LessonState.LOBBY,
        LessonState.LIVE,
    }
    (lesson,) = wanted[LessonState.LIVE]
    assert (lesson.lesson_id, lesson.source) == (booked.lesson_id, SECRET)
    assert lesson.ends_at - lesson.starts_at == timedelta(minutes=40)
    assert lesson.starts_at == MONDAY
    assert "only-the-host-knows" not in repr(lesson)


async def test_only_a_room_that_names_one_has_a_source(any_db: Database) -> None:
    town = await settled(any_db)
    async with any_db.read() as session:
        assert await has_source(session, town.rooms["core-rec"].id)
        assert not await has_source(session, town.rooms["core-1"].id)
        assert not await has_source(session, "nowhere")
