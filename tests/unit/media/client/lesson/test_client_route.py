"""Where the members of a lesson meet: one rule, for hosts and rooms, in every order of events."""

import itertools
import re
from pathlib import Path

import pytest

from media.client.lesson.discovery import read_sight
from media.client.lesson.route import HOLD, HUNGRY, LOOKS, SLOWEST_LOOK, UNFIT, Hunger, Route, Sight

ROOT = Path(__file__).parents[5]
A, B, C = "http://a", "http://b", "http://c"
EMPTY, SILENT, SOURCE = Sight.EMPTY, Sight.SILENT, Sight.SOURCE


def seen(a: Sight, b: Sight, c: Sight = EMPTY) -> dict[str, Sight]:
    return {A: a, B: b, C: c}


def route_at(node: str, lost_at: float | None = None) -> Route:
    """A member who was well at `node`, and lost it then."""
    route = Route()
    route.arrived(node)
    if lost_at is not None:
        route.lost(lost_at)
    return route


def test_at_the_beginning_everybody_goes_to_the_first_that_answers() -> None:
    assert Route().choose(seen(EMPTY, EMPTY), 0.0) == A
    assert Route().choose(seen(SILENT, EMPTY), 0.0) == B
    assert Route().choose(seen(SILENT, SILENT, SILENT), 0.0) is None


def test_the_lesson_is_where_its_source_is_whatever_the_order() -> None:
    for route in (Route(), route_at(A, 10.0), route_at(B)):
        assert route.choose(seen(EMPTY, SOURCE), 10.1) == B
    assert Route().choose(seen(EMPTY, SOURCE, SOURCE), 0.0) == B, "of two, the first in the order"


def test_a_node_that_died_has_a_moment_to_come_back() -> None:
    route = route_at(A, lost_at=10.0)
    assert route.choose(seen(SILENT, EMPTY), 10.5) is None, "wait for it"
    assert route.choose(seen(EMPTY, EMPTY), 11.5) == A, "it is back in time"
    assert route.choose(seen(SILENT, EMPTY), 10.0 + HOLD) == B
    assert route.choose(seen(EMPTY, SOURCE), 10.5) == B, "but the lesson goes before"


def test_whoever_moved_does_not_go_back_by_itself() -> None:
    route = route_at(B)
    assert route.choose(seen(EMPTY, SOURCE), 20.0) == B
    route.lost(30.0)
    assert route.choose(seen(EMPTY, SILENT), 30.1) is None
    assert route.choose(seen(EMPTY, SILENT), 30.0 + HOLD) == A


def test_a_node_that_lets_nobody_in_is_asked_last_for_a_while() -> None:
    route = Route()
    route.failed(A, 100.0)
    assert route.choose(seen(SOURCE, EMPTY), 100.1) == B
    assert route.choose(seen(SOURCE, SILENT, SILENT), 100.1) == A, "better than none"
    assert route.choose(seen(SOURCE, EMPTY), 100.0 + UNFIT) == A
    route.failed(A, 200.0)
    route.arrived(A)
    assert route.choose(seen(EMPTY, EMPTY), 200.1) == A


def test_a_node_that_is_just_starting_again_is_not_called_unfit() -> None:
    route = route_at(A, lost_at=10.0)
    route.failed(A, 10.8)
    assert route.choose(seen(EMPTY, EMPTY), 11.0) == A


@pytest.mark.parametrize("order", list(itertools.permutations((A, B, C))))
@pytest.mark.parametrize("dead", [A, B, C])
def test_host_and_rooms_meet_again_whoever_notices_first(order: tuple[str, ...], dead: str) -> None:
    """All were on `dead`. The host's rule gives one node; a room that looks then finds it there,
    however long after the death and whichever nodes live by then."""
    for back in (False, True):
        for late in (0.1, HOLD - 0.1, HOLD + 0.1, 60.0):
            living = {node: EMPTY if node != dead or back else SILENT for node in order}
            host = route_at(dead, lost_at=0.0)
            place = host.choose(living, late) or host.choose(living, HOLD + late)
            assert place is not None
            living[place] = SOURCE
            for room in (Route(), route_at(dead, lost_at=0.0), route_at(order[-1])):
                for now in (late, HOLD + late + 0.1):
                    assert room.choose(living, now) == place


def test_a_viewer_without_a_picture_looks_around_at_first_often_and_then_seldom() -> None:
    hunger, looks = Hunger(0.0), []
    for tenth in range(300):
        if hunger.wants_look(tenth / 10):
            looks.append(tenth / 10)
    pauses = [round(b - a, 1) for a, b in itertools.pairwise(looks)]
    assert looks[0] == HUNGRY
    assert pauses == [*LOOKS, *[SLOWEST_LOOK] * (len(pauses) - len(LOOKS))]
    assert len(pauses) > len(LOOKS)


def test_a_viewer_with_a_picture_does_not_look_and_begins_anew_when_it_goes() -> None:
    hunger = Hunger(0.0)
    for second in range(1, 60):
        hunger.fed(float(second))
        assert not hunger.wants_look(second + 1.0)
    assert hunger.wants_look(59.0 + HUNGRY)
    assert not hunger.wants_look(59.1 + HUNGRY)
    hunger.fed(65.0)
    assert hunger.wants_look(65.0 + HUNGRY)


@pytest.mark.parametrize(
    ("status", "body", "sight"),
    [
        (200, b'{"sources": {"main": true}}', SOURCE),
        (200, b'{"sources": {"main": false, "screen": true}}', EMPTY),
        (200, b"<html>please sign in to the network</html>", SILENT),
        (200, b"[]", SILENT),
        (410, b"", Sight.CLOSED),
        (401, b"", EMPTY),
        (404, b"", EMPTY),
        (429, b"", EMPTY),
        (502, b"", SILENT),
        (503, b"", SILENT),
    ],
)
def test_what_an_answer_says(status: int, body: bytes, sight: Sight) -> None:
    assert read_sight(status, body) is sight


def test_the_browser_counts_with_the_same_numbers() -> None:
    text = (ROOT / "web/static/js/protocol/route.js").read_text("utf-8")
    written = dict(re.findall(r"^export const ([A-Z_]+) = ([\d.]+);", text, re.MULTILINE))
    numbers = {name: float(value) for name, value in written.items()}
    assert numbers == {
        "HOLD": HOLD,
        "UNFIT": UNFIT,
        "HUNGRY": HUNGRY,
        "SLOWEST_LOOK": SLOWEST_LOOK,
    }
    (looks,) = re.findall(r"LOOKS = Object.freeze\(\[([\d, .]+)\]\)", text)
    assert tuple(map(float, looks.split(","))) == LOOKS
