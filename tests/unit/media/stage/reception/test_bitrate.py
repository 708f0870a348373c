"""What a publisher is granted: everything, until its path says no."""

import pytest

from media.stage.reception.bitrate import FLOOR, BitrateEstimate


def test_the_estimate_stays_at_the_limit_on_a_good_path() -> None:
    grant = BitrateEstimate(2_800_000)
    assert [grant.value(second) for second in (0.0, 1.0, 100.0)] == [2_800_000] * 3
    assert grant.lost(0.05, 101.0) is False


def test_it_falls_below_what_gets_through_and_comes_back() -> None:
    grant = BitrateEstimate(2_800_000)
    grant.value(0.0)
    assert grant.queued(500_000, 1.0) is True
    assert grant.value(1.5) == 425_000
    after = [grant.value(float(second)) for second in range(2, 40)]
    assert after == sorted(after)
    assert after[-1] == 2_800_000


def test_one_queue_makes_one_fall() -> None:
    grant = BitrateEstimate(2_800_000)
    grant.queued(500_000, 1.0)
    assert grant.queued(300_000, 1.2) is False
    assert grant.queued(300_000, 2.2) is True


@pytest.mark.parametrize(("fraction", "granted"), [(0.10, 1_000_000), (0.20, 900_000)])
def test_heavy_loss_makes_it_fall(fraction: float, granted: int) -> None:
    grant = BitrateEstimate(1_000_000)
    grant.lost(fraction, 1.0)
    assert grant.value(1.0) == granted


def test_it_never_falls_below_the_floor() -> None:
    grant = BitrateEstimate(1_000_000)
    grant.queued(1000, 1.0)
    assert grant.value(1.0) == FLOOR
