"""The booking form: what a browser sends becomes a command, or comes back as it was typed."""

import json
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from multidict import MultiDict

from scheduler.booking.commands import LegRequest
from scheduler.lessons.tables import LessonKind, LessonMode
from web.teacher.booking.form import apply_alternative, button_of, command_of, read_form

ZONE = ZoneInfo("Asia/Shanghai")
COMPLETE = [
    ("day", "2026-11-19"),
    ("period", "10:00-10:40"),
    ("community", "c" * 16),
    ("host_room", "a" * 16),
    ("host_teacher", "b" * 16),
    ("subject", "语文"),
    ("kind", "MASTER"),
    ("mode", "INTERACTIVE"),
    ("room", "1" * 16),
    ("room", "2" * 16),
    ("room", "1" * 16),
    ("class_" + "1" * 16, "d" * 16),
    ("assistant_" + "2" * 16, "e" * 16),
    ("key", "once"),
]


def test_a_complete_form_is_a_command() -> None:
    command, errors = command_of(read_form(MultiDict(COMPLETE), ZONE), ZONE)
    assert errors == {}
    assert command is not None
    assert command.starts_at == datetime(2026, 11, 19, 2, 0, tzinfo=UTC)
    assert command.ends_at == datetime(2026, 11, 19, 2, 40, tzinfo=UTC)
    assert command.legs == (
        LegRequest("1" * 16, "d" * 16, None),
        LegRequest("2" * 16, None, "e" * 16),
    )
    assert (command.title, command.kind, command.mode) == (
        "语文",
        LessonKind.MASTER,
        LessonMode.INTERACTIVE,
    )
    assert command.idempotency_key == "once"


@pytest.mark.parametrize(
    ("field", "value", "error"),
    [
        ("day", "", "day"),
        ("period", "later", "day"),
        ("period", "10:40-10:00", "day"),
        ("host_room", "", "host_room"),
        ("subject", " ", "subject"),
        ("kind", "PARTY", "kind"),
    ],
)
def test_what_is_missing_is_named(field: str, value: str, error: str) -> None:
    fields = MultiDict(COMPLETE)
    fields[field] = value
    command, errors = command_of(read_form(fields, ZONE), ZONE)
    assert command is None
    assert list(errors) == [error]


def test_own_times_are_used_only_when_asked_for() -> None:
    fields = MultiDict([*COMPLETE, ("starts", "19:00"), ("ends", "20:00")])
    assert read_form(fields, ZONE).times() == ("10:00", "10:40")
    fields["period"] = "own"
    assert read_form(fields, ZONE).times() == ("19:00", "20:00")


def test_an_alternative_is_laid_over_the_form() -> None:
    form = read_form(MultiDict(COMPLETE), ZONE)
    command, _ = command_of(form, ZONE)
    assert command is not None
    kept = [("subject", "音乐"), ("host_teacher", "b" * 16), ("kind", "MASTER")]
    blank = read_form(MultiDict([*kept, ("mode", "BROADCAST")]), ZONE)
    moved, errors = command_of(apply_alternative(blank, button_of(command), ZONE), ZONE)
    assert errors == {}
    assert moved is not None
    assert (moved.starts_at, moved.ends_at, moved.legs, moved.host_room_id) == (
        command.starts_at,
        command.ends_at,
        command.legs,
        command.host_room_id,
    )
    assert moved.subject == "音乐"


@given(button=st.one_of(st.text(), st.from_regex(r'\{"(legs|starts_at|host_room_id)":.*\}')))
def test_an_odd_button_changes_nothing(button: str) -> None:
    form = read_form(MultiDict(COMPLETE), ZONE)
    assert apply_alternative(form, button, ZONE) == form


BUTTON = {
    "title": "草原",
    "subject": "语文",
    "starts_at": "2026-11-20T10:00:00+08:00",
    "ends_at": "2026-11-20T10:40:00+08:00",
    "host_room_id": "a" * 16,
    "host_teacher_id": "b" * 16,
    "legs": [{"room_id": "1" * 16}],
    "idempotency_key": "once",
}


@pytest.mark.parametrize(
    "hostile",
    [
        {"starts_at": "0001-01-01T00:00:00+14:00"},
        {"ends_at": "9999-12-31T23:59:59-12:00"},
        {"host_room_id": "\ud800"},
        {"legs": [{"room_id": "\0"}]},
    ],
)
def test_a_hostile_button_changes_nothing(hostile: dict[str, object]) -> None:
    form = read_form(MultiDict(COMPLETE), ZONE)
    assert apply_alternative(form, json.dumps(BUTTON), ZONE) != form
    assert apply_alternative(form, json.dumps({**BUTTON, **hostile}), ZONE) == form


@given(
    pairs=st.lists(
        st.tuples(st.sampled_from(["day", "period", "room", "kind", "apply", "key"]), st.text())
    )
)
def test_no_form_breaks_the_reader(pairs: list[tuple[str, str]]) -> None:
    command, errors = command_of(read_form(MultiDict(pairs), ZONE), ZONE)
    assert command is None
    assert errors
