"""Loading a county: all or nothing, twice is once, and read back with every name in place."""

from datetime import date

import pytest
from sqlalchemy import select
from sqlmodel import col

from scheduler.access.passwords import verify_password
from scheduler.access.roles import Role
from scheduler.access.tables import Account, RoleGrant
from scheduler.calendar.queries import bells_of
from scheduler.exchange.imports.importer import ImportRefused, KindCount, load_county, parse_county
from scheduler.kernel.database import Database
from scheduler.kernel.errors import NotFound
from scheduler.organisation import directory
from scheduler.organisation.enums import RoomKind
from scheduler.organisation.tables import Room
from tests.support.county import NOW, county_text, settle

ACCOUNT = """
[[account]]
login = "chen"
person = "core-t"
password = "a-long-enough-1"
grants = [{ role = "TEACHER", school = "core" }, { role = "COMMUNITY_ADMIN", community = "all" }]
"""


async def test_a_second_import_of_the_same_file_changes_nothing(any_db: Database) -> None:
    plan = parse_county(county_text() + ACCOUNT, allow_passwords=True)
    first = await load_county(any_db, NOW, plan, None)
    assert (first.county_name, first.updated, first.unchanged) == ("演示县", 0, 0)
    assert first.kinds["room"] == KindCount(created=7)
    assert first.kinds["period"] == KindCount(created=3 + 3 + 2 + 3)
    second = await load_county(any_db, NOW, plan, None)
    assert (second.created, second.updated, second.unchanged) == (0, 0, first.created)


async def test_what_changed_is_updated_by_code(any_db: Database) -> None:
    town = await settle(any_db)
    text = county_text().replace('name = "east-1"', 'name = "新教室"').replace("第2节", "大课间")
    text = text.replace("    { number = 3", "    # { number = 3")
    summary = await load_county(any_db, NOW, parse_county(text), None)
    assert summary.kinds["room"] == KindCount(updated=1, unchanged=6)
    assert (summary.created, summary.updated) == (0, 1 + 4)  # a period of four campuses
    async with any_db.read() as session:
        room = await directory.room(session, town.rooms["east-1"].id)
        bells = await bells_of(session, [room.campus_id])
    assert room.name == "新教室"
    assert [period.name for period in bells[room.campus_id]] == ["第1节", "大课间"]


async def test_another_county_is_refused(any_db: Database) -> None:
    await settle(any_db)
    other = county_text().replace('code = "demo"', 'code = "other"')
    with pytest.raises(ImportRefused) as refused:
        await load_county(any_db, NOW, parse_county(other), None)
    (problem,) = refused.value.problems
    assert (problem.line, problem.field) == (3, "county.code")
    assert problem.message == "系统中已有另一个县：演示县（demo）。"


async def test_a_refusal_at_the_last_row_leaves_every_row_as_it_was(any_db: Database) -> None:
    plan = parse_county(county_text() + ACCOUNT, allow_passwords=True)
    await load_county(any_db, NOW, plan, None)
    text = county_text().replace('name = "east-1"', 'name = "新教室"')
    text += ACCOUNT.replace('"chen"', '"chen2"')
    with pytest.raises(ImportRefused) as refused:
        await load_county(any_db, NOW, parse_county(text, allow_passwords=True), None)
    (problem,) = refused.value.problems
    assert (problem.field, problem.message) == ("account[1].person", "这个人已有账号 chen。")
    assert text.splitlines()[problem.line - 1] == 'person = "core-t"'
    async with any_db.read() as session:
        names = [room.name for room in await directory.rooms(session)]
    assert "east-1" in names


async def test_a_password_once_set_is_never_set_back(any_db: Database) -> None:
    plan = parse_county(county_text() + ACCOUNT, allow_passwords=True)
    await load_county(any_db, NOW, plan, None)
    changed = ACCOUNT.replace("a-long-enough-1", "another-one-2")
    again = parse_county(county_text() + changed, allow_passwords=True)
    summary = await load_county(any_db, NOW, again, None)
    assert summary.kinds["account"] == KindCount(unchanged=1)
    async with any_db.read() as session:
        account = (await session.execute(select(Account))).scalar_one()
        grants = (await session.execute(select(RoleGrant).order_by(col(RoleGrant.role)))).scalars()
        roles = [grant.role for grant in grants]
    assert await verify_password(account.password_hash, "a-long-enough-1")
    assert roles == [Role.COMMUNITY_ADMIN, Role.TEACHER]


async def test_the_directory_reads_it_back(any_db: Database) -> None:
    town = await settle(any_db)
    async with any_db.read() as session:
        communities = {one.code: one for one in await directory.communities(session)}
        schools = {one.code: one for one in await directory.schools(session)}
        everything = communities["all"]
        rooms = await directory.rooms(session, community_id=everything.id)
        inside = await directory.school_ids_of_community(session, everything.id)
        people = await directory.people(session, school_ids=[schools["west"].id])
        groups = await directory.classes(session, school_ids=[schools["west"].id])
    names = [(member.name, member.role.value) for member in everything.members]
    assert names == [("集团", "CORE"), ("西村小学", "MEMBER")]
    assert everything.school_ids == tuple(schools[code].id for code in ("core", "east", "west"))
    assert inside == frozenset(everything.school_ids)
    assert [room.code for room in rooms] == [
        "core-rec", "core-1", "core-2", "east-1", "east-2", "west-1",
    ]  # fmt: skip
    assert rooms[0].kind is RoomKind.RECORDING
    assert set(rooms[0].community_ids) == {everything.id, communities["group"].id}
    assert schools["far"].community_ids == ()
    assert [person.code for person in people] == ["west-a", "west-t"]
    assert [(group.code, group.school_name) for group in groups] == [("west-5", "西村小学")]
    assert town.rooms["far-1"].community_ids == ()


async def test_a_room_out_of_use_is_shown_only_when_asked_for(any_db: Database) -> None:
    town = await settle(any_db)
    async with any_db.write() as session:
        (await session.get_one(Room, town.rooms["east-2"].id)).active = False
    async with any_db.read() as session:
        shown = [room.code for room in await directory.rooms(session, school_ids=None)]
        hidden = await directory.room(session, town.rooms["east-2"].id)
        with pytest.raises(NotFound):
            await directory.room(session, "0" * 16)
    assert "east-2" not in shown
    assert hidden.active is False


async def test_a_school_that_left_is_out_on_later_days(any_db: Database) -> None:
    text = county_text().replace(
        'school = "west"\nrole = "MEMBER"',
        'school = "west"\nrole = "MEMBER"\nuntil_on = 2026-12-31',
    )
    await load_county(any_db, NOW, parse_county(text), None)
    async with any_db.read() as session:
        (one,) = [c for c in await directory.communities(session) if c.code == "all"]
        before = await directory.school_ids_of_community(session, one.id, date(2026, 12, 31))
        after = await directory.school_ids_of_community(session, one.id, date(2027, 1, 1))
    assert (len(before), len(after)) == (3, 2)
