"""Facts for the pure booking rules, without a database: two schools in a community, one apart."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

from scheduler.booking.checks.facts import CommunityFacts, Facts
from scheduler.booking.commands import BookLesson, LegRequest
from scheduler.booking.conflicts import HeldClaim
from scheduler.booking.resources import parse_resource
from scheduler.calendar.bells import PeriodTimes
from scheduler.calendar.days import DayRule, TermDates
from scheduler.calendar.queries import CountyCalendar
from scheduler.calendar.tables import DayKind
from scheduler.lessons.tables import LessonKind, LessonMode
from scheduler.organisation.enums import RoomKind
from scheduler.organisation.shapes import ClassView, CountyView, PersonView, RoomView

NOW = datetime(2026, 11, 20, 0, 0, tzinfo=UTC)
T0 = datetime(2026, 11, 23, 0, 0, tzinfo=UTC)
"""Monday 08:00 in the county."""


def room(one: str, school: str, kind: RoomKind = RoomKind.INTERACTIVE) -> RoomView:
    """Return an active room of a school; `far` is in no community."""
    belongs = () if school == "far" else ("com",)
    return RoomView(one, one, one, kind, 40, True, f"{school}-c", "", school, school, belongs)


ROOMS = (
    room("rec", "core", RoomKind.RECORDING),
    room("core1", "core"),
    room("store", "core", RoomKind.OTHER),
    room("east1", "east"),
    room("east2", "east"),
    room("west1", "west"),
    room("far1", "far"),
)
PEOPLE = tuple(PersonView(f"{s}-t", s, s, "", s, s) for s in ("core", "east", "west", "far"))
CLASSES = tuple(ClassView(f"{s}-5", s, s, 5, 40, s, s) for s in ("core", "east", "west"))
BELL = (
    PeriodTimes(1, "第1节", time(8), time(8, 40)),
    PeriodTimes(2, "第2节", time(8, 50), time(9, 30)),
    PeriodTimes(3, "第3节", time(10), time(10, 40)),
)
LATE = (PeriodTimes(1, "第1节", time(8, 10), time(8, 50)),)

FACTS = Facts(
    county=CountyView("county", "demo", "演示县", "Asia/Shanghai"),
    calendar=CountyCalendar(
        "Asia/Shanghai",
        (TermDates("t", "第一学期", date(2026, 9, 1), date(2027, 1, 31)),),
        {date(2026, 11, 25): DayRule(DayKind.HOLIDAY, name="校庆")},
    ),
    rooms={one.id: one for one in ROOMS},
    people={one.id: one for one in PEOPLE},
    classes={one.id: one for one in CLASSES},
    communities={"com": CommunityFacts("教共体", ((date(2023, 12, 1), date(2026, 12, 31)),))},
    communities_of={"core": ("com",), "east": ("com",), "west": ("com",)},
    bells={"core-c": BELL, "east-c": BELL, "west-c": LATE, "far-c": BELL},
)

COMMAND = BookLesson(
    title="草船借箭",
    subject="语文",
    mode=LessonMode.INTERACTIVE,
    kind=LessonKind.MASTER,
    community_id="com",
    host_room_id="rec",
    host_teacher_id="core-t",
    host_class_id=None,
    starts_at=T0,
    ends_at=T0 + timedelta(minutes=40),
    legs=(LegRequest("east1", "east-5", "east-t"),),
    idempotency_key="k",
)


def shifted(minutes: int, length: int = 40) -> BookLesson:
    """Return the command `minutes` later."""
    starts_at = T0 + timedelta(minutes=minutes)
    return replace(COMMAND, starts_at=starts_at, ends_at=starts_at + timedelta(minutes=length))


def held(resource: str, start: int = 0, end: int = 40) -> HeldClaim:
    """Return somebody's claim, in minutes from T0."""
    starts_at, ends_at = T0 + timedelta(minutes=start), T0 + timedelta(minutes=end)
    return HeldClaim(parse_resource(resource), "other", "英语", "李老师", starts_at, ends_at)
