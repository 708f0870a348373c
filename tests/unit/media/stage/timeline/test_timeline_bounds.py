"""Where a source ends and another begins, to the tick and to the number."""

import pytest

from media.packets.rtp import RtpPacket
from media.stage.timeline.probes import Probes
from media.stage.timeline.slew import Slew
from media.stage.timeline.timeline import Timeline

SECOND = 90_000
FIRST = RtpPacket(False, 96, 100, 1_000_000, 7, b"x")


def begun(now: float = 1.0) -> Timeline:
    timeline = Timeline(SECOND)
    timeline.begin(FIRST, 100, now)
    timeline.place(FIRST, 100, now)
    return timeline


def test_a_timeline_without_a_source_knows_nothing() -> None:
    timeline = Timeline(SECOND, first_sequence=9)
    assert (timeline.newest, timeline.ssrc, timeline.drawn) == (8, None, False)
    assert not timeline.heard_since(-1e9)
    assert timeline.number_near(7) is None
    assert not timeline.follows(FIRST, 100)
    timeline.skip(101)
    timeline.leave()
    assert not timeline.is_leftover(FIRST, 0.0)
    for ask in (
        lambda: timeline.timestamp_at(0.0),
        lambda: timeline.ahead_of_line(0, 0.0),
        lambda: timeline.place(FIRST, 100, 0.0),
    ):
        with pytest.raises(ValueError, match="no source has begun"):
            ask()


@pytest.mark.parametrize(
    ("ahead", "ticks", "follows"),
    [
        (1, 0, True),
        (0, 0, True),
        (300, 0, True),
        (301, 0, False),
        (-1000, 0, True),
        (-1001, 0, False),
        (1, 10 * SECOND, True),
        (1, 10 * SECOND + 1, False),
        (1, -10 * SECOND, True),
        (1, -10 * SECOND - 1, False),
    ],
)
def test_a_source_goes_on_within_its_bounds(ahead: int, ticks: int, follows: bool) -> None:
    packet = FIRST._replace(timestamp=FIRST.timestamp + ticks)
    assert begun().follows(packet, 100 + ahead) is follows
    assert not begun().follows(packet._replace(ssrc=8), 100 + ahead)
    ended = begun()
    ended.end()
    assert not ended.follows(packet, 100 + ahead)


def test_time_goes_on_along_the_line() -> None:
    timeline = begun(now=5.0)
    assert timeline.drawn
    assert [timeline.timestamp_at(now) for now in (5.0, 5.5, 4.0)] == [
        1_000_000,
        1_045_000,
        910_000,
    ]
    assert timeline.ahead_of_line(1_000_000, 5.0) == 0.0
    assert timeline.ahead_of_line(1_009_000, 5.0) == 0.1
    assert timeline.ahead_of_line(1_000_000, 5.2) == -0.2


@pytest.mark.parametrize(
    ("leap", "shift_kept"),
    [(0, True), (10 * SECOND, True), (10 * SECOND + 1, False), (-1, False)],
)
def test_a_source_that_jumps_keeps_its_clock_within_ten_seconds(
    leap: int, shift_kept: bool
) -> None:
    timeline = begun(now=1.0)
    jumped = FIRST._replace(timestamp=FIRST.timestamp + leap)
    timeline.begin(jumped, 9000, 3.0)
    expected = jumped.timestamp if shift_kept else 1_000_000 + 2 * SECOND
    assert timeline.place(jumped, 9000, 3.0) == (1, expected)


@pytest.mark.parametrize("how", ["another", "ended"])
def test_another_source_is_laid_by_its_arrival(how: str) -> None:
    timeline = begun(now=1.0)
    if how == "ended":
        timeline.end()
    other = FIRST._replace(ssrc=8 if how == "another" else 7, timestamp=FIRST.timestamp + 900)
    timeline.begin(other, 9000, 3.0)
    assert timeline.place(other, 9000, 3.0) == (1, 1_000_000 + 2 * SECOND)


@pytest.mark.parametrize(("after", "ticks"), [(0.0, 1800), (0.019, 1800), (0.03, 2700)])
def test_another_source_keeps_20_ms_from_the_last_packet(after: float, ticks: int) -> None:
    timeline = begun(now=1.0)
    other = FIRST._replace(ssrc=8, timestamp=77)
    timeline.begin(other, 9000, 1.0 + after)
    assert timeline.place(other, 9000, 1.0 + after) == (1, pytest.approx(1_000_000 + ticks, abs=1))


def test_another_source_owes_nothing_of_the_last_one_s_move() -> None:
    timeline = begun()
    timeline.slew(1.0)
    other = FIRST._replace(ssrc=8, timestamp=0)
    timeline.begin(other, 1, 2.0)
    timeline.place(other, 1, 2.0)
    later = other._replace(timestamp=9000)
    assert timeline.place(later, 2, 2.1) == (2, 1_000_000 + SECOND + 9000)


def test_leftovers_of_a_source_are_known_for_a_second_after_the_newest_packet() -> None:
    timeline = begun(now=1.0)
    timeline.begin(FIRST._replace(ssrc=8), 1, 2.0)
    assert timeline.is_leftover(FIRST, 3.0)
    assert not timeline.is_leftover(FIRST, 3.1)
    assert not timeline.is_leftover(FIRST._replace(ssrc=9), 2.0)


def test_a_source_that_comes_back_leaves_the_one_between_behind() -> None:
    timeline = begun(now=1.0)
    other = FIRST._replace(ssrc=8)
    timeline.begin(other, 1, 1.1)
    timeline.begin(FIRST, 500, 1.2)
    assert (timeline.is_leftover(other, 1.3), timeline.is_leftover(FIRST, 1.3)) == (True, False)


def test_a_source_that_ended_leaves_nothing_behind_and_one_that_said_goodbye_does() -> None:
    for end, left in ((Timeline.end, False), (Timeline.leave, True)):
        timeline = begun(now=1.0)
        end(timeline)
        assert timeline.ssrc is None
        assert timeline.is_leftover(FIRST, 1.1) is left
        timeline.begin(FIRST._replace(ssrc=8), 1, 1.1)
        assert timeline.is_leftover(FIRST, 1.2) is left
        assert timeline.ssrc == 8


def test_holes_are_remembered_for_a_thousand_numbers() -> None:
    timeline = begun()
    timeline.place(FIRST, 103, 1.0)  # 101 and 102 are missing: 1 and 2 of ours
    timeline.place(FIRST, 1102, 1.0)  # 1002 of ours
    assert timeline.place(FIRST, 102, 1.0) == (2, FIRST.timestamp)
    assert timeline.place(FIRST, 102, 1.0) is None
    assert timeline.place(FIRST, 101, 1.0) is None, "more than a thousand back"


def test_a_packet_of_the_present_is_placed_by_number_and_a_late_one_changes_nothing() -> None:
    timeline = begun()
    later = FIRST._replace(timestamp=FIRST.timestamp + 900)
    assert timeline.place(later, 105, 2.0) == (5, 1_000_900)
    assert timeline.place(FIRST, 103, 3.0) == (3, 1_000_000)
    assert (timeline.newest, timeline.number_near(7)) == (5, 105)
    assert not timeline.heard_since(2.1)


def test_a_probe_behind_the_newest_packet_moves_nothing() -> None:
    timeline = begun()
    timeline.skip(100)
    timeline.skip(99)
    assert timeline.place(FIRST, 101, 1.0) == (1, FIRST.timestamp)
    timeline.skip(102)
    assert timeline.place(FIRST, 103, 1.0) == (2, FIRST.timestamp)


def test_a_new_source_has_no_probes_of_the_old_one() -> None:
    timeline = begun()
    timeline.skip(101)
    timeline.begin(FIRST._replace(ssrc=8), 100, 1.5)
    timeline.place(FIRST._replace(ssrc=8), 100, 1.5)
    assert timeline.place(FIRST._replace(ssrc=8), 102, 1.5) == (3, timeline.timestamp_at(1.5))


def test_probes_count_between_a_packet_and_the_newest() -> None:
    probes = Probes(10)
    assert not probes
    for number in (101, 103, 104):
        probes.add(number)
    assert probes
    assert [probes.between(100, ahead) for ahead in (1, 2, 3, 4, 5, 9)] == [0, 1, 1, 2, 3, 3]
    assert [probes.between(105, ahead) for ahead in (-1, -2, -3, -4, -5)] == [0, -1, -2, -2, -3]
    assert [probes.between(104, ahead) for ahead in (0, -1)] == [0, -1]
    probes.forget(111)
    assert probes.between(100, 9) == 3
    probes.forget(112)
    assert probes.between(100, 9) == 2
    probes.clear()
    assert not probes


def test_a_frame_is_moved_by_a_quarter_of_the_time_since_the_last() -> None:
    slew = Slew()
    assert not slew.active
    slew.owe(1000)
    assert slew.active
    assert slew.step(3000, 3000, 50) == 800
    assert slew.step(3000, 0, 800) == 800, "the same frame"
    assert slew.step(2000, -1000, 800) == 800
    assert slew.step(6000, 3000, 800) == 1050
    assert slew.step(9000, 3000, 1050) == 1050, "all is paid"
    assert [slew.shift_at(at, 1050) for at in (2999, 3000, 5999, 6000, 9000)] == [
        *(50, 800, 800, 1050, 1050)
    ]
    assert slew.active
    slew.begin()
    assert not slew.active
    assert slew.shift_at(0, 1050) == 1050
    slew.owe(-1000)
    assert slew.step(3000, 3000, 50) == -700
    assert slew.step(6000, 2000, -700) == -950


def test_a_hundred_and_twenty_eight_moves_are_remembered() -> None:
    slew = Slew()
    slew.owe(10**6)
    shift = 0
    for frame in range(1, 130):
        shift = slew.step(4 * frame, 4, shift)
    assert shift == 129
    assert [slew.shift_at(at, shift) for at in (0, 8, 12)] == [1, 2, 3]
