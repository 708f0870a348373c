import asyncio
from pathlib import Path

import av
import pytest

from media.client.clip.clip import VARIANTS, ClipError, clip_path, load_clip, pcm_of, prepare_clip
from media.client.clip.picture import HEIGHT, RATE, SECONDS, WIDTH
from media.client.session.media_probe import AudioProbe, VideoProbe
from media.client.session.tracks import tracks_of
from tests.support.clips import clip


def units(access_unit: bytes) -> list[int]:
    """NAL unit types of an Annex-B access unit."""
    parts = access_unit.replace(b"\x00\x00\x00\x01", b"\x00\x00\x01").split(b"\x00\x00\x01")[1:]
    return [part[0] & 0x1F for part in parts]


def test_a_keyframe_comes_each_second_with_its_parameter_sets() -> None:
    video = clip().video
    assert clip().keyframes == frozenset(range(0, RATE * SECONDS, RATE))
    for index in (0, RATE, 2 * RATE):
        assert [kind for kind in units(video[index]) if kind in (5, 7, 8)][:3] == [7, 8, 5]
    assert all(5 not in units(video[index]) for index in range(1, RATE))


def test_the_stream_is_constrained_baseline_at_the_bitrate_of_a_camera() -> None:
    sps = clip().video[0].split(b"\x00\x00\x01\x67")[1]
    assert sps[0] == 66
    assert sps[1] & 0x40
    bits_a_second = 8 * sum(map(len, clip().video)) / SECONDS
    assert 700_000 < bits_a_second < 1_300_000


def test_it_decodes_to_changing_pictures_over_the_seam_of_the_loop() -> None:
    decoder, probe = av.CodecContext.create("h264", "r"), VideoProbe()
    for packet in clip().video[-RATE:] + clip().video[: 2 * RATE]:
        for frame in decoder.decode(av.Packet(packet)):
            plane = frame.planes[0]
            probe.add(memoryview(plane), plane.line_size, frame.width, frame.height, 0.0)
    assert (probe.width, probe.height) == (WIDTH, HEIGHT)
    assert probe.frames >= 3 * RATE - 1
    assert probe.changed >= probe.frames - 2


@pytest.mark.parametrize("name", sorted(VARIANTS))
def test_the_tone_tells_the_variants_apart_and_never_falls_silent(name: str) -> None:
    decoder, probe = av.CodecContext.create("libopus", "r"), AudioProbe()
    decoder.format, decoder.layout, decoder.sample_rate = "s16", "stereo", 48000
    quietest = 1.0
    for index, packet in enumerate(clip(name).audio[-10:] + clip(name).audio[:40]):
        for frame in decoder.decode(av.Packet(packet)):
            probe.add(pcm_of(frame), 0.0)
            loudness = probe.take_loudest()
            quietest = min(quietest, loudness) if index > 5 else quietest
    tones = {other: probe.tone_share(variant.tone) for other, variant in VARIANTS.items()}
    assert tones.pop(name) > 0.8
    assert max(tones.values()) < 0.05
    assert 0.02 < quietest < clip(name).audio_level < 0.1


def test_a_damaged_clip_is_made_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("media.client.clip.clip.SECONDS", 2)
    path = clip_path(tmp_path, VARIANTS["blue"])
    path.write_bytes(b"no clip")
    with pytest.raises((ClipError, av.FFmpegError)):
        load_clip(path, VARIANTS["blue"])
    said: list[str] = []
    made = prepare_clip(tmp_path, VARIANTS["blue"], said.append)
    assert len(made.video) == 2 * RATE
    assert "making it again" in said[0]
    assert [entry.name for entry in tmp_path.iterdir()] == [path.name]


async def test_the_tracks_keep_the_clips_pace_and_their_timestamps_grow() -> None:
    sound, picture = tracks_of(clip())
    clock = asyncio.get_running_loop().time
    began = clock()
    moments = []
    for _ in range(11):
        packet = await picture.recv()
        moments.append(float(packet.pts * packet.time_base))
    assert moments == pytest.approx([index / RATE for index in range(11)])
    assert 0.48 < clock() - began < 0.8
    first = await sound.recv()
    assert (first.pts, bytes(first)) == (0, clip().audio[0])


async def test_a_track_that_was_held_up_goes_on_at_a_keyframe(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _, picture = tracks_of(clip())
    await picture.recv()
    loop = asyncio.get_running_loop()
    real = loop.time
    monkeypatch.setattr(loop, "time", lambda: real() + 5.5)
    packet = await picture.recv()
    assert packet.pts == 6 * RATE
    assert bytes(packet) == clip().video[6 * RATE]
