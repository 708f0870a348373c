"""H.264 as demuxers give it: with start codes, or with lengths and its sets beside it (avcC)."""

import io
from fractions import Fraction

import av
import pytest

from media.client.rtsp.annexb import IDR, PPS, SPS, AccessUnitFilter, Picture, kind, units
from media.client.rtsp.bitstream import annexb_of
from tests.support.clips import film


def muxed(form: str, pictures: list[bytes]) -> io.BytesIO:
    """Return a file of a format that keeps H.264 with lengths (mp4, matroska) or without."""
    file = io.BytesIO()
    with av.open(file, "w", format=form) as container:
        stream = container.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 64, "yuv420p"
        first = b"".join(b"\0\0\0\1" + u for u in units(pictures[0]) if kind(u) in (SPS, PPS))
        stream.codec_context.extradata = first
        for index, data in enumerate(pictures):
            packet = av.Packet(data)
            packet.stream, packet.time_base = stream, Fraction(1, 25)
            packet.pts = packet.dts = index
            packet.is_keyframe = any(kind(unit) == IDR for unit in units(data))
            container.mux(packet)
    file.seek(0)
    return file


def passed(file: io.BytesIO) -> tuple[bytes, list[Picture]]:
    """Return the description's extradata, and what would be published of the file."""
    with av.open(file) as container:
        (stream,) = container.streams.video
        filters, sets = annexb_of(stream)
        passage = AccessUnitFilter(sets)
        taken = [
            passage.take(bytes(piece))
            for packet in container.demux(stream)
            if packet.size
            for piece in filters(packet)
        ]
        return bytes(stream.codec_context.extradata or b""), [p for p in taken if p is not None]


@pytest.mark.parametrize(("form", "first_byte"), [("mp4", 1), ("matroska", 1), ("mpegts", 0)])
def test_pictures_come_out_with_start_codes_and_sets_before_each_keyframe(
    form: str, first_byte: int
) -> None:
    original = list(film(0)) * 2
    extradata, pictures = passed(muxed(form, original))
    assert extradata[0] == first_byte
    assert len(pictures) == len(original) == 60
    assert [picture.keyframe for picture in pictures] == ([True] + [False] * 29) * 2
    for picture, source in zip(pictures, original, strict=True):
        assert picture.data[:4] == b"\0\0\0\1"
        slices = [unit for unit in units(picture.data) if kind(unit) in (1, IDR)]
        assert slices == [unit for unit in units(source) if kind(unit) in (1, IDR)]
        if picture.keyframe:
            assert [kind(unit) for unit in units(picture.data)][:2] == [SPS, PPS]


@pytest.mark.parametrize("form", ["mp4", "mpegts"])
def test_what_comes_out_can_be_decoded_from_its_second_keyframe_on(form: str) -> None:
    _extradata, pictures = passed(muxed(form, list(film(0)) * 2))
    decoder = av.CodecContext.create("h264", "r")
    frames = [f for p in pictures[30:] for f in decoder.decode(av.Packet(p.data))]
    frames += decoder.decode(None)
    assert len(frames) == 30
    assert {(frame.width, frame.height) for frame in frames} == {(64, 64)}
