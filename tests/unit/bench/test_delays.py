"""How the delays of packets are found from two logs, and a first keyframe among packets."""

from itertools import count

import pytest

from media.packets.rtp import RtpPacket
from tests.bench.delays import Notes, delays, shift_of, summary
from tests.bench.firstpicture import FirstPicture

KIND = 102
MS = 1_000_000
IDR = [b"\x7c\x85" + bytes(20), b"\x7c\x05" + bytes(20), b"\x7c\x45" + bytes(20)]
"""FU-A payloads of an IDR (RFC 6184 section 5.8): start, middle, end."""

WHOLE = b"\x00\x00\x00\x01\x65" + bytes(60)


def notes_of(*heard: tuple[int, int]) -> Notes:
    notes = Notes()
    for sequence, stamp in heard:
        notes.add(sequence, stamp)
    return notes


def log(first: int, contents: list[int]) -> list[tuple[int, int, int, int]]:
    """A packet every millisecond."""
    numbers = zip(count(first), contents, strict=False)
    return [(KIND, at & 0xFFFF, content, (at - first) * MS) for at, content in numbers]


def test_a_shift_is_found_across_the_turn_of_the_numbers_and_a_film_that_repeats() -> None:
    sent = log(65_530, [1, 2, 3, 4, 5] * 4)
    proofs = [((200 + at) & 0xFFFF, [1, 2, 3, 4, 5][at % 5], at * MS + 9) for at in range(10, 15)]
    assert shift_of(proofs, sent, KIND) == (200 - 65_530) & 0xFFFF


def test_streams_that_do_not_match_are_refused() -> None:
    sent = log(0, [1, 2, 3, 4])
    proofs = [(10, 1, 9 * MS), (27, 2, 9 * MS), (31, 3, 9 * MS)]
    with pytest.raises(AssertionError, match="do not match"):
        shift_of(proofs, sent, KIND)


def test_what_never_came_is_lost_and_what_came_twice_counts_once() -> None:
    sent = log(65_534, [1, 2, 3, 4, 5])
    notes = notes_of((0, 2 * MS), (1, 4 * MS), (1, 9 * MS), (4, 7 * MS))
    found, expected = delays(notes, sent, KIND, shift=2)
    assert (sorted(found), expected) == ([2 * MS, 3 * MS, 3 * MS], 5)
    assert summary(found, expected)["lost"] == 2


def test_the_share_that_is_slow_decides_about_the_percentiles() -> None:
    sent = log(0, list(range(1000)))
    slow = dict.fromkeys(range(0, 1000, 50), 50 * MS)
    notes = notes_of(*((at, at * MS + slow.get(at, MS)) for at in range(1000)))
    found = summary(*delays(notes, sent, KIND, shift=0))
    assert (found["p50"], found["p99"], found["max"], found["lost"]) == (1.0, 50.0, 50.0, 0)


def picture(*, timestamp: int = 9000, first: int = 65_535) -> list[RtpPacket]:
    return [
        RtpPacket(at == 2, KIND, (first + at) & 0xFFFF, timestamp, 7, payload)
        for at, payload in enumerate(IDR)
    ]


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 0, 1), (1, 2, 0)])
def test_a_keyframe_is_there_with_its_last_packet_in_whatever_order(order: tuple[int, ...]) -> None:
    first = FirstPicture(frozenset([WHOLE]))
    for stamp, at in enumerate(order):
        assert first.at is None
        first.take(picture()[at], stamp)
    assert first.at == 2


@pytest.mark.parametrize("lacking", [0, 1, 2])
def test_a_keyframe_with_a_hole_is_none_and_the_next_one_counts(lacking: int) -> None:
    first = FirstPicture(frozenset([WHOLE]))
    for at, packet in enumerate(picture()):
        if at != lacking:
            first.take(packet, at)
    assert first.at is None
    for at, packet in enumerate(picture(timestamp=99_000, first=500)):
        first.take(packet, 10 + at)
    assert first.at == 12


def test_octets_that_no_encoder_made_are_no_picture() -> None:
    first = FirstPicture(frozenset([WHOLE + b"\x01"]))
    for packet in picture():
        first.take(packet, 1)
    assert first.at is None
