"""What the lesson API answers, as plain dictionaries. Times are RFC 3339 in UTC."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from scheduler.booking.errors import Alternative, BookingProblem, Conflict
from scheduler.booking.resources import ResourceKind
from scheduler.lessons.shapes import LegView, LessonView
from scheduler.organisation.shapes import RoomView
from web.kit.translate import translated
from web.kit.words.formats import local_day, long_day, span
from web.kit.words.i18n import gettext as _


def lesson_json(lesson: LessonView) -> dict[str, Any]:
    """Return one lesson with its legs."""
    return {
        "id": lesson.id,
        "version": lesson.version,
        "state": lesson.state.value,
        "title": lesson.title,
        "subject": lesson.subject,
        "kind": lesson.kind.value,
        "mode": lesson.mode.value,
        "community_id": lesson.community_id,
        "host_room": room_json(lesson.host_room),
        "host_teacher": {"id": lesson.host_teacher.id, "name": lesson.host_teacher.name},
        "host_class_id": lesson.host_class.id if lesson.host_class else None,
        "starts_at": when(lesson.starts_at),
        "ends_at": when(lesson.ends_at),
        "actual_started_at": when(lesson.actual_started_at),
        "actual_ended_at": when(lesson.actual_ended_at),
        "legs": [_leg_json(leg) for leg in lesson.legs],
    }


def _leg_json(leg: LegView) -> dict[str, Any]:
    return {
        "id": leg.id,
        "state": leg.state.value,
        "room": room_json(leg.room),
        "class_id": leg.class_group.id if leg.class_group else None,
        "assistant_id": leg.assistant.id if leg.assistant else None,
    }


def room_json(room: RoomView) -> dict[str, Any]:
    return {"id": room.id, "name": room.name, "school": room.school_name}


def when(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def conflict_sentence(conflict: Conflict, zone: ZoneInfo) -> str:
    """Return what, who and when, in one sentence."""
    kinds = {
        ResourceKind.ROOM: _("教室“%(name)s”已被占用"),
        ResourceKind.PERSON: _("老师“%(name)s”这时有课"),
        ResourceKind.CLASS: _("班级“%(name)s”这时有课"),
    }
    what = kinds[conflict.resource.kind] % {"name": conflict.resource_name}
    day = long_day(local_day(conflict.starts_at, zone))
    times = span(conflict.starts_at, conflict.ends_at, zone)
    return _("%(what)s：%(title)s · %(teacher)s，%(day)s %(times)s") % {
        "what": what,
        "title": conflict.lesson_title,
        "teacher": conflict.teacher_name,
        "day": day,
        "times": times,
    }


def conflict_json(conflict: Conflict, zone: ZoneInfo) -> dict[str, Any]:
    return {
        "resource_kind": conflict.resource.kind.value,
        "resource_id": conflict.resource.id,
        "resource_name": conflict.resource_name,
        "lesson_id": conflict.lesson_id,
        "lesson_title": conflict.lesson_title,
        "teacher_name": conflict.teacher_name,
        "starts_at": when(conflict.starts_at),
        "ends_at": when(conflict.ends_at),
        "detail": conflict_sentence(conflict, zone),
    }


def alternative_json(alternative: Alternative) -> dict[str, Any]:
    return {
        "kind": alternative.kind.value,
        "reason": translated(alternative.reason),
        "dropped_room_ids": list(alternative.dropped_room_ids),
        "command": alternative.command.as_json(),
    }


def problems_json(problems: Iterable[BookingProblem]) -> list[dict[str, str]]:
    return [{"code": p.code, "field": p.field, "detail": translated(p.sentence)} for p in problems]
