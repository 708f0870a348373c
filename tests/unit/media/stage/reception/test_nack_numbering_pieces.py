"""What is missing, asked for to the millisecond; steps of numbers and pieces of frames."""

import pytest

from media.packets.rtp import RtpPacket
from media.stage.outcome import NEVER
from media.stage.reception import nack, numbering
from media.stage.reception.nack import MissingPackets, Requests
from media.stage.reception.numbering import Numbering, Step, step_of
from media.stage.reception.pieces import pieces


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
    assert missing.deadline == pytest.approx(0.103)
    missing.lost([3], 0.095)
    assert missing.deadline == pytest.approx(0.103), "which is near enough for it"


def test_what_came_is_asked_for_no_more() -> None:
    missing = MissingPackets()
    missing.lost([1, 2, 3], 0.0)
    missing.arrived([2, 9])
    assert (len(missing), missing.deadline) == (2, 0.012)
    assert missing.due(0.02).sequences == [1, 3]
    missing.arrived([1, 3])
    assert (len(missing), missing.deadline, missing.asked) == (0, NEVER, 2)


@pytest.mark.parametrize(
    ("before", "more", "given_up"),
    [(0, 300, False), (0, 301, True), (1, 299, False), (1, 300, True)],
)
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
