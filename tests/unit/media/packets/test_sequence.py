"""Numbers that wrap."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.packets.sequence import extend, nearest, sequence_distance, timestamp_distance


@pytest.mark.parametrize(
    ("newer", "older", "distance"),
    [(3, 65_534, 5), (65_534, 3, -5), (7, 7, 0), (32_767, 0, 32_767), (32_768, 0, -32_768),
     (32_769, 0, -32_767), (0, 32_768, -32_768), (0, 65_535, 1)],
)  # fmt: skip
def test_distance_over_the_wrap(newer: int, older: int, distance: int) -> None:
    assert sequence_distance(newer, older) == distance
    assert timestamp_distance(newer << 16, older << 16) == distance << 16


def test_a_timestamp_s_last_bit_counts() -> None:
    assert timestamp_distance(10, 2**32 - 10) == 20
    assert timestamp_distance(2**31 - 1, 0) == 2**31 - 1
    assert timestamp_distance(2**31, 0) == -(2**31)


@given(st.integers(0, 2**40), st.integers(-0x8000, 0x7FFF))
def test_extend_finds_the_nearest(near: int, away: int) -> None:
    assert extend((near + away) % 65536, near) == near + away


@pytest.mark.parametrize("bits", [1, 7, 8, 15])
@given(st.integers(0, 2**40), st.data())
def test_nearest_finds_it_for_every_modulus(bits: int, near: int, data: st.DataObject) -> None:
    half = 2**bits // 2
    away = data.draw(st.integers(-half, half - 1))
    assert nearest((near + away) % 2**bits, near, 2**bits) == near + away
