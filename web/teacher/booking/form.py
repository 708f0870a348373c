"""The booking form as it comes from a browser, and the command it stands for. Pure."""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from multidict import MultiMapping

from scheduler.booking.commands import BookLesson, LegRequest, read_booking
from scheduler.kernel.sentences import N_
from scheduler.lessons.tables import LessonKind, LessonMode

OWN_TIMES = "own"
"""Value of the period field when the person types times of their own."""


@dataclass(frozen=True, slots=True)
class LessonForm:
    """Every field as text, so that a refused form comes back exactly as it was typed."""

    day: str = ""
    period: str = ""  # "09:50-10:30" or OWN_TIMES
    starts: str = ""
    ends: str = ""
    community: str = ""
    host_room: str = ""
    host_teacher: str = ""
    host_class: str = ""
    title: str = ""
    subject: str = ""
    kind: str = LessonKind.MASTER.value
    mode: str = LessonMode.INTERACTIVE.value
    rooms: tuple[str, ...] = ()
    classes: Mapping[str, str] = field(default_factory=dict)  # room id -> class id
    assistants: Mapping[str, str] = field(default_factory=dict)  # room id -> person id
    key: str = field(default_factory=lambda: secrets.token_hex(12))

    def times(self) -> tuple[str, str]:
        """Return the two wall-clock times that were chosen."""
        if self.period and self.period != OWN_TIMES:
            start, _, end = self.period.partition("-")
            return start, end
        return self.starts, self.ends


PLAIN = ("day", "period", "starts", "ends", "community", "host_room", "host_teacher", "host_class")
MORE = ("title", "subject", "kind", "mode")
LONGEST = 200  # characters of one field; more is cut, for no honest form holds more
LONGEST_BOOKING = 40_000  # of a whole booking as JSON; one of 200 rooms has half of this


def read_form(fields: MultiMapping[Any], zone: ZoneInfo) -> LessonForm:
    """Return the form in `fields`; never raises, whatever they hold."""
    known = {name: _text(fields, name) for name in (*PLAIN, *MORE)}
    rooms = tuple(dict.fromkeys(str(room) for room in fields.getall("room", [])))
    form = LessonForm(
        **known,
        rooms=rooms,
        classes={room: _text(fields, f"class_{room}") for room in rooms},
        assistants={room: _text(fields, f"assistant_{room}") for room in rooms},
    )
    key = _text(fields, "key")[:64]
    form = replace(form, key=key) if key else form
    return apply_alternative(form, _text(fields, "apply", LONGEST_BOOKING), zone)


def _text(fields: MultiMapping[Any], name: str, longest: int = LONGEST) -> str:
    return str(fields.get(name, "") or "").strip()[:longest]


def command_of(form: LessonForm, zone: ZoneInfo) -> tuple[BookLesson | None, dict[str, str]]:
    """Return the command, or None and a msgid for each field that is missing or no such thing."""
    errors: dict[str, str] = {}
    times = times_of(form, zone, errors)
    for name, sentence in REQUIRED.items():
        if not getattr(form, name):
            errors[name] = sentence
    if not form.rooms:
        errors["rooms"] = N_("请至少选一间听讲教室。")
    kind, mode = _kinds(form, errors)
    if errors or times is None or kind is None or mode is None:
        return None, errors
    command = BookLesson(
        title=form.title or form.subject,
        subject=form.subject,
        mode=mode,
        kind=kind,
        community_id=form.community or None,
        host_room_id=form.host_room,
        host_teacher_id=form.host_teacher,
        host_class_id=form.host_class or None,
        starts_at=times[0],
        ends_at=times[1],
        legs=tuple(
            LegRequest(room, form.classes.get(room) or None, form.assistants.get(room) or None)
            for room in form.rooms
        ),
        idempotency_key=form.key,
    )
    return command, {}


REQUIRED = {
    "host_room": N_("请选主讲教室。"),
    "host_teacher": N_("请选主讲老师。"),
    "subject": N_("请填写学科。"),
}


def times_of(
    form: LessonForm, zone: ZoneInfo, errors: dict[str, str]
) -> tuple[datetime, datetime] | None:
    """Return start and end as aware times; None, and why in `errors`, when there are none."""
    first, last = form.times()
    try:
        day = date.fromisoformat(form.day)
        starts = datetime.combine(day, time.fromisoformat(first), zone)
        ends = datetime.combine(day, time.fromisoformat(last), zone)
    except ValueError:
        errors["day"] = N_("请选日期和节次。")
        return None
    if ends <= starts:
        errors["day"] = N_("下课时间要晚于上课时间。")
        return None
    return starts, ends


def _kinds(form: LessonForm, errors: dict[str, str]) -> tuple[LessonKind | None, LessonMode | None]:
    try:
        return LessonKind(form.kind), LessonMode(form.mode)
    except ValueError:
        errors["kind"] = N_("请选课的类型。")
        return None, None


def button_of(command: BookLesson) -> str:
    """Return what a one-click button sends to turn the form into `command`."""
    return json.dumps(command.as_json(), separators=(",", ":"))


def apply_alternative(form: LessonForm, text: str, zone: ZoneInfo) -> LessonForm:
    """Return `form` with time and rooms of a button's booking; as it was when that is none."""
    try:
        wanted = read_booking(text)
        starts, ends = wanted.starts_at.astimezone(zone), wanted.ends_at.astimezone(zone)
    except (ValueError, OverflowError):
        return form
    return replace(
        form,
        day=starts.date().isoformat(),
        period=f"{starts:%H:%M}-{ends:%H:%M}",
        host_room=wanted.host_room_id,
        starts=f"{starts:%H:%M}",
        ends=f"{ends:%H:%M}",
        rooms=tuple(leg.room_id for leg in wanted.legs),
        classes={leg.room_id: leg.class_id or "" for leg in wanted.legs},
        assistants={leg.room_id: leg.assistant_id or "" for leg in wanted.legs},
    )
