"""Transport-wide feedback as the draft lays it out, read back by a reader of its own."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.packets import rtcp
from media.packets.twcc import REFERENCE, pack_transport_feedback
from tests.support.twcc import read


def test_the_layout_of_a_small_packet() -> None:
    data = pack_transport_feedback(1, 2, 0xFFFF, 0x105, [520, None, 540])
    assert data == bytes.fromhex(
        "8fcd 0005 00000001 00000002"
        "ffff 0003 000002 05"  # base, how many, reference time of 64 ms, packet count
        "d100 08 14"  # small, not received, small; 8 ticks behind 512, then 20 more
    )
    assert rtcp.parse_rtcp(data) == []  # framed well, and nothing that we act on


def test_many_that_came_in_time_are_one_run() -> None:
    data = pack_transport_feedback(1, 2, 7, 0, list(range(256, 356)))
    assert data[20:22] == bytes.fromhex("2064")
    assert read(data) == (7, 0, list(range(256, 356)))


def test_the_reference_time_wraps_at_24_bits() -> None:
    ticks = (1 << 24) * REFERENCE + 3 * REFERENCE + 5
    assert read(pack_transport_feedback(1, 2, 7, 0, [ticks])) == (7, 0, [3 * REFERENCE + 5])


def test_arrivals_too_far_apart_for_a_delta_are_refused() -> None:
    with pytest.raises(struct.error):
        pack_transport_feedback(1, 2, 7, 0, [0, 40_000])


@given(
    st.lists(
        st.one_of(st.none(), st.just(4000), st.integers(4000, 4255), st.integers(0, 32_000)),
        min_size=1,
        max_size=400,
    ).filter(lambda arrivals: any(ticks is not None for ticks in arrivals)),
    st.integers(0, 1 << 20),
)
def test_whatever_came_is_read_back(arrivals: list[int | None], base: int) -> None:
    data = pack_transport_feedback(1, 2, base, 9, arrivals)
    assert read(data) == (base & 0xFFFF, 9, arrivals)
