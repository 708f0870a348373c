"""`go_on`, the short way of a frame: where it is taken it says what `place` says, else nothing."""

from random import Random

import pytest

from media.packets.rtp import RtpPacket
from media.stage.timeline.timeline import Timeline

SECOND = 90_000
FIRST = RtpPacket(False, 96, 100, 2**32 - 3000, 7, b"x")


def begun() -> Timeline:
    timeline = Timeline(SECOND, first_sequence=5)
    timeline.begin(FIRST, 100, 1.0)
    assert timeline.place(FIRST, 100, 1.0) == (5, 2**32 - 3000)
    return timeline


def packet(ticks: int = 0, ssrc: int = 7) -> RtpPacket:
    return FIRST._replace(timestamp=(FIRST.timestamp + ticks) % 2**32, ssrc=ssrc)


@pytest.mark.parametrize("count", [1, 2, 64])
def test_a_frame_takes_as_many_numbers_as_it_has_packets(count: int) -> None:
    timeline = begun()
    assert timeline.go_on(packet(3000), 101, count, 2.0) == (6, 0)
    assert (timeline.newest, timeline.number_near(7)) == (5 + count, 100 + count)
    assert (timeline.heard_since(2.0), timeline.heard_since(2.1)) == (True, False)
    assert timeline.go_on(packet(6000), 101 + count, 1, 2.1) == (6 + count, 3000)


@pytest.mark.parametrize(
    ("ticks", "taken"),
    [(0, True), (10 * SECOND, True), (10 * SECOND + 1, False), (-1, False), (2**31, False)],
)
def test_a_frame_lies_within_ten_seconds_behind_the_last(ticks: int, taken: bool) -> None:
    timeline = begun()
    place = timeline.go_on(packet(ticks), 101, 1, 2.0)
    assert place == ((6, (FIRST.timestamp + ticks) % 2**32) if taken else None)


@pytest.mark.parametrize(("number", "ssrc"), [(100, 7), (99, 7), (102, 7), (101, 8), (165_637, 7)])
def test_another_packet_is_not_taken_and_changes_nothing(number: int, ssrc: int) -> None:
    timeline = begun()
    assert timeline.go_on(packet(3000, ssrc), number, 3, 2.0) is None
    assert (timeline.newest, timeline.number_near(7), timeline.heard_since(1.1)) == (5, 100, False)
    assert timeline.go_on(packet(3000), 101, 1, 2.0) == (6, 0)


def test_nothing_is_taken_before_a_source_s_first_packet_and_after_its_end() -> None:
    timeline = Timeline(SECOND)
    assert timeline.go_on(packet(), 101, 1, 1.0) is None
    timeline.begin(FIRST, 100, 1.0)
    assert timeline.go_on(packet(), 101, 1, 1.0) is None, "the first one is not placed yet"
    for end in (Timeline.end, Timeline.leave):
        timeline = begun()
        end(timeline)
        assert timeline.go_on(packet(), 101, 1, 2.0) is None
        assert timeline.newest == 5


def test_the_short_way_moves_frames_as_the_long_one_does() -> None:
    short, long = begun(), begun()
    for timeline in (short, long):
        timeline.slew(0.05)
    for step in range(1, 12):
        frame = packet(3000 * step)
        assert short.go_on(frame, 100 + step, 1, 1 + step / 30) == long.place(
            frame, 100 + step, 1 + step / 30
        )


@pytest.mark.parametrize("seed", range(8))
def test_whatever_comes_the_short_way_and_the_long_one_agree(seed: int) -> None:
    chance = Random(seed)
    short, long = begun(), begun()
    number, ticks, taken = 100, 0, 0
    for step in range(400):
        now = 1.0 + step / 100
        roll = chance.random()
        if roll < 0.03:
            end = chance.choice([Timeline.end, Timeline.leave])
            end(short)
            end(long)
        if roll < 0.08:
            moved = chance.choice([0.02, -0.02])
            short.slew(moved)
            long.slew(moved)
        count = chance.choice([1, 1, 3, 10])
        ticks += chance.choice([0, 900, 3000])
        number += 1 if chance.random() < 0.9 else chance.choice([2, 5, -3])
        frame = packet(ticks)
        if chance.random() < 0.1:
            for timeline in (short, long):
                timeline.skip(number)
            continue
        if not long.follows(frame, number):
            for timeline in (short, long):
                timeline.begin(frame, number, now)
        place = short.go_on(frame, number, count, now)
        if place is None:
            singles = [short.place(frame, number + at, now) for at in range(count)]
            place = singles[0]
        else:
            taken += 1
        expected = [long.place(frame, number + at, now) for at in range(count)]
        assert place == expected[0]
        assert (short.newest, short.ssrc) == (long.newest, long.ssrc)
        assert short.number_near(7) == long.number_near(7)
        number += count - 1
    assert taken > 100
