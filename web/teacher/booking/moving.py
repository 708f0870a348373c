"""调课: the same lesson at another time."""

from aiohttp import web as http

from scheduler.booking.errors import BookingConflict, BookingRefused
from scheduler.booking.move import move
from scheduler.calendar.queries import periods_on
from scheduler.lessons.predicates import is_open
from scheduler.lessons.rules import may_change
from scheduler.lessons.shapes import LessonView
from web.kit.pages.templating import render
from web.kit.problems import forbidden
from web.kit.requests.lessons import find_lesson
from web.kit.services import ACTOR, Services, services_of
from web.kit.words.formats import clock_time, local_day, parse_day
from web.kit.words.i18n import gettext as _
from web.teacher.booking.form import LessonForm, read_form, times_of
from web.teacher.booking.pages import Verdict


async def form(request: http.Request) -> http.StreamResponse:
    """GET /lessons/{id}/move."""
    services, lesson = services_of(request), await find_lesson(request)
    if not may_change(request[ACTOR], lesson.ownership):
        raise forbidden()
    if not is_open(lesson.state):
        raise http.HTTPSeeOther(f"/lessons/{lesson.id}")
    return await _page(request, lesson, present(lesson, services), lesson.version, Verdict())


def present(lesson: LessonView, services: Services) -> LessonForm:
    """Return the form with the present times of the lesson."""
    zone = services.settings.zone
    starts, ends = clock_time(lesson.starts_at, zone), clock_time(lesson.ends_at, zone)
    return LessonForm(
        day=local_day(lesson.starts_at, zone).isoformat(),
        period=f"{starts}-{ends}",
        starts=starts,
        ends=ends,
    )


async def save(request: http.Request) -> http.StreamResponse:
    """POST /lessons/{id}/move: day, period or starts and ends, version."""
    services, lesson = services_of(request), await find_lesson(request)
    fields = await request.post()
    filled = read_form(fields, services.settings.zone)
    text = str(fields.get("version", ""))
    version = int(text) if text.isdecimal() else 0
    errors: dict[str, str] = {}
    times = times_of(filled, services.settings.zone, errors)
    if times is None:
        verdict = Verdict(asked=True, notes=tuple(_(error) for error in errors.values()))
        return await _page(request, lesson, filled, version, verdict, 422)
    try:
        await move(services.db, services.clock(), request[ACTOR], lesson.id, *times, version)
    except BookingConflict as error:
        verdict = Verdict(True, (), (), error.conflicts, error.alternatives)
        return await _page(request, lesson, filled, version, verdict, 409)
    except BookingRefused as error:
        verdict = Verdict(asked=True, problems=error.problems)
        return await _page(request, lesson, filled, version, verdict, 422)
    raise http.HTTPSeeOther(f"/lessons/{lesson.id}?done=moved")


async def _page(
    request: http.Request,
    lesson: LessonView,
    filled: LessonForm,
    version: int,
    verdict: Verdict,
    status: int = 200,
) -> http.Response:
    services = services_of(request)
    day = parse_day(filled.day, local_day(services.clock(), services.settings.zone))
    async with services.db.read() as session:
        zone = services.settings.time_zone
        periods = await periods_on(session, lesson.host_room.campus_id, day, zone)
    context = {
        "lesson": lesson,
        "form": filled,
        "periods": periods,
        "version": version,
        **verdict.context(services),
    }
    return render(request, "teacher/move.html", context, status)
