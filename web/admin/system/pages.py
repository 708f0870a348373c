"""系统: the relay nodes and their lessons as they answer now, the version, the terminals' lines."""

import asyncio
from collections.abc import Mapping
from datetime import timedelta

from aiohttp import web as http

from media.contract.stats import NodeStats
from media.contract.subjects import Subject
from scheduler.evidence.set_aside import newest_set_aside
from scheduler.lessons.shapes import LessonView
from scheduler.lessons.states import LegState, LessonState
from scheduler.lessons.views import lessons_between
from scheduler.organisation import directory
from scheduler.placement.placing import draining, homes, lessons_to_come
from web.admin.system.thresholds import loss_look, node_state, trip_look
from web.admin.system.traffic import SORT_KEYS, CountyLesson, StageRow, stage_rows, subjects
from web.kit.pages.templating import render
from web.kit.services import Services, services_of
from web.terminal.live import TERMINAL_SOCKETS

MOST_ASIDE = 20
"""Rows of what was set aside that are shown, the newest first."""

AROUND = timedelta(hours=1)
"""A stage is open from shortly before its lesson until its end, or what was added to it."""


async def page(request: http.Request) -> http.Response:
    """GET /admin/system; `?by=` sorts the viewers by a column (SORT_KEYS)."""
    services = services_of(request)
    nodes, stats = await asyncio.gather(services.relay.status(), services.relay.stats())
    asked = request.query.get("by", "")
    order = asked if asked in SORT_KEYS else ""
    stages = await _stages(services, stats, order)
    async with services.db.read() as session:
        drained = await draining(session)
        waiting = await lessons_to_come(session, services.clock())
        aside = await newest_set_aside(session, MOST_ASIDE)
        planned = await homes(session, {stage.lesson_id for stage in stages})
    context = {
        "nodes": nodes,
        "stats": stats,
        "stages": stages,
        "order": order,
        "draining": drained,
        "waiting": waiting,
        "homes": planned,
        "troubled": sum(stage.troubled for stage in stages),
        "loss_look": loss_look,
        "trip_look": trip_look,
        "node_state": node_state,
        "addresses": {relay.node: relay.url for relay in services.tickets.relays()},
        "set_aside": aside,
        "database": "SQLite" if services.db.is_sqlite else "PostgreSQL",
        "lines": len(request.app[TERMINAL_SOCKETS]),
        "listeners": services.live.listeners(),
        "time_zone": services.settings.time_zone,
        "public_url": services.settings.public_url,
    }
    return render(request, "admin/system.html", context)


async def _stages(services: Services, stats: Mapping[str, NodeStats], order: str) -> list[StageRow]:
    """Return the stages, and the lessons that lack one, with the names that this county knows."""
    now = services.clock()
    found = subjects(stats)
    room_ids = {subject.id for subject in found if subject.is_room}
    person_ids = {subject.id for subject in found if subject.is_person}
    async with services.db.read() as session:
        lessons = await lessons_between(session, now - AROUND, now + AROUND)
        rooms = await directory.rooms(session, room_ids=room_ids, active_only=False)
        people = await directory.people(session, person_ids=person_ids)
    names = {Subject.room(room.id): f"{room.school_name} {room.name}" for room in rooms}
    names |= {Subject.person(person.id): person.name for person in people}
    by_id = {lesson.id: _county_lesson(lesson) for lesson in lessons}
    return stage_rows(stats, names, by_id, order)


def _county_lesson(lesson: LessonView) -> CountyLesson:
    rooms = [leg.room for leg in lesson.legs if leg.state is not LegState.DECLINED]
    names = {Subject.room(room.id): f"{room.school_name} {room.name}" for room in rooms}
    return CountyLesson(lesson.title, lesson.state is LessonState.LIVE, names)
