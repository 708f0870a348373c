"""今日: the next lesson on top, then the day."""

from datetime import datetime, timedelta

from aiohttp import web as http

from scheduler.access.permissions import Action
from scheduler.calendar.bells import day_bounds
from scheduler.lessons.predicates import holds_claims
from scheduler.lessons.shapes import LessonPart
from scheduler.lessons.views import lessons_of_person
from web.kit.pages.templating import render
from web.kit.rooms.readiness import readiness_of_rooms
from web.kit.services import ACTOR, services_of
from web.kit.words.formats import local_day, parse_day, week_of

WEEK = timedelta(days=7)


async def page(request: http.Request) -> http.StreamResponse:
    """GET /today."""
    services, actor = services_of(request), request[ACTOR]
    now = services.clock()
    today = local_day(now, services.settings.zone)
    start, end = day_bounds(today, services.settings.time_zone)
    async with services.db.read() as session:
        week = await lessons_of_person(session, actor.person_id, start, start + WEEK)
        coming = next_part(week, now)
        readiness = await readiness_of_rooms(session, coming.lesson, now) if coming else {}
    context = {
        "today": today,
        "may_book": actor.may(Action.LESSON_BOOK),
        "next": coming,
        "lessons": [part for part in week if part.lesson.starts_at < end],
        "later": [part for part in week if part.lesson.starts_at >= end][:5],
        "readiness": readiness,
        "topics": topics(coming),
    }
    return render(request, "teacher/today.html", context)


def next_part(parts: list[LessonPart], now: datetime) -> LessonPart | None:
    """Return the lesson that runs, else the one that comes next."""
    return next((p for p in parts if holds_claims(p.lesson.state) and p.lesson.ends_at > now), None)


def topics(part: LessonPart | None) -> str:
    """Return what the page listens to."""
    if part is None:
        return "*"
    rooms = [f"room:{room}" for room in part.lesson.room_ids]
    return ",".join([f"lesson:{part.lesson.id}", *rooms][:100])


async def timetable(request: http.Request) -> http.StreamResponse:
    """GET /timetable?day=: the week that holds this day."""
    services, actor = services_of(request), request[ACTOR]
    today = local_day(services.clock(), services.settings.zone)
    day = parse_day(request.query.get("day"), today)
    days = week_of(day)
    start, _ = day_bounds(days[0], services.settings.time_zone)
    _, end = day_bounds(days[-1], services.settings.time_zone)
    async with services.db.read() as session:
        parts = await lessons_of_person(session, actor.person_id, start, end)
    by_day = {
        shown: [p for p in parts if local_day(p.lesson.starts_at, services.settings.zone) == shown]
        for shown in days
        if shown.isoweekday() < 6
        or any(local_day(p.lesson.starts_at, services.settings.zone) == shown for p in parts)
    }
    context = {"today": today, "day": day, "days": days, "by_day": by_day, "week": WEEK}
    return render(request, "teacher/timetable.html", context)
