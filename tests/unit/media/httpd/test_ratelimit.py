"""Token buckets: who may ask how often, and which buckets are still remembered."""

import pytest

from media.httpd.ratelimit import RateLimit, RequestLimits


def asked(limit: RateLimit, key: str, now: float, times: int) -> int:
    """Ask so many times at once; return how many were allowed."""
    return [limit.allow(key, now) for _ in range(times)].count(True)


def test_a_bucket_gives_its_burst_and_then_its_rate() -> None:
    limit = RateLimit(burst=3, rate=2)
    assert [limit.allow("a", 0.0) for _ in range(4)] == [True, True, True, False]
    assert limit.allow("b", 0.0)
    assert limit.allow("a", 0.5)
    assert not limit.allow("a", 0.6)


def test_a_bucket_holds_no_more_than_its_burst() -> None:
    limit = RateLimit(burst=3, rate=2)
    assert asked(limit, "a", 0.0, 2) == 2
    assert asked(limit, "a", 1.4, 9) == 3  # one was left, 2.8 came back
    assert asked(limit, "a", 2.3, 9) == 1
    assert asked(limit, "a", 2.5, 9) == 1  # 0.8 were left


def test_who_is_refused_pays_nothing_for_it() -> None:
    limit = RateLimit(burst=1, rate=1)
    assert asked(limit, "a", 0.0, 50) == 1
    assert limit.allow("a", 1.0)


def test_no_more_than_ten_thousand_buckets_are_kept() -> None:
    limit = RateLimit(burst=1, rate=0)
    for number in range(10_000):
        limit.allow(str(number), 0.0)
    assert limit.size == 10_000
    limit.allow("0", 0.0)  # asked last from now on
    limit.allow("one more", 0.0)
    assert limit.size == 10_000
    assert not limit.allow("0", 0.0)
    assert not limit.allow("one more", 0.0)
    assert limit.allow("1", 0.0)  # asked longest ago: forgotten


def test_buckets_that_are_full_again_are_forgotten() -> None:
    limit = RateLimit(burst=12, rate=2)
    for number in range(1000):
        limit.allow(str(number), number / 100)
    assert limit.size == 600  # who asked within the last six seconds
    for _ in range(12):
        assert limit.allow("busy", 10.0)
    limit.allow("other", 15.9)
    assert limit.allow("busy", 15.9)  # eleven came back, not twelve
    assert not all(limit.allow("busy", 15.9) for _ in range(11))


def test_each_request_forgets_two_that_are_full() -> None:
    limit = RateLimit(burst=2, rate=1)
    for number in range(5):
        limit.allow(str(number), 0.0)
    limit.allow("late", 1.9)
    assert limit.size == 6
    limit.allow("late", 2.0)
    assert limit.size == 4


@pytest.mark.parametrize(("most", "left"), [(0, 3), (1, 2), (3, 0), (9, 0)])
def test_so_many_are_forgotten_at_a_time(most: int, left: int) -> None:
    limit = RateLimit(burst=1, rate=1)
    for number in range(3):
        limit.allow(str(number), number / 10)
    limit.forget_full(5.0, most)
    assert limit.size == left


def test_only_the_full_ones_are_forgotten() -> None:
    limit = RateLimit(burst=1, rate=1)
    limit.allow("a", 0.0)
    limit.allow("b", 0.5)
    limit.forget_full(1.0)
    assert limit.size == 1
    assert not limit.allow("b", 1.0)


def test_a_ticket_may_ask_twelve_times_and_a_stranger_thirty_and_two_a_second_more() -> None:
    limits = RequestLimits()
    assert asked(limits.tickets, "t", 0.0, 99) == 12
    assert asked(limits.strangers, "s", 0.0, 99) == 30
    assert asked(limits.tickets, "t", 1.0, 99) == 2
    assert asked(limits.strangers, "s", 1.0, 99) == 2
    limits.forget_full(6.9)
    assert (limits.tickets.size, limits.strangers.size) == (1, 1)
    limits.forget_full(7.0)
    assert (limits.tickets.size, limits.strangers.size) == (0, 1)
    limits.forget_full(16.0)
    assert limits.strangers.size == 0
