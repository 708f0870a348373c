"""How the bench of joins counts."""

import math

from tests.bench.joins import busiest_second, percentile, waits


def test_a_percentile_is_a_value_that_was_measured() -> None:
    values = [float(value) for value in range(62, 0, -1)]
    assert (percentile(values, 0.5), percentile(values, 0.95)) == (31.0, 59.0)
    assert (percentile([7.0], 0.95), percentile(values, 1.0)) == (7.0, 62.0)


def test_who_never_had_a_picture_waited_longest() -> None:
    found = waits([{"picture": 80.0}, {"picture": None}, {"picture": 20.0}])
    assert found == [80.0, math.inf, 20.0]
    assert percentile(found, 0.95) == math.inf


def test_requests_are_counted_in_the_fullest_second_wherever_it_begins() -> None:
    assert busiest_second([]) == 0
    assert busiest_second([0.9, 1.9, 2.9]) == 1
    assert busiest_second([0.0, 1.5, 2.0, 2.4, 3.0]) == 3
