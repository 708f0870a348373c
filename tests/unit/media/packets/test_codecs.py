"""Where keyframes begin, in H.264 and VP8 payloads."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.packets.codecs import KEYFRAME, h264_keyframe, never, vp8_keyframe

STAP = b"\x78" + b"\x00\x02\x67\x42" + b"\x00\x01\x68"


@pytest.mark.parametrize(
    ("payload", "begins"),
    [
        (b"\x67\x42", True),  # sequence parameter set
        (b"\x65\x88", True),  # IDR slice
        (b"\x41\x9a", False),  # another slice
        (b"\x68\xce", False),  # a picture parameter set alone begins nothing
        (STAP, True),
        (b"\x78\x00\x01\x41", False),
        (b"\x7c\x85", True),  # fragment: start of an IDR
        (b"\x7c\x05", False),  # fragment: middle of an IDR
        (b"\x7c\x81", False),  # fragment: start of another slice
        (b"\xe5\x88", True),  # whatever the importance says
        (b"\x78\x00\x01\x41\x00\x02\x65\x88", True),  # the second unit
        (b"\x78\x00\x02\x41\x65\x00\x01\x41", False),  # an octet of the first
        (b"\x78\x00\x01\x65", True),  # one unit of one octet
        (b"\x78\x00\x01", False),
        (b"\x78\x00\x00\x65", True),
        (b"\x79\x00\x01\x65", False),  # another kind of packet
        (b"\x7c\x87", False),  # fragments hold no parameter sets
        (b"\x7c\x45", False),  # fragment: end of an IDR
        (b"\x7c\xe5", True),
        (b"\x7d\x85", False),
        (b"\x7c", False),
        (b"", False),
    ],
)
def test_h264(payload: bytes, begins: bool) -> None:
    assert h264_keyframe(payload) is begins


@pytest.mark.parametrize(
    ("payload", "begins"),
    [
        (b"\x10\x00", True),  # no extension, key frame
        (b"\x10\x01", False),  # interframe
        (b"\x00\x00", False),  # not the start of a partition
        (b"\x11\x00", False),  # second partition
        (b"\x90\x80\x05\x00", True),  # 7-bit picture id
        (b"\x90\x80\x85\x05\x00", True),  # 15-bit picture id
        (b"\x90\xe0\x85\x05\x07\x20\x00", True),  # picture id, TL0PICIDX and TID
        (b"\x90\xe0\x85\x05\x07\x20\x01", False),
        (b"\x90\x80", False),
        (b"", False),
    ],
)
def test_vp8(payload: bytes, begins: bool) -> None:
    assert vp8_keyframe(payload) is begins


@given(st.binary(max_size=40))
def test_garbage_never_crashes(payload: bytes) -> None:
    assert all(begins(payload) in (True, False) for begins in KEYFRAME.values())
    assert never(payload) is False
