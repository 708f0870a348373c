"""VP8's numbers go on where the last source ended, in 15 bits."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.packets.vp8 import read_descriptor
from media.stage.timeline.picture_ids import PictureIds


def wide(picture: int, tl0: int = 0) -> bytes:
    return b"\x90\xe0" + (0x8000 | picture).to_bytes(2, "big") + bytes((tl0, 0x20)) + b"rest"


def narrow(picture: int) -> bytes:
    return b"\x90\x80" + bytes((picture,)) + b"rest"


def numbers(payload: bytes) -> tuple[int, int]:
    found = read_descriptor(payload)
    assert found is not None
    at = found.picture_id_at
    picture = int.from_bytes(payload[at : at + 2], "big") & 0x7FFF if found.wide else payload[at]
    return picture, payload[found.tl0picidx_at] if found.tl0picidx_at else -1


def test_the_first_source_keeps_its_numbers() -> None:
    ids = PictureIds()
    payloads = [wide(32_767, 255), wide(0, 0), b"\x10\x00"]
    assert [ids.rebase(payload) for payload in payloads] == payloads


def test_the_next_source_counts_on_and_wraps() -> None:
    ids = PictureIds()
    ids.rebase(wide(32_766, 254))
    ids.begin()
    sent = [ids.rebase(wide(500 + step, (7 + step) % 256)) for step in range(3)]
    assert [numbers(payload) for payload in sent] == [(32_767, 255), (0, 0), (1, 1)]
    assert {payload[6:] for payload in sent} == {b"rest"}


def test_all_packets_of_a_picture_and_late_ones_keep_their_number() -> None:
    ids = PictureIds()
    ids.rebase(wide(9))
    ids.begin()
    sent = [numbers(ids.rebase(wide(picture)))[0] for picture in (100, 100, 102, 101, 102)]
    assert sent == [10, 10, 12, 11, 12]


def test_seven_bits_become_fifteen_and_count_on_over_their_wrap() -> None:
    ids = PictureIds()
    ids.rebase(wide(1000))
    ids.begin()
    sent = [ids.rebase(narrow(picture)) for picture in (126, 127, 1, 0)]
    assert [numbers(payload)[0] for payload in sent] == [1001, 1002, 1004, 1003]
    assert {payload[4:] for payload in sent} == {b"rest"}
    ids.begin()
    assert numbers(ids.rebase(wide(5)))[0] == 1005


def test_a_source_may_write_small_numbers_in_seven_bits_and_others_in_fifteen() -> None:
    ids = PictureIds()
    mixed = [wide(32_767), narrow(0), narrow(1), *map(narrow, range(2, 128)), wide(128)]
    sent = [numbers(ids.rebase(payload))[0] for payload in mixed]
    assert sent == [32_767, *range(129)]


def test_a_layers_number_behind_a_short_picture_id_is_found() -> None:
    ids = PictureIds()
    ids.rebase(wide(9, 4))
    ids.begin()
    assert numbers(ids.rebase(b"\x90\xe0\x07\x63\x20rest")) == (10, 5)


def test_a_source_without_numbers_leaves_them_to_the_one_behind_it() -> None:
    ids = PictureIds()
    ids.rebase(wide(9, 4))
    ids.begin()
    assert ids.rebase(b"\x10\x00plain") == b"\x10\x00plain"
    ids.begin()
    assert numbers(ids.rebase(wide(77, 200))) == (10, 5)


@pytest.mark.parametrize("payload", [b"", b"\x90\x80", b"\x90\xe0\x85\x05\x07"])
def test_a_broken_descriptor_is_left_alone(payload: bytes) -> None:
    ids = PictureIds()
    ids.rebase(wide(9))
    ids.begin()
    assert ids.rebase(payload) == payload
    assert numbers(ids.rebase(wide(70)))[0] == 10


@given(st.lists(st.tuples(st.integers(0, 32_767), st.integers(1, 300)), min_size=1, max_size=6))
def test_whatever_sources_come_no_picture_is_left_out(sources: list[tuple[int, int]]) -> None:
    ids, given_out = PictureIds(), []
    for first, count in sources:
        ids.begin()
        for step in range(count):
            given_out.append(numbers(ids.rebase(wide((first + step) % 32_768)))[0])
    begin = sources[0][0]
    assert given_out == [(begin + step) % 32_768 for step in range(len(given_out))]
