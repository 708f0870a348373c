"""What refuses a command, all at once, and what only warns."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from scheduler.booking.checks.validation import problems, tidy, time_problems
from scheduler.booking.checks.warnings import warnings
from scheduler.booking.commands import BookLesson, LegRequest
from tests.support.bookingfacts import COMMAND, FACTS, NOW, T0, shifted

LEG = COMMAND.legs[0]
MINUTE = timedelta(minutes=1)


def codes(command: BookLesson) -> list[tuple[str, str]]:
    return [(problem.code, problem.field) for problem in problems(command, FACTS, NOW)]


def test_a_right_command_has_no_problem() -> None:
    assert codes(COMMAND) == []


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"title": ""}, [("NO_TITLE", "title")]),
        ({"subject": ""}, [("NO_SUBJECT", "subject")]),
        ({"title": "长" * 121}, [("TOO_LONG_TEXT", "title")]),
        ({"idempotency_key": ""}, [("BAD_KEY", "idempotency_key")]),
        ({"idempotency_key": "k" * 65}, [("BAD_KEY", "idempotency_key")]),
        ({"community_id": "?"}, [("UNKNOWN_COMMUNITY", "community_id")]),
        ({"host_room_id": "?"}, [("UNKNOWN_ROOM", "host_room_id")]),
        ({"host_teacher_id": "?"}, [("UNKNOWN_PERSON", "host_teacher_id")]),
        ({"host_class_id": "?"}, [("UNKNOWN_CLASS", "host_class_id")]),
        (
            {"host_class_id": "east-5"},
            [("CLASS_ELSEWHERE", "host_class_id"), ("CLASS_TWICE", "legs")],
        ),
        ({"legs": ()}, [("NO_LEGS", "legs")]),
        ({"legs": (LegRequest("?"),)}, [("UNKNOWN_ROOM", "legs.0.room_id")]),
        ({"legs": (LEG, LegRequest("west1", "?"))}, [("UNKNOWN_CLASS", "legs.1.class_id")]),
        ({"legs": (LegRequest("west1", None, "?"),)}, [("UNKNOWN_PERSON", "legs.0.assistant_id")]),
        ({"legs": (LegRequest("west1", "east-5"),)}, [("CLASS_ELSEWHERE", "legs.0.class_id")]),
        ({"legs": (LegRequest("rec"),)}, [("LEG_IS_HOST", "legs.0.room_id")]),
        ({"legs": (LEG, LegRequest("east1"))}, [("ROOM_TWICE", "legs")]),
        ({"legs": (LEG, LegRequest("east2", "east-5"))}, [("CLASS_TWICE", "legs")]),
        ({"legs": (LEG, LegRequest("east2", None, "east-t"))}, [("PERSON_TWICE", "legs")]),
        ({"legs": (LegRequest("east1", None, "core-t"),)}, [("PERSON_TWICE", "legs")]),
        (
            {"legs": tuple(LegRequest(f"x{n}") for n in range(201))},
            [("UNKNOWN_ROOM", f"legs.{n}.room_id") for n in range(201)]
            + [("TOO_MANY_LEGS", "legs")],
        ),
    ],
    ids=lambda value: str(value)[:60],
)  # fmt: skip
def test_each_mistake_has_its_name_and_place(
    change: dict[str, object], expected: list[tuple[str, str]]
) -> None:
    assert codes(replace(COMMAND, **change)) == expected  # type: ignore[arg-type]


def test_a_room_out_of_use_is_refused_by_name() -> None:
    closed = replace(FACTS.rooms["east1"], active=False)
    facts = replace(FACTS, rooms={**FACTS.rooms, "east1": closed})
    (problem,) = problems(COMMAND, facts, NOW)
    assert (problem.code, problem.field) == ("INACTIVE_ROOM", "legs.0.room_id")
    assert str(problem) == "east1 已停用。"


def test_all_mistakes_are_told_at_once() -> None:
    wrong = replace(COMMAND, title="", legs=(), host_room_id="?", ends_at=COMMAND.starts_at)
    assert {code for code, _ in codes(wrong)} == {
        "NO_TITLE",
        "EMPTY_TIME",
        "UNKNOWN_ROOM",
        "NO_LEGS",
    }


@pytest.mark.parametrize(
    ("starts", "ends", "expected"),
    [
        (T0, T0, ["EMPTY_TIME"]),
        (T0, T0 - MINUTE, ["EMPTY_TIME"]),
        (T0, T0 + timedelta(seconds=59), ["TOO_SHORT"]),
        (T0, T0 + MINUTE, []),
        (T0, T0 + timedelta(hours=12), []),
        (T0, T0 + timedelta(hours=12, seconds=1), ["TOO_LONG"]),
        (NOW - 10 * MINUTE, NOW + 30 * MINUTE, []),
        (NOW - 11 * MINUTE, NOW + 30 * MINUTE, ["PAST"]),
        (NOW - 5 * MINUTE, NOW, ["PAST"]),
        (NOW + timedelta(days=401), NOW + timedelta(days=401, minutes=40), ["TOO_FAR"]),
        (T0.replace(tzinfo=None), T0, ["NAIVE_TIME"]),
    ],
    ids=str,
)
def test_the_time_of_a_lesson_has_limits(
    starts: datetime, ends: datetime, expected: list[str]
) -> None:
    assert [problem.code for problem in time_problems(starts, ends, NOW)] == expected


def test_tidy_takes_blanks_away() -> None:
    tidied = tidy(replace(COMMAND, title=" 草船借箭\n", subject="\t语文 "))
    assert (tidied.title, tidied.subject) == ("草船借箭", "语文")


def warned(command: BookLesson) -> list[str]:
    return [problem.code for problem in warnings(command, FACTS)]


DAY = 24 * 60


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        (COMMAND, []),
        (shifted(2 * DAY), ["HOLIDAY"]),
        (shifted(5 * DAY), ["WEEKEND"]),
        (shifted(45 * DAY), ["OUTSIDE_AGREEMENT"]),  # 7 January 2027
        (shifted(45 * DAY + 30 * DAY), ["OUTSIDE_TERM", "WEEKEND", "OUTSIDE_AGREEMENT"]),
        (replace(shifted(45 * DAY), community_id=None), []),
    ],
    ids=lambda value: str(value)[:40],
)
def test_days_out_of_the_ordinary_only_warn(command: BookLesson, expected: list[str]) -> None:
    assert problems(command, FACTS, NOW) == ()
    assert warned(command) == expected


def test_a_leg_is_told_how_much_of_the_lesson_lies_in_its_break() -> None:
    (problem,) = warnings(replace(COMMAND, legs=(LegRequest("west1"),)), FACTS)
    assert (problem.code, problem.field) == ("CROSSES_BREAK", "legs.0.room_id")
    assert problem.sentence.params == {"school": "west", "minutes": 10}


def test_a_lesson_outside_every_bell_crosses_no_break() -> None:
    assert warned(replace(shifted(12 * 60), legs=(LegRequest("west1"),))) == []
