from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from scheduler.access.ratelimit import BUCKET_LENGTH, Limit, bucket, wait_for

NOW = datetime(2026, 11, 18, 8, 0, tzinfo=UTC)
FIVE = Limit(5, timedelta(minutes=15))


def ago(*minutes: float) -> list[datetime]:
    return [NOW - timedelta(minutes=m) for m in minutes]


def test_the_sixth_try_waits_until_the_first_leaves_the_window() -> None:
    assert wait_for(ago(1, 2, 3, 4), NOW, FIVE) is None
    assert wait_for(ago(1, 2, 3, 4, 10), NOW, FIVE) == timedelta(minutes=5)
    assert wait_for(ago(1, 2, 3, 4, 15), NOW, FIVE) is None


@given(st.lists(st.floats(0, 60), max_size=30))
def test_after_the_wait_a_try_is_allowed_and_not_before(minutes: list[float]) -> None:
    wait = wait_for(ago(*minutes), NOW, FIVE)
    recent = [m for m in minutes if NOW - timedelta(minutes=m) > NOW - FIVE.window]
    assert (wait is None) == (len(recent) < 5)
    if wait is not None:
        assert wait_for(ago(*minutes), NOW + wait, FIVE) is None
        assert wait_for(ago(*minutes), NOW + wait - timedelta(microseconds=1), FIVE) is not None


def test_a_bucket_fits_and_does_not_name_anybody() -> None:
    name = bucket("login", "王老师" * 100)
    assert len(name) <= BUCKET_LENGTH
    assert "王" not in name
    assert bucket("login", "a") != bucket("login", "b")
    assert bucket("login", "a") != bucket("address", "a")
