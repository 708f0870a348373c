import pytest

from media.client.lesson.backoff import LONGEST, SHORT_ONES, delay
from media.client.lesson.retries import NEXT_TRY, SETTLED, SPREAD, Outcome, RetryPolicy


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


def test_the_loss_of_a_settled_connection_begins_again_with_a_short_wait() -> None:
    policy = RetryPolicy(chance=lambda: 1.0)
    waits = [policy.after(Outcome.LOST, 0.1, None) for _ in range(SHORT_ONES + 2)]
    again = policy.after(Outcome.LOST, SETTLED, None)
    assert (waits[-3:], again) == ([1.0, 2.0, 4.0], 1.0)


def test_a_move_to_another_node_waits_a_moment_and_is_no_failure() -> None:
    policy = RetryPolicy(chance=lambda: 1.0)
    assert policy.after(Outcome.ELSEWHERE, 0.1, None) == SPREAD
    assert policy.after(Outcome.LOST, 0.1, None) == 1.0, "a move is no failure"


def test_a_node_that_may_come_back_is_tried_often() -> None:
    assert RetryPolicy(chance=lambda: 0.0).while_node_may_return() == NEXT_TRY
    assert RetryPolicy(chance=lambda: 1.0).while_node_may_return() == NEXT_TRY + SPREAD


def test_retry_after_is_heeded_up_to_the_longest_wait() -> None:
    assert RetryPolicy(chance=lambda: 0.0).after(Outcome.REFUSED, 0.1, 3.0) == 3.0
    assert RetryPolicy(chance=lambda: 0.0).after(Outcome.REFUSED, 0.1, 3600.0) == LONGEST


def test_a_client_that_was_taken_over_waits_longest() -> None:
    assert RetryPolicy(chance=lambda: 0.0).after(Outcome.TAKEN_OVER, 0.1, None) == LONGEST
