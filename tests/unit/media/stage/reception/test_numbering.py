"""Sequence numbers unwrapped once, and one rule for what a jump is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.stage.reception.numbering import (
    MAX_DROPOUT,
    MAX_GAP,
    MAX_LATE,
    Numbering,
    Step,
    is_jump,
    step_of,
)


@pytest.mark.parametrize(
    ("distance", "step"),
    [
        (1, Step.NEXT), (0, Step.LATE), (-1, Step.LATE), (-MAX_LATE, Step.LATE),
        (-MAX_LATE - 1, Step.RESTART), (2, Step.GAP), (MAX_GAP, Step.GAP), (MAX_GAP + 1, Step.CUT),
        (MAX_DROPOUT, Step.CUT), (MAX_DROPOUT + 1, Step.RESTART),
    ],
)  # fmt: skip
def test_every_distance_has_one_meaning(distance: int, step: Step) -> None:
    assert step_of(distance) is step
    assert is_jump(distance) is (step in (Step.CUT, Step.RESTART))


def test_numbers_go_on_over_their_wrap() -> None:
    numbering = Numbering()
    taken = [numbering.take(sequence % 65536) for sequence in range(65_530, 65_545)]
    assert [number for number, _step in taken] == list(range(65_530, 65_545))
    assert [step for _number, step in taken] == [Step.FIRST] + [Step.NEXT] * 14


def test_a_frame_is_taken_by_its_first_packet() -> None:
    numbering = Numbering()
    assert numbering.take(65_534, 10) == (65_534, Step.FIRST)
    assert numbering.newest == 65_543
    assert numbering.take(8) == (65_544, Step.NEXT)
    assert numbering.take(0, 3) == (65_536, Step.LATE)
    assert numbering.newest == 65_544
    assert numbering.take(6, 10) == (65_542, Step.LATE)  # partly known, and goes on behind it
    assert numbering.newest == 65_551


@pytest.mark.parametrize("jump", [-MAX_LATE - 1, -30_000, 5000, 30_000])
def test_behind_a_restart_its_own_numbers_count(jump: int) -> None:
    numbering = Numbering()
    numbering.take(40_000)
    assert numbering.take((40_000 + jump) % 65_536) == (40_000 + jump, Step.RESTART)
    assert numbering.take((40_001 + jump) % 65_536) == (40_001 + jump, Step.NEXT)


def test_a_source_that_was_heard_before_goes_on_where_it_was() -> None:
    assert Numbering(near=130_000).take(130_005 % 65_536) == (130_005, Step.FIRST)


@given(st.integers(0, 65_535), st.lists(st.integers(-MAX_LATE, MAX_GAP), max_size=200))
def test_whatever_the_order_numbers_keep_their_distances(first: int, steps: list[int]) -> None:
    numbering, at = Numbering(), first
    numbering.take(first)
    for step in steps:
        at += step
        assert numbering.take(at % 65_536).number == at
        assert numbering.newest is not None
        at = numbering.newest
