"""What is missing of a source is asked for: not at once, not for ever, not too much."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.packets.rtp import RtpPacket
from media.stage.reception.nack import MAX_MISSING, REORDER_TOLERANCE, MissingPackets
from media.stage.reception.reception import Reception


def receive(reception: Reception, sequence: int, now: float = 0.0) -> None:
    reception.receive(RtpPacket(False, 96, sequence % 65536, 0, 7, b"some"), now)


def gaps_after(*sequences: int) -> MissingPackets:
    reception = Reception(7, 90_000)
    for sequence in sequences:
        receive(reception, sequence)
    return reception.gaps


def test_a_late_packet_is_not_asked_for() -> None:
    reception = Reception(7, 90_000)
    gaps = reception.gaps
    for sequence in (10, 12):
        receive(reception, sequence)
    assert len(gaps) == 1
    assert gaps.due(REORDER_TOLERANCE / 2) == []
    receive(reception, 11, 0.005)
    assert gaps.due(1.0) == []


def test_a_lost_packet_is_asked_for_ever_more_rarely_and_then_given_up() -> None:
    gaps = gaps_after(10, 13)
    asked_at, gave_up_at = [], 0.0
    for tick in range(150):
        now = tick / 100
        if gaps.due(now):
            asked_at.append(now)
        if gaps.gave_up:
            gave_up_at = now
    assert asked_at == pytest.approx([0.01, 0.09, 0.25, 0.57], abs=0.011)
    assert gave_up_at == pytest.approx(1.21, abs=0.011)
    assert gaps.asked == 2 * len(asked_at)


def test_with_one_packet_all_that_is_missing_is_given_up() -> None:
    gaps = gaps_after(10, 12)
    for now in (0.1, 0.3, 0.7, 1.4):
        assert gaps.due(now) == [11]
    gaps.lost(range(13, 20), 2.0)
    assert len(gaps) == 8
    assert gaps.due(3.0) == []
    assert (gaps.gave_up, len(gaps)) == (True, 0)
    assert gaps.due(4.0) == []
    assert gaps.gave_up is False


def test_sequences_wrap_in_what_is_asked() -> None:
    assert gaps_after(65534, 65537).due(1.0) == [65535, 0]


def test_a_cut_path_is_not_asked_for_everything() -> None:
    gaps = gaps_after(1, 3)
    assert gaps.lost(range(4, 4 + MAX_MISSING), 0.0) is True
    assert gaps.due(1.0) == []
    assert gaps.lost(range(500, 500 + MAX_MISSING), 0.0) is False


@given(st.lists(st.integers(0, 400), min_size=1, unique=True))
def test_what_came_is_never_asked_for(sequences: list[int]) -> None:
    gaps = gaps_after(*sequences)
    wanted = set(gaps.due(1.0))
    assert wanted.isdisjoint(sequences)
    assert wanted <= set(range(sequences[0], max(sequences)))
