"""Timestamps go on over a host's reboot and its clock's jumps."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.client.rtsp.continuity import STEP, Continuity


def test_sound_and_picture_of_a_connection_are_moved_alike() -> None:
    line = Continuity()
    first = line.place("video", 1000.0, 50.0)
    assert line.place("audio", 1000.25, 50.1) - first == pytest.approx(0.25)
    assert line.place("video", 1000.5, 50.6) - first == pytest.approx(0.5)


def test_a_reconnection_goes_on_after_the_last_packet_of_either_stream() -> None:
    line = Continuity()
    line.place("video", 0.0, 50.0)
    last = line.place("audio", 1.5, 50.0)
    line.reconnected()
    assert line.place("video", 7000.0, 50.2) == pytest.approx(last + STEP)
    line.reconnected()
    assert line.place("video", 0.0, 90.0) == pytest.approx(90.0)


def test_a_clock_that_jumps_moves_its_stream_to_the_time_of_arrival() -> None:
    line = Continuity()
    line.place("video", 10.0, 50.0)
    assert line.place("video", 90000.0, 51.0) == pytest.approx(51.0)
    assert line.place("video", 90000.04, 51.04) == pytest.approx(51.04)
    assert line.place("audio", 11.1, 51.1) == pytest.approx(51.1)


def test_a_packet_without_a_time_belongs_where_it_arrives() -> None:
    line = Continuity()
    assert line.place("video", None, 50.0) == 50.0
    assert line.place("video", None, 50.04) == 50.04


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["video", "audio"]),
            st.none() | st.floats(-1e6, 1e6),
            st.floats(0, 5),
            st.booleans(),
        )
    )
)
def test_each_stream_only_grows(
    packets: list[tuple[str, float | None, float, bool]],
) -> None:
    line, last, arrival = Continuity(), {"video": -1e9, "audio": -1e9}, 0.0
    for kind, own, later, again in packets:
        arrival += later
        if again:
            line.reconnected()
        place = line.place(kind, own, arrival)
        assert place > last[kind]
        last[kind] = place
