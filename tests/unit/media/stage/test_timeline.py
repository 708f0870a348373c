"""One continuous numbering, whatever sources feed a track."""

from hypothesis import given
from hypothesis import strategies as st

from media.packets.rtp import RtpPacket
from media.stage.timeline import MAX_JUMP, Timeline

FIRST = RtpPacket(False, 96, 65534, 2**32 - 3000, 7, b"x")


def begun(now: float = 0.0) -> Timeline:
    timeline = Timeline(90_000)
    timeline.begin(FIRST, now)
    timeline.place(FIRST, now)
    return timeline


def test_sequences_and_timestamps_run_over_their_wraps() -> None:
    timeline = begun()
    later = FIRST._replace(sequence=2, timestamp=0)
    assert timeline.follows(later)
    assert timeline.place(later, 0.1) == (4, 0)
    assert timeline.newest == 4


def test_a_late_packet_keeps_its_place() -> None:
    timeline = begun()
    timeline.place(FIRST._replace(sequence=1), 0.1)
    assert timeline.place(FIRST._replace(sequence=0), 0.1)[0] == 2
    assert timeline.newest == 3


def test_another_ssrc_or_a_jump_is_a_new_source() -> None:
    timeline = begun()
    assert not timeline.follows(FIRST._replace(ssrc=8))
    assert not timeline.follows(FIRST._replace(sequence=(65534 + MAX_JUMP + 1) % 65536))
    assert not timeline.follows(FIRST._replace(timestamp=10**9))
    assert timeline.follows(FIRST._replace(sequence=(65534 + 100) % 65536))


def test_a_new_source_follows_the_old_one_in_number_and_in_time() -> None:
    timeline = begun(now=10.0)
    other = RtpPacket(True, 96, 7, 123_456, 9, b"y")
    timeline.begin(other, 12.0)
    sequence, timestamp = timeline.place(other, 12.0)
    assert sequence == 1
    assert timestamp == (FIRST.timestamp + 2 * 90_000) % 2**32
    assert timeline.timestamp_of(123_456 + 10) == (timestamp + 10) % 2**32


def test_unwrap_finds_the_recent_packet_of_a_nack() -> None:
    timeline = begun()
    for sequence in range(65535, 65535 + 70_000):
        packet = FIRST._replace(sequence=sequence % 65536)
        timeline.place(packet, 0.0)
    assert timeline.newest == 70_000
    assert timeline.unwrap((70_000 - 5) % 65536) == 69_995


def test_those_behind_a_probe_move_up() -> None:
    timeline = begun()
    for probe in (65535, 0, 3):
        timeline.skip(FIRST._replace(sequence=probe, payload=b""))
    placed = [timeline.place(FIRST._replace(sequence=number), 0.1)[0] for number in (1, 2, 5, 4, 6)]
    assert placed == [1, 2, 4, 3, 5]


def test_a_probe_that_comes_late_stays_a_hole() -> None:
    timeline = begun()
    timeline.place(FIRST._replace(sequence=0), 0.1)
    timeline.skip(FIRST._replace(sequence=65535, payload=b""))
    assert timeline.place(FIRST._replace(sequence=1), 0.1)[0] == 3


@given(st.lists(st.booleans(), min_size=1, max_size=300), st.integers(0, 65535))
def test_whatever_is_left_out_no_hole_is_left(probes: list[bool], first: int) -> None:
    timeline = Timeline(90_000)
    timeline.begin(FIRST._replace(sequence=first), 0.0)
    timeline.place(FIRST._replace(sequence=first), 0.0)
    placed = []
    for index, probe in enumerate(probes, 1):
        packet = FIRST._replace(sequence=(first + index) % 65536)
        if probe:
            timeline.skip(packet)
        else:
            placed.append(timeline.place(packet, 0.0)[0])
    assert placed == list(range(1, len(placed) + 1))
