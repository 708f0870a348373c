"""A peer's transport second by second: what counts as connected and as received, to the edge."""

import pytest

from scheduler.evidence.tables import FactKind
from scheduler.evidence.tracks import PeerTrack, Piece

C, R = FactKind.CONNECTED, FactKind.RECEIVED
Sample = tuple[float, float, int]
"""When, last heard, packets so far."""


def track(*samples: Sample, since: float = 100.0) -> PeerTrack:
    made = PeerTrack("b1", "p1", "room:r1", "LEG", "l1", since)
    for at, heard, packets in samples:
        made.sample(at, heard, packets)
    return made


@pytest.mark.parametrize(
    ("samples", "pieces"),
    [
        ([(101, 101, 0)], [(C, 100, 101)]),
        ([(101, 101, 1)], [(C, 100, 101), (R, 100, 101)]),
        ([(101, 100, 1)], []),  # not heard since it came
        ([(100, 100, 5), (101, 101, 5)], [(C, 100, 101), (R, 100, 101)]),  # not newer than it
        ([(101, 101, 5), (101, 101, 9), (102, 102, 9)], [(C, 100, 102), (R, 100, 102)]),
        ([(101, 101, 5), (102, 102, 3), (103, 103, 5)], [(C, 100, 103), (R, 100, 101)]),
    ],
    ids=["no packets", "packets", "unheard", "at its start", "twice at once", "a total that falls"],
)
def test_what_samples_prove(samples: list[Sample], pieces: list[Piece]) -> None:
    assert track(*samples).take() == pieces


@pytest.mark.parametrize(
    ("pause", "pieces"),
    [
        (3.0, [(C, 100, 104), (R, 100, 104)]),
        (3.1, [(C, 100, 101), (R, 100, 101)]),
    ],
)
def test_after_a_pause_of_more_than_three_seconds_nobody_knows(
    pause: float, pieces: list[Piece]
) -> None:
    assert track((101, 101, 5), (101 + pause, 101 + pause, 9)).take() == pieces


@pytest.mark.parametrize(
    ("silence", "pieces"),
    [
        (5.0, [(C, 100, 106), (R, 100, 106)]),
        (5.01, [(C, 100, 101), (R, 100, 101)]),
    ],
)
def test_a_peer_silent_for_more_than_five_seconds_was_gone(
    silence: float, pieces: list[Piece]
) -> None:
    samples = [(101 + second, 101.0, 5 * second + 1) for second in range(6)]
    assert track(*samples, (107, 101 + silence, 99)).take() == pieces


def test_a_word_from_the_future_counts_up_to_its_sample() -> None:
    assert track((101, 500, 5)).take() == [(C, 100, 101), (R, 100, 101)]
    after_a_hole = track((101, 101, 5), (105, 500, 9), (106, 106, 12))
    assert after_a_hole.take() == [(C, 100, 101), (C, 105, 106), (R, 100, 101), (R, 105, 106)]


def test_a_hole_moves_back_nothing_that_was_settled() -> None:
    found = track((101, 101, 5), (104.5, 100.5, 5), (105.5, 105.5, 9))
    assert found.take() == [(C, 100, 105.5), (R, 100, 101), (R, 104.5, 105.5)]


def test_packets_before_a_hole_are_proven_by_nothing_after_it() -> None:
    found = track((101, 101, 5), (102, 101, 9), (105.5, 101, 20), (106, 106, 30))
    assert found.take() == [(C, 100, 106), (R, 100, 101), (R, 105.5, 106)]


def test_only_the_seconds_with_packets_are_received_when_a_peer_is_heard_again() -> None:
    found = track((101, 101, 0), (102, 101, 0), (103, 101, 5), (104, 103.5, 5))
    assert found.take() == [(C, 100, 103.5), (R, 102, 103)]


def test_packets_that_flow_on_after_it_was_heard_wait_for_the_next_word() -> None:
    found = track((101, 100.4, 5))
    assert found.take() == [(C, 100, 100.4), (R, 100, 100.4)]
    found.sample(102, 102, 5)
    assert found.take() == [(C, 100.4, 102), (R, 100.4, 101)]


def test_the_last_word_of_a_peer_that_left_is_settled_once() -> None:
    found = track((101, 101, 5), (102, 101, 9))
    found.heard(101.5)
    found.heard(101.5)
    found.heard(101.2)
    assert found.take() == [(C, 100, 101.5), (R, 100, 101.5)]


@pytest.mark.parametrize(("hold", "taken"), [(0.0, True), (1.5, True), (1.6, False)])
def test_what_is_shorter_than_the_hold_stays_open(hold: float, taken: bool) -> None:
    found = track((101.5, 101.5, 5))
    whole: list[Piece] = [(C, 100, 101.5), (R, 100, 101.5)]
    assert found.take(hold) == (whole if taken else [])
    found.sample(102, 102, 9)
    rest: list[Piece] = [(C, 101.5, 102), (R, 101.5, 102)]
    assert found.take() == (rest if taken else [(C, 100, 102), (R, 100, 102)])


def test_only_the_last_span_is_held() -> None:
    found = track((101, 101, 5), (105, 105, 5), (106, 106, 9))
    assert found.take(60.0) == [(C, 100, 101), (R, 100, 101)]
    assert found.take() == [(C, 105, 106), (R, 105, 106)]


def test_a_track_is_kept_as_a_list_and_comes_back() -> None:
    found = track((101, 101, 5), (102, 101, 9), (105.5, 105, 12), (106.5, 105.75, 20))
    found.octets = 700
    kept = found.to_list()
    assert kept == [
        *("b1", "p1", "room:r1", "LEG", "l1", 100.0, 106.5, 105.75, 20, 700),
        [(105.75, 106.5)],
        [(100.0, 101), (105, 105.75)],
        [(100.0, 101), (105.5, 105.75)],
    ]
    again = PeerTrack.from_list([list(map(list, v)) if type(v) is list else v for v in kept])
    assert again == found
    assert again.take() == found.take()
