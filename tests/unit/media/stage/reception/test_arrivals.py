"""What a publisher is told of its packets: each one once, in its order, whatever the numbers do."""

import random

from media.packets.twcc import TICKS
from media.stage.reception.arrivals import INTERVAL, MAX_GAP, MOST, STALE, ArrivalLog
from tests.support.twcc import read

DATAGRAM = 1200


def report(log: ArrivalLog, now: float) -> tuple[int, int, list[int | None]]:
    """Return base, count and arrivals in ticks of the next report."""
    return read(log.report(1, 2, now))


def test_a_report_is_due_after_a_while_or_when_it_is_full() -> None:
    log = ArrivalLog()
    assert log.due(5.0) is False
    log.arrived(1, 5.0)
    assert log.due(5.0) is True
    report(log, 5.0)
    log.arrived(2, 5.01)
    assert log.due(5.01) is False
    assert log.due(5.001 + INTERVAL) is True
    for number in range(MOST):
        log.arrived(3 + number, 5.02)
    assert log.due(5.02) is True


def test_reports_follow_each_other_without_a_gap() -> None:
    log = ArrivalLog()
    for number in (65534, 65535, 1):
        log.arrived(number, 2.0)
    assert report(log, 2.0) == (65534, 0, [8000, 8000, None, 8000])
    log.arrived(4, 2.05)
    assert report(log, 2.1) == (2, 1, [None, None, 8200])


def test_a_late_packet_is_reported_in_the_next_report() -> None:
    log = ArrivalLog()
    log.arrived(10, 1.0)
    log.arrived(12, 1.0)
    report(log, 1.0)
    log.arrived(11, 1.1)
    assert report(log, 1.1) == (11, 1, [int(1.1 * TICKS)])
    log.arrived(13, 1.2)
    assert report(log, 1.2) == (12, 2, [None, int(1.2 * TICKS)])


def test_of_a_flood_the_first_and_the_last_are_reported() -> None:
    log = ArrivalLog()
    for number in range(20 * MOST):
        log.arrived(number, 1.0)
    assert report(log, 1.0)[0] == 0
    base, _count, arrivals = report(log, 1.0)
    assert (base + len(arrivals), len(arrivals)) == (20 * MOST, MOST)
    assert log.due(2.0) is False


def test_stale_arrivals_are_not_reported() -> None:
    log = ArrivalLog()
    log.arrived(1, 1.0)
    assert log.report(1, 2, 1.0 + STALE) == b""
    assert log.report(1, 2, 9.0) == b""


def test_a_sender_that_numbers_anew_is_followed() -> None:
    log = ArrivalLog()
    log.arrived(1, 1.0)
    report(log, 1.0)
    log.arrived(1 + 2 * MAX_GAP, 1.1)
    assert report(log, 1.1) == (1 + 2 * MAX_GAP, 1, [int(1.1 * TICKS)])


def test_whatever_the_numbers_are_a_report_fits_a_datagram() -> None:
    log, chance, now = ArrivalLog(), random.Random(4), 1.0
    for _ in range(300):
        for _ in range(chance.randrange(1, 2 * MOST)):
            now += 0.0002
            log.arrived(chance.choice((chance.randrange(1 << 16), chance.randrange(999))), now)
        data = log.report(1, 2, now)
        assert len(data) <= DATAGRAM
        assert 1 <= len(read(data)[2]) <= MAX_GAP
