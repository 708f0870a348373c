"""Where the members of a lesson meet: one rule, for hosts and rooms, in every order of events."""

import itertools
import re
from pathlib import Path

import pytest

from media.client.lesson.discovery import read_answer
from media.client.lesson.route import (
    HOLD,
    LONGEST_PAUSE,
    MISSING_AFTER,
    PAUSES,
    UNFIT,
    MissingMediaWatch,
    NodeAnswer,
    Route,
)

ROOT = Path(__file__).parents[5]
A, B, C = "http://a", "http://b", "http://c"
EMPTY, SILENT, SOURCE = NodeAnswer.EMPTY, NodeAnswer.SILENT, NodeAnswer.SOURCE


def answers(a: NodeAnswer, b: NodeAnswer, c: NodeAnswer = EMPTY) -> dict[str, NodeAnswer]:
    return {A: a, B: b, C: c}


def route_at(node: str, lost_at: float | None = None) -> Route:
    """A member who was well at `node`, and lost it then."""
    route = Route()
    route.connected(node)
    if lost_at is not None:
        route.lost(lost_at)
    return route


def test_at_the_beginning_everybody_goes_to_the_first_that_answers() -> None:
    assert Route().choose(answers(EMPTY, EMPTY), 0.0) == A
    assert Route().choose(answers(SILENT, EMPTY), 0.0) == B
    assert Route().choose(answers(SILENT, SILENT, SILENT), 0.0) is None


def test_the_lesson_is_where_its_source_is_whatever_the_order() -> None:
    for route in (Route(), route_at(A, 10.0), route_at(B)):
        assert route.choose(answers(EMPTY, SOURCE), 10.1) == B
    assert Route().choose(answers(EMPTY, SOURCE, SOURCE), 0.0) == B, (
        "of two, the first in the order"
    )


def test_a_dead_node_has_hold_seconds_to_come_back() -> None:
    route = route_at(A, lost_at=10.0)
    assert route.choose(answers(SILENT, EMPTY), 10.5) is None, "wait for it"
    assert route.choose(answers(EMPTY, EMPTY), 11.5) == A, "it is back in time"
    assert route.choose(answers(SILENT, EMPTY), 10.0 + HOLD) == B
    assert route.choose(answers(EMPTY, SOURCE), 10.5) == B, "but the lesson goes before"


def test_a_member_that_moved_stays_on_the_new_node() -> None:
    route = route_at(B)
    assert route.choose(answers(EMPTY, SOURCE), 20.0) == B
    route.lost(30.0)
    assert route.choose(answers(EMPTY, SILENT), 30.1) is None
    assert route.choose(answers(EMPTY, SILENT), 30.0 + HOLD) == A


def test_a_node_that_lets_nobody_in_is_asked_last_for_a_while() -> None:
    route = Route()
    route.failed(A, 100.0)
    assert route.choose(answers(SOURCE, EMPTY), 100.1) == B
    assert route.choose(answers(SOURCE, SILENT, SILENT), 100.1) == A, "better than none"
    assert route.choose(answers(SOURCE, EMPTY), 100.0 + UNFIT) == A
    route.failed(A, 200.0)
    route.connected(A)
    assert route.choose(answers(EMPTY, EMPTY), 200.1) == A


def test_a_node_that_is_just_starting_again_is_not_called_unfit() -> None:
    route = route_at(A, lost_at=10.0)
    route.failed(A, 10.8)
    assert route.choose(answers(EMPTY, EMPTY), 11.0) == A


@pytest.mark.parametrize("order", list(itertools.permutations((A, B, C))))
@pytest.mark.parametrize("dead", [A, B, C])
def test_host_and_rooms_meet_again_whoever_notices_first(order: tuple[str, ...], dead: str) -> None:
    """All were on `dead`. The host's rule gives one node; a room that asks then finds it there,
    however long after the death and whichever nodes live by then."""
    for back in (False, True):
        for late in (0.1, HOLD - 0.1, HOLD + 0.1, 60.0):
            living = {node: EMPTY if node != dead or back else SILENT for node in order}
            host = route_at(dead, lost_at=0.0)
            chosen = host.choose(living, late) or host.choose(living, HOLD + late)
            assert chosen is not None
            living[chosen] = SOURCE
            for room in (Route(), route_at(dead, lost_at=0.0), route_at(order[-1])):
                for now in (late, HOLD + late + 0.1):
                    assert room.choose(living, now) == chosen


def test_a_viewer_without_a_picture_asks_other_nodes_less_and_less_often() -> None:
    missing, asked = MissingMediaWatch(0.0), []
    for tenth in range(300):
        if missing.discovery_is_due(tenth / 10):
            asked.append(tenth / 10)
    pauses = [round(b - a, 1) for a, b in itertools.pairwise(asked)]
    assert asked[0] == MISSING_AFTER
    assert pauses == [*PAUSES, *[LONGEST_PAUSE] * (len(pauses) - len(PAUSES))]
    assert len(pauses) > len(PAUSES)


def test_a_viewer_with_a_picture_asks_nobody_and_asks_again_once_it_is_gone() -> None:
    missing = MissingMediaWatch(0.0)
    for second in range(1, 60):
        missing.media_came(float(second))
        assert not missing.discovery_is_due(second + 1.0)
    assert missing.discovery_is_due(59.0 + MISSING_AFTER)
    assert not missing.discovery_is_due(59.1 + MISSING_AFTER)
    missing.media_came(65.0)
    assert missing.discovery_is_due(65.0 + MISSING_AFTER)


@pytest.mark.parametrize(
    ("status", "body", "answer"),
    [
        (200, b'{"sources": {"main": true}}', SOURCE),
        (200, b'{"sources": {"main": false, "screen": true}}', EMPTY),
        (200, b"<html>please sign in to the network</html>", SILENT),
        (200, b"[]", SILENT),
        (410, b"", NodeAnswer.CLOSED),
        (401, b"", EMPTY),
        (404, b"", EMPTY),
        (429, b"", EMPTY),
        (502, b"", SILENT),
        (503, b"", SILENT),
    ],
)
def test_what_an_answer_says(status: int, body: bytes, answer: NodeAnswer) -> None:
    assert read_answer(status, body) is answer


def test_the_browser_counts_with_the_same_numbers() -> None:
    text = (ROOT / "web/static/js/protocol/route.js").read_text("utf-8")
    written = dict(re.findall(r"^export const ([A-Z_]+) = ([\d.]+);", text, re.MULTILINE))
    numbers = {name: float(value) for name, value in written.items()}
    assert numbers == {
        "HOLD": HOLD,
        "UNFIT": UNFIT,
        "MISSING_AFTER": MISSING_AFTER,
        "LONGEST_PAUSE": LONGEST_PAUSE,
    }
    (pauses,) = re.findall(r"PAUSES = Object.freeze\(\[([\d, .]+)\]\)", text)
    assert tuple(map(float, pauses.split(","))) == PAUSES
