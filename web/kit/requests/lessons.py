"""The lesson that an address names."""

from aiohttp import web as http

from scheduler.lessons.shapes import LessonView
from scheduler.lessons.views import lesson_for
from web.kit.services import ACTOR, services_of


async def find_lesson(request: http.Request) -> LessonView:
    """Return the lesson of the path; raise NotFound for one that is not for this person."""
    async with services_of(request).db.read() as session:
        return await lesson_for(session, request[ACTOR], request.match_info["id"])
