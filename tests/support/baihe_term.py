"""A term of lessons in Baihe: nine at once, eight periods a day, with evidence of every room.

Rows are written in bulk, but look as booking and journals would have left them: claims hold,
the hash chain of each lesson is sound, and what lies before `now` is ARCHIVED. Rooms come late,
break off and stay away by the dice of the seed.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import insert
from sqlmodel import SQLModel

from scheduler.booking.tables import Claim
from scheduler.evidence.tables import AttendanceFact, FactKind, HeadCount
from scheduler.kernel.ids import new_id
from scheduler.lessons.states import LegState, LessonState
from scheduler.lessons.tables import Leg, Lesson, LessonKind, LessonMode
from scheduler.organisation.enums import RoomKind
from scheduler.organisation.shapes import RoomView
from tests.support.baihe import PERIODS, Baihe
from tests.support.chained_facts import ChainedFacts, Row
from tests.support.evidence import PUBLISHED, SEEN

LENGTH = timedelta(minutes=40)


@dataclass
class Rows:
    """What one day adds, by table."""

    lessons: list[Row] = field(default_factory=list)
    legs: list[Row] = field(default_factory=list)
    claims: list[Row] = field(default_factory=list)
    facts: list[Row] = field(default_factory=list)
    counts: list[Row] = field(default_factory=list)


def school_days(last: date, count: int) -> list[date]:
    """Return `count` days from Monday to Friday, the last one being `last` or before it."""
    days: list[date] = []
    day = last
    while len(days) < count:
        if day.isoweekday() < 6:
            days.append(day)
        day -= timedelta(days=1)
    return days[::-1]


async def fill_term(baihe: Baihe, days: list[date], now: datetime, seed: int = 7) -> Rows:
    """Fill these days; return the rows of the last one."""
    maker = _Maker(baihe, now, random.Random(seed))
    rows = Rows()
    for day in days:
        rows = maker.day(day)
        async with baihe.db.write() as session:
            for table, found in _tables(rows):
                if found:
                    await session.execute(insert(table), found)
    return rows


def _tables(rows: Rows) -> Iterator[tuple[type[SQLModel], list[Row]]]:
    yield Lesson, rows.lessons
    yield Leg, rows.legs
    yield Claim, rows.claims
    yield AttendanceFact, rows.facts
    yield HeadCount, rows.counts


class _Maker:
    def __init__(self, baihe: Baihe, now: datetime, dice: random.Random) -> None:
        self._baihe, self._now, self._dice = baihe, now, dice
        self._zone = ZoneInfo("Asia/Shanghai")
        self._seq = 0

    def day(self, day: date) -> Rows:
        rows = Rows()
        for period, start in enumerate(PERIODS):
            hour, minute = map(int, start.split(":"))
            begin = datetime(day.year, day.month, day.day, hour, minute, tzinfo=self._zone)
            for number, community in enumerate(self._baihe.communities):
                rooms = [r for r in self._baihe.rooms if community.id in r.community_ids]
                rooms.sort(key=lambda room: room.kind is not RoomKind.RECORDING)
                self._lesson(rows, begin, community.id, rooms, period + number)
        return rows

    def _lesson(
        self, rows: Rows, begin: datetime, community: str, rooms: list[RoomView], turn: int
    ) -> None:
        host, guests = rooms[0], [r for r in rooms[1:] if r.school_id != rooms[0].school_id]
        legs = self._dice.sample(guests, self._dice.randint(4, min(7, len(guests))))
        teachers = [p for p in self._baihe.people if p.school_id == host.school_id]
        lesson_id, end, state = new_id(), begin + LENGTH, self._state(begin)
        taught = state is not LessonState.BOOKED
        teacher = teachers[turn % len(teachers)]
        rows.lessons.append(
            {
                "id": lesson_id,
                "county_id": self._baihe.county_id,
                "community_id": community,
                "title": f"合成课{turn:02}",
                "subject": teacher.subject,
                "mode": LessonMode.INTERACTIVE,
                "kind": LessonKind.MASTER,
                "state": state,
                "host_room_id": host.id,
                "host_teacher_id": teacher.id,
                "starts_at": begin,
                "ends_at": end,
                "actual_started_at": begin if taught else None,
                "actual_ended_at": end if state is LessonState.ARCHIVED else None,
                "created_at": begin - timedelta(days=3),
                "cancel_reason": "",
                "version": 1,
            }
        )
        self._claim(rows, f"room:{host.id}", lesson_id, None, begin)
        self._claim(rows, f"person:{teacher.id}", lesson_id, None, begin)
        chain = ChainedFacts(rows.facts, lesson_id)
        if taught:
            self._seen(chain, host, "HOST", begin, min(end, self._now), PUBLISHED)
        for room in legs:
            self._leg(rows, chain, room, lesson_id, begin, taught)

    def _leg(
        self,
        rows: Rows,
        chain: ChainedFacts,
        room: RoomView,
        lesson_id: str,
        begin: datetime,
        on: bool,
    ) -> None:
        groups = [c for c in self._baihe.classes if c.school_id == room.school_id]
        group, leg_id = self._dice.choice(groups), new_id()
        helpers = [p for p in self._baihe.people if p.school_id == room.school_id]
        helper = helpers[-1 if room.code.endswith("1") else -2]
        absent = self._dice.random() < 0.05
        state = LegState.ABSENT if absent else LegState.LEFT
        rows.legs.append(
            {
                "id": leg_id,
                "lesson_id": lesson_id,
                "school_id": room.school_id,
                "room_id": room.id,
                "class_id": group.id,
                "assistant_id": helper.id,
                "state": state if on else LegState.INVITED,
            }
        )
        self._claim(rows, f"room:{room.id}", lesson_id, leg_id, begin)
        self._claim(rows, f"person:{helper.id}", lesson_id, leg_id, begin)
        if not on or absent:
            return
        end, late = begin + LENGTH, self._dice.random() < 0.08
        start = begin + timedelta(seconds=self._dice.uniform(180, 600) if late else 2)
        until = min(end, self._now)
        if self._dice.random() < 0.1 and start + timedelta(minutes=9) < until:
            broken = start + timedelta(minutes=self._dice.uniform(3, 6))
            self._seen(chain, room, "LEG", start, broken, SEEN)
            start = broken + timedelta(seconds=self._dice.uniform(8, 90))
        self._seen(chain, room, "LEG", start, until, SEEN)
        rows.counts.append(
            {
                "id": new_id(),
                "leg_id": leg_id,
                "pupils": max(0, (group.pupils or 30) - self._dice.randint(0, 3)),
                "counted_by": self._baihe.people[0].id,
                "counted_at": begin + timedelta(minutes=5),
            }
        )

    def _seen(
        self,
        chain: ChainedFacts,
        room: RoomView,
        role: str,
        start: datetime,
        end: datetime,
        kinds: tuple[FactKind, ...],
    ) -> None:
        if end <= start:
            return
        self._seq += 1
        peer = f"p{self._seq}"
        chain.add(room.id, role, peer, self._seq, FactKind.JOINED, start, start)
        for kind in kinds:
            chain.add(room.id, role, peer, self._seq, kind, start, end)
        if end < self._now:
            chain.add(room.id, role, peer, self._seq, FactKind.LEFT, end, end)

    def _claim(
        self, rows: Rows, resource: str, lesson_id: str, leg_id: str | None, begin: datetime
    ) -> None:
        rows.claims.append(
            {
                "id": new_id(),
                "resource": resource,
                "lesson_id": lesson_id,
                "leg_id": leg_id,
                "starts_at": begin,
                "ends_at": begin + LENGTH,
            }
        )

    def _state(self, begin: datetime) -> LessonState:
        if begin > self._now:
            return LessonState.BOOKED
        return LessonState.LIVE if begin + LENGTH > self._now else LessonState.ARCHIVED
