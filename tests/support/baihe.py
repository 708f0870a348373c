"""A county of Baihe's size: 58 schools, 9 communities, 70 rooms.

Only 城关初中, 城关小学 and 城关镇小学 are names of real schools; every other school is synthetic
and says so, and so is every community, person and class. The same seed gives the same county.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from scheduler.exchange.imports.importer import load_county, parse_county
from scheduler.kernel.database import Database
from scheduler.organisation import directory
from scheduler.organisation.shapes import ClassView, CommunityView, PersonView, RoomView

SCHOOLS, COMMUNITIES, RECORDING, INTERACTIVE = 58, 9, 8, 62
CLASSES_A_SCHOOL, TEACHERS_A_SCHOOL = 4, 4
SUBJECTS = ("语文", "数学", "英语", "科学")
REAL = {1: ("城关初中", "JUNIOR"), 2: ("城关小学", "PRIMARY"), 3: ("城关镇小学", "PRIMARY")}
"""The cores of the first three communities, as the public source names them."""

PERIODS = ("08:00", "08:50", "09:55", "10:45", "11:35", "14:30", "15:20", "16:10")
"""Starts of the eight periods; each lasts forty minutes."""

COUNTY_PASSWORD = "tongke-bench-2026"

HEAD = """
[county]
code = "baihe"
name = "白河县（规模测试）"

[[term]]
code = "term"
name = "规模测试学期"
starts_on = 2026-08-31
ends_on = 2027-01-31
"""

ACCOUNTS = f"""
[[person]]
code = "admin"
name = "合成管理员"

[[account]]
login = "county"
person = "admin"
password = "{COUNTY_PASSWORD}"
grants = [{{ role = "COUNTY_ADMIN" }}]

[[account]]
login = "community"
person = "s02-t1"
password = "{COUNTY_PASSWORD}"
grants = [{{ role = "COMMUNITY_ADMIN", community = "c2" }}]

[[account]]
login = "teacher"
person = "s01-t1"
password = "{COUNTY_PASSWORD}"
grants = [{{ role = "TEACHER", school = "s01" }}]
"""


@dataclass(frozen=True)
class Baihe:
    """The county in a database; everything in the order of its codes."""

    db: Database
    county_id: str
    communities: list[CommunityView]
    rooms: list[RoomView]
    classes: list[ClassView]
    people: list[PersonView]


def county_text(seed: int = 20) -> str:
    """Return the import file."""
    dice = random.Random(seed)
    parts = [HEAD, _bell()]
    for number in range(1, SCHOOLS + 1):
        parts += _school(number, dice)
    parts += [_community(number) for number in range(1, COMMUNITIES + 1)]
    return "\n".join([*parts, ACCOUNTS])


async def settle_baihe(db: Database, now: datetime, seed: int = 20) -> Baihe:
    """Load the county and return it."""
    await load_county(db, now, parse_county(county_text(seed), allow_passwords=True), None)
    return await find_baihe(db)


async def find_baihe(db: Database) -> Baihe:
    """Return the county that is in the database already."""
    async with db.read() as session:
        county = await directory.the_county(session)
        assert county is not None
        return Baihe(
            db,
            county.id,
            await directory.communities(session),
            await directory.rooms(session),
            await directory.classes(session),
            await directory.people(session),
        )


def community_of(school: int) -> int:
    """Return the number of a school's community: schools 1 to 9 are the cores."""
    return (school - 1) % COMMUNITIES + 1


def _bell() -> str:
    rows = []
    for number, start in enumerate(PERIODS, start=1):
        hour, minute = map(int, start.split(":"))
        end = hour * 60 + minute + 40
        rows.append(
            f'    {{ number = {number}, name = "第{number}节", starts = {start}:00,'
            f" ends = {end // 60:02}:{end % 60:02}:00 }},"
        )
    return "\n".join(['[[bell]]\ncode = "bell"\nname = "作息"\nperiods = [', *rows, "]"])


def _school(number: int, dice: random.Random) -> Iterator[str]:
    code = f"s{number:02}"
    core = number <= COMMUNITIES
    stage = REAL[number][1] if number in REAL else ("JUNIOR" if number % 9 == 1 else "PRIMARY")
    name = REAL[number][0] if number in REAL else f"合成{number:02}校"
    tier = "COUNTY" if core else dice.choice(("TOWN", "VILLAGE"))
    synthetic = str(number not in REAL).lower()
    yield (
        f'[[school]]\ncode = "{code}"\nname = "{name}"\ntier = "{tier}"\nstage = "{stage}"\n'
        f"synthetic = {synthetic}\n"
        f'[[campus]]\ncode = "{code}-c"\nschool = "{code}"\nname = "本部"\nbell = "bell"'
    )
    if number <= RECORDING:
        yield _room(f"{code}-r", code, "录播教室", "RECORDING")
    rooms = 2 if number > 2 * SCHOOLS - INTERACTIVE else 1  # the last few schools have a second
    for place in range(1, rooms + 1):
        yield _room(f"{code}-i{place}", code, f"互动教室{place}", "INTERACTIVE")
    for place in range(1, CLASSES_A_SCHOOL + 1):
        yield (
            f'[[class]]\ncode = "{code}-k{place}"\nschool = "{code}"\nname = "五年级{place}班"\n'
            f"grade = 5\npupils = {dice.randint(12, 48)}"
        )
    for place in range(1, TEACHERS_A_SCHOOL + 1):
        subject = SUBJECTS[place % len(SUBJECTS)]
        yield (
            f'[[person]]\ncode = "{code}-t{place}"\nname = "合成教师{number:02}{place}"\n'
            f'school = "{code}"\nsubject = "{subject}"'
        )


def _room(code: str, school: str, name: str, kind: str) -> str:
    return f'[[room]]\ncode = "{code}"\ncampus = "{school}-c"\nname = "{name}"\nkind = "{kind}"'


def _community(number: int) -> str:
    lines = [
        f'[[community]]\ncode = "c{number}"\nname = "合成教共体{number}"\nkind = "COMMUNITY"\n'
        'note = "规模测试，名称为合成"'
    ]
    for school in range(1, SCHOOLS + 1):
        if community_of(school) == number:
            role = "CORE" if school <= COMMUNITIES else "MEMBER"
            lines.append(
                f'[[member]]\ncommunity = "c{number}"\nschool = "s{school:02}"\nrole = "{role}"'
            )
    return "\n".join(lines)
