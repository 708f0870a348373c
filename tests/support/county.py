"""A small county in a database, and short ways to speak of it in tests."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from scheduler.access.actor import Actor, RoleInScope
from scheduler.access.roles import Role
from scheduler.booking.commands import BookLesson, LegRequest
from scheduler.exchange.imports.importer import load_county, parse_county
from scheduler.kernel.database import Database
from scheduler.lessons.tables import LessonKind, LessonMode
from scheduler.organisation import directory
from scheduler.organisation.shapes import ClassView, PersonView, RoomView

NOW = datetime(2026, 11, 20, 0, 0, tzinfo=UTC)
"""Friday, 08:00 in the county."""

MONDAY = datetime(2026, 11, 23, 0, 0, tzinfo=UTC)
"""08:00 in the county: the first period of a taught day."""

COUNTY = """
[county]
code = "demo"
name = "演示县"

[[term]]
code = "autumn"
name = "第一学期"
starts_on = 2026-09-01
ends_on = 2027-01-31

[[day]]
day = 2026-11-25
kind = "HOLIDAY"
name = "校庆"

[[bell]]
code = "bell"
name = "作息"
periods = [
    { number = 1, name = "第1节", starts = 08:00:00, ends = 08:40:00 },
    { number = 2, name = "第2节", starts = 08:50:00, ends = 09:30:00 },
    { number = 3, name = "第3节", starts = 10:00:00, ends = 10:40:00 },
]

[[bell]]
code = "late"
name = "晚作息"
periods = [
    { number = 1, name = "第1节", starts = 08:20:00, ends = 09:00:00 },
    { number = 2, name = "第2节", starts = 09:10:00, ends = 09:50:00 },
]
"""

SCHOOLS = {"core": "中心校", "east": "东村小学", "west": "西村小学", "far": "远山小学"}
"""`far` is in no community."""

ROOMS = {
    "core-rec": ("core", "RECORDING"),
    "core-1": ("core", "INTERACTIVE"),
    "core-2": ("core", "INTERACTIVE"),
    "east-1": ("east", "INTERACTIVE"),
    "east-2": ("east", "INTERACTIVE"),
    "west-1": ("west", "INTERACTIVE"),
    "far-1": ("far", "INTERACTIVE"),
}


def county_text() -> str:
    """Return the import file of the small county: a group with two members, and one apart."""
    parts = [COUNTY]
    for code, name in SCHOOLS.items():
        bell = "late" if code == "west" else "bell"
        parts.append(
            f'[[school]]\ncode = "{code}"\nname = "{name}"\ntier = "TOWN"\nstage = "PRIMARY"\n'
            f'[[campus]]\ncode = "{code}-c"\nschool = "{code}"\nname = "本部"\nbell = "{bell}"\n'
            f'[[class]]\ncode = "{code}-5"\nschool = "{code}"\nname = "五年级1班"\n'
            f'[[person]]\ncode = "{code}-t"\nname = "{name}教师"\nschool = "{code}"\n'
            f'[[person]]\ncode = "{code}-a"\nname = "{name}助教"\nschool = "{code}"\n'
        )
    for code, (school, kind) in ROOMS.items():
        parts.append(
            f'[[room]]\ncode = "{code}"\ncampus = "{school}-c"\nname = "{code}"\nkind = "{kind}"\n'
        )
    parts.append(
        '[[community]]\ncode = "group"\nname = "集团"\nkind = "GROUP"\n'
        '[[community]]\ncode = "all"\nname = "教共体"\nkind = "COMMUNITY"\n'
        '[[member]]\ncommunity = "group"\nschool = "core"\nrole = "CORE"\n'
        '[[member]]\ncommunity = "group"\nschool = "east"\nrole = "MEMBER"\n'
        '[[member]]\ncommunity = "all"\ngroup = "group"\nrole = "CORE"\n'
        '[[member]]\ncommunity = "all"\nschool = "west"\nrole = "MEMBER"\n'
        '[[agreement]]\ncommunity = "all"\nstarts_on = 2023-12-01\nends_on = 2026-12-31\n'
    )
    return "\n".join(parts)


@dataclass(frozen=True)
class Town:
    """The small county in a database, by code."""

    db: Database
    rooms: dict[str, RoomView]
    people: dict[str, PersonView]
    classes: dict[str, ClassView]
    communities: dict[str, str]
    schools: dict[str, str]

    def actor(self, role: Role, school: str | None = None, person: str = "core-t") -> Actor:
        """Return an account of a person with one role over a school, or the whole county."""
        schools = frozenset() if school is None else frozenset([self.schools[school]])
        held = RoleInScope(role, school is None, None, schools)
        one = self.people[person]
        return Actor(f"account-{person}"[:16], one.id, person, one.name, "zh_CN", (held,))

    @property
    def teacher(self) -> Actor:
        """The teacher of the core school."""
        return self.actor(Role.TEACHER, "core")

    def leg(self, room: str, *, people: bool = True) -> LegRequest:
        """Return a leg in a room, with class and assistant of its school unless told."""
        school = ROOMS[room][0]
        if not people:
            return LegRequest(self.rooms[room].id)
        return LegRequest(
            self.rooms[room].id, self.classes[f"{school}-5"].id, self.people[f"{school}-a"].id
        )

    def command(
        self,
        key: str = "key",
        *,
        host: str = "core-rec",
        teacher: str = "core-t",
        starts_at: datetime = MONDAY,
        minutes: float = 40,
        legs: tuple[str, ...] = ("east-1", "west-1"),
        people: bool = True,
        only_free: bool = False,
    ) -> BookLesson:
        """Return a booking of the core school's teacher in the first period of Monday."""
        return BookLesson(
            title="草船借箭",
            subject="语文",
            mode=LessonMode.INTERACTIVE,
            kind=LessonKind.MASTER,
            community_id=self.communities["all"],
            host_room_id=self.rooms[host].id,
            host_teacher_id=self.people[teacher].id,
            host_class_id=None,
            starts_at=starts_at,
            ends_at=starts_at + timedelta(minutes=minutes),
            legs=tuple(self.leg(leg, people=people) for leg in legs),
            idempotency_key=key,
            only_free=only_free,
        )


async def settle(db: Database) -> Town:
    """Load the small county and return it."""
    await load_county(db, NOW, parse_county(county_text()), None)
    return await find_town(db)


async def find_town(db: Database) -> Town:
    """Return the small county that another process loaded."""
    async with db.read() as session:
        return Town(
            db,
            {one.code: one for one in await directory.rooms(session, active_only=False)},
            {one.code: one for one in await directory.people(session)},
            {one.code: one for one in await directory.classes(session)},
            {one.code: one.id for one in await directory.communities(session)},
            {one.code: one.id for one in await directory.schools(session)},
        )
