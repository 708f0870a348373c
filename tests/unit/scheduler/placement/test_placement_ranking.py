"""Which node carries a lesson: the one with the least to do in that lesson's time."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from scheduler.lessons.states import LessonState
from scheduler.placement.ranking import (
    NOISE,
    Demand,
    NodeVitals,
    busiest,
    in_order,
    load,
    may_move,
    place,
)

NINE = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
N1, N2, N3 = (NodeVitals(name, 100) for name in ("n1", "n2", "n3"))


def lesson(
    name: str, minute: float = 0, length: float = 40, members: int = 4, node: str = ""
) -> Demand:
    starts_at = NINE + timedelta(minutes=minute)
    return Demand(name, starts_at, starts_at + timedelta(minutes=length), members, node)


def choose(*nodes: NodeVitals, others: tuple[Demand, ...] = ()) -> str | None:
    return place(lesson("new"), nodes, others, NINE - timedelta(hours=1))


def test_equals_go_by_the_configured_order() -> None:
    assert choose(N1, N2) == "n1"
    assert choose(N2, N1) == "n2"
    assert choose() is None


def test_lessons_of_one_period_are_spread_and_of_two_periods_are_not() -> None:
    assert choose(N1, N2, others=(lesson("a", node="n1"),)) == "n2"
    assert choose(N1, N2, others=(lesson("a", minute=40, node="n1"),)) == "n1"
    assert choose(N1, N2, others=(lesson("a", minute=-40, node="n1"),)) == "n1"
    both = (lesson("a", node="n1", members=9), lesson("b", node="n2", members=3))
    assert choose(N1, N2, others=both) == "n2"


def test_a_wide_lesson_weighs_as_much_as_many_small_ones() -> None:
    wide = lesson("wide", members=63, node="n1")
    small = tuple(lesson(f"s{n}", members=6, node="n2") for n in range(10))
    assert choose(N1, N2, others=(wide, *small)) == "n2"
    more = lesson("s10", members=6, node="n2")
    assert choose(N1, N2, others=(wide, *small, more)) == "n1"


def test_a_node_that_takes_more_is_given_more() -> None:
    large = replace(N2, capacity=400)
    others = (lesson("a", members=10, node="n1"), lesson("b", members=30, node="n2"))
    assert choose(N1, large, others=others) == "n2"


def test_the_busiest_moment_counts_not_the_sum_of_a_time() -> None:
    one_after_the_other = [lesson("a", 0, 20), lesson("b", 20, 20), lesson("c", 40, 20)]
    assert busiest(one_after_the_other, NINE, NINE + timedelta(hours=1)) == 4
    assert (
        busiest([*one_after_the_other, lesson("d", 10, 20)], NINE, NINE + timedelta(hours=1)) == 8
    )
    assert busiest([], NINE, NINE + timedelta(hours=1)) == 0


def test_what_a_node_does_besides_counts_once_it_is_more_than_noise() -> None:
    assert choose(replace(N1, busy=NOISE), N2) == "n1"
    assert choose(replace(N1, busy=0.5), N2) == "n2"


def test_what_a_node_does_for_its_own_lessons_is_not_counted_twice() -> None:
    running = lesson("a", members=50, node="n1")
    now = NINE + timedelta(minutes=5)
    later = lesson("new", minute=60, members=10)
    assert load(replace(N1, busy=0.55), later, [running], now) == pytest.approx(0.1)
    assert load(replace(N1, busy=0.75), later, [running], now) == pytest.approx(0.1 + 0.25)


def test_draining_nodes_come_after_the_others_and_dead_ones_last() -> None:
    full = lesson("a", members=99, node="n3")
    drains, dead = replace(N1, draining=True), replace(N2, alive=False)
    assert choose(drains, dead, N3, others=(full,)) == "n3"
    assert choose(dead, drains) == "n1"
    assert choose(dead, replace(N3, alive=False, draining=True)) == "n2"


@pytest.mark.parametrize("state", LessonState)
def test_a_lesson_moves_only_before_its_lobby(state: LessonState) -> None:
    opens = NINE - timedelta(minutes=5)
    early = opens - timedelta(seconds=1)
    assert may_move(state, opens, early) is (state is LessonState.BOOKED)
    assert not may_move(state, opens, opens)


def test_the_order_is_the_same_for_everybody_and_spreads_what_a_dead_node_leaves() -> None:
    names = ["n1", "n2", "n3", "n4"]
    assert in_order("lesson", "n3", names) == in_order("lesson", "n3", names[::-1])
    seconds = []
    for number in range(300):
        first, *others = in_order(f"lesson-{number}", "n3", names)
        assert first == "n3"
        assert sorted(others) == ["n1", "n2", "n4"]
        seconds.append(others[0])
    assert min(seconds.count(name) for name in ("n1", "n2", "n4")) > 60
    assert set(in_order("lesson", "gone", names)) == set(names), "a node that was removed"
    assert in_order("lesson", None, ()) == ()
