"""Reception reports figure by figure (RFC 3550 A.3, A.8), and what each step of numbers does."""

import pytest

from media.packets.rtcp import ReportBlock, SenderReport
from media.packets.rtp import RtpPacket
from media.stage.reception.reception import Arrival, Reception


def packet(sequence: int, timestamp: int = 0) -> RtpPacket:
    return RtpPacket(False, 96, sequence % 65536, timestamp, 7, b"x")


def received(*sequences: int, near: int | None = None) -> Reception:
    reception = Reception(7, 8000, near)
    for sequence in sequences:
        reception.receive(packet(sequence), 0.0)
    return reception


def test_a_source_that_sent_nothing_has_an_empty_report() -> None:
    reception = received()
    assert reception.block(9.0) == ReportBlock(7, 0, 0, 0, 0, 0, 0)
    assert (reception.lost, reception.jitter, reception.packets) == (0, 0.0, 0)


def test_one_packet_is_one_of_one() -> None:
    assert received(500).block(9.0) == ReportBlock(7, 0, 0, 500, 0, 0, 0)


@pytest.mark.parametrize(
    ("sequences", "lost", "fraction"),
    [
        ((1, 2, 3, 4), 0, 0),
        ((1, 2, 4), 1, 64),
        ((1, 4), 2, 128),
        ((1, 3, 2), 0, 0),
        ((1, 2, 2, 3), 0, 0),  # a double does not repay
        ((1, 1, 3), 0, 0),  # and hides a loss
        ((1, 257), 255, 254),
    ],
)
def test_what_is_lost_is_what_lacks(sequences: tuple[int, ...], lost: int, fraction: int) -> None:
    block = received(*sequences).block(1.0)
    assert (block.total_lost, block.fraction_lost, block.highest) == (
        lost,
        fraction,
        max(sequences),
    )


def test_a_share_is_of_the_time_since_the_last_report() -> None:
    reception = received(1, 2, 3, 5)
    assert (reception.block(1.0).fraction_lost, reception.lost) == (51, 1)
    for sequence in (6, 8):
        reception.receive(packet(sequence), 1.5)
    assert (reception.block(2.0).fraction_lost, reception.lost) == (85, 2)
    reception.receive(packet(7), 2.5)  # late: nothing lacks of this second
    assert (reception.block(3.0).fraction_lost, reception.lost) == (0, 1)
    assert reception.block(4.0).fraction_lost == 0, "nothing came, nothing was due"


def test_no_more_than_255_of_256_are_reported_lost() -> None:
    reception = received(1)
    reception.block(1.0)
    reception.receive(packet(3000), 1.5)
    assert reception.block(2.0).fraction_lost == 255
    for _ in range(9):
        reception.receive(packet(3000), 1.5)
    reception.receive(packet(3002), 1.5)
    assert reception.block(3.0).fraction_lost == 0, "more came than was due"


def test_a_frame_counts_as_its_packets() -> None:
    reception = Reception(7, 8000)
    assert reception.receive(packet(10), 0.0, 5) == Arrival(10, False)
    assert reception.receive(packet(16), 0.0, 2) == Arrival(16, False)
    assert (reception.packets, reception.lost, reception.block(1.0).highest) == (7, 1, 17)
    assert reception.receive(packet(15), 0.0) == Arrival(15, False)
    assert (reception.lost, len(reception.missing)) == (0, 0)


@pytest.mark.parametrize(
    ("second", "cut_off", "lost", "missing"),
    [
        (301, False, 299, 299),
        (302, True, 300, 0),
        (3001, True, 2999, 0),
        (3002, False, 0, 0),  # counts anew
        (65_536 - 998, False, 0, 0),
    ],
)
def test_each_step_of_the_numbers(second: int, cut_off: bool, lost: int, missing: int) -> None:
    reception = received(1)
    assert reception.receive(packet(second), 0.0).cut_off is cut_off
    assert (reception.lost, len(reception.missing)) == (lost, missing)


def test_what_is_missing_in_all_is_cut_off_as_well() -> None:
    reception = received(1, 202)
    assert reception.receive(packet(302), 0.0).cut_off is False
    assert len(reception.missing) == 299
    assert reception.receive(packet(305), 0.0).cut_off is True
    assert len(reception.missing) == 0


def test_behind_a_restart_only_what_is_newly_lost_counts() -> None:
    reception = received(100, 102, 5000, 5001, 5004)
    assert (reception.lost, reception.packets) == (3, 5)
    assert (len(reception.missing), reception.block(1.0).highest) == (2, 5004)


def test_a_source_that_is_known_goes_on_in_its_numbering() -> None:
    reception = Reception(7, 8000, near=70_000)
    assert reception.receive(packet(70_003), 0.0) == Arrival(70_003, False)
    assert (reception.lost, reception.block(1.0).highest) == (0, 70_003)


@pytest.mark.parametrize(
    ("timestamps", "jitter"),
    [([0], 0), ([0, 0], 0), ([0, 160], 10), ([160, 0], 10), ([0, 16, 16], 0.9375),
     ([0, 2**32 - 16], 1)],
)  # fmt: skip
def test_jitter_is_a_sixteenth_of_each_difference(timestamps: list[int], jitter: float) -> None:
    reception = Reception(7, 8000)
    for number, timestamp in enumerate(timestamps):
        reception.receive(packet(number, timestamp), 0.0)
    assert reception.jitter == pytest.approx(jitter / 8000)
    assert reception.block(1.0).jitter == int(jitter)


def test_what_comes_in_time_is_even() -> None:
    reception = Reception(7, 8000)
    for number in range(50):
        reception.receive(packet(number, 160 * number), 5.0 + number / 50)
    assert reception.jitter < 1 / 8000


def test_the_rest_of_a_frame_came_evenly() -> None:
    single, whole = Reception(7, 8000), Reception(7, 8000)
    for reception in (single, whole):
        reception.receive(packet(1, 0), 0.0)
    for number in (2, 3, 4):
        single.receive(packet(number, 1600), 0.0)
    whole.receive(packet(2, 1600), 0.0, 3)
    assert whole.jitter == pytest.approx(single.jitter)
    assert single.jitter == pytest.approx(100 * (15 / 16) ** 2 / 8000)


def test_the_newest_sender_report_is_echoed() -> None:
    reception = received(1)
    reception.reported(SenderReport(7, 0x1122_3344_5566_7788, 1), 2.0)
    block = reception.block(2.5)
    assert (block.last_sr, block.since_last_sr) == (0x3344_5566, 32_768)
    assert reception.block(2.0).since_last_sr == 0
    reception.reported(SenderReport(7, 0x0000_0001_0002_0000, 1), 3.0)
    block = reception.block(3.25)
    assert (block.last_sr, block.since_last_sr) == (0x0001_0002, 16_384)
