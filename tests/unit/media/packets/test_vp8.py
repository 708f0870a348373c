"""The VP8 payload descriptor of RFC 7741 section 4.2."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.packets.vp8 import Descriptor, read_descriptor


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        (b"\x10", Descriptor(0, False, 0, 1, True)),
        (b"\x11\x00", Descriptor(0, False, 0, 1, False)),  # a second partition begins nothing
        (b"\x80\x00\x07", Descriptor(0, False, 0, 2, False)),
        (b"\x90\x80\x05", Descriptor(2, False, 0, 3, True)),
        (b"\x90\x80\x85\x05", Descriptor(2, True, 0, 4, True)),
        (b"\x90\x40\x05", Descriptor(0, False, 2, 3, True)),
        (b"\x90\x10\x05", Descriptor(0, False, 0, 3, True)),
        (b"\x90\x20\x05", Descriptor(0, False, 0, 3, True)),
        (b"\x90\x30\x05", Descriptor(0, False, 0, 3, True)),
        (b"\x90\x0f\x05", Descriptor(0, False, 0, 2, True)),
        (b"\x6f\x00", Descriptor(0, False, 0, 1, False)),
        (b"\x14\x00", Descriptor(0, False, 0, 1, False)),
        (b"\x12\x00", Descriptor(0, False, 0, 1, False)),
        (b"\x68\x00", Descriptor(0, False, 0, 1, False)),
        (b"\x78\x00", Descriptor(0, False, 0, 1, True)),
        (b"\x80\x80\x7f", Descriptor(2, False, 0, 3, False)),
        (b"\x80\x80\x80\x00", Descriptor(2, True, 0, 4, False)),
        (b"\x80\x00", None),
        (b"\x90\xf0\x85\x05\x07\x20", Descriptor(2, True, 4, 6, True)),
        (b"\x90\xe0\x05\x07\x20\x00", Descriptor(2, False, 3, 5, True)),
        (b"", None),
        (b"\x90\x80", None),
        (b"\x90\x80\x85", None),  # ends within the picture id
        (b"\x90\xe0\x85\x05\x07", None),
    ],
)
def test_where_its_numbers_stand(payload: bytes, expected: Descriptor | None) -> None:
    assert read_descriptor(payload) == expected


@given(st.binary(max_size=12))
def test_no_offset_leads_out_of_the_payload(payload: bytes) -> None:
    found = read_descriptor(payload)
    if found is not None:
        assert max(found.picture_id_at, found.tl0picidx_at) < found.end <= len(payload)
