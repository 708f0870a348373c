"""What is missing, asked for to the millisecond; rates, grants and reports to the figure."""

import pytest

from media.packets.rtp import RtpPacket
from media.stage.outcome import NEVER
from media.stage.reception import arrivals, nack, numbering
from media.stage.reception.arrivals import ArrivalLog
from media.stage.reception.bitrate import BitrateEstimate
from media.stage.reception.nack import MissingPackets, Requests
from media.stage.reception.numbering import Numbering, Step, step_of
from media.stage.reception.pieces import pieces
from tests.support.twcc import read


def test_one_packet_is_asked_for_four_times_and_then_given_up() -> None:
    missing = MissingPackets()
    assert missing.deadline == NEVER
    assert missing.lost([5], 10.0) is False
    assert missing.deadline == 10.012
    assert missing.due(10.0099) == ([], False)
    assert missing.deadline == pytest.approx(10.0219)
    now = 10.01
    for delay in (0.08, 0.16, 0.32, 0.64):
        assert missing.due(now) == ([5], False)
        assert missing.deadline == pytest.approx(now + delay)
        assert missing.due(now + delay - 0.001) == ([], False)
        now += delay + 1e-9
    assert missing.asked == 4
    assert missing.due(now) == Requests((), gave_up=True)
    assert (len(missing), missing.deadline, missing.asked) == (0, NEVER, 4)
    assert missing.due(now) == ([], False)
    assert missing.deadline == NEVER


def test_rounds_are_12_milliseconds_apart() -> None:
    missing = MissingPackets()
    missing.lost([1], 0.0)
    missing.due(0.012)
    missing.lost([2], 0.02)
    assert missing.deadline == pytest.approx(0.032), "the new one comes first"
    missing.due(0.091)
    missing.lost([3], 0.0915)
    assert missing.deadline == pytest.approx(0.1035)


def test_what_came_is_asked_for_no_more() -> None:
    missing = MissingPackets()
    missing.lost([1, 2, 3], 0.0)
    missing.arrived([2, 9])
    assert (len(missing), missing.deadline) == (2, 0.012)
    assert missing.due(0.02).sequences == [1, 3]
    missing.arrived([1, 3])
    assert (len(missing), missing.deadline, missing.asked) == (0, NEVER, 2)


@pytest.mark.parametrize(("before", "more", "given_up"), [(0, 300, False), (0, 301, True),
                                                          (1, 299, False), (1, 300, True)])  # fmt: skip
def test_300_are_missing_at_most(before: int, more: int, given_up: bool) -> None:
    missing = MissingPackets()
    missing.lost(range(before), 0.0)
    assert missing.lost(range(1000, 1000 + more), 0.0) is given_up
    assert len(missing) == (0 if given_up else before + more)
    assert missing.deadline == (NEVER if given_up else 0.012)


def test_numbers_are_asked_for_in_16_bits() -> None:
    missing = MissingPackets()
    missing.lost([65_535, 65_536, 131_073], 0.0)
    assert missing.due(1.0).sequences == [65_535, 0, 1]


def test_the_bounds_are_those_of_the_pages() -> None:
    assert (nack.MAX_REQUESTS, numbering.MAX_LATE) == (4, 1000)
    assert (numbering.MAX_GAP, numbering.MAX_DROPOUT) == (300, 3000)
    assert (*(0.1, 250, 1.0, 1000),) == (
        arrivals.INTERVAL,
        arrivals.MOST,
        arrivals.STALE,
        arrivals.MAX_GAP,
    )


@pytest.mark.parametrize(
    ("distance", "step"),
    [(1, Step.NEXT), (0, Step.LATE), (-1000, Step.LATE), (-1001, Step.RESTART), (2, Step.GAP),
     (300, Step.GAP), (301, Step.CUT), (3000, Step.CUT), (3001, Step.RESTART)],
)  # fmt: skip
def test_steps_have_their_bounds(distance: int, step: Step) -> None:
    assert step_of(distance) is step


def test_a_late_frame_that_reaches_the_newest_number_moves_nothing() -> None:
    found = Numbering()
    found.take(10)
    assert found.take(8, 3) == (8, Step.LATE)
    assert found.newest == 10
    assert found.take(8, 4) == (8, Step.LATE)
    assert found.newest == 11


def piece(sequence: int, marker: bool = False, payload: bytes = b"x") -> RtpPacket:
    return RtpPacket(marker, 96, sequence, 0, 7, payload)


@pytest.mark.parametrize(
    ("packets", "sizes"),
    [
        ([], []),
        ([piece(1)], [1]),
        ([piece(1), piece(2)], [2]),
        ([piece(65_535), piece(0)], [2]),
        ([piece(1), piece(3)], [1, 1]),
        ([piece(1), piece(1)], [1, 1]),
        ([piece(1, marker=True), piece(2)], [1, 1]),
        ([piece(1), piece(2, marker=True)], [2]),
        ([piece(1, payload=b""), piece(2)], [1, 1]),
        ([piece(1), piece(2, payload=b"")], [1, 1]),
        ([piece(1), piece(2)._replace(timestamp=1)], [1, 1]),
        ([piece(1), piece(2)._replace(ssrc=8)], [1, 1]),
        ([piece(1), piece(2)._replace(payload_type=97)], [1, 1]),
    ],
)
def test_packets_that_follow_each_other_are_one_piece(
    packets: list[RtpPacket], sizes: list[int]
) -> None:
    assert [len(one) for one in pieces(packets)] == sizes


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
