"""What a county of Baihe's size costs: a term of lessons, and how long its pages take.

`python -m tests.bench.county [--days N] [--database FILE]`: one JSON object a line as in
`tests.bench`; there is no peer to compare with. Times are those of the whole request, from
sending it to the last byte, over loopback within one process: the median of some, so that a warm
page cache is measured, and the first of all is told beside it.
"""

import argparse
import asyncio
import json
import statistics
import sys
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from time import perf_counter
from urllib.parse import urlencode
from uuid import uuid4

from sqlalchemy import func, select

from scheduler.booking.book import book
from scheduler.booking.commands import BookLesson, LegRequest
from scheduler.evidence.tables import AttendanceFact
from scheduler.kernel.database import Database
from scheduler.lessons.tables import Leg, Lesson, LessonKind, LessonMode
from scheduler.lifecycle.reconcile import reconcile
from scheduler.migrations.run import upgrade
from scheduler.terminals import enrolment
from scheduler.terminals import pairing as pairings
from scheduler.usage.settling import settle
from tests.support.baihe import COUNTY_PASSWORD, Baihe, find_baihe, settle_baihe
from tests.support.baihe_term import fill_term, school_days
from tests.support.webclient import ZONE, Site, SteppedClock, Visitor, serving

NOW = datetime(2026, 12, 16, 10, 10, tzinfo=ZONE)
"""A Wednesday in the middle of the third period."""

DAYS, ROUNDS = 100, 7

Work = Callable[[], Awaitable[None]]


def note(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


@dataclass(frozen=True, slots=True)
class Bench:
    """The running application over a full database; `load` says how full.

    From `free` on nothing is booked.
    """

    site: Site
    baihe: Baihe
    load: str
    free: datetime

    async def line(self, name: str, work: Work, rounds: int = ROUNDS) -> None:
        """Measure `work` and print one result."""
        times = []
        for _ in range(rounds):
            began = perf_counter()
            await work()
            times.append(1e3 * (perf_counter() - began))
        told = f"median of {rounds}, first {times[0]:.0f} ms"
        self.print(name, statistics.median(times), told)

    def print(self, name: str, milliseconds: float, told: str) -> None:
        """Print one result."""
        result = {
            "name": name,
            "value": round(milliseconds, 1),
            "unit": "ms",
            "peer": None,
            "peer_value": None,
            "ratio": None,
            "load": f"{self.load}; {told}",
        }
        print(json.dumps(result, ensure_ascii=False), flush=True)


def opens(visitor: Visitor, path: str, **query: object) -> Work:
    """Return the loading of a page, which must answer 200."""
    address = f"{path}?{urlencode(query)}" if query else path

    async def work() -> None:
        async with visitor.client.get(address, allow_redirects=False) as answer:
            assert answer.status == 200, (address, answer.status)
            await answer.read()

    return work


def reads_day(visitor: Visitor, token: str) -> Work:
    """Return a terminal's reading of its day document."""
    headers = {"Authorization": f"Bearer {token}"}

    async def work() -> None:
        async with visitor.client.get("/api/v1/terminal/day", headers=headers) as answer:
            assert len((await answer.json())["lessons"]) >= 4

    return work


def books(bench: Bench, teacher: str) -> Work:
    """Return a booking of a lesson with five rooms in the free time."""
    site, baihe = bench.site, bench.baihe
    community = baihe.communities[0]
    rooms = [room for room in baihe.rooms if community.id in room.community_ids]
    host, guests = rooms[0], rooms[2:7]
    teachers = [one for one in baihe.people if one.code == "s01-t1"]
    times = iter(bench.free + timedelta(minutes=45 * n) for n in range(ROUNDS))

    async def work() -> None:
        starts_at = next(times)
        command = BookLesson(
            title="合成课",
            subject="语文",
            mode=LessonMode.INTERACTIVE,
            kind=LessonKind.MASTER,
            community_id=community.id,
            host_room_id=host.id,
            host_teacher_id=teachers[0].id,
            host_class_id=None,
            starts_at=starts_at,
            ends_at=starts_at + timedelta(minutes=40),
            legs=tuple(LegRequest(room.id) for room in guests),
            idempotency_key=uuid4().hex,
        )
        await book(site.db, site.clock(), await site.actor(teacher), command)

    return work


def usage(day: date, days: int) -> dict[str, str]:
    return {"from": (day - timedelta(days=days - 1)).isoformat(), "to": day.isoformat()}


async def settles(bench: Bench) -> None:
    """Keep the figures of the whole term, as the running product does; print the cost a lesson."""
    began, lessons = perf_counter(), 0
    while some := await settle(bench.site.db, NOW, bench.site.services.policy):
        lessons += some
    if lessons:
        took = 1e3 * (perf_counter() - began) / lessons
        bench.print("keep_figures_a_lesson", took, f"{lessons} lessons")


def reconciles(bench: Bench) -> Work:
    """Return a round of the alarm clock in which nothing is due."""

    async def work() -> None:
        await reconcile(bench.site.db, NOW, bench.site.services.timing)

    return work


async def measure(bench: Bench, token: str) -> None:
    """Print every figure."""
    site, today = bench.site, NOW.date()
    await settles(bench)
    county, community, teacher = [await site.visitor() for _ in range(3)]
    await county.sign_in("county", COUNTY_PASSWORD)
    await community.sign_in("community", COUNTY_PASSWORD)
    await teacher.sign_in("teacher", COUNTY_PASSWORD)
    everything = {"day": today.isoformat(), "community": bench.baihe.communities[0].id}
    await bench.line("grid_day", opens(teacher, "/book", view="day", **everything))
    await bench.line("grid_week", opens(teacher, "/book", view="week", **everything))
    await bench.line("today_page", opens(teacher, "/today"))
    await bench.line("overview", opens(county, "/admin"))
    for name, days in (("day", 1), ("week", 7), ("month", 30), ("term", 140)):
        await bench.line(f"usage_{name}", opens(county, "/admin/usage", **usage(today, days)))
    month = usage(today, 30)
    await bench.line("usage_month_page_20", opens(county, "/admin/usage", page=20, **month))
    await bench.line("usage_month_search", opens(county, "/admin/usage", q="合成课03", **month))
    await bench.line("usage_month_community", opens(community, "/admin/usage", **month))
    await bench.line("export_month", opens(county, "/admin/usage.csv", **month), 3)
    await bench.line("terminal_day", reads_day(await site.visitor(), token))
    await bench.line("booking", books(bench, "teacher"))
    await bench.line("reconcile", reconciles(bench))


async def enrolled(site: Site, room_id: str) -> str:
    """Return the token of a new terminal of this room."""
    pairing = await pairings.begin_pairing(site.db, NOW, "bench", "")
    admin = await site.actor("county")
    await enrolment.approve_pairing(site.db, NOW, admin, pairing.code, room_id, replace=True)
    return pairing.secret


async def describe(db: Database) -> str:
    async with db.read() as session:
        counts = [
            (await session.execute(select(func.count()).select_from(table))).scalar_one()
            for table in (Lesson, Leg, AttendanceFact)
        ]
    return "58 schools, 70 rooms, {} lessons, {} legs, {} facts, {}".format(
        *counts, "SQLite" if db.is_sqlite else "PostgreSQL"
    )


async def after_all(db: Database) -> datetime:
    """Return a moment after every lesson."""
    async with db.read() as session:
        last: datetime = (await session.execute(select(func.max(Lesson.ends_at)))).scalar_one()
    return last + timedelta(hours=1)


async def prepare(path: Path, days: int) -> Database:
    """Return the database in this file, filled unless it is there already."""
    known, url = path.exists(), f"sqlite+aiosqlite:///{path}"
    await upgrade(url)
    db = Database(url)
    if known:
        return db
    note(f"a term of {days} days")
    began = perf_counter()
    baihe = await settle_baihe(db, NOW)
    await fill_term(baihe, school_days(NOW.date(), days), NOW)
    note(f"filled in {perf_counter() - began:.0f} s")
    return db


async def main(days: int, file: Path | None) -> None:
    """Fill, measure and print."""
    with tempfile.TemporaryDirectory() as folder:
        db = await prepare(file or Path(folder) / "county.db", days)
        baihe, load = await find_baihe(db), await describe(db)
        async with serving(db, SteppedClock(NOW)) as site:
            bench = Bench(site, baihe, load, await after_all(db))
            await measure(bench, await enrolled(site, baihe.rooms[0].id))


if __name__ == "__main__":
    options = argparse.ArgumentParser()
    options.add_argument("--days", type=int, default=DAYS)
    options.add_argument("--database", type=Path)
    chosen = options.parse_args()
    asyncio.run(main(chosen.days, chosen.database))
