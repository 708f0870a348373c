"""The JSON API of lessons. Errors are problem+json; the scheduler decides, this translates."""

from typing import Any

from aiohttp import web as http

from media.contract.subjects import Subject
from scheduler.booking import cancel as cancelling
from scheduler.booking import move as moving
from scheduler.booking.book import book
from scheduler.booking.commands import read_booking
from scheduler.booking.errors import BookingConflict
from scheduler.booking.preview import preview as preview_booking
from scheduler.lessons.shapes import LessonView
from scheduler.lessons.states import LessonState
from scheduler.lessons.windows import AFTER_END
from scheduler.lifecycle.ending import end_lesson
from scheduler.lifecycle.entering import StageEntry, enter_stage
from web.api.bodies import CancelBody, EmptyBody, MoveBody, read_body
from web.api.shapes import alternative_json, conflict_json, lesson_json, problems_json
from web.kit.ports import relay_list
from web.kit.problems import HttpProblem
from web.kit.requests.address import masked_address
from web.kit.requests.lessons import find_lesson
from web.kit.services import ACTOR, Services, services_of
from web.kit.words.i18n import gettext as _


async def create(request: http.Request) -> http.StreamResponse:
    """POST /api/v1/lessons (BookLesson) -> 201, or 200 when the same key came before."""
    services = services_of(request)
    command = await read_body(request, read_booking)
    try:
        booked = await book(services.db, services.clock(), request[ACTOR], command)
    except BookingConflict as error:
        raise conflict_problem(error, services) from None
    zone = services.settings.zone
    skipped = [
        {"room_id": s.leg.room_id, "conflicts": [conflict_json(c, zone) for c in s.conflicts]}
        for s in booked.skipped
    ]
    body = {
        "id": booked.lesson_id,
        "version": booked.version,
        "repeated": booked.repeated,
        "skipped": skipped,
        "warnings": problems_json(booked.warnings),
    }
    return http.json_response(
        body,
        status=200 if booked.repeated else 201,
        headers={"Location": f"/api/v1/lessons/{booked.lesson_id}"},
    )


async def preview(request: http.Request) -> http.StreamResponse:
    """POST /api/v1/lessons/check (BookLesson) -> what would stand in the way, and ways around."""
    services = services_of(request)
    command = await read_body(request, read_booking)
    seen = await preview_booking(services.db, services.clock(), request[ACTOR], command)
    return http.json_response(
        {
            "problems": problems_json(seen.problems),
            "warnings": problems_json(seen.warnings),
            "conflicts": [conflict_json(c, services.settings.zone) for c in seen.conflicts],
            "alternatives": [alternative_json(a) for a in seen.alternatives],
        }
    )


async def show(request: http.Request) -> http.StreamResponse:
    """GET /api/v1/lessons/{id}."""
    return http.json_response(lesson_json(await find_lesson(request)))


async def move(request: http.Request) -> http.StreamResponse:
    """POST /api/v1/lessons/{id}/move (MoveBody)."""
    services = services_of(request)
    lesson = await find_lesson(request)
    body = await read_body(request, MoveBody.model_validate_json)
    times = (body.starts_at, body.ends_at)
    try:
        changed = await moving.move(
            services.db, services.clock(), request[ACTOR], lesson.id, *times, body.version
        )
    except BookingConflict as error:
        raise conflict_problem(error, services) from None
    return http.json_response({"id": changed.lesson_id, "version": changed.version})


async def cancel(request: http.Request) -> http.StreamResponse:
    """POST /api/v1/lessons/{id}/cancel (CancelBody)."""
    services = services_of(request)
    lesson = await find_lesson(request)
    body = await read_body(request, CancelBody.model_validate_json)
    changed = await cancelling.cancel(
        services.db, services.clock(), request[ACTOR], lesson.id, body.reason
    )
    return http.json_response({"id": changed.lesson_id, "version": changed.version})


async def end(request: http.Request) -> http.StreamResponse:
    """POST /api/v1/lessons/{id}/end: close the lesson now."""
    services, lesson = services_of(request), await find_lesson(request)
    await read_body(request, EmptyBody.model_validate_json)
    await end_lesson(services.db, services.clock(), request[ACTOR], lesson.id, services.timing)
    return http.json_response({"id": lesson.id, "state": LessonState.ENDED.value})


async def live(request: http.Request) -> http.StreamResponse:
    """GET /api/v1/lessons/{id}/live -> where the stage is and a fresh ticket for this page.

    {"stage", "state", "role", "view", "publish", "relays": [{"node", "url"}], "closes_at"};
    `publish` is null for everybody but the host, both are null when the lesson is over.
    """
    services, actor = services_of(request), request[ACTOR]
    entered = await enter_stage(
        services.db,
        services.clock(),
        actor,
        request.match_info["id"],
        masked_address(request),
        services.timing,
    )
    tickets = _tickets(services, entered, Subject.person(actor.person_id))
    return http.json_response({**await _stage(services, entered.lesson), **tickets})


async def _stage(services: Services, lesson: LessonView) -> dict[str, Any]:
    orders = await services.placement.relays([lesson.id])
    return {
        "stage": lesson.id,
        "state": lesson.state.value,
        "relays": relay_list(orders[lesson.id]),
        "closes_at": (lesson.ends_at + AFTER_END).timestamp(),
    }


def _tickets(services: Services, entered: StageEntry, subject: Subject) -> dict[str, Any]:
    """Return the role and its tickets: none once the lesson is over."""
    lesson, role, window = entered.lesson, entered.role, entered.window
    if window is None:
        return {"role": role, "view": None, "publish": None}
    opens, closes = window.opens, window.closes

    def mint(grant: str) -> str:
        return services.tickets.mint(lesson.id, subject, role, grant, opens, closes).token

    return {
        "role": role,
        "view": mint("view"),
        "publish": mint("publish") if role == "HOST" else None,
    }


def conflict_problem(error: BookingConflict, services: Services) -> HttpProblem:
    """Return 409 with what, who, when and the alternatives."""
    conflicts = [conflict_json(conflict, services.settings.zone) for conflict in error.conflicts]
    detail = _("有冲突，没有保存。") + " ".join(conflict["detail"] for conflict in conflicts)
    more = {
        "conflicts": conflicts,
        "alternatives": [alternative_json(a) for a in error.alternatives],
    }
    return HttpProblem(409, "booking-conflict", detail, more)
