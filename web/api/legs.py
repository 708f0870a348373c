"""The JSON API of one leg: its answer, its head count, the remarks beside its attendance."""

from aiohttp import web as http
from pydantic import Field

from scheduler.booking.legs import remove_leg
from scheduler.evidence.attendance import AttendanceStatus
from scheduler.lessons.states import LegEvent
from scheduler.lifecycle.answers import answer_leg
from scheduler.usage.head_counts import MOST_PUPILS, enter_head_count
from scheduler.usage.remarks import REASON_LENGTH, write_remark
from web.api.bodies import Body, EmptyBody, read_body
from web.kit.requests.lessons import find_lesson
from web.kit.services import ACTOR, services_of


class HeadCountBody(Body):
    """POST /api/v1/lessons/{id}/legs/{leg_id}/head-count."""

    pupils: int = Field(ge=0, le=MOST_PUPILS, strict=True)


class RemarkBody(Body):
    """POST /api/v1/lessons/{id}/legs/{leg_id}/remarks; `status` is one of AttendanceStatus."""

    status: AttendanceStatus
    reason: str = Field(max_length=REASON_LENGTH)


async def head_count(request: http.Request) -> http.StreamResponse:
    """POST .../head-count (HeadCountBody) -> 201."""
    body = await read_body(request, HeadCountBody.model_validate_json)
    services, lesson = services_of(request), await find_lesson(request)
    now, leg_id = services.clock(), request.match_info["leg_id"]
    await enter_head_count(services.db, now, request[ACTOR], lesson.id, leg_id, body.pupils)
    return _answered(request, 201, pupils=body.pupils)


async def remark(request: http.Request) -> http.StreamResponse:
    """POST .../remarks (RemarkBody) -> 201."""
    services, lesson = services_of(request), await find_lesson(request)
    body = await read_body(request, RemarkBody.model_validate_json)
    leg_id, actor = request.match_info["leg_id"], request[ACTOR]
    await write_remark(
        services.db, services.clock(), actor, lesson.id, leg_id, body.status, body.reason
    )
    return _answered(request, 201, remark=body.status.value)


async def confirm(request: http.Request) -> http.StreamResponse:
    """POST .../confirm."""
    return await _answer(request, LegEvent.CONFIRM)


async def decline(request: http.Request) -> http.StreamResponse:
    """POST .../decline."""
    return await _answer(request, LegEvent.DECLINE)


async def _answer(request: http.Request, event: LegEvent) -> http.StreamResponse:
    await read_body(request, EmptyBody.model_validate_json)
    services, lesson = services_of(request), await find_lesson(request)
    leg_id = request.match_info["leg_id"]
    state = await answer_leg(
        services.db, services.clock(), request[ACTOR], lesson.id, leg_id, event
    )
    return _answered(request, 200, state=state.value)


async def remove(request: http.Request) -> http.StreamResponse:
    """POST .../remove."""
    await read_body(request, EmptyBody.model_validate_json)
    services, lesson = services_of(request), await find_lesson(request)
    leg_id = request.match_info["leg_id"]
    await remove_leg(services.db, services.clock(), request[ACTOR], lesson.id, leg_id)
    return _answered(request, 200)


def _answered(request: http.Request, status: int, **more: object) -> http.Response:
    ids = {"lesson_id": request.match_info["id"], "leg_id": request.match_info["leg_id"]}
    return http.json_response({**ids, **more}, status=status)
