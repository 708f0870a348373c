"""Gates, meters, frames, layers and the far end's reports, each to its bound."""

import pytest

from media.packets.rtcp import ReportBlock
from media.stage.frame import FrameGatherer
from media.stage.keyframes import KeyframeGate
from media.stage.layers import BestThatFits, Layer
from media.stage.outcome import NEVER
from media.stage.packet import StagePacket
from media.stage.rate import RateMeter
from media.stage.subscriptions.remote import RemoteInbound, middle, signed24


def test_a_keyframe_is_asked_for_at_once_and_again_after_a_second() -> None:
    gate = KeyframeGate()
    assert (gate.deadline, gate.due(5.0)) == (NEVER, False)
    gate.ask()
    gate.ask()
    assert gate.deadline < 0
    assert gate.due(5.0) is True
    assert (gate.deadline, gate.due(9.0)) == (NEVER, False)
    gate.ask()
    assert gate.deadline == 6.0
    assert [gate.due(now) for now in (5.5, 5.99, 6.0, 7.5)] == [False, False, True, False]
    assert (gate.asked, gate.sent) == (3, 2)


def test_a_keyframe_that_came_is_asked_for_no_more() -> None:
    gate = KeyframeGate()
    gate.ask()
    gate.arrived()
    assert (gate.deadline, gate.due(5.0), gate.asked, gate.sent) == (NEVER, False, 1, 0)
    gate.ask()
    assert gate.due(5.0), "nothing was sent yet"


def test_a_rate_is_of_the_time_between_two_looks() -> None:
    meter = RateMeter()
    meter.octets = 9999
    meter.measure(10.0)
    assert meter.bitrate == 0
    meter.octets += 1000
    meter.measure(10.5)
    assert meter.bitrate == 16_000
    meter.octets += 500
    meter.measure(10.5)
    assert meter.bitrate == 16_000, "no time has passed"
    meter.octets += 1
    meter.measure(11.5)
    assert meter.bitrate == 8
    meter.measure(12.5)
    assert meter.bitrate == 0


def packet(number: int, length: int = 5) -> StagePacket:
    return StagePacket(number, 0, False, False, "H264", bytes(length))


def test_a_frame_waits_two_milliseconds_for_its_marker() -> None:
    frame = FrameGatherer()
    assert (frame.deadline, frame.late, frame.full, frame.take()) == (NEVER, False, False, [])
    frame.add(packet(1), 5.0)
    frame.add(packet(2), 5.001)
    assert frame.deadline == 5.002
    assert frame.take() == [[packet(1), packet(2)]]
    assert (frame.deadline, frame.take()) == (NEVER, [])
    frame.add(packet(3), 6.0)
    assert frame.deadline == 6.002


@pytest.mark.parametrize(("count", "sizes"), [(63, [63]), (64, [64]), (65, [64, 1]),
                                              (130, [64, 64, 2])])  # fmt: skip
def test_a_frame_leaves_in_sixty_fours(count: int, sizes: list[int]) -> None:
    frame = FrameGatherer()
    for number in range(count):
        frame.add(packet(number), 1.0)
    assert frame.full is (count >= 64)
    taken = frame.take()
    assert [len(one) for one in taken] == sizes
    assert [one.sequence for part in taken for one in part] == list(range(count))


def test_packets_of_a_frame_leave_equally_long() -> None:
    frame = FrameGatherer()
    for number, length in enumerate((4, 5, 3)):
        frame.add(packet(number, length), 1.0)
    assert [one.pad for part in frame.take() for one in part] == [1, 0, 0]


@pytest.mark.parametrize(
    ("bitrates", "capacity", "rid"),
    [
        ((100, 500, 900), None, "2"),
        ((900, 500, 100), None, "0"),
        ((100, 500, 900), 1000, "2"),
        ((100, 500, 900), 999, "1"),
        ((100, 500, 900), 112, "0"),
        ((100, 500, 900), 1, "0"),
        ((0, 500, 900), 1, "1"),  # the lowest that is sent
        ((0, 0, 0), 1000, "2"),
        ((0,), None, "0"),
    ],
)
def test_the_best_layer_that_fits_is_shown(
    bitrates: tuple[int, ...], capacity: int | None, rid: str
) -> None:
    layers = [Layer(str(number), bitrate) for number, bitrate in enumerate(bitrates)]
    assert BestThatFits().choose(layers, capacity) == rid


NTP, LSR = 0xE8A1_2345_6789_ABCD, 0x2345_6789


def block(last_sr: int = LSR, since: int = 0, lost: int = 0) -> ReportBlock:
    return ReportBlock(42, 64, lost, 0, 90, last_sr, since)


@pytest.mark.parametrize(
    ("since", "now", "found"),
    [
        (0, 100.25, 0.25),
        (65_536, 101.25, 0.25),
        (32_768, 100.5, 0.0),
        (32_768, 100.496, 0.0),  # by as much as clocks and rounding differ
        (32_768, 100.494, None),
    ],
)
def test_a_round_trip_is_without_the_far_end_s_delay(
    since: int, now: float, found: float | None
) -> None:
    remote = RemoteInbound()
    remote.sent(NTP, 100.0)
    remote.heard(block(since=since), now)
    assert remote.round_trip_time == found


def test_a_report_that_received_none_of_ours_measures_nothing() -> None:
    remote = RemoteInbound()
    remote.sent(0, 100.0)
    remote.heard(block(last_sr=0), 100.5)
    assert remote.round_trip_time is None
    assert (remote.fraction_lost, remote.packets_lost, remote.jitter) == (0.25, 0, 90)
    counts = (remote.pli_count, remote.nack_count, remote.retransmitted_packets_sent)
    assert counts == (0, 0, 0)


def test_eight_reports_of_ours_are_remembered() -> None:
    remote = RemoteInbound()
    for number in range(1, 10):
        remote.sent(number << 16, float(number))
    remote.heard(block(last_sr=1), 10.0)
    assert remote.round_trip_time is None
    remote.heard(block(last_sr=2), 10.0)
    assert remote.round_trip_time == 8.0


def test_the_middle_of_an_ntp_time_and_a_signed_count() -> None:
    assert middle(NTP) == LSR
    assert [signed24(value) for value in (0, 0x7FFFFF, 0x800000, 0xFFFFFF)] == [
        *(0, 0x7FFFFF, -0x800000, -1)
    ]
