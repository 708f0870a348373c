"""The demo lesson's clip: made once, kept as a file, loaded as encoded packets.

H.264 (constrained baseline, no B-frames, a keyframe a second with SPS and PPS before it) and Opus
(48 kHz stereo, 20 ms a packet) in a NUT file, which holds Annex-B as it is. The tone beats softly
(two sines 2 Hz apart, -20 dBFS together) and, like the picture, closes into a loop without a click.
"""

import array
import math
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av

from media.client.clip.picture import (
    HEIGHT,
    RATE,
    SECONDS,
    WIDTH,
    Canvas,
    Palette,
    background,
    draw,
)
from media.client.clip.tone import level

VERSION = 1
"""Part of the file's name: raise it when the clip changes."""

SAMPLE_RATE, PACKET_SAMPLES = 48000, 960
AMPLITUDES = (0.075, 0.025)
BIT_RATE = 1_000_000
RUN_UP = 4
"""Opus packets encoded before the kept loop, so that its first packet continues its last."""

X264 = {
    "preset": "veryfast",
    "tune": "zerolatency",
    "level": "31",
    "maxrate": "1200k",
    "bufsize": "800k",
    "x264-params": f"keyint={RATE}:min-keyint={RATE}:scenecut=0:bframes=0:repeat-headers=1:"
    "sliced-threads=0:ipratio=1.1",
}


class ClipError(Exception):
    """the file does not hold a clip"""


@dataclass(frozen=True, slots=True)
class Variant:
    """One look and sound of the clip. `tone` in Hz, a whole number so that the loop closes."""

    name: str
    tone: int
    palette: Palette


VARIANTS = {
    "blue": Variant("blue", 440, Palette((34, 140, 122), (176, 150, 96))),
    "amber": Variant("amber", 660, Palette((34, 120, 136), (184, 70, 160))),
}


@dataclass(frozen=True, slots=True)
class Clip:
    """Encoded packets of one loop: `video` one Annex-B access unit a picture, RATE a second;
    `keyframes` its random access points; `audio` one Opus packet every 20 ms; `audio_level` the
    RMS of the decoded sound (0 to 1)."""

    variant: Variant
    video: tuple[bytes, ...]
    keyframes: frozenset[int]
    audio: tuple[bytes, ...]
    audio_level: float
    width: int = WIDTH
    height: int = HEIGHT


def clip_path(directory: Path, variant: Variant) -> Path:
    return directory / f"clip-{variant.name}-{VERSION}.nut"


def prepare_clip(directory: Path, variant: Variant, say: Callable[[str], None]) -> Clip:
    """Load the clip, after making it where `directory` holds none. Blocks for some seconds."""
    path = clip_path(directory, variant)
    if path.exists():
        try:
            return load_clip(path, variant)
        except (ClipError, av.FFmpegError) as error:
            say(f"clip {variant.name}: {path.name} cannot be read ({error}), making it again")
    make_clip(path, variant, say)
    return load_clip(path, variant)


def make_clip(path: Path, variant: Variant, say: Callable[[str], None]) -> None:
    """Write the clip to `path`, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        with av.open(str(partial), "w", format="nut") as container:
            _write_streams(container, variant, say)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def _write_streams(container: Any, variant: Variant, say: Callable[[str], None]) -> None:
    packets = [
        *_encode_sound(container, variant),
        *_encode_pictures(container, variant, say),
    ]
    container.mux(sorted(packets, key=lambda packet: packet.pts * packet.time_base))


def _encode_pictures(container: Any, variant: Variant, say: Callable[[str], None]) -> Iterator[Any]:
    stream = container.add_stream("libx264", rate=RATE)
    stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
    stream.bit_rate = BIT_RATE
    stream.codec_context.profile = "Baseline"
    stream.options = X264
    ground = background(variant.palette)
    total = RATE * SECONDS
    for index in range(total):
        if index % (total // 6) == 0:
            say(f"clip {variant.name}: {100 * index // total} %")
        yield from stream.encode(_video_frame(draw(ground, variant.palette, index), index))
    yield from stream.encode(None)
    say(f"clip {variant.name}: ready")


def _video_frame(canvas: Canvas, index: int) -> av.VideoFrame:
    frame = av.VideoFrame(WIDTH, HEIGHT, "yuv420p")
    for plane, content in zip(frame.planes, (canvas.y, canvas.u, canvas.v), strict=True):
        plane.update(bytes(content))
    frame.pts, frame.time_base = index, Fraction(1, RATE)
    return frame


def _encode_sound(container: Any, variant: Variant) -> Iterator[Any]:
    stream = container.add_stream("libopus", rate=SAMPLE_RATE)
    stream.layout, stream.format, stream.bit_rate = "stereo", "s16", 48000
    count = SECONDS * SAMPLE_RATE // PACKET_SAMPLES + RUN_UP
    for index in range(count):
        yield from stream.encode(_audio_frame(variant.tone, index))
    yield from stream.encode(None)


def _audio_frame(tone: int, index: int) -> av.AudioFrame:
    """Return 20 ms of two sines at `tone` and `tone` + 2 Hz, alike on both sides."""
    start = index * PACKET_SAMPLES
    low, high = (2 * math.pi * hertz / SAMPLE_RATE for hertz in (tone, tone + 2))
    loud, soft = (32767 * amplitude for amplitude in AMPLITUDES)
    samples = array.array("h")
    for at in range(start, start + PACKET_SAMPLES):
        value = int(loud * math.sin(low * at) + soft * math.sin(high * at))
        samples.extend((value, value))
    frame = av.AudioFrame("s16", "stereo", PACKET_SAMPLES)
    frame.planes[0].update(samples.tobytes())
    frame.sample_rate, frame.pts = SAMPLE_RATE, start
    frame.time_base = Fraction(1, SAMPLE_RATE)
    return frame


def load_clip(path: Path, variant: Variant) -> Clip:
    """Read a clip that `make_clip` wrote; raise ClipError or av.FFmpegError for anything else."""
    video: list[bytes] = []
    audio: list[bytes] = []
    keyframes: set[int] = set()
    with av.open(str(path)) as container:
        for packet in container.demux():
            if packet.size == 0:
                continue
            if packet.stream.type == "audio":
                audio.append(bytes(packet))
                continue
            if packet.is_keyframe:
                keyframes.add(len(video))
            video.append(bytes(packet))
    kept = SECONDS * SAMPLE_RATE // PACKET_SAMPLES
    if len(video) != RATE * SECONDS or 0 not in keyframes or len(audio) < kept + RUN_UP // 2:
        raise ClipError(f"{len(video)} pictures and {len(audio)} packets of sound")
    loop = tuple(audio[RUN_UP // 2 : RUN_UP // 2 + kept])
    return Clip(variant, tuple(video), frozenset(keyframes), loop, _loudness(loop[:50]))


def pcm_of(frame: av.AudioFrame) -> bytes:
    """Return the interleaved samples of a decoded frame (its buffer may be longer)."""
    return bytes(memoryview(frame.planes[0])[: frame.samples * 2 * len(frame.layout.channels)])


def _loudness(packets: tuple[bytes, ...]) -> float:
    decoder = av.CodecContext.create("libopus", "r")
    decoder.format, decoder.layout, decoder.sample_rate = "s16", "stereo", SAMPLE_RATE
    frames = [frame for packet in packets for frame in decoder.decode(av.Packet(packet))]
    return max(level(pcm_of(frame)) for frame in frames)
