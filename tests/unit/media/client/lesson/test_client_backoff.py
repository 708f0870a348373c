import pytest

from media.client.lesson.backoff import LONGEST, SHORT_ONES, delay
from media.client.lesson.retries import NEXT_TRY, SETTLED, SPREAD, Outcome, Rota


@pytest.mark.parametrize(
    ("attempt", "shortest", "longest"),
    [(0, 0.2, 1.0), (1, 0.4, 2.0), (2, 0.8, 4.0), (3, 1.6, 8.0), (4, 1.6, 8.0), (999, 1.6, 8.0)],
)
def test_waits_double_from_a_second_to_eight_and_are_spread(
    attempt: int, shortest: float, longest: float
) -> None:
    """Counted from the last of the short ones."""
    attempt += SHORT_ONES - 1
    assert delay(attempt, 0.0) == pytest.approx(shortest)
    assert delay(attempt, 1.0) == pytest.approx(longest)


def test_the_first_waits_are_short() -> None:
    assert {delay(attempt, 1.0) for attempt in range(SHORT_ONES)} == {1.0}


def test_the_loss_of_a_settled_visit_begins_again_with_a_short_wait() -> None:
    rota = Rota(chance=lambda: 1.0)
    waits = [rota.after(Outcome.LOST, 0.1, None) for _ in range(SHORT_ONES + 2)]
    again = rota.after(Outcome.LOST, SETTLED, None)
    assert (waits[-3:], again) == ([1.0, 2.0, 4.0], 1.0)


def test_who_knows_where_the_lesson_is_does_not_wait_long() -> None:
    rota = Rota(chance=lambda: 1.0)
    assert rota.after(Outcome.ELSEWHERE, 0.1, None) == SPREAD
    assert rota.after(Outcome.LOST, 0.1, None) == 1.0, "a move is no failure"


def test_a_node_that_may_come_back_is_looked_for_often() -> None:
    assert Rota(chance=lambda: 0.0).held() == NEXT_TRY
    assert Rota(chance=lambda: 1.0).held() == NEXT_TRY + SPREAD


def test_retry_after_is_heeded_up_to_the_longest_wait() -> None:
    assert Rota(chance=lambda: 0.0).after(Outcome.REFUSED, 0.1, 3.0) == 3.0
    assert Rota(chance=lambda: 0.0).after(Outcome.REFUSED, 0.1, 3600.0) == LONGEST


def test_who_was_taken_over_does_not_fight_for_the_place() -> None:
    assert Rota(chance=lambda: 0.0).after(Outcome.TAKEN_OVER, 0.1, None) == LONGEST
