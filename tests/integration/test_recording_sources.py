"""A room's recording host in an import: kept, used while its lesson runs, and told to nobody."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update
from sqlmodel import col

from scheduler.access.roles import Role
from scheduler.booking.book import book
from scheduler.events.tables import EventRow
from scheduler.exchange.imports.importer import load_county, parse_county
from scheduler.kernel.database import Database
from scheduler.lessons.recording import has_source, recorded_lessons
from scheduler.lessons.states import LessonState
from scheduler.lessons.tables import Lesson
from scheduler.migrations.run import upgrade
from scheduler.organisation import directory
from scheduler.organisation.sealing import KEY_BYTES, Seal
from scheduler.organisation.sources import seal_plain_sources
from scheduler.organisation.tables import Room
from tests.support.county import MONDAY, NOW, Town, county_text, find_town

SECRET = "rtsp://teacher:only-the-host-knows@10.1.2.3/live"
WITH_SOURCE = county_text().replace(
    'name = "core-rec"', f'name = "core-rec"\nsource_url = "{SECRET}"'
)


SEAL = Seal(bytes(range(KEY_BYTES)))
KEPT = {"core-rec": (SEAL.close(SECRET, "core-rec"), "rtsp://10.1.2.3")}
PLAIN = {"source_url": SECRET, "source_shown": ""}


async def settled(db: Database) -> Town:
    await load_county(db, NOW, parse_county(WITH_SOURCE), None, seal=SEAL)
    return await find_town(db)


async def stored(db: Database) -> dict[str, tuple[str, str]]:
    """Return what the database keeps of each room's source, by the room's code."""
    async with db.read() as session:
        rows = await session.scalars(select(Room).where(col(Room.source_url) != ""))
        return {room.code: (room.source_url, room.source_shown) for room in rows}


async def test_an_import_sets_the_source_and_a_later_one_removes_it(any_db: Database) -> None:
    await settled(any_db)
    assert await stored(any_db) == KEPT
    again = await load_county(any_db, NOW, parse_county(WITH_SOURCE), None, seal=SEAL)
    assert again.updated == 0
    summary = await load_county(any_db, NOW, parse_county(county_text()), None)
    assert summary.kinds["room"].updated == 1
    assert await stored(any_db) == {}


async def test_nothing_of_the_secret_lies_in_the_file_of_the_database(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path / 'county.db'}"
    await upgrade(url)
    database = Database(url)
    await settled(database)
    await database.close()
    files = [file.read_bytes() for file in tmp_path.iterdir()]
    assert any(b"rtsp://10.1.2.3" in content for content in files)
    assert not any(b"only-the-host-knows" in content for content in files)


async def test_without_a_seal_no_source_is_stored(any_db: Database) -> None:
    with pytest.raises(ValueError, match="without a seal"):
        await load_county(any_db, NOW, parse_county(WITH_SOURCE), None)
    assert await stored(any_db) == {}


async def test_what_an_older_version_stored_in_plain_text_is_sealed_once(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path / 'county.db'}"
    await upgrade(url)
    database = Database(url)
    await settled(database)
    async with database.write() as session:
        await session.execute(update(Room).where(col(Room.code) == "core-rec").values(PLAIN))
    assert await seal_plain_sources(database, SEAL) == 1
    assert await stored(database) == KEPT
    assert await seal_plain_sources(database, SEAL) == 0
    contents = [file.read_bytes() for file in tmp_path.iterdir()]  # with the write-ahead log
    await database.close()
    assert not any(b"only-the-host-knows" in content for content in contents)


async def test_neither_the_audit_trail_nor_a_read_model_holds_it(any_db: Database) -> None:
    town = await settled(any_db)
    async with any_db.read() as session:
        events = (await session.scalars(select(EventRow))).all()
        room = await session.get(Room, town.rooms["core-rec"].id)
        views = await directory.rooms(session)
    assert len(events) == 1
    told = [*(event.model_dump_json() for event in events), repr(room), repr(views)]
    told.append(repr(parse_county(WITH_SOURCE).file))
    assert [view.source for view in views if view.source] == ["rtsp://10.1.2.3"]
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
    assert lesson.lesson_id == booked.lesson_id
    assert SEAL.open(lesson.sealed, lesson.room_code) == SECRET
    assert lesson.ends_at - lesson.starts_at == timedelta(minutes=40)
    assert lesson.starts_at == MONDAY
    assert "only-the-host-knows" not in repr(lesson)


async def test_only_a_room_that_names_one_has_a_source(any_db: Database) -> None:
    town = await settled(any_db)
    async with any_db.read() as session:
        assert await has_source(session, town.rooms["core-rec"].id)
        assert not await has_source(session, town.rooms["core-1"].id)
        assert not await has_source(session, "nowhere")
