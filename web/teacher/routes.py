"""The lines that web/teacher adds to the route table."""

from aiohttp import web as http

from scheduler.access.permissions import Action
from scheduler.access.roles import Role
from web.kit.requests.access import Route, needs, public, signed_in
from web.kit.services import ACTOR
from web.teacher.booking import moving
from web.teacher.booking import pages as booking
from web.teacher.calendar import board, today
from web.teacher.lesson import legs
from web.teacher.lesson import pages as lesson


async def root(request: http.Request) -> http.StreamResponse:
    """GET /: a teacher's day begins with today, an administrator's with the overview."""
    actor = request.get(ACTOR)
    if actor is None:
        raise http.HTTPSeeOther("/sign-in")  # which leads back here: whose day it is, is known then
    teaches = actor.has(Role.TEACHER, Role.ASSISTANT)
    if not teaches and actor.may(Action.USAGE_VIEW):
        raise http.HTTPSeeOther("/admin")
    raise http.HTTPSeeOther("/today")


ROUTES: list[Route] = [
    public("GET", "/", root),
    signed_in("GET", "/today", today.page),
    signed_in("GET", "/timetable", today.timetable),
    needs(Action.LESSON_VIEW, "GET", "/book", board.page),
    needs(Action.LESSON_BOOK, "GET", "/book/new", booking.form),
    needs(Action.LESSON_BOOK, "POST", "/book/new", booking.save),
    needs(Action.LESSON_BOOK, "POST", "/book/preview", booking.preview),
    needs(Action.LESSON_VIEW, "GET", "/lessons/{id}", lesson.page),
    needs(Action.LESSON_BOOK, "GET", "/lessons/{id}/move", moving.form),
    needs(Action.LESSON_BOOK, "POST", "/lessons/{id}/move", moving.save),
    needs(Action.LESSON_BOOK, "POST", "/lessons/{id}/cancel", lesson.cancel),
    needs(Action.LESSON_TEACH, "POST", "/lessons/{id}/end", lesson.end),
    needs(Action.LEG_ANSWER, "POST", "/lessons/{id}/legs/{leg_id}/confirm", legs.confirm),
    needs(Action.LEG_ANSWER, "POST", "/lessons/{id}/legs/{leg_id}/decline", legs.decline),
    needs(
        Action.HEADCOUNT_ENTER, "POST", "/lessons/{id}/legs/{leg_id}/head-count", legs.head_count
    ),
    needs(Action.LESSON_BOOK, "POST", "/lessons/{id}/legs/{leg_id}/remove", legs.remove),
]
