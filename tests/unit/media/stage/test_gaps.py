"""What is missing of a source is asked for: not at once, not for ever, not too much."""

from hypothesis import given
from hypothesis import strategies as st

from media.stage.gaps import REORDER_WAIT, RETRY_AFTER, TOO_MANY, TRIES, Gaps


def gaps_after(*sequences: int) -> Gaps:
    gaps = Gaps()
    for sequence in sequences:
        gaps.received(sequence, 0.0)
    return gaps


def test_a_late_packet_is_not_asked_for() -> None:
    gaps = gaps_after(10, 12)
    assert gaps.due(REORDER_WAIT / 2) == []
    gaps.received(11, 0.005)
    assert gaps.due(1.0) == []


def test_a_lost_packet_is_asked_for_again_and_then_given_up() -> None:
    gaps = gaps_after(10, 13)
    asked = [gaps.due(REORDER_WAIT + RETRY_AFTER * turn) for turn in range(TRIES + 2)]
    assert asked == [[11, 12]] * TRIES + [[], []]
    assert len(gaps) == 0


def test_sequences_wrap_in_what_is_asked() -> None:
    assert gaps_after(65534, 65537).due(1.0) == [65535, 0]


def test_a_cut_path_is_not_asked_for_everything() -> None:
    gaps = gaps_after(1)
    assert gaps.received(TOO_MANY + 3, 0.0) is True
    assert gaps.due(1.0) == []


@given(st.lists(st.integers(0, 400), min_size=1, unique=True))
def test_what_came_is_never_asked_for(sequences: list[int]) -> None:
    gaps = Gaps()
    for sequence in sequences:
        gaps.received(sequence, 0.0)
    wanted = set(gaps.due(1.0))
    assert wanted.isdisjoint(sequences)
    assert wanted <= set(range(sequences[0], max(sequences)))
