"""What passes of a host's H.264, on streams of a real encoder."""

import pytest

from media.client.rtsp.annexb import (
    IDR,
    PPS,
    SLICE,
    SPS,
    START,
    AccessUnitFilter,
    SourceRefusedError,
    is_b_slice,
    kind,
    units,
)
from tests.support.clips import clip, film


def kinds(data: bytes) -> list[int]:
    return [kind(unit) for unit in units(data)]


def test_units_are_split_at_both_lengths_of_start_code() -> None:
    data = b"\x00\x00\x00\x01\x67ab\x00\x00\x01\x68c\x00\x00\x00\x01\x65def"
    assert list(units(data)) == [b"\x67ab", b"\x68c", b"\x65def"]
    assert list(units(b"")) == list(units(b"\x00\x00\x00\x01")) == []


def test_b_frames_are_refused_with_a_sentence_that_helps() -> None:
    passage = AccessUnitFilter(b"")
    with pytest.raises(SourceRefusedError, match="B-frames"):
        list(map(passage.take, film(2)))


def test_a_stream_without_b_frames_passes_whole() -> None:
    passage = AccessUnitFilter(b"")
    pictures = [passage.take(data) for data in film(0)]
    assert len(pictures) == 30
    assert all(picture is not None for picture in pictures)
    assert [p.keyframe for p in pictures if p] == [True] + [False] * 29


def test_every_keyframe_gets_the_parameter_sets_of_the_description() -> None:
    sets = [unit for unit in units(clip().video[0]) if kind(unit) in (SPS, PPS)]
    passage = AccessUnitFilter(b"".join(START + unit for unit in sets))
    for data in clip().video[:41]:
        bare = b"".join(START + unit for unit in units(data) if kind(unit) not in (SPS, PPS))
        picture = passage.take(bare)
        assert picture is not None
        if picture.keyframe:
            assert kinds(picture.data)[:2] == [SPS, PPS]
            assert IDR in kinds(picture.data)
        else:
            assert set(kinds(picture.data)) & {SPS, PPS} == set()


def test_newer_parameter_sets_take_the_place_of_the_old_and_stand_once() -> None:
    passage = AccessUnitFilter(START + b"\x67old" + START + b"\x68old")
    picture = passage.take(START + b"\x67new" + START + b"\x68new" + START + b"\x65\x88picture")
    assert picture is not None
    assert list(units(picture.data)) == [b"\x67new", b"\x68new", b"\x65\x88picture"]


def test_nothing_passes_before_a_keyframe_with_its_parameter_sets() -> None:
    passage = AccessUnitFilter(b"")
    assert passage.take(clip().video[1]) is None
    assert passage.take(START + b"\x65\x88without sets") is None
    assert passage.take(clip().video[2]) is None
    assert passage.take(clip().video[20]) is not None
    assert passage.take(clip().video[21]) is not None


def test_delimiters_and_filler_are_left_out() -> None:
    passage = AccessUnitFilter(START + b"\x67s" + START + b"\x68p")
    picture = passage.take(START + b"\x09\xf0" + START + b"\x65\x88x" + START + b"\x0c\xff\x80")
    assert picture is not None
    assert kinds(picture.data) == [SPS, PPS, IDR]
    assert passage.take(START + b"\x09\xf0") is None


@pytest.mark.parametrize("data", [bytes([SLICE]), bytes([SLICE]) + b"\x00" * 20])
def test_a_slice_that_ends_early_is_no_b_slice(data: bytes) -> None:
    assert not is_b_slice(data)
