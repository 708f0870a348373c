"""Booking a lesson: the form, its verdict while choosing, and saving."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from zoneinfo import ZoneInfo

from aiohttp import web as http

from scheduler.access.actor import Actor
from scheduler.booking.book import book
from scheduler.booking.commands import BookLesson
from scheduler.booking.errors import (
    Alternative,
    BookingConflict,
    BookingProblem,
    BookingRefused,
    Conflict,
)
from scheduler.booking.preview import preview as preview_booking
from scheduler.calendar.bells import PeriodSlot
from scheduler.calendar.queries import periods_on
from scheduler.kernel.errors import Forbidden
from scheduler.kernel.sentences import N_
from scheduler.lessons.tables import LessonKind, LessonMode
from web.kit.pages.templating import render
from web.kit.requests.ids import id_or_empty
from web.kit.services import ACTOR, Services, services_of
from web.kit.translate import sentence_of
from web.kit.words.formats import clock_time, local_day, long_day, parse_day, span
from web.kit.words.i18n import gettext as _
from web.teacher.booking.choices import BookingChoices, load_choices
from web.teacher.booking.form import OWN_TIMES, LessonForm, button_of, command_of, read_form

SUBJECTS = (
    N_("语文"),
    N_("数学"),
    N_("英语"),
    N_("科学"),
    N_("道德与法治"),
    N_("音乐"),
    N_("美术"),
    N_("体育"),
    N_("信息科技"),
    N_("心理健康"),
)
MOST_ALTERNATIVES = 4


@dataclass(frozen=True, slots=True)
class Verdict:
    """What stands in the way. `asked`: the person pressed the button, so say what was kept.

    `no_rooms`: the list of rooms, far below on a phone, is where to go on.
    """

    asked: bool = False
    notes: tuple[str, ...] = ()
    problems: Sequence[BookingProblem] = ()
    conflicts: Sequence[Conflict] = ()
    alternatives: Sequence[Alternative] = ()
    warnings: Sequence[BookingProblem] = ()
    clear: bool = False
    no_rooms: bool = False

    def context(self, services: Services) -> dict[str, Any]:
        """Return what `_verdict.html` shows."""
        taken = (str(conflict.resource) for conflict in self.conflicts)
        return {
            "asked": self.asked,
            "notes": self.notes,
            "problems": self.problems,
            "conflicts": self.conflicts,
            "alternatives": self.alternatives[:MOST_ALTERNATIVES],
            "warnings": self.warnings,
            "clear": self.clear,
            "no_rooms": self.no_rooms,
            "taken": " ".join(taken),
            "button_of": button_of,
            "conflicting": conflicting_lessons(self.conflicts, services.settings.zone),
        }


@dataclass(frozen=True, slots=True)
class ConflictingLesson:
    """One lesson that stands in the way, with the names of what it has claimed."""

    lesson_id: str
    what: str
    when: str
    names: str


def conflicting_lessons(conflicts: Sequence[Conflict], zone: ZoneInfo) -> list[ConflictingLesson]:
    """Return the conflicts by lesson: a person reads one line a lesson, not one a room."""
    held: dict[str, list[Conflict]] = {}
    for conflict in conflicts:
        held.setdefault(conflict.lesson_id, []).append(conflict)
    return [
        ConflictingLesson(
            lesson_id,
            f"{group[0].lesson_title} · {group[0].teacher_name}",
            f"{long_day(local_day(group[0].starts_at, zone))} "
            + span(group[0].starts_at, group[0].ends_at, zone),
            _("、").join(conflict.resource_name for conflict in group),
        )
        for lesson_id, group in held.items()
    ]


async def form(request: http.Request) -> http.StreamResponse:
    """GET /book/new?day=&period=&room=&community=."""
    services, actor, query = services_of(request), request[ACTOR], request.query
    today = local_day(services.clock(), services.settings.zone)
    asked = LessonForm(
        day=parse_day(query.get("day"), today).isoformat(),
        period=query.get("period", ""),
        community=id_or_empty(query.get("community")),
        host_teacher=actor.person_id,
    )
    async with services.db.read() as session:
        choices = await load_choices(session, actor, asked.community, today)
    filled = place_room(asked, choices, id_or_empty(query.get("room")))
    hint = _("选好听讲教室，这里马上告诉您有没有冲突。")
    return await _page(request, filled, Verdict(notes=(hint,), no_rooms=not filled.rooms))


def place_room(form: LessonForm, choices: BookingChoices, room_id: str) -> LessonForm:
    """Return `form` with the tapped room as host when it is the teacher's school's, else a leg.

    The host room is then the first of the teacher's own school, recording rooms first.
    """
    me = choices.teachers[0] if choices.teachers else None
    own = [room for room in choices.rooms if me is not None and room.school_id == me.school_id]
    tapped = next((room for room in choices.rooms if room.id == room_id), None)
    host = tapped if tapped is not None and (tapped in own or not own) else next(iter(own), None)
    return replace(
        form,
        community=choices.community.id if choices.community else "",
        host_room=host.id if host else "",
        rooms=(tapped.id,) if tapped is not None and tapped is not host else (),
        subject=form.subject or (me.subject if me else ""),
    )


async def preview(request: http.Request) -> http.StreamResponse:
    """POST /book/preview: the verdict on a form that is still being filled, as a piece of HTML."""
    services = services_of(request)
    filled = read_form(await request.post(), services.settings.zone)
    command, errors = command_of(filled, services.settings.zone)
    if command is None:
        sentences = tuple(_(error) for error in errors.values())
        verdict = Verdict(notes=sentences, no_rooms=not filled.rooms)
    else:
        verdict = await _look_ahead(services, request[ACTOR], command)
    return render(request, "teacher/_verdict.html", verdict.context(services))


async def _look_ahead(services: Services, actor: Actor, command: BookLesson) -> Verdict:
    try:
        seen = await preview_booking(services.db, services.clock(), actor, command)
    except Forbidden as error:
        return Verdict(notes=(sentence_of(error),))
    return Verdict(
        problems=seen.problems,
        conflicts=seen.conflicts,
        alternatives=seen.alternatives,
        warnings=seen.warnings,
        clear=not seen.problems and not seen.conflicts,
    )


async def save(request: http.Request) -> http.StreamResponse:
    """POST /book/new."""
    services = services_of(request)
    filled = read_form(await request.post(), services.settings.zone)
    command, errors = command_of(filled, services.settings.zone)
    if command is None:
        sentences = tuple(_(error) for error in errors.values())
        verdict = Verdict(asked=True, notes=sentences, no_rooms=not filled.rooms)
        return await _page(request, filled, verdict, 422)
    try:
        booked = await book(services.db, services.clock(), request[ACTOR], command)
    except BookingConflict as error:
        verdict = Verdict(True, (), (), error.conflicts, error.alternatives)
        return await _page(request, filled, verdict, 409)
    except BookingRefused as error:
        return await _page(request, filled, Verdict(asked=True, problems=error.problems), 422)
    except Forbidden as error:
        return await _page(request, filled, Verdict(True, (sentence_of(error),)), 403)
    raise http.HTTPSeeOther(f"/lessons/{booked.lesson_id}?done=booked")


async def _page(
    request: http.Request, filled: LessonForm, verdict: Verdict, status: int = 200
) -> http.Response:
    services, actor = services_of(request), request[ACTOR]
    day = parse_day(filled.day, local_day(services.clock(), services.settings.zone))
    async with services.db.read() as session:
        choices = await load_choices(session, actor, filled.community, day)
        host = next((room for room in choices.rooms if room.id == filled.host_room), None)
        periods: tuple[PeriodSlot, ...] = ()
        if host is not None:
            zone = services.settings.time_zone
            periods = await periods_on(session, host.campus_id, day, zone)
    context = {
        "form": with_period(filled, periods, services),
        "choices": choices,
        "periods": periods,
        "subjects": [_(subject) for subject in SUBJECTS],
        "kinds": tuple(LessonKind),
        "modes": tuple(LessonMode),
        **verdict.context(services),
    }
    return render(request, "teacher/book.html", context, status)


def with_period(form: LessonForm, periods: Sequence[PeriodSlot], services: Services) -> LessonForm:
    """Return `form` with the day's next period when none was chosen yet."""
    if form.period:
        return form
    now, zone = services.clock(), services.settings.zone
    coming = next((slot for slot in periods if slot.starts_at > now), None)
    if coming is None:
        return replace(form, period=OWN_TIMES)
    starts, ends = clock_time(coming.starts_at, zone), clock_time(coming.ends_at, zone)
    return replace(form, period=f"{starts}-{ends}", starts=starts, ends=ends)
