"""Numbers that wrap."""

from hypothesis import given
from hypothesis import strategies as st

from media.packets.sequence import extend, sequence_distance, timestamp_distance


def test_distance_over_the_wrap() -> None:
    assert sequence_distance(3, 65534) == 5
    assert sequence_distance(65534, 3) == -5
    assert timestamp_distance(10, 2**32 - 10) == 20


@given(st.integers(0, 2**40), st.integers(-0x7FFF, 0x7FFF))
def test_extend_finds_the_nearest(near: int, away: int) -> None:
    assert extend((near + away) % 65536, near) == near + away
