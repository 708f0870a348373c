import json
from dataclasses import replace
from typing import Any

import pytest

from media.client.terminal.plan import (
    OVERTIME,
    SKIPPED,
    DayError,
    LessonEntry,
    Phase,
    ReportedState,
    day_of,
    parse_day,
    plan,
    reported_state,
)

LESSON = LessonEntry(
    id="l1",
    title="语文",
    state="BOOKED",
    hosts=False,
    lobby_at=700.0,
    starts_at=1000.0,
    ends_at=3400.0,
    publish_ticket="",
    view_ticket="view",
)
NEXT = replace(LESSON, id="l2", lobby_at=3150.0, starts_at=3420.0, ends_at=5820.0)


def phase(now: float, *lessons: LessonEntry, over: frozenset[str] = frozenset()) -> tuple[str, str]:
    wanted = plan(lessons or (LESSON,), now, over)
    return wanted.phase.value, wanted.lesson.id if wanted.lesson else ""


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (699.9, ("standby", "")),
        (700.0, ("lobby", "l1")),
        (999.9, ("lobby", "l1")),
        (1000.0, ("lesson", "l1")),
        (3400.0 + OVERTIME - 0.1, ("lesson", "l1")),
        (3400.0 + OVERTIME, ("standby", "")),
    ],
)
def test_a_lesson_passes_through_lobby_and_lesson_by_the_clock(
    now: float, expected: tuple[str, str]
) -> None:
    assert phase(now) == expected


def test_the_plan_names_the_moment_of_the_next_change() -> None:
    assert plan([LESSON], 0.0, frozenset()).until == 700.0
    assert plan([LESSON], 800.0, frozenset()).until == 1000.0
    assert plan([LESSON], 1200.0, frozenset()).until == 3400.0 + OVERTIME
    assert plan([LESSON, NEXT], 1200.0, frozenset()).until == 3420.0


def test_the_next_lesson_ends_the_overtime_of_the_one_before() -> None:
    assert phase(3419.9, LESSON, NEXT) == ("lesson", "l1")
    assert phase(3420.0, LESSON, NEXT) == ("lesson", "l2")


def test_a_lesson_that_the_coordinator_calls_live_is_joined_before_its_time() -> None:
    assert phase(800.0, replace(LESSON, state="LIVE")) == ("lesson", "l1")


@pytest.mark.parametrize("state", sorted(SKIPPED))
def test_a_lesson_that_does_not_take_place_is_left_alone(state: str) -> None:
    assert phase(1200.0, replace(LESSON, state=state)) == ("standby", "")


def test_a_lesson_that_a_node_closed_is_over_and_the_next_one_is_not() -> None:
    over = frozenset({"l1"})
    assert phase(1200.0, LESSON, NEXT, over=over) == ("standby", "")
    assert phase(3200.0, LESSON, NEXT, over=over) == ("lobby", "l2")


def test_a_room_without_a_ticket_for_its_part_stays_away() -> None:
    assert phase(1200.0, replace(LESSON, hosts=True)) == ("standby", "")
    assert phase(1200.0, replace(LESSON, hosts=True, publish_ticket="p")) == ("lesson", "l1")


DOCUMENT: dict[str, Any] = {
    "server_time": 500.0,
    "room": {"id": "r1", "name": "录播教室", "school": "一小"},
    "relays": [{"node": "n1", "url": "http://127.0.0.1:8701/"}, {"node": "n2", "url": "/relay/n2"}],
    "lessons": [
        {
            "id": "l1",
            "title": "语文",
            "state": "BOOKED",
            "role": "LEG",
            "lobby_at": 700,
            "starts_at": 1000,
            "ends_at": 3400,
            "tickets": {"publish": None, "view": "view"},
        }
    ],
    "refresh_after": 60,
}


def test_a_day_document_is_read_whole() -> None:
    day = day_of(parse_day(json.dumps(DOCUMENT)))
    assert day.lessons == (LESSON,)
    assert day.relays == ("http://127.0.0.1:8701", "/relay/n2")
    assert (day.room_id, day.room_name, day.refresh_after) == ("r1", "录播教室", 60.0)


@pytest.mark.parametrize("missing", ["room", "relays", "lessons", "refresh_after"])
def test_a_day_document_that_lacks_something_is_refused(missing: str) -> None:
    with pytest.raises(DayError):
        parse_day(json.dumps({name: v for name, v in DOCUMENT.items() if name != missing}))


@pytest.mark.parametrize("lessons", [None, [1], [{}], [{**DOCUMENT["lessons"][0], "tickets": 3}]])
def test_a_malformed_lesson_is_refused(lessons: Any) -> None:
    with pytest.raises(DayError):
        parse_day(json.dumps({**DOCUMENT, "lessons": lessons}))


@pytest.mark.parametrize(
    ("what", "ready", "silent_for", "expected"),
    [
        (Phase.STANDBY, None, 99.0, ReportedState.STANDBY),
        (Phase.LOBBY, None, 99.0, ReportedState.CHECKING),
        (Phase.LOBBY, True, 99.0, ReportedState.READY),
        (Phase.LOBBY, False, 0.0, ReportedState.FAULT),
        (Phase.LESSON, None, 4.9, ReportedState.IN_LESSON),
        (Phase.LESSON, True, 5.0, ReportedState.FAULT),
    ],
)
def test_the_state_that_is_reported(
    what: Phase, ready: bool | None, silent_for: float, expected: ReportedState
) -> None:
    assert reported_state(what, ready, silent_for) is expected
