"""The lines that web/api adds to the route table."""

from scheduler.access.permissions import Action
from web.access import Route, needs, signed_in
from web.api import lessons, live, periods

ROUTES: list[Route] = [
    signed_in("GET", "/api/v1/live", live.stream),
    needs(Action.LESSON_BOOK, "GET", "/api/v1/rooms/{id}/periods", periods.of_room),
    needs(Action.LESSON_BOOK, "POST", "/api/v1/lessons", lessons.create),
    needs(Action.LESSON_BOOK, "POST", "/api/v1/lessons/check", lessons.preview),
    needs(Action.LESSON_VIEW, "GET", "/api/v1/lessons/{id}", lessons.show),
    needs(Action.LESSON_BOOK, "POST", "/api/v1/lessons/{id}/move", lessons.move),
    needs(Action.LESSON_BOOK, "POST", "/api/v1/lessons/{id}/cancel", lessons.cancel),
    needs(Action.LESSON_TEACH, "POST", "/api/v1/lessons/{id}/end", lessons.end),
    needs(Action.LESSON_VIEW, "GET", "/api/v1/lessons/{id}/live", lessons.live),
]
