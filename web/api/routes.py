"""The lines that web/api adds to the route table."""

from scheduler.access.permissions import Action
from web.api import legs, lessons, live, periods
from web.kit.requests.access import Route, needs, signed_in

LEG = "/api/v1/lessons/{id}/legs/{leg_id}"

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
    needs(Action.LEG_ANSWER, "POST", f"{LEG}/confirm", legs.confirm),
    needs(Action.LEG_ANSWER, "POST", f"{LEG}/decline", legs.decline),
    needs(Action.HEADCOUNT_ENTER, "POST", f"{LEG}/head-count", legs.head_count),
    needs(Action.REMARK_WRITE, "POST", f"{LEG}/remarks", legs.remark),
    needs(Action.LESSON_BOOK, "POST", f"{LEG}/remove", legs.remove),
]
