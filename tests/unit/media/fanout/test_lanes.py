"""Lanes of a big integer behave like the 32-bit words that they stand for."""

from hypothesis import given
from hypothesis import strategies as st

from media.fanout import lanes

WORD = st.integers(0, 0xFFFFFFFF)
PAIRS = st.lists(st.tuples(WORD, WORD), min_size=1, max_size=70)


def words(value: int, count: int) -> list[int]:
    octets = lanes.to_words(value, count).tobytes()
    return [int.from_bytes(octets[at : at + 4], "big") for at in range(0, 4 * count, 4)]


@given(PAIRS)
def test_no_sum_carries_into_its_neighbour(pairs: list[tuple[int, int]]) -> None:
    count, masks = len(pairs), lanes.masks(len(pairs))
    left, right = (lanes.pack([pair[side] for pair in pairs]) for side in (0, 1))
    assert words(lanes.add32(left, right, masks), count) == [(a + b) % 2**32 for a, b in pairs]


@given(PAIRS)
def test_sequences_wrap_at_16_bits(pairs: list[tuple[int, int]]) -> None:
    count, masks = len(pairs), lanes.masks(len(pairs))
    left, right = (lanes.pack([pair[side] & 0xFFFF for pair in pairs]) for side in (0, 1))
    assert words(lanes.add16(left, right, masks), count) == [(a + b) % 2**16 for a, b in pairs]


@given(st.lists(WORD, min_size=1, max_size=9), st.integers(1, 9))
def test_each_value_can_stand_several_times(values: list[int], each: int) -> None:
    expected = [value for value in values for _ in range(each)]
    assert words(lanes.pack(values, each), len(expected)) == expected


@given(st.lists(WORD, min_size=1, max_size=70))
def test_words_come_back(values: list[int]) -> None:
    octets = b"".join(value.to_bytes(4, "big") for value in values)
    assert words(lanes.from_words(octets), len(values)) == values
    assert lanes.ones(0) == 0


def test_lanes_to_the_bit() -> None:
    assert [lanes.ones(count) for count in (1, 2, 3)] == [1, 0x1_00000001, 0x1_00000001_00000001]
    assert lanes.pack([1, 0xFFFFFFFF]) == 0x1_FFFFFFFF
    assert lanes.pack([7], 2) == 0x7_00000007
    assert lanes.pack([]) == 0
    assert lanes.masks(1) == (0xFFFF, 0x80000000, 0x7FFFFFFF)
    assert lanes.masks(2).low16 == 0xFFFF_0000FFFF
    both = lanes.masks(2)
    assert lanes.add16(0xFFFF_00000001, 0x1_0000FFFF, both) == 0
    assert lanes.add32(0xFFFFFFFF_80000000, 0x1_80000000, both) == 0
    assert lanes.to_words(0x1_00000002, 2).tobytes() == bytes.fromhex("0000000100000002")
