import pytest

from media.client.backoff import LONGEST, delay
from media.client.rota import SETTLED, Outcome, Rota


@pytest.mark.parametrize(
    ("attempt", "shortest", "longest"),
    [(0, 0.2, 1.0), (1, 0.4, 2.0), (2, 0.8, 4.0), (3, 1.6, 8.0), (4, 1.6, 8.0), (999, 1.6, 8.0)],
)
def test_waits_double_from_a_second_to_eight_and_are_spread(
    attempt: int, shortest: float, longest: float
) -> None:
    assert delay(attempt, 0.0) == pytest.approx(shortest)
    assert delay(attempt, 1.0) == pytest.approx(longest)


def test_the_loss_of_a_settled_visit_begins_again_with_a_short_wait() -> None:
    rota = Rota(chance=lambda: 1.0)
    first = [rota.after(Outcome.LOST, 0.1, None) for _ in range(3)]
    again = rota.after(Outcome.LOST, SETTLED, None)
    assert (first, again) == ([1.0, 2.0, 4.0], 1.0)


def test_an_unreachable_node_makes_way_after_two_tries() -> None:
    rota = Rota(chance=lambda: 0.0)
    indices = []
    for _ in range(4):
        rota.after(Outcome.UNREACHABLE, 0.1, None)
        indices.append(rota.index)
    assert indices == [0, 1, 1, 2]


def test_a_lost_visit_stays_with_its_node_and_an_empty_stage_does_not() -> None:
    rota = Rota(chance=lambda: 0.0)
    rota.after(Outcome.LOST, 0.1, None)
    rota.after(Outcome.LOST, 0.1, None)
    assert rota.index == 0
    rota.after(Outcome.EMPTY, 20.0, None)
    assert rota.index == 1


def test_retry_after_is_heeded_up_to_the_longest_wait() -> None:
    assert Rota(chance=lambda: 0.0).after(Outcome.REFUSED, 0.1, 3.0) == 3.0
    assert Rota(chance=lambda: 0.0).after(Outcome.REFUSED, 0.1, 3600.0) == LONGEST


def test_who_was_taken_over_does_not_fight_for_the_place() -> None:
    assert Rota(chance=lambda: 0.0).after(Outcome.TAKEN_OVER, 0.1, None) == LONGEST
