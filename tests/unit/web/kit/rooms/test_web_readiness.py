"""What a teacher reads about a room, by what its terminal said and by the lesson in question."""

from dataclasses import replace
from datetime import timedelta

import pytest

from scheduler.lessons.states import LessonState
from scheduler.organisation.enums import RoomKind
from scheduler.organisation.shapes import RoomView
from scheduler.terminals.shapes import TerminalView
from scheduler.terminals.states import TerminalState
from tests.support.webclient import MORNING
from web.kit.rooms.readiness import Readiness, readiness_of
from web.kit.rooms.terminal_states import YOUNG

ROOM = RoomView("r", "r", "r", RoomKind.INTERACTIVE, None, True, "c", "本部", "s", "一小", ())
TEACHING = TerminalView("t", "t", ROOM, TerminalState.IN_LESSON, {}, MORNING, MORNING, None)


@pytest.mark.parametrize(
    ("lesson", "word"),
    [
        (LessonState.PENDING, "在上别的课"),
        (LessonState.BOOKED, "在上别的课"),
        (LessonState.LOBBY, "在课堂"),
        (LessonState.LIVE, "在课堂"),
    ],
)
def test_a_terminal_is_in_this_lesson_only_when_the_lesson_is_open(
    lesson: LessonState, word: str
) -> None:
    assert readiness_of(TEACHING, MORNING, lesson) == Readiness("live", word)


def test_a_terminal_in_standby_is_so_for_every_lesson() -> None:
    waiting = replace(TEACHING, state=TerminalState.STANDBY)
    expected = Readiness("good", "待机")
    assert {readiness_of(waiting, MORNING, state) for state in LessonState} == {expected}


def test_silence_means_the_same_to_teachers_and_administrators() -> None:
    just = MORNING + YOUNG
    assert readiness_of(TEACHING, just, LessonState.LIVE).word == "在课堂"
    silent = readiness_of(TEACHING, just + timedelta(seconds=1), LessonState.LIVE)
    assert silent == Readiness("bad", "离线", MORNING)


def test_a_room_without_a_terminal_says_so() -> None:
    assert readiness_of(None, MORNING, LessonState.LIVE) == Readiness("bad", "没有终端")
