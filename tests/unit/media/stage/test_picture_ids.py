"""VP8's numbers go on where the last source ended, in as many octets as the source writes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.packets.vp8 import read_descriptor
from media.stage.picture_ids import PictureIds


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
    payloads = [wide(32_767, 255), wide(0, 0), narrow(3), b"\x10\x00"]
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


def test_seven_bits_stay_seven_bits() -> None:
    ids = PictureIds()
    ids.rebase(wide(1000))
    ids.begin()
    sent = [ids.rebase(narrow(picture)) for picture in (126, 127, 0)]
    assert [numbers(payload)[0] for payload in sent] == [1001 % 128, 1002 % 128, 1003 % 128]
    assert {len(payload) for payload in sent} == {7}
    ids.begin()
    assert numbers(ids.rebase(wide(5)))[0] == 1004


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
