"""One continuous numbering, whatever sources feed a track."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.packets.rtp import RtpPacket
from media.packets.sequence import extend
from media.stage.reception.numbering import MAX_GAP, MAX_LATE
from media.stage.timeline.slew import SLEW
from media.stage.timeline.timeline import LINGER, STEP, Timeline

FIRST = RtpPacket(False, 96, 65534, 2**32 - 3000, 7, b"x")


class Unwrapping(Timeline):
    """Takes packets by their 16-bit numbers: each is the one nearest to the newest of its SSRC."""

    def number(self, packet: RtpPacket) -> int:
        near = self.number_near(packet.ssrc)
        return packet.sequence if near is None else extend(packet.sequence, near)

    def follows(self, packet: RtpPacket) -> bool:  # type: ignore[override]
        return super().follows(packet, self.number(packet))

    def begin(self, packet: RtpPacket, now: float) -> None:  # type: ignore[override]
        super().begin(packet, self.number(packet), now)

    def place(self, packet: RtpPacket, now: float) -> tuple[int, int] | None:  # type: ignore[override]
        return super().place(packet, self.number(packet), now)

    def skip(self, packet: RtpPacket) -> None:  # type: ignore[override]
        super().skip(self.number(packet))


def begun(now: float = 0.0) -> Unwrapping:
    timeline = Unwrapping(90_000)
    timeline.begin(FIRST, now)
    timeline.place(FIRST, now)
    return timeline


def number_of(timeline: Unwrapping, sequence: int) -> int | None:
    place = timeline.place(FIRST._replace(sequence=sequence), 0.1)
    return place[0] if place else None


def test_sequences_and_timestamps_run_over_their_wraps() -> None:
    timeline = begun()
    later = FIRST._replace(sequence=2, timestamp=0)
    assert timeline.follows(later)
    assert timeline.place(later, 0.1) == (4, 0)
    assert timeline.newest == 4


def test_a_late_packet_keeps_its_place() -> None:
    timeline = begun()
    timeline.place(FIRST._replace(sequence=1), 0.1)
    assert number_of(timeline, 0) == 2
    assert timeline.newest == 3


def test_another_ssrc_or_a_jump_is_a_new_source() -> None:
    timeline = begun()
    assert not timeline.follows(FIRST._replace(ssrc=8))
    assert not timeline.follows(FIRST._replace(sequence=(65534 + MAX_GAP + 1) % 65536))
    assert not timeline.follows(FIRST._replace(sequence=65534 - MAX_LATE - 1))
    assert not timeline.follows(FIRST._replace(timestamp=10**9))
    assert timeline.follows(FIRST._replace(sequence=(65534 + 100) % 65536))


def test_a_new_source_follows_the_old_one_in_number_and_in_time() -> None:
    timeline = begun(now=10.0)
    other = RtpPacket(True, 96, 7, 123_456, 9, b"y")
    timeline.begin(other, 12.0)
    place = timeline.place(other, 12.0)
    assert place is not None
    sequence, timestamp = place
    assert sequence == 1
    assert timestamp == (FIRST.timestamp + 2 * 90_000) % 2**32 == timeline.timestamp_at(12.0)
    assert timeline.ahead_of_line(123_456 + 9000, 12.0) == 0.1


@pytest.mark.parametrize("jump", [MAX_GAP + 1, 5000, 30_000, -MAX_LATE - 1, -5000, -30_000])
def test_a_source_that_jumps_goes_on_without_a_hole_on_its_own_clock(jump: int) -> None:
    timeline = begun()
    packet = FIRST._replace(sequence=(65534 + jump) % 65536, timestamp=(FIRST.timestamp + 900))
    assert not timeline.follows(packet)
    timeline.begin(packet, 7.0)  # it was long on its way, which does not change what time it is
    assert timeline.place(packet, 7.0) == (1, FIRST.timestamp + 900)


def test_a_new_source_never_goes_back_behind_the_old_one() -> None:
    timeline = begun()
    fast = FIRST._replace(sequence=65535, timestamp=(FIRST.timestamp + 90_000) % 2**32)
    timeline.place(fast, 0.5)  # half a second ahead of the line
    other = FIRST._replace(ssrc=8, timestamp=5)
    timeline.begin(other, 0.51)
    assert timeline.place(other, 0.51) == (2, (fast.timestamp + int(STEP * 90_000)) % 2**32)


def test_what_was_sent_before_a_sources_first_packet_is_not_given_another_ones_number() -> None:
    timeline = begun()
    other = RtpPacket(True, 96, 500, 123_456, 9, b"y")
    timeline.begin(other, 1.0)
    assert timeline.place(other, 1.0) is not None
    assert timeline.place(other._replace(sequence=499), 1.0) is None
    assert timeline.place(other._replace(sequence=501), 1.0) is not None


def test_no_number_is_given_twice_to_a_sender_that_counts_once_around() -> None:
    """SRTP lets it: each jump is less than half the way round, and what is between not placed."""
    timeline = begun()
    for number in (65535, 0, 2, 3):
        number_of(timeline, number)
    assert [number_of(timeline, number) for number in (65535, 3, 1, 1, 4)] == [
        None,
        None,
        3,
        None,
        6,
    ]


def test_numbers_that_were_passed_over_are_not_remembered_without_end() -> None:
    timeline = begun()
    for number in range(0, 3 * 65_536, MAX_GAP):
        number_of(timeline, number % 65_536)
    assert len(timeline._holes) <= MAX_LATE + MAX_GAP


def test_late_packets_of_a_replaced_source_are_told_from_a_new_source() -> None:
    timeline = begun()
    other = FIRST._replace(ssrc=8)
    assert not timeline.is_leftover(FIRST, 1.0)
    timeline.begin(other, 1.0)
    assert timeline.is_leftover(FIRST, 1.0)
    assert not timeline.is_leftover(other, 1.0)
    assert not timeline.is_leftover(FIRST, 1.1 + LINGER)  # the other one fell silent meanwhile


def test_after_the_end_of_a_source_its_namesake_is_another_one() -> None:
    timeline = begun()
    timeline.end()
    assert timeline.ssrc is None
    assert not timeline.follows(FIRST._replace(sequence=65535))
    assert not timeline.is_leftover(FIRST, 0.1)
    timeline.begin(FIRST, 0.1)
    timeline.leave()
    assert timeline.is_leftover(FIRST, 0.2)
    assert not timeline.is_leftover(FIRST, 0.2 + LINGER)
    timeline.begin(FIRST, 1.3)
    assert not timeline.is_leftover(FIRST, 1.4)


@pytest.mark.parametrize("owed", [0.05, -0.05])
def test_frames_are_moved_little_by_little_and_stay_in_order(owed: float) -> None:
    timeline = begun()
    timeline.slew(owed)
    times = []
    for index in range(1, 21):
        frame = FIRST._replace(
            sequence=(65534 + index) % 65536, timestamp=(FIRST.timestamp + 3000 * index) % 2**32
        )
        place = timeline.place(frame, index / 30)
        assert place is not None
        times.append((place[1] - FIRST.timestamp) % 2**32)
    steps = [after - before for before, after in pairwise([0, *times])]
    assert all(3000 - 3000 // SLEW <= step <= 3000 + 3000 // SLEW for step in steps)
    assert times[-1] == 20 * 3000 + round(owed * 90_000)
    assert steps[-1] == 3000


def test_a_late_packet_has_the_time_of_its_frame() -> None:
    timeline = begun()
    timeline.slew(1.0)
    places = {}
    for sequence, frame in ((1, 1), (3, 2), (5, 3), (2, 1), (4, 2), (6, 3)):
        packet = FIRST._replace(sequence=sequence, timestamp=3000 * frame)
        places[sequence] = timeline.place(packet, 0.1)
    times = {sequence: place[1] for sequence, place in places.items() if place}
    assert (times[1], times[3], times[5]) == (times[2], times[4], times[6])
    assert times[1] < times[3] < times[5]


def test_unwrap_finds_the_recent_packet_of_a_nack() -> None:
    timeline = begun()
    for sequence in range(65535, 65535 + 70_000):
        packet = FIRST._replace(sequence=sequence % 65536)
        timeline.place(packet, 0.0)
    assert timeline.newest == 70_000
    assert timeline.unwrap((70_000 - 5) % 65536) == 69_995


def test_packets_behind_a_probe_move_up() -> None:
    timeline = begun()
    for probe in (65535, 0, 3):
        timeline.skip(FIRST._replace(sequence=probe, payload=b""))
    assert [number_of(timeline, number) for number in (1, 2, 5, 4, 6)] == [1, 2, 4, 3, 5]


def test_a_probe_that_comes_late_stays_a_hole() -> None:
    timeline = begun()
    timeline.place(FIRST._replace(sequence=0), 0.1)
    timeline.skip(FIRST._replace(sequence=65535, payload=b""))
    assert number_of(timeline, 1) == 3


def test_probes_are_forgotten_before_their_numbers_come_again() -> None:
    """Else a packet that is late there, 65,536 later, would be given another one's number."""
    timeline = begun()
    for probe in range(40):
        timeline.skip(FIRST._replace(sequence=probe, payload=b""))
    for number in range(40, 65_536 + 20):
        number_of(timeline, number % 65_536)
    newest = timeline.newest
    assert [number_of(timeline, number) for number in (21, 20, 22)] == [
        newest + 2,
        newest + 1,
        newest + 3,
    ]


def test_however_many_probes_come_a_late_packet_keeps_its_place() -> None:
    timeline = begun()
    held_back, sequence = 65535, 0
    for _burst in range(3):
        for _probe in range(MAX_GAP - 2):
            timeline.skip(FIRST._replace(sequence=sequence, payload=b""))
            sequence += 1
        number_of(timeline, sequence)
        sequence += 1
    assert timeline.newest == 4
    assert number_of(timeline, held_back) == 1


@given(st.lists(st.booleans(), min_size=1, max_size=300), st.integers(0, 65535))
def test_whatever_is_left_out_no_hole_is_left(probes: list[bool], first: int) -> None:
    timeline = Unwrapping(90_000)
    timeline.begin(FIRST._replace(sequence=first), 0.0)
    timeline.place(FIRST._replace(sequence=first), 0.0)
    placed = []
    for index, probe in enumerate(probes, 1):
        packet = FIRST._replace(sequence=(first + index) % 65536)
        if probe:
            timeline.skip(packet)
        else:
            placed.append(number_of(timeline, packet.sequence))
    assert placed == list(range(1, len(placed) + 1))
