"""Reports of arrivals and the grant that follows from a path, to the figure."""

import pytest

from media.stage.reception import arrivals
from media.stage.reception.arrivals import ArrivalLog
from media.stage.reception.bitrate import BitrateEstimate
from tests.support.twcc import read


def test_the_bounds_are_those_that_browsers_keep() -> None:
    bounds = (arrivals.INTERVAL, arrivals.MOST, arrivals.STALE, arrivals.MAX_GAP)
    assert bounds == (0.1, 250, 1.0, 1000)


def test_a_report_is_due_every_100_milliseconds_or_when_250_came() -> None:
    log = ArrivalLog()
    assert not log.due(0.0)
    log.arrived(1, 0.0)
    assert log.due(0.0)
    assert read(log.report(1, 2, 0.0)) == (1, 0, [0])
    assert not log.due(9.0), "nothing came"
    log.arrived(2, 0.05)
    assert [log.due(now) for now in (0.0999, 0.1)] == [False, True]
    for number in range(3, 251):
        log.arrived(number, 0.06)
    assert not log.due(0.06)
    log.arrived(251, 0.06)
    assert log.due(0.06)


def test_who_sends_and_who_is_reported_stand_in_front() -> None:
    log = ArrivalLog()
    log.arrived(7, 1.0)
    assert log.report(0x01020304, 0x05060708, 1.0)[4:12] == bytes(range(1, 9))


def test_arrivals_are_stale_after_a_second() -> None:
    log = ArrivalLog()
    log.arrived(1, 1.0)
    log.arrived(2, 1.5)
    assert read(log.report(1, 2, 2.0)) == (2, 0, [6000])
    log.arrived(4, 2.5)
    assert read(log.report(1, 2, 2.5)) == (3, 1, [None, 10_000])


def test_of_more_than_250_the_rest_is_reported_next() -> None:
    log = ArrivalLog()
    for number in range(260):
        log.arrived(number, 1.0)
    assert len(read(log.report(1, 2, 1.0))[2]) == 250
    assert read(log.report(1, 2, 1.0))[0] == 250
    for number in range(260, 260 + 501):
        log.arrived(number, 1.0)
    log.report(1, 2, 1.0)
    base, _count, found = read(log.report(1, 2, 1.0))
    assert (base, len(found), found[0]) == (510, 251, None), "one of the middle is left out"
    assert not log.due(1.0)


@pytest.mark.parametrize(("newest", "base"), [(1000, 2), (1001, 2), (1002, 1002)])
def test_a_report_reaches_a_thousand_numbers_back(newest: int, base: int) -> None:
    log = ArrivalLog()
    log.arrived(1, 1.0)
    log.report(1, 2, 1.0)
    log.arrived(newest, 1.1)
    found = read(log.report(1, 2, 1.1))
    assert (found[0], len(found[2]), found[2][-1]) == (base, newest - base + 1, 4400)


def test_a_grant_falls_to_85_percent_of_what_came_and_grows_by_the_second() -> None:
    grant = BitrateEstimate(1_000_000)
    assert grant.queued(500_000, 10.0) is True
    assert [grant.value(now) for now in (10.0, 11.0)] == [425_000, 425_000]
    assert grant.value(12.0) == 425_000 + 34_000 + 40_000
    assert grant.value(12.5) == pytest.approx(499_000 + (39_920 + 40_000) / 2, abs=1)
    assert grant.value(99.0) == 1_000_000


@pytest.mark.parametrize(
    ("fraction", "fell", "granted"),
    [(0.0, False, 1_000_000), (0.1, False, 1_000_000), (0.11, True, 945_000), (1.0, True, 500_000)],
)
def test_losses_above_a_tenth_cost_half_their_share(
    fraction: float, fell: bool, granted: int
) -> None:
    grant = BitrateEstimate(1_000_000)
    assert grant.lost(fraction, 5.0) is fell
    assert grant.value(5.0) == granted


def test_a_grant_falls_once_in_600_milliseconds_and_never_rises_by_it() -> None:
    grant = BitrateEstimate(1_000_000)
    grant.queued(500_000, 5.0)
    assert grant.queued(400_000, 5.59) is False
    assert grant.queued(500_000, 5.61) is False, "no lower than it is"
    assert grant.queued(400_000, 5.62) is True
    assert grant.value(5.62) == 340_000
    assert grant.queued(1, 7.0) is True
    assert grant.value(7.0) == 150_000
    assert BitrateEstimate(1_000_000).queued(2_000_000, 1.0) is False
