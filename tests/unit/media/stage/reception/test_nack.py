"""What is missing of a source is asked for: not at once, not for ever, not too much."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.packets.rtp import RtpPacket
from media.stage.outcome import NEVER
from media.stage.reception.nack import REORDER_TOLERANCE, RETRY_DELAY, ROUND, MissingPackets
from media.stage.reception.numbering import MAX_GAP
from media.stage.reception.reception import Reception


def receive(reception: Reception, sequence: int, now: float = 0.0) -> None:
    reception.receive(RtpPacket(False, 96, sequence % 65536, 0, 7, b"some"), now)


def missing_after(*sequences: int) -> MissingPackets:
    reception = Reception(7, 90_000)
    for sequence in sequences:
        receive(reception, sequence)
    return reception.missing


def sequences_due(missing: MissingPackets, now: float) -> list[int]:
    return list(missing.due(now).sequences)


def test_a_late_packet_is_not_asked_for() -> None:
    reception = Reception(7, 90_000)
    missing = reception.missing
    for sequence in (10, 12):
        receive(reception, sequence)
    assert len(missing) == 1
    assert sequences_due(missing, REORDER_TOLERANCE / 2) == []
    receive(reception, 11, 0.005)
    assert sequences_due(missing, 1.0) == []


def test_a_lost_packet_is_asked_for_ever_more_rarely_and_then_given_up() -> None:
    missing = missing_after(10, 13)
    asked_at, gave_up_at = [], 0.0
    for tick in range(150):
        now = tick / 100
        requests = missing.due(now)
        if requests.sequences:
            asked_at.append(now)
        if requests.gave_up:
            gave_up_at = now
    assert asked_at == pytest.approx([0.01, 0.09, 0.25, 0.57], abs=0.011)
    assert gave_up_at == pytest.approx(1.21, abs=0.011)
    assert missing.asked == 2 * len(asked_at)


def test_with_one_packet_all_that_is_missing_is_given_up() -> None:
    missing = missing_after(10, 12)
    for now in (0.1, 0.3, 0.7, 1.4):
        assert sequences_due(missing, now) == [11]
    missing.lost(range(13, 20), 2.0)
    assert len(missing) == 8
    assert missing.due(3.0) == ((), True)
    assert (len(missing), missing.deadline) == (0, NEVER)
    assert missing.due(4.0) == ([], False)


def test_the_deadline_is_when_something_may_be_asked_for() -> None:
    missing = missing_after(10, 12)
    assert missing.deadline == pytest.approx(ROUND)
    assert sequences_due(missing, missing.deadline) == [11]
    assert missing.deadline == pytest.approx(ROUND + RETRY_DELAY)
    missing.arrived([11])
    assert missing.deadline == NEVER


def test_sequences_wrap_in_what_is_asked() -> None:
    assert missing_after(65534, 65537).due(1.0).sequences == [65535, 0]


def test_a_cut_path_is_not_asked_for_everything() -> None:
    missing = missing_after(1, 3)
    assert missing.lost(range(4, 4 + MAX_GAP), 0.0) is True
    assert sequences_due(missing, 1.0) == []
    assert missing.lost(range(500, 500 + MAX_GAP), 0.0) is False


@given(st.lists(st.integers(0, 400), min_size=1, unique=True))
def test_what_came_is_never_asked_for(sequences: list[int]) -> None:
    missing = missing_after(*sequences)
    wanted = set(sequences_due(missing, 1.0))
    assert wanted.isdisjoint(sequences)
    assert wanted <= set(range(sequences[0], max(sequences)))
